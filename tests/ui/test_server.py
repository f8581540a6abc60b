"""The server at rest."""

import sys
import time
from pathlib import Path

import pytest

from tests.serving import Server


@pytest.mark.skipif(sys.platform != "linux", reason="how often a process waits is read from Linux")
def test_a_server_at_rest_hardly_wakes_up(server: Server) -> None:
    n_before = _n_waits(server.process.pid)
    time.sleep(1)
    assert _n_waits(server.process.pid) - n_before < 400, "an empty queue is looked into a thousand times a second"


def _n_waits(process: int) -> int:
    """Return how often the threads of a process have given up the processor of their own will."""
    reports = [status.read_text() for status in Path(f"/proc/{process}/task").glob("*/status")]
    return sum(int(report.rpartition("\nvoluntary_ctxt_switches:")[2].split()[0]) for report in reports)
