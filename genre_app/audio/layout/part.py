"""A stretch of a file that is a recording of its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a file that FFmpeg shall read as if it were a whole file.

    Attributes
    ----------
    start, end : int
        Where it lies in the file, in bytes.
    corrections : tuple of (int, bytes)
        What to read in place of wrong bytes of a header, each with its place in the file.
    announced_share : float
        How much sound the header announces, as a multiple of what is there; 1 where it says nothing of it.
    """

    start: int
    end: int
    corrections: tuple[tuple[int, bytes], ...] = ()
    announced_share: float = 1.0

    @property
    def n_bytes(self) -> int:
        """Its size."""
        return self.end - self.start

    def corrected(self, content: bytes, start: int) -> bytes:
        """Return bytes that lie at ``start`` in the file, corrected."""
        for place, right in self.corrections:
            first, last = max(place, start), min(place + len(right), start + len(content))
            if first < last:
                content = content[: first - start] + right[first - place : last - place] + content[last - start :]
        return content
