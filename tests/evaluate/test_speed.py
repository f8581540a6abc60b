"""The benchmark runs, and its figures are about what it says."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from genre_app.evaluate.speed import main, median_s
from tests.sounds import tone, write_wav

KEYS = {
    *("track_seconds", "end_to_end_x_realtime", "decode_x_realtime", "mel_x_realtime", "network_x_realtime"),
    *("resample_x_realtime", "end_to_end_one_thread_x_realtime", "reslice_ms", "cached_ms", "peak_rss_mb"),
    *("device", "threads", "precision"),
}


def test_the_median_leaves_the_warm_up_out() -> None:
    calls: list[int] = []
    assert median_s(lambda: calls.append(0), repeats=3) >= 0
    assert len(calls) == 4


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_every_figure_is_there(tmp_path: Path) -> None:
    track = write_wav(tmp_path / "tone.wav", tone(12, 44_100), 44_100)
    report_file = tmp_path / "figures.json"
    arguments = [str(track), "--json", str(report_file), "--repeats", "1", "--clients", "1,3", "--skip-pipeline"]
    run = CliRunner().invoke(main, arguments)
    assert run.exit_code == 0, run.output
    report = json.loads(report_file.read_text())
    assert report.keys() >= KEYS
    assert report["track_seconds"] == pytest.approx(12, abs=0.01)
    for n_clients in (1, 3):
        assert report[f"clients_{n_clients}_median_wait_s"] <= report[f"clients_{n_clients}_longest_wait_s"]
        assert report[f"clients_{n_clients}_throughput_ratio"] > 0
    assert report["decode_1_workers_x_realtime"] > 0
    speeds = {name: value for name, value in report.items() if name.endswith("_x_realtime")}
    assert min(speeds.values()) > 0
    # The whole is slower than any of its parts.
    assert report["end_to_end_x_realtime"] < min(report["decode_x_realtime"], report["mel_x_realtime"])


@pytest.mark.parametrize("wrong", ["0", "a", "1,,2", "1;2", "-1"])
def test_a_wrong_number_of_clients_is_one_sentence(tmp_path: Path, wrong: str) -> None:
    track = write_wav(tmp_path / "tone.wav", tone(1, 8000), 8000)
    run = CliRunner().invoke(main, [str(track), f"--clients={wrong}"])
    assert run.exit_code == 2
    assert "with commas between them" in run.output
