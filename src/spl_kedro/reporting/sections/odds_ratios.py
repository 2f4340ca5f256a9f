"""Odds ratios of the clinical model."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import interval, p_value, variable_name
from spl_kedro.schemas import NO_CLINICAL_MODEL

ODDS_RATIOS = {
    "final": "Odds ratios of the clinical model",
    "multivariable": "Odds ratios of the candidates in one model, all that passed alone",
    "univariate": "Odds ratios of each candidate alone",
}


def odds_ratio_section(results: StudyResults) -> Section:
    """Return the section on the clinical model's predictors."""
    title = "Clinical predictors"
    found = results.odds_ratios
    if results.without_clinical:
        return Section("odds-ratios", title, (NO_CLINICAL_MODEL,))
    if found is None or found.empty:
        return Section("odds-ratios", title, missing=("Odds ratios",))
    stages = [stage for stage in ODDS_RATIOS if stage in set(found["stage"])]
    return Section(
        "odds-ratios",
        title,
        (
            "Odds ratios of malignancy from logistic regression on the training cohort. A number's "
            "ratio is for one unit more, a category's against the reference, the category not "
            "listed.",
        ),
        tables=tuple(_odds_ratio_table(found, stage) for stage in stages),
    )


def _odds_ratio_table(found: pd.DataFrame, stage: str) -> ReportTable:
    rows = found[found["stage"] == stage]
    ratios = [
        interval(row.odds_ratio, row.odds_ratio_low, row.odds_ratio_high, 2)
        for row in rows.itertuples()
    ]
    lines = pd.DataFrame(
        {
            "Predictor": [term_words(row.variable, row.term) for row in rows.itertuples()],
            f"Odds ratio ({coverage(rows)} CI)": ratios,
            "p": [p_value(value) for value in rows["p_value"]],
        },
        dtype="str",
    )
    methods = ", ".join(dict.fromkeys(rows["method"])) if "method" in rows else ""
    return ReportTable(
        f"odds_ratios_{stage}",
        ODDS_RATIOS[stage],
        lines,
        note=f"Fitted by {methods}." if methods else "",
        folded=stage != "final",
    )


def term_words(variable: Any, term: Any) -> str:
    """Return a regression term in words.

    Examples
    --------
    >>> term_words("crp_mg_l", "crp_mg_l missing"), term_words("sex", "sex=female")
    ('CRP (mg/l), missing', 'Sex: female')
    """
    rest = str(term).removeprefix(str(variable)).strip()
    name = variable_name(variable)
    if rest.startswith("="):
        return f"{name}: {rest[1:]}"
    return f"{name}, {rest}" if rest else name
