"""Which tests run in one worker, and in which order workers take them."""

from typing import Final

from xdist.scheduler.loadfile import LoadFileScheduling

_PAGE: Final = "tests/ui/"
#: Folders of the page's tests that take about half of their time.
_HALF: Final = ("tests/ui/compare/", "tests/ui/many_tracks/", "tests/ui/shared/")


class PageFirst(LoadFileScheduling):  # type: ignore[misc]
    """The page's tests in two workers from the start; all others file by file where there is room, long files first.

    Each worker that tests the page starts a server and a browser, which two do better than three. These tests often
    wait, and the others fill the processor meanwhile.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(_HALF):
            return f"{_PAGE}: first half"
        if nodeid.startswith(_PAGE):
            return f"{_PAGE}: second half"
        return str(super()._split_scope(nodeid))
