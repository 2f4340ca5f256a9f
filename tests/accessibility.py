"""What axe-core finds wrong with a page for people who cannot see or use a mouse."""

from pathlib import Path

import pytest
from tests.chromium import PATIENCE

#: Of axe-core's four; what is minor or moderate is advice.
GRAVE = {"serious", "critical"}


def opened(browser, address: str, width: int = 1280, scheme: str = "light"):
    """Return a page with every folded part open."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    return page


def grave(page) -> list[str]:
    """Return the serious and critical violations of an open page, each with its first element."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright",
        reason="no axe-core (pip install axe-playwright-python)",
    )
    found = axe.Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {one['nodes'][0]['html'][:200]}"
        for one in found
        if one["impact"] in GRAVE
    ]


def grave_in(browser, path: Path, width: int) -> list[str]:
    """Return the serious and critical violations of a file at that width."""
    page = opened(browser, path.as_uri(), width)
    found = grave(page)
    page.close()
    return found
