"""Helpers for the other tabs."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest

from tests.ui.visit import Visit

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
_IS_DARK = "document.body.classList.contains('dark')"
_N_TRANSITIONS = "document.getAnimations().filter((each) => each instanceof CSSTransition).length"


def open_tab(visit: Visit, name: str, content: str) -> None:
    """Bring a tab to the front, from the menu where the screen is too narrow for it, and wait for its content."""

    def is_open() -> bool:
        if not visit.page.locator(content).is_visible():
            tab = visit.page.get_by_role("tab", name=name, exact=True)
            if tab.is_visible():
                tab.click()
            elif visit.page.get_by_label("More tabs").is_visible():
                visit.page.get_by_label("More tabs").click()
                visit.page.locator(".overflow-dropdown button", has_text=name).click()
        return visit.page.locator(content).is_visible()

    visit.wait_for(is_open, f"tab {name}")


def violations(visit: Visit) -> list[tuple[str, str]]:
    """Return what axe-core finds serious in the part of the page that is ours."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found: list[dict[str, Any]] = axe.Axe().run(visit.page).response["violations"]
    serious = [rule for rule in found if rule["impact"] in {"serious", "critical"}]
    return [(rule["id"], node["html"][:200]) for rule in serious for node in rule["nodes"]]


def is_within_screen(visit: Visit) -> bool:
    return bool(visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def light_and_dark(visit: Visit) -> Iterator[str]:
    """Show the page in a light and in a dark browser, in turn."""
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        visit.page.emulate_media(color_scheme=scheme)
        visit.wait_for_reading(lambda: visit.page.evaluate(_IS_DARK), scheme == "dark", f"the page in {scheme}")
        visit.wait_for_reading(lambda: visit.page.evaluate(_N_TRANSITIONS), 0, "colours that stay as they are")
        yield scheme


def violations_light_and_dark(visit: Visit) -> dict[str, list[tuple[str, str]]]:
    """Return what axe-core finds, by the browser's colours; nothing where all is well."""
    return {scheme: faults for scheme in light_and_dark(visit) if (faults := violations(visit))}
