"""The links of chained Ogg files, from made-up pages."""

from io import BytesIO

import pytest

from genre_app.audio.layout import ogg

FIRST, OTHER = 0x02, 0x00
OPUS = b"OpusHead" + bytes(11)


def page(flags: int, content: bytes) -> bytes:
    n_full, rest = divmod(len(content), 255)
    lacing = bytes([255] * n_full + [rest])
    return b"OggS\0" + bytes([flags]) + bytes(20) + bytes([len(lacing)]) + lacing + content


HEADERS = page(FIRST, OPUS) + page(OTHER, b"OpusTags")
SOUND = page(OTHER, b"x" * 1000) * 3


def spans(content: bytes, start: int = 0) -> list[tuple[int, int]]:
    return [(part.start, part.end) for part in ogg.links(BytesIO(content), start, len(content))]


def test_a_single_recording_is_one_link() -> None:
    assert spans(HEADERS + SOUND) == [(0, len(HEADERS + SOUND))]


def test_a_chain_has_a_link_for_each_recording() -> None:
    link = HEADERS + SOUND
    n_bytes = len(link)
    assert spans(link * 3) == [(0, n_bytes), (n_bytes, 2 * n_bytes), (2 * n_bytes, 3 * n_bytes)]
    assert spans(b"stray" + link * 2, start=5) == [(5, 5 + n_bytes), (5 + n_bytes, 5 + 2 * n_bytes)]


def test_several_streams_at_once_are_one_link() -> None:
    film = page(FIRST, b"fishead\0") + page(FIRST, b"\x80theora") + page(FIRST, b"\x01vorbis") + SOUND
    assert spans(film * 2) == [(0, len(film)), (len(film), 2 * len(film))]


def test_a_damaged_page_does_not_begin_a_recording() -> None:
    damaged = page(FIRST, b"x" * 1000)
    assert len(spans(HEADERS + SOUND + damaged + SOUND)) == 1


@pytest.mark.parametrize("noise", [b"?", bytes(70_000), b"Ogg" * 999, b"OggSOggS"])
def test_pages_are_found_again_behind_damage(noise: bytes) -> None:
    first = HEADERS + SOUND + noise
    assert spans(first + HEADERS + SOUND) == [(0, len(first)), (len(first), len(first + HEADERS + SOUND))]


@pytest.mark.parametrize("n_bytes", [0, 3, 20, 27, 40])
def test_a_cut_off_page_ends_the_search(n_bytes: int) -> None:
    assert len(spans(HEADERS + SOUND + HEADERS[:n_bytes])) == (2 if n_bytes == 40 else 1)


def test_pages_without_content_do_not_take_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ogg, "_MOST_PAGES", 10)
    link = HEADERS + SOUND
    assert len(spans(link * 4)) == 2


def test_very_many_links_are_not_all_told_apart() -> None:
    content = (page(FIRST, OPUS) + page(OTHER, b"x")) * 2000
    found = spans(content)
    assert len(found) == 1000
    assert found[-1][1] == len(content)
