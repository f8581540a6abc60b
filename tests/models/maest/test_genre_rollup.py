import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from genre_app.errors import ModelUnavailableError
from genre_app.models.maest.genre_rollup import LABELS, NOT_MUSIC, OTHER, RollUp, RollUpTable
from tests.paths import WEIGHTS

TABLE = WEIGHTS / "maest_rollup.toml"
DISCOGS = Path(__file__).with_name("discogs_styles.toml")
SMALL = """
rock = ["Rock"]
metal = ["Rock---Thrash"]
jazz = ["Jazz"]
not_music = ["Non-Music"]
"""
STYLES = ("Jazz---Bop", "Rock---Mod", "Rock---Thrash", "Latin---Son", "Non-Music---Poetry", "Rock---Punk")


@pytest.fixture(scope="module")
def discogs() -> list[str]:
    by_parent = tomllib.loads(DISCOGS.read_text(encoding="utf-8"))
    return [f"{parent}---{style}" for parent, styles in by_parent.items() for style in styles]


def table(folder: Path, text: str) -> RollUpTable:
    (folder / "table.toml").write_text(text, encoding="utf-8")
    return RollUpTable.from_file(folder / "table.toml")


def test_a_genre_is_its_styles_share_of_the_music(tmp_path: Path) -> None:
    roll_up = RollUp(table(tmp_path, SMALL), STYLES)
    assert roll_up.labels == ("jazz", "metal", "rock", OTHER)
    #                          bop   mod  thrash  son  poetry punk
    activation = np.array([[0.10, 0.20, 0.40, 0.05, 0.50, 0.05], [0.01, 0.02, 0.01, 0.04, 0.96, 0.02]])
    logits = torch.from_numpy(np.log(activation / (1 - activation)))
    columns = roll_up(logits)
    np.testing.assert_allclose(
        columns[:, :4].softmax(dim=1), [[0.10 / 0.8, 0.40 / 0.8, 0.25 / 0.8, 0.05 / 0.8], [0.1, 0.1, 0.4, 0.4]]
    )
    np.testing.assert_allclose(columns[:, :4].exp(), columns[:, :4].softmax(dim=1), err_msg="the logits are log shares")
    np.testing.assert_allclose(columns[:, 4], np.log([0.8 / 0.5, 0.1 / 0.96]), err_msg="log-odds of music")


def test_genres_that_the_model_rules_out_stay_finite(tmp_path: Path) -> None:
    columns = RollUp(table(tmp_path, SMALL), STYLES)(torch.tensor([[-1e4] * 6, [1e4] * 6, [-1e4, 1e4] * 3]))
    assert columns.isfinite().all()


def test_without_styles_of_other_sound_there_is_no_column_for_music(tmp_path: Path) -> None:
    roll_up = RollUp(table(tmp_path, 'rock = ["Rock"]'), ("Jazz---Bop", "Rock---Mod"))
    assert not roll_up.knows_other_sound
    assert roll_up(torch.zeros(3, 2)).shape == (3, 2)


def test_a_style_has_its_own_genre_else_its_parent_s_else_other(tmp_path: Path) -> None:
    genres = table(tmp_path, SMALL)
    styles = ("Rock---Thrash", "Rock---Mod", "Latin---Son")
    assert [genres.genre_of(style) for style in styles] == ["metal", "rock", OTHER]


def test_accents_may_be_written_either_way(tmp_path: Path) -> None:
    # One letter, or a letter and its accent: editors save both.
    genres = table(tmp_path, 'pop = ["Rock---Ye\u0301-Ye\u0301"]')
    assert genres.genre_of("Rock---Y\u00e9-Y\u00e9") == "pop"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rock = [", "cannot be read"),
        ('soul = ["Funk / Soul"]', "no use for 'soul'; it may have: blues, .*, other, not_music"),
        ('rock = ["Rock"]\nmetal = ["Rock"]', "lists 'Rock' twice"),
        ('rock = "Rock"', "'rock' must be a list of names"),
        ("rock = [1]", "'rock' must be a list of names"),
    ],
)
def test_a_mistake_in_the_table_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ModelUnavailableError, match=message):
        table(tmp_path, text)


def test_a_missing_or_binary_table_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\x00")
    for name in ("nothing", "bytes"):
        with pytest.raises(ModelUnavailableError, match="cannot be read"):
            RollUpTable.from_file(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('rock = ["Rock"]\nmetal = ["Rock---Trash"]', "lists 'Rock---Trash', which the model does not know"),
        ('rock = ["Rock", "Jazz", "Latin"]\nnot_music = ["Non-Music"]', "fewer than two genres"),
    ],
)
def test_a_table_that_does_not_fit_the_model_is_one_sentence(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ModelUnavailableError, match=message):
        RollUp(table(tmp_path, text), STYLES)


def test_the_list_of_discogs_styles_is_complete(discogs: list[str]) -> None:
    assert len(discogs) == len(set(discogs)) == 400
    assert (discogs[0], discogs[-1]) == ("Blues---Boogie Woogie", "Stage & Screen---Theme")


def test_our_table_assigns_every_style_explicitly(discogs: list[str]) -> None:
    ours = RollUpTable.from_file(TABLE)
    assert ours.entries_without_style(discogs) == []
    by_chance = [style for style in discogs if not {style, style.partition("---")[0]} & ours.genres.keys()]
    assert by_chance == []
    assert RollUp(ours, discogs).labels == LABELS


@pytest.mark.parametrize(
    ("style", "genre"),
    [
        ("Blues---Delta Blues", "blues"),
        ("Classical---Baroque", "classical"),
        ("Electronic---Disco", "disco"),
        ("Electronic---Techno", OTHER),
        ("Folk, World, & Country---Country", "country"),
        ("Folk, World, & Country---Fado", OTHER),
        ("Funk / Soul---Disco", "disco"),
        ("Funk / Soul---Soul", OTHER),
        ("Hip Hop---Boom Bap", "hiphop"),
        ("Jazz---Bop", "jazz"),
        ("Non-Music---Spoken Word", NOT_MUSIC),
        ("Pop---Europop", "pop"),
        ("Reggae---Roots Reggae", "reggae"),
        ("Rock---Heavy Metal", "metal"),
        ("Rock---Punk", "rock"),
    ],
)
def test_our_table_assigns_known_styles(style: str, genre: str) -> None:
    assert RollUpTable.from_file(TABLE).genre_of(style) == genre


def test_every_style_with_metal_in_its_name_is_metal(discogs: list[str]) -> None:
    ours = RollUpTable.from_file(TABLE)
    assert Counter(ours.genre_of(style) for style in discogs if "Metal" in style).keys() == {"metal"}
