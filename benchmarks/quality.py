"""How often each check of image quality is right, on labelled images of BrEaST.

    BREAST_DIR=/path/to/files python -m benchmarks.quality [measure|tuning]

Prints the table of docs/quality.md.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.imaging.quality import labelled

from spl_kedro.imaging.quality import CHECKS


def share(right: int, cases: int) -> str:
    """Return a share with its 95 % interval and its counts."""
    if cases == 0:
        return "–"
    low, high = labelled.wilson(right, cases)
    return f"{right}/{cases}, {right / cases:.2f} [{low:.2f} to {high:.2f}]"


def main() -> None:
    """Measure one half of the labelled images and print a row for each check."""
    half = sys.argv[1] if len(sys.argv) > 1 else "measure"
    folder = Path(os.environ["BREAST_DIR"])
    known = labelled.labels()
    cases = list(known.index[known["half"] == half])
    plain, drawn = labelled.judge(folder, cases), labelled.judge_drawn(folder, cases)
    print(
        "| check | drawn, found | real, found | not there, not found |\n| --- | --- | --- | --- |"
    )
    for check in (check.name for check in CHECKS):
        own = plain[plain["check"] == check]
        there, absent = own[own["label"] == 1]["found"], own[own["label"] == 0]["found"]
        on = drawn[drawn["check"] == check]["found"]
        print(
            f"| `{check}` | {share(int(on.sum()), len(on))} "
            f"| {share(int(there.sum()), len(there))} "
            f"| {share(int((1 - absent).sum()), len(absent))} |"
        )


if __name__ == "__main__":
    main()
