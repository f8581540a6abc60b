"""What a manifest may hold."""

from pathlib import Path

import pytest

from genre_app.evaluate.manifest import Example, ManifestError, read_manifest
from genre_app.report.csv_text import to_csv_text

LABELS = ("hiphop", "rock")


def manifest(folder: Path, text: str) -> Path:
    path = folder / "manifest.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_genres_are_read_in_any_spelling(tmp_path: Path) -> None:
    path = manifest(tmp_path, "path,genre\na.wav,Hip-Hop\nsub/b.wav,hip hop\n/c.wav,ROCK\n")
    examples = read_manifest(path, LABELS)
    assert [example.genre for example in examples] == ["hiphop", "hiphop", "rock"]
    assert [example.path for example in examples] == [tmp_path / "a.wav", tmp_path / "sub/b.wav", Path("/c.wav")]
    assert {(example.sound, example.styles) for example in examples} == {(None, ())}


def test_a_path_that_was_guarded_for_a_spreadsheet_is_found(tmp_path: Path) -> None:
    text = to_csv_text([("path", "genre"), ("=1+1.wav", "rock"), ("'-b.wav", "rock"), ("'c'.wav", "rock")])
    examples = read_manifest(manifest(tmp_path, text), LABELS)
    assert [example.path.name for example in examples] == ["=1+1.wav", "'-b.wav", "'c'.wav"]


def test_sounds_and_styles_stand_in_columns_of_their_own(tmp_path: Path) -> None:
    rows = "a.wav,,a dog,\nb.wav,,, Ambient ; folk;\nc.wav,rock,,punk\nd.wav,rock\n"
    examples = read_manifest(manifest(tmp_path, f"path,genre,sound,styles\n{rows}"), LABELS)
    assert examples == [
        Example(tmp_path / "a.wav", sound="a dog"),
        Example(tmp_path / "b.wav", styles=("Ambient", "folk")),
        Example(tmp_path / "c.wav", "rock", styles=("punk",)),
        Example(tmp_path / "d.wav", "rock"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("path,genre\n", "rows"),
        ("", "rows"),
        ("file,genre\na.wav,rock\n", "columns path and genre"),
        ("path,genre\na.wav,rock\nb.wav,polka\n", "Line 3 .* one of these genres: hiphop, rock.$"),
        ("path,genre\na.wav,rock\n\nb.wav,polka\n", "Line 4"),
        ("path,genre\n,rock\n", "Line 2"),
        ("path,genre\na.wav\n", "Line 2"),
        ("path,genre,sound\na.wav,,\n", "Line 2 .* in place of a genre, a sound or styles"),
        ("path,genre,styles\na.wav,polka,folk\n", "Line 2"),
        ("path,genre,styles\na.wav,, ; \n", "Line 2"),
        ("path,genre,sound,styles\na.wav,,dog,\nb.wav,,dog,folk\n", "Line 3 .* sound beside a genre or styles"),
        ("path,genre,sound\na.wav,rock,dog\n", "Line 2 .* sound beside a genre"),
    ],
)
def test_an_unusable_manifest_is_explained(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ManifestError, match=said):
        read_manifest(manifest(tmp_path, text), LABELS)


def test_a_missing_manifest_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(tmp_path / "none.csv", LABELS)
