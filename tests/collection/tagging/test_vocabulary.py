"""The user's own words: what is written, and what is wrong with a file."""

import re
from pathlib import Path

import pytest

from genre_app.collection.tagging.vocabulary import NO_VOCABULARY, Vocabulary
from genre_app.collection.tagging.vocabulary_file import read_vocabulary
from genre_app.collection.tagging.vocabulary_schema import known_names
from genre_app.errors import VocabularyError
from tests.paths import ROOT

EXAMPLE = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "vocabulary.md").read_text("utf-8"), re.DOTALL)[0]


def written_in(folder: Path, text: str | bytes) -> Path:
    path = folder / "words.toml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def vocabulary(folder: Path, text: str) -> Vocabulary:
    return read_vocabulary(written_in(folder, text))


def mistakes(folder: Path, text: str | bytes) -> tuple[str, ...]:
    with pytest.raises(VocabularyError) as caught:
        read_vocabulary(written_in(folder, text))
    return caught.value.mistakes


def test_no_vocabulary_writes_what_the_app_shows() -> None:
    assert not NO_VOCABULARY
    assert NO_VOCABULARY.genres_for([("hiphop", 0.9), ("ambient & new age", 0.1)]) == ("Hip-hop", "Ambient & new age")
    assert NO_VOCABULARY.styles_for([("funk", 0.5), ("house", 0.49)]) == ("Funk",)
    assert NO_VOCABULARY.moods_for([("happy", 0.5), ("sad", 0.49)]) == ("happy",)


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        ([("hiphop", 0.9)], ("Hip Hop",)),
        ([("hip-hop", 0.9)], ("Hip Hop",)),
        ([("ambient & new age", 0.9)], ("Chill",)),
        ([("metal", 0.9), ("jazz", 0.9)], ("Jazz",)),
        ([("rock", 0.79)], ()),
        ([("rock", 0.8)], ("Rock",)),
        ([("house", 0.9), ("electronic", 0.9)], ("House", "Electronica")),
        ([("techno & trance", 0.9)], ("Electronica",)),
    ],
)
def test_the_example_of_the_documentation_does_what_it_says(
    tmp_path: Path, heard: list[tuple[str, float]], words: tuple[str, ...]
) -> None:
    assert vocabulary(tmp_path, EXAMPLE).genres_for(heard) == words


def test_moods_have_words_of_their_own(tmp_path: Path) -> None:
    moods = [("relaxed", 0.9), ("party", 0.9), ("happy", 0.9)]
    assert vocabulary(tmp_path, EXAMPLE).moods_for(moods) == ("Calm", "happy")
    assert vocabulary(tmp_path, f'unlisted = "leave out"\n{EXAMPLE}').moods_for(moods) == ("Calm",)
    assert vocabulary(tmp_path, 'unlisted = "leave out"').moods_for(moods) == ("relaxed", "party", "happy")


def test_a_whitelist_leaves_out_what_it_does_not_list(tmp_path: Path) -> None:
    words = vocabulary(tmp_path, 'unlisted = "leave out"\nnames.jazz = {}\nnames.soul = "Soul"')
    assert words.genres_for([("jazz", 0.9), ("rock", 0.9)]) == ("Jazz",)
    assert words.styles_for([("R&B & soul", 0.9), ("funk", 0.9)]) == ("Soul",)


def test_the_longest_part_of_a_style_that_is_listed_counts(tmp_path: Path) -> None:
    words = vocabulary(tmp_path, 'names."drum & bass" = "DnB"\nnames.drum = "Drum"\nnames.dubstep = "Dubstep"')
    assert words.styles_for([("drum & bass & dubstep", 0.9)]) == ("DnB", "Dubstep")


def test_a_threshold_takes_the_place_of_the_usual_one(tmp_path: Path) -> None:
    words = vocabulary(tmp_path, "names.funk = { threshold = 0.3 }\nnames.house = { threshold = 1 }")
    assert words.styles_for([("funk", 0.3), ("house", 0.99), ("soul", 0.5)]) == ("Funk", "Soul")


def test_parents_follow_up_to_the_last(tmp_path: Path) -> None:
    words = vocabulary(tmp_path, 'names.house = { parent = "disco" }\nnames.disco = { write = "D", parent = "Dance" }')
    assert words.genres_for([("house", 0.9)]) == ("House", "D", "Dance")


def test_a_model_of_ones_own_has_labels_of_its_own(tmp_path: Path) -> None:
    words = vocabulary(tmp_path, 'labels = ["K-Pop"]\n[names]\nkpop = { parent = "Pop" }')
    assert words.genres_for([("k-pop", 0.9)]) == ("K-Pop", "Pop")


def test_every_mistake_is_said_at_once(tmp_path: Path) -> None:
    text = """
        unlistd = "leave out"
        unlisted = "drop"
        labels = "edm"
        [names]
        rock = { write = "Rock ", treshold = 0.7, threshold = 3 }
        folk = 3
        pop = "Unknown"
        metl = ""
        quux = "Q"
        hip-hop = "Hip Hop"
        hiphop = "Rap"
        house = { parent = "disco" }
        disco = { parent = "House" }
        "new\\nage" = "a\\u202eb"
        [moods]
        hapy = "Happy"
        relaxed = { parent = "Calm" }
        sad = true
    """
    said = [re.sub(r"^Line \d+, ", "", sentence) for sentence in mistakes(tmp_path, text)]
    for start in (
        "unlistd: there is no such key; did you mean 'unlisted'?",
        'unlisted: it has to be "write" or "leave out".',
        "labels: it has to be a list",
        "names.rock.write: it holds characters that are not seen",
        "names.rock.treshold: there is no such key; did you mean 'threshold'?",
        "names.rock.threshold: it has to be a number from 0 to 1.",
        "names.folk: it has to be text in quotes, or a table",
        "names.pop.write: players take it for no name at all",
        "names.metl: no genre or style is called so; did you mean 'metal'?",
        'names.quux: no genre or style is called so; where it is a label of another model, add it to "labels".',
        "names.hiphop: it is listed as 'hip-hop' already; leave one of the two.",
        "names.house.parent: 'house' would be its own ancestor.",
        "names.disco.parent: 'disco' would be its own ancestor.",
        'names."new\N{REPLACEMENT CHARACTER}age".write: it holds characters that are not seen',
        "moods.hapy: no mood is called so; did you mean 'happy'?",
        "moods.relaxed.parent: there is no such key; there are write, threshold.",
        "moods.sad: it has to be text in quotes, or a table",
    ):
        assert len([sentence for sentence in said if sentence.startswith(start)]) == 1, start
    assert len(said) == 17
    assert "\n" not in "".join(said)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("[names]\nrock = Rock", 'Line 2: the value has to be in straight quotes: "Rock".'),
        (b"[names]\nrock = '\xff'", "Line 2 is not in UTF-8"),
        (b"#" * 1_000_001, "It is larger than 1 MB."),
        ("names = 3", "Line 1, names: it has to be a table."),
        ("moods = []", "Line 1, moods: it has to be a table."),
        ('labels = ["edm", "a\\nb"]', "Line 1, labels.1: it holds characters that are not seen"),
        ("labels = [3]", "Line 1, labels.0: it has to be a list of names"),
        ("names.rock.threshold = true", "Line 1, names.rock.threshold: it has to be a number from 0 to 1."),
        (f'names.rock = "{"x" * 101}"', "Line 1, names.rock.write: it is longer than 100 characters."),
    ],
)
def test_what_is_no_vocabulary_is_said(tmp_path: Path, text: str | bytes, start: str) -> None:
    (sentence,) = mistakes(tmp_path, text)
    assert sentence.startswith(start)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            '[moods]\nparty = ""\nunlisted = "leave out"',
            "Line 3, moods.unlisted: it belongs above the tables: move this",
        ),
        ('[names]\nlabels = ["edm"]', "Line 2, names.labels: it belongs above the tables: move this line to the top"),
        ('[names.rock]\nunlisted = "write"', "Line 2, names.rock.unlisted: it belongs above the tables"),
        ("[names]\nthreshold = 0.5", "Line 2, names.threshold: it belongs to a name: write it as rock = {"),
        ('rock = "Rock"', "Line 1, rock: a name belongs below the line [names]: put it there."),
        ('[names]\nrock = "a"\n\nrock = "b"', "Line 4: names.rock is there already, on line 2; leave one of the two."),
        (
            '[names]\nrock = "a"\n[names]',
            "Line 3: names is there already, from line 1 on; put what belongs to it there.",
        ),
        ('names.rock = "a"\n[names]\npop = "b"', "Line 2: this table or key is there already;"),
        ("[names]\nrock = Hip Hop # so", 'Line 2: the value has to be in straight quotes: "Hip Hop".'),
        ("[names]\nrock = \u201cRock\u201d", 'Line 2: the value has to be in straight quotes: "Rock".'),
        ("[names]\nrock = { write = Rock }", 'Line 2: the value has to be in straight quotes: "Rock".'),
        ("[names]\nrock = { threshold = .7 }", "Line 2: a number is written with digits and a point, such as 0.7;"),
        ('[names]\nR&B = "x"', 'Line 2: the name has to be in quotes: "R&B" = ...'),
        ('[names]\nrock: "x"', 'Line 2: there has to be a name, "=" and a value'),
        ('[names]\nrock = "a" pop = "b"', "Line 2: something follows the value; begin a new line behind it."),
        ('[names]\nrock = "Rock\npop = "Pop"', "Line 2: a quotation mark is missing at the end of the text."),
        ('[names]\nrock = """Rock\n\n', "Line 2: a quotation mark is missing at the end of the text."),
        (
            'labels = [\n"a = b",\n]\n[names]\n# pop = 3\nmetl = ""',
            "Line 6, names.metl: no genre or style is called so;",
        ),
        ('[names]\nhip-hop = "a"\nHipHop = "b"', "Line 3, names.HipHop: it is listed as 'hip-hop' already;"),
    ],
)
def test_a_mistake_says_its_line_and_what_to_do(tmp_path: Path, text: str, sentence: str) -> None:
    (said,) = mistakes(tmp_path, text)
    assert said.startswith(sentence)


def test_a_file_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"It cannot be read: No such file or directory\."):
        read_vocabulary(tmp_path / "none.toml")


def test_what_editors_of_windows_save_is_read(tmp_path: Path) -> None:
    assert vocabulary(tmp_path, '\ufeff[names]\r\nrock = "R"\r\n').genres_for([("rock", 0.9)]) == ("R",)


def test_every_known_name_may_be_listed(tmp_path: Path) -> None:
    words = vocabulary(tmp_path, "[names]\n" + "\n".join(f'"{name}" = ""' for name in set(known_names()) - {"hiphop"}))
    assert not words.genres_for([(name, 1.0) for name in known_names()])
