"""Which tests run in one worker, and in which order workers take them."""

from typing import Final

from xdist.scheduler.loadfile import LoadFileScheduling

_PAGE: Final = "tests/ui/"
#: Files that need neither the page's server nor a browser.
_APART: Final = ("tests/ui/test_launch.py", "tests/ui/test_login.py")
#: Folders of the page's tests that take about half of their time.
_HALF: Final = ("tests/ui/compare/", "tests/ui/many_tracks/", "tests/ui/shared/")
#: Workers with which the page's tests are split.
_SPLITS_AT: Final = 4
#: Files of ten seconds and more, the longest first: a worker that began one at the end would work on alone.
_LONG: Final = (
    "tests/report/test_one_story.py",
    "tests/inference/test_zerogpu_space.py",
    "tests/examples/test_examples.py",
    "tests/ui/test_launch.py",
    "tests/ui/test_login.py",
    "tests/collection/test_run.py",
    "tests/report/test_pages.py",
    "tests/inference/test_cache.py",
    "tests/test_packaging.py",
    "tests/cli/test_main.py",
    "tests/models/features/test_backend.py",
    "tests/evaluate/test_variants.py",
    "tests/collection/test_watch.py",
    "tests/audio/test_worker_pool.py",
    "tests/report/test_formats.py",
    "tests/music/test_facts.py",
    "tests/inference/test_stability.py",
    "tests/tools/training/test_train_cnn.py",
    "tests/tools/training/test_train_verdict.py",
)


class PageFirst(LoadFileScheduling):  # type: ignore[misc]
    """The page's tests in one worker, or in two of four; all others file by file, in the order of `place_of`.

    Each worker that tests the page starts a server and a browser, whose processes keep more than one core busy.
    """

    def _split_scope(self, nodeid: str) -> str:
        if not _is_of_page(nodeid):
            return str(super()._split_scope(nodeid))
        is_other_half = self.numnodes >= _SPLITS_AT and nodeid.startswith(_HALF)
        return f"{_PAGE}: second half" if is_other_half else _PAGE


def _is_of_page(nodeid: str) -> bool:
    return nodeid.startswith(_PAGE) and not nodeid.startswith(_APART)


def place_of(nodeid: str) -> int:
    """Return when a test's turn is: the page's first, then files that take long, then all others."""
    if _is_of_page(nodeid):
        return 0
    file = nodeid.partition("::")[0]
    return 1 + (_LONG.index(file) if file in _LONG else len(_LONG))
