"""Which tags a result asks for."""

import pytest

from genre_app.collection.tagging.vocabulary import Vocabulary, Word
from genre_app.collection.tagging.wanted import Tags, tags_for
from genre_app.results.schema import TrackFacts
from tests.results import answers
from tests.results.answers import Section

FACTS = TrackFacts(tempo_bpm=120.6, key="F# minor")
WORDS = Vocabulary(
    names={
        "disco": Word(()),
        "funk": Word(("Funk", "Dance")),
        "hiphop": Word(("Hip Hop",), threshold=0.9),
        "reggae": Word(("Reggae",), threshold=1.0),
        "ambient": Word(("Chill",)),
        "electronic": Word(("chill",)),
    },
    moods={"upbeat": Word(("Lively",))},
)


@pytest.mark.parametrize(
    ("sections", "tags"),
    [
        (answers.CONFIDENT, Tags(("Disco",), ("Funk",), ("upbeat",), 121, "F#m")),
        (answers.MIXED, Tags(("Hip-hop", "Reggae", "Classical"), bpm=121, key="F#m")),
        (answers.SPEECH_BETWEEN, Tags(("Hip-hop", "Classical"), bpm=121, key="F#m")),
        (answers.OUTSIDE, Tags(("Ambient & new age", "Electronic"), (), ("relaxed",), 121, "F#m")),
        (answers.UNCERTAIN, None),
        (answers.NOT_MUSIC, None),
        (answers.NO_SOUND, None),
    ],
)
def test_each_kind_of_answer_has_its_tags(sections: tuple[Section, ...], tags: Tags | None) -> None:
    assert tags_for(answers.result_of(*sections).model_copy(update={"facts": FACTS})) == tags


@pytest.mark.parametrize(
    ("sections", "tags"),
    [
        (answers.CONFIDENT, Tags((), ("Funk", "Dance"), ("Lively",), 121, "F#m")),
        (answers.MIXED, Tags(("Hip Hop", "Classical"), bpm=121, key="F#m")),
        (answers.OUTSIDE, Tags(("Chill",), (), ("relaxed",), 121, "F#m")),
        (answers.UNCERTAIN, None),
        (answers.NOT_MUSIC, None),
    ],
)
def test_a_vocabulary_names_them_and_leaves_out_no_more_than_it_says(
    sections: tuple[Section, ...], tags: Tags | None
) -> None:
    result = answers.result_of(*sections).model_copy(update={"facts": FACTS})
    assert tags_for(result, vocabulary=WORDS) == tags


def test_tempo_and_key_need_no_sure_genre_where_none_is_written() -> None:
    unsure = answers.result_of(*answers.UNCERTAIN).model_copy(update={"facts": FACTS})
    tags = tags_for(unsure, ("tempo", "key"))
    assert tags
    assert tags.values(("tempo", "key")) == {"tempo": ("121",), "key": ("F#m",)}
    noise = answers.result_of(*answers.NOT_MUSIC).model_copy(update={"facts": FACTS})
    assert tags_for(noise, ("tempo", "key")) is None


def test_what_is_not_known_is_not_wanted() -> None:
    result = answers.result_of(*answers.CONFIDENT).model_copy(update={"facts": TrackFacts(key="C major")})
    tags = tags_for(result, ("genre", "tempo", "key"))
    assert tags
    assert tags.values(("genre", "tempo", "key")) == {"genre": ("Disco",), "key": ("C",)}
    assert tags_for(result.model_copy(update={"facts": None}), ("tempo", "key")) is None


def test_instruments_are_no_genres() -> None:
    result = answers.result_of(*answers.CONFIDENT)
    tags_of_a_model = dict.fromkeys(["rock", *(f"tag {i}" for i in range(9))], result.palette["rock"])
    verdict = result.verdict.model_copy(update={"genres": ["guitar", "rock"]})
    tags = tags_for(result.model_copy(update={"palette": tags_of_a_model, "verdict": verdict}))
    assert tags
    assert tags.genres == ("Rock",)
