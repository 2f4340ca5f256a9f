"""Tables of the check: words without a category, numbers, classes and sites, the split."""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np
import pandas as pd

from spl_kedro.cohort.cells import clean, parse_numbers
from spl_kedro.cohort.headers import match_headers
from spl_kedro.cohort.settings import CategoryVariable, CohortSettings, NumericVariable
from spl_kedro.cohort.split import assign_cohorts
from spl_kedro.reporting.parts import ReportTable
from spl_kedro.reporting.words import NOT_DEFINED
from spl_kedro.schemas import COHORTS

#: A word longer than this, or one of so many, is no category but free text, which may name someone.
LONGEST_WORD, MOST_WORDS = 40, 30


def unmapped_words(
    table: pd.DataFrame, settings: CohortSettings, *, sealed: bool
) -> ReportTable | None:
    """Return the words of categories and of the diagnosis that no setting names, with what to add.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over.
    settings : CohortSettings
    sealed : bool
        Whether words of the diagnosis may not be read.

    Returns
    -------
    ReportTable or None
        None where every word is known.
    """
    settings = match_headers(table, settings)
    missing = {word.casefold() for word in settings.missing_words} | {""}
    rows: list[dict[str, str]] = []

    def look(column: str, known: Iterable[str], where: str) -> None:
        texts = table[column].map(clean).astype("str")
        named = {word.casefold() for word in known} | missing
        counts = texts[~texts.str.casefold().isin(named)].value_counts()
        told = [word for word in counts.index if len(word) <= LONGEST_WORD][:MOST_WORDS]
        rows.extend(
            {
                "Column": column,
                "Word": word,
                "Rows": str(counts[word]),
                "Add to the parameters": where.format(word=json.dumps(word, ensure_ascii=False)),
            }
            for word in told
        )
        if len(counts) > len(told):
            rest = counts.drop(told)
            rows.append(
                {
                    "Column": column,
                    "Word": f"{len(rest)} other or longer words",
                    "Rows": str(rest.sum()),
                    "Add to the parameters": "Is this a column of free text? Then take it out.",
                }
            )

    if settings.columns.label is not None and not sealed:
        words = (*settings.labels.benign, *settings.labels.malignant)
        look(settings.columns.label, words, "labels: {{benign or malignant: [..., {word}]}}")
    for variable in settings.clinical:
        if isinstance(variable, CategoryVariable) and variable.mapping is not None:
            line = "mapping of " + variable.name + ": {{{word}: ...}}, or missing_words"
            look(variable.column, variable.mapping, line)
    if not rows:
        return None
    return ReportTable(
        "unmapped_words", "Words that no setting names", pd.DataFrame(rows), row_headers=2
    )


def number_table(table: pd.DataFrame, settings: CohortSettings) -> ReportTable | None:
    """Return how the numbers of the table are spread, and how many leave their range."""
    settings = match_headers(table, settings)
    missing = {word.casefold() for word in settings.missing_words} | {""}
    rows = []
    for variable in settings.clinical:
        if not isinstance(variable, NumericVariable):
            continue
        texts = table[variable.column].map(clean).astype("str")
        texts = texts.mask(texts.str.casefold().isin(missing))
        values = parse_numbers(texts)[0]
        low = -np.inf if variable.minimum is None else variable.minimum
        high = np.inf if variable.maximum is None else variable.maximum
        outside = int((values.notna() & ~values.between(low, high)).sum())
        known = values.dropna()
        spread = [known.min(), *known.quantile([0.25, 0.5, 0.75]), known.max()]
        rows.append(
            {
                "Variable": variable.name,
                "Rows with a number": str(len(known)),
                "Empty": str(int(texts.isna().sum())),
                "No number": str(int(texts.notna().sum() - len(known))),
                **dict(
                    zip(
                        ("Minimum", "Lower quartile", "Median", "Upper quartile", "Maximum"),
                        (NOT_DEFINED if pd.isna(v) else f"{v:g}" for v in spread),
                        strict=True,
                    )
                ),
                "Range": _range(variable),
                "Outside it": str(outside) + _hint(known, outside),
            }
        )
    if not rows:
        return None
    return ReportTable("numbers", "Numbers, as the table holds them", pd.DataFrame(rows))


def _range(variable: NumericVariable) -> str:
    low, high = variable.minimum, variable.maximum
    if low is None or high is None:
        return "none" if low is high else f"from {low:g}" if high is None else f"to {high:g}"
    return f"{low:g} to {high:g}"


def _hint(known: pd.Series, outside: int) -> str:
    return "; another unit?" if len(known) and outside > len(known) / 2 else ""


def division_table(checked: pd.DataFrame, settings: CohortSettings) -> ReportTable:
    """Return who would be in which cohort: lesions, patients, sites, and classes where known.

    Parameters
    ----------
    checked : DataFrame, index `lesion_id`
        Usable lesions; of sealed ones the label is missing.
    settings : CohortSettings

    Raises
    ------
    UnusableStudyError
        If they cannot be divided.
    """
    divided = checked["cohort"] if checked["cohort"].isin(COHORTS).all() else None
    cohort = assign_cohorts(checked, settings) if divided is None else divided
    rows = []
    for name in COHORTS:
        part = checked[cohort == name]
        if part.empty:
            continue
        known = part["label"].notna().all()
        counts = [str(int((part["label"] == value).sum())) for value in (0, 1)]
        rows.append(
            {
                "Cohort": name.capitalize(),
                "Lesions": str(len(part)),
                "Benign": counts[0] if known else "sealed",
                "Malignant": counts[1] if known else "sealed",
                "Patients": str(part["patient_id"].nunique()),
                "Sites": ", ".join(
                    f"{site} ({count})" for site, count in part["site"].value_counts().items()
                ),
            }
        )
    return ReportTable("division", "The split, as it would be made", pd.DataFrame(rows))


def column_table(columns: pd.DataFrame) -> ReportTable:
    """Return what becomes of each column of the hospital's table."""
    frame = columns.set_axis(["Column", "Use", "As, or why"], axis=1).astype("str")
    return ReportTable("columns", "Columns of the table", frame, folded=len(frame) > 15)
