"""The figures of docs/coverage.md: ``python benchmarks/coverage_parts/coverage_page.py FILE``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

WORDS = {
    "auc": "AUC",
    "auc of a subgroup": "AUC of a subgroup",
    "auc_difference": "difference of two AUCs",
    "auc corrected for optimism": "clinical AUC corrected for optimism",
    "ici": "ICI",
    "f1": "F1",
    "mcc": "MCC",
    "ppv": "PPV",
    "npv": "NPV",
    "nri": "NRI, two categories",
    "idi": "IDI",
    "optimism": "optimism of the in-sample recipe",
}


def word(name: str) -> str:
    """Return a quantity's name for a reader."""
    return WORDS.get(name, name.replace("_", " ").replace("ppv", "PPV").replace("npv", "NPV"))


def table(rows: list[dict[str, Any]], columns: list[tuple[str, str]]) -> str:
    """Return coverage in per cent, one column for each cohort and target."""
    found = {(r["quantity"], r["cohort"], r["target"]): r for r in rows}
    quantities = dict.fromkeys(r["quantity"] for r in rows)
    lines = []
    for quantity in quantities:
        cells = []
        for cohort, target in columns:
            row = found.get((quantity, cohort, target))
            share = "" if row is None else f"{100 * row['coverage']:.1f}"
            cells.append(f"**{share}**" if row is not None and row["marked"] else share)
        if any(cells):
            lines.append(f"| {word(quantity)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables."""
    content = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    parts = content["parts"]
    for name in ("study", "signatures", "whole"):
        if name in parts:
            rows = parts[name]["coverage"]
            columns = list(dict.fromkeys((r["cohort"], r["target"]) for r in rows))
            print(f"\n{name}: {columns}, {max(r['cohorts'] for r in rows)} cohorts")
            print(table(rows, columns))
    fixed = {name: part for name, part in parts.items() if "given model" in str(part)[:4000]}
    for name, part in fixed.items():
        print(f"\n{name}")
        print(table(part["coverage"], [("external", "given model")]))
    print("\nfindings")
    for name, part in parts.items():
        for row in part.get("findings", []):
            mark = "**" if row["marked"] else ""
            print(
                f"| {name} | {row['cohort']} | {row['model']} | {word(row['test'])} | {mark}"
                f"{100 * row['found']:.1f}{mark} | {100 * row['gains']:.1f} | {row['cohorts']} |"
            )


if __name__ == "__main__":
    main()
