"""How often the leak detector lists something where nothing leaks, and where something does.

    python -m benchmarks.leaks [tables]

Prints the tables of docs/leaks.md. All tables are drawn from random numbers; nobody is behind them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from spl_kedro.cohort.settings import (
    CategoryVariable,
    CohortSettings,
    Columns,
    NumericVariable,
    Split,
)
from spl_kedro.leaks.detector import find_leaks

SIZES = (60, 200, 1000)
NUMBERS = tuple(f"number_{i}" for i in range(5))
CATEGORIES = tuple(f"category_{i}" for i in range(5))
Table = tuple[pd.DataFrame, pd.DataFrame]


def settings() -> CohortSettings:
    """Return ten clinical variables, and the detector as conf/base has it."""
    return CohortSettings(
        simulated=True,
        columns=Columns(lesion_id="case", label="result"),
        split=Split(seed=0),
        clinical=(
            *(NumericVariable(name=name, column=name) for name in NUMBERS),
            *(CategoryVariable(name=name, column=name) for name in CATEGORIES),
        ),
    )


def null_table(cases: int, rng: np.random.Generator) -> Table:
    """Return a table in which nothing has to do with the label; a tenth of the cells is missing."""
    names = pd.Index([f"case {i}" for i in range(cases)], name="lesion_id")
    rows = pd.DataFrame({"patient_id": names, "site": rng.choice(list("abc"), cases)}, index=names)
    rows["label"] = (rng.permutation(cases) < 0.4 * cases).astype("int64")
    rows["spacing_row_mm"] = rng.choice([0.1, 0.12, 0.2], cases)
    for name in NUMBERS:
        rows[name] = np.where(rng.random(cases) < 0.1, np.nan, rng.normal(size=cases))
    for name in CATEGORIES:
        drawn = pd.Series(rng.choice(["one", "two", "three"], cases), index=names)
        rows[name] = drawn.mask(rng.random(cases) < 0.1)
    made = pd.DataFrame(
        {
            "file_format": rng.choice(["PNG", "JPEG"], cases),
            "scanner": rng.choice(["x", "y", "z"], cases),
            "height": rng.choice([600, 768], cases),
            "width": rng.choice([800, 1024], cases),
            "days_taken": rng.integers(0, 2000, cases).astype("float64"),
            "table_row": rng.permutation(cases) + 1,
        },
        index=names,
    )
    return rows, made


def post_hoc(rows: pd.DataFrame, made: pd.DataFrame, rng: np.random.Generator) -> Table:
    """Plant a number that is measured once the diagnosis is known: an AUC of 0.998 on average."""
    return rows.assign(number_0=4.0 * rows["label"] + rng.normal(size=len(rows))), made


def one_class(rows: pd.DataFrame, made: pd.DataFrame, rng: np.random.Generator) -> Table:
    """Plant a test that was not done in three of ten benign cases, and in all malignant ones."""
    number = pd.Series(rng.normal(size=len(rows)), index=rows.index)
    gone = rows["label"].eq(0) & (rng.random(len(rows)) < 0.3)
    return rows.assign(number_0=number.mask(gone)), made


def confounded(rows: pd.DataFrame, made: pd.DataFrame, rng: np.random.Generator) -> Table:
    """Plant a site from which nine of ten malignant and one of ten benign cases come."""
    there = rng.random(len(rows)) < np.where(rows["label"] == 1, 0.9, 0.1)
    return rows.assign(site=np.where(there, "a", "b")), made


def sorted_export(rows: pd.DataFrame, made: pd.DataFrame, rng: np.random.Generator) -> Table:
    """Plant identifiers that count the benign cases first."""
    rows = rows.sort_values("label", kind="stable")
    names = pd.Index([f"case {i}" for i in range(len(rows))], name="lesion_id")
    made = made.loc[rows.index].set_axis(names)
    return rows.assign(patient_id=names).set_axis(names), made


PLANTED: dict[str, tuple[Callable[..., Table], str]] = {
    "a variable known after the diagnosis (AUC 0.998)": (post_hoc, "number_0"),
    "missing in 30 % of one class, in none of the other": (one_class, "number_0"),
    "a site with 90 % of one class and 10 % of the other": (confounded, "site"),
    "identifiers in the order of the classes": (sorted_export, "lesion_id"),
}


def share(count: int, tables: int) -> str:
    """Return a share with its 95 % interval."""
    interval = binomtest(count, tables).proportion_ci(method="wilson")
    return f"{count / tables:.1%} ({interval.low:.1%} to {interval.high:.1%})"


def main() -> None:
    """Print both tables."""
    tables = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    # A share near one is known well from fewer.
    with_leak, chosen = max(tables // 5, 1), settings()
    print(f"{tables} tables without a leak, {with_leak} with each.\n")
    print("| planted | " + " | ".join(f"{size} patients" for size in SIZES) + " |")
    print("| --- |" + " --- |" * len(SIZES))
    counts = [
        sum(
            bool(find_leaks(*null_table(size, np.random.default_rng([size, seed])), chosen)
                 ["listed"].any())
            for seed in range(tables)
        )
        for size in SIZES
    ]  # fmt: skip
    print("| nothing: anything is listed | " + " | ".join(share(n, tables) for n in counts) + " |")
    for what, (plant, variable) in PLANTED.items():
        cells = []
        for size in SIZES:
            found = 0
            for seed in range(with_leak):
                rng = np.random.default_rng([size, seed, 1])
                leaks = find_leaks(*plant(*null_table(size, rng), rng), chosen)
                found += variable in set(leaks.loc[leaks["listed"], "variable"])
            cells.append(share(found, with_leak))
        print(f"| {what}: it is listed | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
