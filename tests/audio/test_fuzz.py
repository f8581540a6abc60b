"""A hundred and fifty damaged files; ``scripts/fuzz`` decodes as many as one likes."""

import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.audio.fuzz import Fuzzer, table
from tests.audio.mutations import mutate

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers need POSIX")


def test_damaged_files_cost_a_sentence_each(tmp_path: Path) -> None:
    fuzzer = Fuzzer(tmp_path / "kept", seed=0, n_workers=1)
    try:
        outcomes = list(fuzzer.run(range(150)))
    finally:
        fuzzer.close()
    assert [outcome for outcome in outcomes if outcome.fault] == []
    results = Counter(outcome.result for outcome in outcomes)
    assert {"heard", "heard, with notes", "TruncatedAudioError", "UndecodableAudioError"} <= results.keys()
    assert all(sentence.endswith(".") for outcome in outcomes for sentence in outcome.sentences)
    assert not (tmp_path / "kept").exists()
    assert table(Counter((outcome.kind, outcome.result) for outcome in outcomes)).splitlines()[-1].split()[0] == "all"


def test_a_file_that_shows_a_fault_is_kept_and_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.audio.fuzz.recordings", lambda folder: {".wav": b"RIFF" + bytes(range(100))})
    monkeypatch.setattr("tests.audio.fuzz.Lane.decode", lambda lane, path: ("heard", (), "printed"))
    fuzzer = Fuzzer(tmp_path, seed=3, n_workers=2)
    try:
        first, *_ = fuzzer.run(range(2))
    finally:
        fuzzer.close()
    assert (first.number, first.fault) == (0, "printed")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["3-0-printed-wav", "3-1-printed-wav"]


def test_damage_is_seeded() -> None:
    content = bytes(1000)
    damaged = [mutate(content, Random(f"1:{number}")) for number in range(50)]
    assert damaged == [mutate(content, Random(f"1:{number}")) for number in range(50)]
    assert len(set(damaged)) > 40
