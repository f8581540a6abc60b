"""Helpers for the other tabs."""

from typing import Any

import pytest

from tests.ui.visit import Visit

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


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
