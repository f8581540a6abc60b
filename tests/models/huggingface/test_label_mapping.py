import numpy as np
import pytest
import torch

from genre_app.models.huggingface.label_mapping import LabelMapping, app_spelling


@pytest.mark.parametrize(
    ("label", "ours"),
    [
        ("Hip-Hop", "hiphop"),
        ("hip hop", "hiphop"),
        ("HIPHOP", "hiphop"),
        ("Rock", "rock"),
        (" metal ", "metal"),
        ("Heavy Metal", "Heavy Metal"),
        (" Speech, male ", "Speech, male"),
        ("LABEL_0", "LABEL_0"),
    ],
)
def test_genres_get_the_app_s_spelling_and_other_labels_stay(label: str, ours: str) -> None:
    assert app_spelling(label) == ours


def test_labels_are_distinct_and_in_the_network_s_order() -> None:
    mapping = LabelMapping.from_id2label({2: "hip hop", 0: "Rock", 1: "Hip-Hop", 3: "Speech", 4: ""})
    assert mapping.labels == ("rock", "hiphop", "Speech", "class 4")
    assert mapping.classes == ((0,), (1, 2), (3,), (4,))


def test_two_classes_of_one_genre_add_up_their_probabilities() -> None:
    mapping = LabelMapping.from_id2label({0: "Hip-Hop", 1: "rock", 2: "hip hop"})
    logits = torch.tensor([[0.3, 1.0, -0.5], [2.0, 0.0, 2.0]])
    probabilities = logits.softmax(dim=1).numpy()
    expected = np.stack([probabilities[:, 0] + probabilities[:, 2], probabilities[:, 1]], axis=1)
    np.testing.assert_allclose(mapping.combine(logits, "softmax").softmax(dim=1), expected, atol=1e-6)


def test_independent_spellings_of_one_genre_count_by_their_maximum() -> None:
    mapping = LabelMapping.from_id2label({0: "Hip-Hop", 1: "rock", 2: "hip hop"})
    np.testing.assert_allclose(mapping.combine(torch.tensor([[-3.0, 1.0, 0.5]]), "sigmoid"), [[0.5, 1.0]])


def test_a_class_without_a_name_between_others_is_an_error() -> None:
    with pytest.raises(ValueError, match="without a gap"):
        LabelMapping.from_id2label({0: "rock", 2: "pop"})
