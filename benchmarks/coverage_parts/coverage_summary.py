"""How often intervals hold the truth, and tests err, over many cohorts.

The rule by which a row is marked was written down before any figure was seen: its coverage lies
outside 93 to 97 %, or its error of the first kind outside 3 to 7 %, by more than two Monte-Carlo
standard errors. What lies outside by less is shown as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from coverage_truth import Truths

COVERED, FALSE_ALARM, FALSE_GAIN = (0.93, 0.97), (0.03, 0.07), (0.0, 0.035)
#: Parts of the NRI, which are no test of a gain: a threshold moves one at the other's cost.
PARTS = ("nri_malignant", "nri_benign")
#: Standard errors that a share may lie outside its bounds before it is marked.
TOLERANCE = 2.0


def against(said: pd.DataFrame, truth: Truths, target: str) -> pd.DataFrame:
    """Return what one cohort's tables say beside the truth.

    Parameters
    ----------
    said : DataFrame
        From `coverage_reported.reported`.
    truth : dict
        From `coverage_truth.truths`.
    target : str
        What the truth is of, in words.

    Returns
    -------
    DataFrame
        Rows that have an interval and a truth, with the columns truth and target.
    """
    keys = zip(said["cohort"], said["model"], said["quantity"], strict=True)
    # What is true of one cohort alone, as of its risk groups, goes before.
    known = [
        truth.get((model, f"{cohort}: {quantity}"), truth.get((model, quantity), np.nan))
        for cohort, model, quantity in keys
    ]
    table = said.assign(truth=known, target=target)
    return table[table["truth"].notna() & (table["low"].notna() | table["value"].isna())]


def family(quantity: str) -> str:
    """Return the kind of a quantity: all risk groups are one, and all subgroups of a measure."""
    words = re.sub(r"^risk group \d+$", "observed risk of a risk group", quantity)
    return re.sub(r" in .*$", " of a subgroup", words)


def coverage(rows: pd.DataFrame) -> pd.DataFrame:
    """Return coverage by cohort, quantity and target, over models.

    Parameters
    ----------
    rows : DataFrame
        From `against`, of many cohorts, with the column number.

    Returns
    -------
    DataFrame
        cohort, quantity, target, cohorts, coverage, error (Monte-Carlo standard error, the models
        of a cohort counting as one), below (share of truths below the interval), above, width,
        bias (mean of value minus truth), withheld (share without an interval), marked.
    """
    rows = rows.assign(quantity=rows["quantity"].map(family))
    there = rows[rows["low"].notna()]
    judged = there.assign(
        below=(there["truth"] < there["low"]).astype(float),
        above=(there["truth"] > there["high"]).astype(float),
        width=there["high"] - there["low"],
        bias=there["value"] - there["truth"],
    )
    keys = ["cohort", "quantity", "target"]
    each = judged.groupby([*keys, "number"], sort=False)[["below", "above", "width", "bias"]].mean()
    each["covered"] = 1 - each["below"] - each["above"]
    grouped = each.groupby(keys, sort=False)
    table = grouped.mean()
    table["cohorts"] = grouped.size()
    table["error"] = grouped["covered"].std() / table["cohorts"] ** 0.5
    table["withheld"] = 1 - there.groupby(keys).size() / rows.groupby(keys).size()
    table["marked"] = outside(table["covered"], table["cohorts"], COVERED)
    table = table.rename(columns={"covered": "coverage"}).reset_index()
    names = [*keys, "cohorts", "coverage", "error", "below", "above", "width", "bias"]
    return table[[*names, "withheld", "marked"]]


def outside(share: pd.Series, n: pd.Series, bounds: tuple[float, float]) -> pd.Series:
    """Tell which shares lie outside their bounds by more than chance explains."""
    low, high = bounds
    error_low, error_high = ((bound * (1 - bound) / n) ** 0.5 for bound in bounds)
    return (share < low - TOLERANCE * error_low) | (share > high + TOLERANCE * error_high)


def findings(
    said: pd.DataFrame, null: Collection[str], level: float = 0.05, *, worse: bool = False
) -> pd.DataFrame:
    """Return how often tests find something, by cohort, pair and test.

    An interval without a test finds something where it leaves out 0.

    Parameters
    ----------
    said : DataFrame
        From `coverage_reported.reported`, of many cohorts, with the column number.
    null : collection of str
        Models and pairs of which there is nothing to find.
    level : float
    worse : bool
        Whether the second model is the worse one, so that only a gain that is found is an error.

    Returns
    -------
    DataFrame
        cohort, model, test, cohorts, found, gains (share that found the second model better),
        error, null, marked (where there is nothing to find).
    """
    compared = said["model"].str.contains(">")
    rows = said[(compared & said["low"].notna()) | said["p"].notna()]
    by_p = rows["p"].notna()
    left_out = (rows["low"] > 0) | (rows["high"] < 0)
    rows = rows.assign(found=np.where(by_p, rows["p"] < level, left_out).astype(float))
    rows["gains"] = rows["found"] * (rows["value"] > 0)
    rows = rows.rename(columns={"quantity": "test"})
    grouped = rows.groupby(["cohort", "model", "test"], sort=False)[["found", "gains"]]
    table = grouped.mean()
    table["cohorts"] = grouped.size()
    table["error"] = (table["found"] * (1 - table["found"]) / table["cohorts"]) ** 0.5
    table = table.reset_index()
    table["null"] = table["model"].isin(list(null)) & ~table["test"].isin(PARTS)
    wrong, bounds = ("gains", FALSE_GAIN) if worse else ("found", FALSE_ALARM)
    table["marked"] = table["null"] & outside(table[wrong], table["cohorts"], bounds)
    return table


def compact(rows: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return coverage with a column for each cohort and target, in per cent; * marks a row.

    Parameters
    ----------
    rows : list of dict
        Of :func:`coverage`.
    """
    table: dict[str, dict[str, str]] = {}
    columns: list[str] = []
    for row in rows:
        column = f"{row['cohort']}: {row['target']}"
        columns += [column] if column not in columns else []
        text = f"{100 * row['coverage']:.1f} ± {100 * row['error']:.1f}" + "*" * row["marked"]
        table.setdefault(row["quantity"], {})[column] = text
    return [
        {"interval of": quantity} | {column: found.get(column, "") for column in columns}
        for quantity, found in table.items()
    ]
