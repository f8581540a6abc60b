from pathlib import Path

import pytest

from genre_app.genres import GENRES
from genre_app.models.standard.heads import RULE_FILE, SOUNDS_FILE, STYLES_FILE, TAGS_FILE
from genre_app.models.standard.tables import read_groups, read_rule, read_sounds
from genre_app.models.yamnet.classes import AUDIOSET_CLASSES
from tests.paths import WEIGHTS


def test_there_are_the_styles_that_people_know() -> None:
    names = [group.name for group in read_groups(WEIGHTS / STYLES_FILE)]
    assert len(names) == 27
    assert {"pop", "R&B & soul", "drum & bass & dubstep", "Asian & Middle Eastern", "children's"} <= set(names)


def test_styles_go_with_genres_that_exist() -> None:
    for group in read_groups(WEIGHTS / STYLES_FILE):
        assert set(group.near) <= set(GENRES)
        assert group.threshold >= 1.0


def test_tags_repeat_neither_styles_nor_genres() -> None:
    styles = {group.name.casefold() for group in read_groups(WEIGHTS / STYLES_FILE)} | set(GENRES)
    tags = [group.name.casefold() for group in read_groups(WEIGHTS / TAGS_FILE)]
    assert len(tags) == len(set(tags))
    assert not styles & set(tags)
    assert 35 <= len(tags) <= 55


def test_no_class_is_both_a_style_and_a_tag() -> None:
    styles, tags = (
        {index for group in read_groups(WEIGHTS / name) for index in group.classes} for name in (STYLES_FILE, TAGS_FILE)
    )
    assert not styles & tags


def test_sounds_are_no_music() -> None:
    table = read_sounds(WEIGHTS / SOUNDS_FILE)
    assert 25 <= len(table.groups) <= 50
    assert AUDIOSET_CLASSES.index("Music") in table.music
    named = {index for group in table.groups for index in group.classes}
    assert not named & set(table.music)
    assert not set(table.music) & set(table.ignored)


def test_music_is_doubted_before_it_is_refused() -> None:
    rule = read_rule(WEIGHTS / RULE_FILE)
    assert rule.music_from is not None
    assert rule.music_sure_from is not None
    assert rule.music_from < rule.music_sure_from


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[blues]\nclasses = ['No such class']\n", "No such class"),
        ("[blues]\nthreshold = 1.0\n", "blues"),
        ("[a]\nclasses = ['Jazz']\n[b]\nclasses = ['Jazz']\n", "another group"),
        ("not toml", "not valid TOML"),
    ],
)
def test_a_damaged_table_says_what_is_wrong(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "styles.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=said):
        read_groups(path)
