"""Comparing name and password, and counting tries."""

import hmac

import pytest

from genre_app.ui.gate.login import Tries, login_check, network_of


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_name_and_password_have_to_be_right() -> None:
    is_right = login_check("ana", "se:cret ☂")
    assert is_right("ana", "se:cret ☂")
    for name, password in [("ana", "se"), ("ana", ""), ("", "se:cret ☂"), ("anase", ":cret ☂"), ("Ana", "se:cret ☂")]:
        assert not is_right(name, password)


def test_what_is_no_text_is_wrong_and_no_error() -> None:
    assert not login_check("ana", "secret")("ana\udcff", "\ud800")


def test_every_try_takes_one_comparison_of_the_same_length(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def watched(given: bytes, expected: bytes) -> bool:
        compared.append((len(given), len(expected)))
        return compare(given, expected)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    is_right = login_check("ana", "secret")
    for name, password in [("ana", "secret"), ("nobody", "secret"), ("ana", "x" * 10_000), ("", "")]:
        is_right(name, password)
    assert compared == [(64, 64)] * 4


def test_ten_tries_a_minute() -> None:
    tries = Tries(clock := Clock())
    assert [tries.begin("203.0.113.7") for _ in range(12)] == [True] * 10 + [False] * 2
    assert tries.begin("203.0.113.8"), "others are not locked out"
    clock.now_s = 59.9
    assert not tries.begin("203.0.113.7")
    clock.now_s = 60.0
    assert tries.begin("203.0.113.7")


def test_a_success_forgets_the_mistakes_before_it() -> None:
    tries = Tries(Clock())
    for _ in range(9):
        tries.begin("203.0.113.7")
    tries.succeed("203.0.113.7")
    assert [tries.begin("203.0.113.7") for _ in range(11)] == [True] * 10 + [False]


def test_many_addresses_do_not_get_more_tries_than_all_together() -> None:
    tries = Tries(clock := Clock())
    allowed = sum(tries.begin(f"198.51.{i // 256}.{i % 256}") for i in range(5000))
    assert allowed == 200
    clock.now_s = 61.0
    assert tries.begin("203.0.113.7")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_visitor(address: str, network: str) -> None:
    assert network_of(address) == network
