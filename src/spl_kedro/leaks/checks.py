"""What is looked at: variables alone, missing values, words, how images were made, orders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from spl_kedro.cohort.acquisition import acquisition_facts, fifths
from spl_kedro.cohort.settings import ClinicalVariable, CohortSettings
from spl_kedro.leaks.association import Association, of_categories, of_numbers
from spl_kedro.leaks.words import label_words, telling_words

ALONE = "a predictor that is not the label"
MISSING = "a variable that is missing in both classes"
WORDS = "a variable whose words are not the label's"
MADE = "images made alike in both classes"
ORDER = "an order of cases that does not tell the label"

_LATE = (
    "If it is known only with the diagnosis, move its column from data_processing.clinical to "
    "data_processing.excluded."
)


_FACTS = {
    "bits": "the number of bits of a stored value",
    "channels": "the number of channels",
    "days_taken": "the day the image was taken",
    "days_written": "the day the file was written",
    "file_format": "the file's format",
    "height": "the image's height",
    "image_size": "the image's size",
    "pixel_size_mm": "the pixel size",
    "scanner": "the scanner",
    "site": "the site",
    "width": "the image's width",
}


class Check(NamedTuple):
    """One check, before the number of checks is corrected for.

    Attributes
    ----------
    variable : str
    rule : str
    measure : str
        What the value is: ``AUC``, ``share missing``; empty of words.
    value, low, high : float
        With its 95 % interval.
    p_value : float
        Of no relation with the label; NaN where nothing is estimated.
    cases : int
    strong : bool
        Whether it is to be listed where the p-value allows it.
    message, remedy : str
    """

    variable: str
    rule: str
    measure: str
    value: float
    low: float
    high: float
    p_value: float
    cases: int
    strong: bool
    message: str
    remedy: str


def checks(
    rows: pd.DataFrame, acquisition: pd.DataFrame, settings: CohortSettings
) -> Iterator[Check]:
    """Check one lesion of each patient in every way.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        Training lesions with label, site, pixel size and clinical variables.
    acquisition : DataFrame, index `lesion_id`
        ``schemas.Acquisition`` of them.
    settings : CohortSettings
    """
    variables = [variable for variable in settings.clinical if variable.name in rows]
    words = label_words(settings)
    for variable in variables:
        yield _worded(variable, rows, words)
    if rows["label"].value_counts().reindex([0, 1], fill_value=0).min() < (
        settings.leaks.minimum_cases
    ):
        return
    for variable in variables:
        yield from _alone(variable, rows, settings)
        yield from _missing(variable, rows, settings)
    yield from _made(rows, acquisition, settings)
    yield from _ordered(rows, acquisition, settings)


def _worded(variable: ClinicalVariable, rows: pd.DataFrame, words: list[str]) -> Check:
    found = telling_words(variable, rows[variable.name], words)
    message = f"the variable '{variable.name}' (column '{variable.column}') or one of its words "
    message += f"speaks of: {', '.join(found)}." if found else "speaks of nothing late."
    remedy = f"Make sure that it is known before the biopsy. {_LATE}"
    nothing = (np.nan, np.nan, np.nan, np.nan)
    return Check(
        variable.name, WORDS, "", *nothing, len(rows), bool(found), message, remedy
    )  # fmt: skip


def _alone(
    variable: ClinicalVariable, rows: pd.DataFrame, settings: CohortSettings
) -> Iterator[Check]:
    known = rows[rows[variable.name].notna()]
    values, label = known[variable.name], known["label"].to_numpy("int64")
    if min(np.bincount(label, minlength=2)) < settings.leaks.minimum_cases:
        return
    if variable.kind == "numeric":
        found = of_numbers(values.to_numpy("float64"), label)
    else:
        found = of_categories(values.astype("str"), label, settings.leaks)
    message = (
        f"the clinical variable '{variable.name}' alone separates benign from malignant with "
        f"{_spelled(found)}, in the {len(known)} patients that have it."
    )
    strong = bool(found.auc > settings.leaks.auc)
    yield _judged(variable.name, ALONE, found, len(known), strong, message, _LATE)


def _missing(
    variable: ClinicalVariable, rows: pd.DataFrame, settings: CohortSettings
) -> Iterator[Check]:
    absent, label = rows[variable.name].isna(), rows["label"]
    if not absent.any():
        return
    counts = [int((absent & (label == code)).sum()) for code in (0, 1)]
    sizes = [int((label == code).sum()) for code in (0, 1)]
    of = int(np.argmax(counts))
    p = float(
        stats.fisher_exact([[n, size - n] for n, size in zip(counts, sizes, strict=True)]).pvalue
    )
    share = stats.binomtest(counts[of], sizes[of]).proportion_ci(method="wilson")
    name = ("benign", "malignant")
    message = (
        f"the clinical variable '{variable.name}' is missing in {counts[of]} of {sizes[of]} "
        f"{name[of]} patients and in {counts[1 - of]} of {sizes[1 - of]} {name[1 - of]} ones."
    )
    remedy = (
        "Find out why: a test done on suspicion tells the suspicion. Complete the values, or move "
        "the column from data_processing.clinical to data_processing.excluded."
    )
    strong = min(counts) == 0 and counts[of] >= settings.leaks.minimum_cases
    yield Check(
        variable.name, MISSING, "share missing", counts[of] / sizes[of], share.low, share.high,
        p, len(rows), strong, message, remedy,
    )  # fmt: skip


def _made(
    rows: pd.DataFrame, acquisition: pd.DataFrame, settings: CohortSettings
) -> Iterator[Check]:
    facts, label = acquisition_facts(rows, acquisition), rows["label"].to_numpy("int64")
    for name in facts.columns:
        found = of_categories(facts[name], label, settings.leaks)
        told = _FACTS.get(name, name.replace("_", " "))
        message = f"{told} alone predicts the label with {_spelled(found)}."
        remedy = (
            "Images can show it, and a model can learn it in place of the lesion: look at the "
            "negative controls (docs/sceptic.md) and at each site by itself, and include both "
            "classes from every site, scanner and period. Image and pixel size also follow the "
            "depth that a large lesion needs."
        )
        yield _judged(name, MADE, found, len(rows), True, message, remedy)


def _ordered(
    rows: pd.DataFrame, acquisition: pd.DataFrame, settings: CohortSettings
) -> Iterator[Check]:
    label = rows["label"].to_numpy("int64")
    orders = {"lesion_id": natural_rank(rows.index)}
    if "table_row" in acquisition:
        orders["table_row"] = acquisition["table_row"].reindex(rows.index)
    told = {"lesion_id": "the order of the identifiers", "table_row": "the order of the rows"}
    for name, order in orders.items():
        parts = fifths(order)
        if parts.nunique() < 2:
            continue
        found = of_categories(parts, label, settings.leaks)
        message = f"{told[name]} predicts the label with {_spelled(found)}: the export is sorted."
        remedy = (
            "No model reads it. Make sure that no variable counts along with it (a running "
            "number, a date), and that cases were not collected class by class."
        )
        yield _judged(name, ORDER, found, len(rows), True, message, remedy)


def natural_rank(names: pd.Index) -> pd.Series:
    """Return the place of each name where numbers in names count as numbers."""
    parts = [
        [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _PARTS.findall(name)]
        for name in names.astype(str)
    ]
    order = sorted(range(len(parts)), key=parts.__getitem__)
    return pd.Series(np.argsort(order).astype("float64"), index=names)


_PARTS = re.compile(r"\d+|\D+")


def _judged(
    variable: str,
    rule: str,
    found: Association,
    cases: int,
    strong: bool,
    message: str,
    remedy: str,
) -> Check:
    measured = ("AUC", found.auc, found.low, found.high, found.p)
    return Check(variable, rule, *measured, cases, strong, message, remedy)


def _spelled(found: Association) -> str:
    if np.isnan(found.auc):
        return "too few cases for an AUC"
    return f"an AUC of {found.auc:.3f} (95% interval {found.low:.3f} to {found.high:.3f})"
