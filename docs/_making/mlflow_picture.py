"""The README's picture of MLflow: the five signatures of one finished run, compared.

``make mlflow`` has to be running for the project whose database is named.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
from contextlib import closing
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

from PIL import Image
from playwright.sync_api import Page, sync_playwright

PICTURE = Path(__file__).resolve().parents[1] / "images/mlflow.png"
MODELS = ("clinical", "rad", "dtl", "dlr", "cdlr")
SHOWN = {"Parameters": "model", "Metrics": "validation.auc"}


def main() -> None:
    """Make the picture anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path, help="mlflow.db of the project")
    parser.add_argument("--address", default="http://127.0.0.1:5000", help="as make mlflow says")
    given = parser.parse_args()
    runs = quote(json.dumps(_runs(given.database)))
    experiment = quote(json.dumps(["1"]))
    address = f"{given.address}/#/compare-runs?runs={runs}&experiments={experiment}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(f"{address}&workflowType=machine_learning")
        picture = Image.open(BytesIO(_photographed(page))).convert("RGB")
        browser.close()
    picture.quantize(64, dither=Image.Dither.NONE).save(PICTURE, optimize=True)


def _runs(database: Path) -> list[str]:
    """Return the runs of the latest study's signatures, of the leak-free protocol."""
    wanted = "select run_uuid from runs where name = ? order by start_time desc limit 1"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as tracked:
        return [tracked.execute(wanted, (f"{name} leak_free",)).fetchone()[0] for name in MODELS]


def _photographed(page: Page) -> bytes:
    """Choose what the parallel coordinates show, and return the middle of the page."""
    page.get_by_text("Clear All").click()
    for label, name in SHOWN.items():
        box = page.locator(f"xpath=//*[text()='{label}:']/following::input[1]")
        box.click()
        box.fill(name)
        page.get_by_title(name, exact=True).last.click()
        page.keyboard.press("Escape")
    page.get_by_text("Comparing").first.click()
    page.wait_for_timeout(2000)
    return page.locator("main, [class*=content]").first.screenshot()


if __name__ == "__main__":
    main()
