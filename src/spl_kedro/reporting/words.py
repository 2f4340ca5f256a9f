"""How numbers, cohorts, models and metrics are written in the report."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.radiomics_words import CLASS_WORDS
from spl_kedro.modeling.evaluation.figures.style import coverage, decimals
from spl_kedro.modeling.evaluation.model_names import MODEL_NAMES

NOT_DEFINED = "–"
NO_BREAK = "\N{NO-BREAK SPACE}"

COHORT_NAMES = {
    "training": "Training (cross-fitted)",
    "validation": "Validation",
    "external": "External",
}
PROTOCOL_NAMES = {
    "leak_free": "Leak-free",
    "as_published": "As published",
    "as_published_radial": "As published, radial classifiers",
}
METRIC_NAMES = {
    "auc": "AUC",
    "average_precision": "Average precision",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "accuracy": "Accuracy",
    "ppv": "PPV",
    "npv": "NPV",
    "f1": "F1",
    "mcc": "MCC",
    "brier": "Brier score",
    "calibration_slope": "Calibration slope",
    "calibration_intercept": "Calibration intercept",
    "ici": "ICI",
    "hosmer_lemeshow": "Hosmer–Lemeshow χ²",
    "hosmer_lemeshow_p": "Hosmer–Lemeshow p",
    "ppv_at_prevalence": "PPV at stated prevalence",
    "npv_at_prevalence": "NPV at stated prevalence",
}
_HEADINGS = {
    "n": "Lesions",
    "events": "Malignant",
    "r2_cox_snell": "Cox–Snell R²",
    "n_shrinkage": "Needed for shrinkage",
    "n_optimism": "Needed for optimism",
    "n_overall_risk": "Needed for overall risk",
    "n_required": "Needed",
    "parameters": "Candidate predictors",
    "p_value": "p",
}
#: Decimals of columns without an interval; others have three.
_DECIMALS = {
    "events_per_variable": 1,
    "r2_cox_snell": 2,
    "agreement": 2,
    "auc": 2,
    "total_shap": 2,
    "correlation": 2,
    "other_lesion": 2,
    "coverage": 2,
    "stated": 2,
    "from": 2,
    "up_to": 2,
    "one_diagnosis": 2,
    "either": 2,
    "neither": 2,
}
_UPPER = {"auc", "icc", "nri", "idi", "ci", "or", "id", "dlr", "cdlr", "dtl", "shap", "vif", "crp"}


def number(value: Any, digits: int = 3) -> str:
    """Write a number with fixed decimals and a true minus sign; NaN and infinity as a dash.

    Examples
    --------
    >>> number(-0.12345), number(float("nan"))
    ('−0.123', '–')
    """
    if value is None or not math.isfinite(value):
        return NOT_DEFINED
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def interval(value: Any, low: Any, high: Any, digits: int = 3) -> str:
    """Write an estimate with its interval.

    Examples
    --------
    >>> interval(0.9, 0.85, 0.94, digits=2).replace(NO_BREAK, " ")
    '0.90 (0.85 to 0.94)'
    """
    if value is None or not math.isfinite(value):
        return NOT_DEFINED
    if not (math.isfinite(low) and math.isfinite(high)):
        return number(value, digits)
    # Spaces that do not break keep each interval on one line.
    limits = f"({number(low, digits)}{NO_BREAK}to{NO_BREAK}{number(high, digits)})"
    return f"{number(value, digits)} {limits}"


def intervals(values: Any, low: Any, high: Any) -> list[str]:
    """Write a column of estimates with their intervals, in the decimals that these allow.

    Examples
    --------
    >>> [text.replace(NO_BREAK, " ") for text in intervals([0.8584], [0.8249], [0.8858])]
    ['0.86 (0.82 to 0.89)']
    """
    digits = decimals(low, high)
    return [interval(*cell, digits) for cell in zip(values, low, high, strict=True)]


def without_interval(values: Any, low: Any) -> str:
    """Return the note of a table some of whose estimates have no interval; else nothing.

    Examples
    --------
    >>> without_interval([0.7, float("nan")], [0.6, float("nan")])
    ''
    >>> without_interval([0.7, 0.5], [0.6, float("nan")])
    'An estimate without an interval is one of too few cases for it.'
    """
    bare = np.isfinite(np.asarray(values, dtype=float)) & np.isnan(np.asarray(low, dtype=float))
    return "An estimate without an interval is one of too few cases for it." if bare.any() else ""


def quartiles(low: Any, high: Any, digits: int = 2) -> str:
    """Write first and third quartile in brackets, on one line.

    Examples
    --------
    >>> quartiles(0.25, 0.75).replace(NO_BREAK, " ")
    '[0.25 to 0.75]'
    """
    return f"[{number(low, digits)}{NO_BREAK}to{NO_BREAK}{number(high, digits)}]"


def p_value(value: Any) -> str:
    """Write a p value as journals ask.

    Examples
    --------
    >>> p_value(0.00002), p_value(0.0314), p_value(0.62)
    ('<0.001', '0.031', '0.62')
    """
    if value is None or not math.isfinite(value):
        return NOT_DEFINED
    if value < 0.001:
        return "<0.001"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def count(part: int, whole: int) -> str:
    """Write a count with its share.

    Examples
    --------
    >>> count(30, 120)
    '30 (25%)'
    """
    return f"{part}" if whole == 0 else f"{part} ({100 * part / whole:.0f}%)"


def seconds(value: float) -> str:
    """Write a duration.

    Examples
    --------
    >>> seconds(0.41), seconds(75), seconds(4000)
    ('0.4 s', '1 min 15 s', '1 h 6 min')
    """
    if value < 60:
        return f"{value:.1f} s"
    if value < 3600:
        return f"{int(value // 60)} min {int(value % 60)} s"
    return f"{int(value // 3600)} h {int(value % 3600 // 60)} min"


def model_name(name: Any) -> str:
    """Return a model's name as printed; of one beside the publication's a name made from its key.

    Where declarations are at hand, see `StudyResults.called`.

    Examples
    --------
    >>> model_name("cdlr"), model_name("rad_rings")
    ('CDLR', 'Rad rings')
    """
    return str(MODEL_NAMES[str(name)])


def cohort_name(name: Any) -> str:
    """Return a cohort's name as printed; an unknown one unchanged."""
    return COHORT_NAMES.get(str(name), str(name))


def variable_name(name: Any) -> str:
    """Return a clinical variable's name as printed, its unit in brackets.

    Examples
    --------
    >>> variable_name("crp_mg_l"), variable_name("lesion_size_mm"), variable_name("age")
    ('CRP (mg/l)', 'Lesion size (mm)', 'Age')
    """
    return readable_name(str(name)).label


def class_name(name: Any) -> str:
    """Return a radiomics class with its meaning.

    Examples
    --------
    >>> class_name("glszm"), class_name("firstorder")
    ('GLSZM (patches of equal grey)', 'First-order (grey levels)')
    """
    known = {"firstorder": "First-order", "shape": "Shape", "shape2D": "Shape 2D"}
    title = known.get(str(name), str(name).upper())
    return f"{title} ({CLASS_WORDS[str(name)]})" if str(name) in CLASS_WORDS else title


def unseen_lesions(cohorts: Iterable[str]) -> str:
    """Return which lesions no model learnt from, as a sentence begins; empty where there are none.

    Examples
    --------
    >>> unseen_lesions(["training", "validation"]), unseen_lesions(["training"])
    ('Validation lesions', '')
    """
    present = [name for name in ("validation", "external") if name in set(cohorts)]
    return f"{' and '.join(present).capitalize()} lesions" if present else ""


def plural(n: int, one: str, many: str = "") -> str:
    """Write a count with its noun.

    Examples
    --------
    >>> plural(1, "centre"), plural(2, "centre")
    ('1 centre', '2 centres')
    """
    return f"{n} {one if n == 1 else many or one + 's'}"


def heading(column: str) -> str:
    """Turn a column's name into a table heading.

    Examples
    --------
    >>> heading("odds_ratio"), heading("icc_low")
    ('Odds ratio', 'ICC low')
    """
    if column in _HEADINGS:
        return _HEADINGS[column]
    words = [w.upper() if w in _UPPER else w for w in str(column).split("_") if w]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def readable(frame: pd.DataFrame, bounds: str = "") -> pd.DataFrame:
    """Write any tidy table for a reader: triplets X, X_low, X_high become one column.

    Parameters
    ----------
    frame : DataFrame
        Columns named ``p``, ``p_...`` or ``..._p`` are written as p values, intervals by
        `intervals`, other floats with three decimals or those of their column; ``low`` and
        ``high`` belong to the column named ``value``; what ``n`` counts may stand in ``unit``.
    bounds : str
        What the columns ending in ``_low`` and ``_high`` are; none: intervals of the coverage in
        the column ``confidence``, which is not printed.

    Returns
    -------
    DataFrame of str, with headings as column names
    """
    if not bounds:
        bounds = f"{coverage(frame)} CI" if "confidence" in frame else "interval"
    taken: set[str] = {"confidence", "unit"}
    result: dict[str, list[str]] = {}
    limits = {"value": ("low", "high")}
    for column in frame.columns:
        low, high = limits.get(column, (f"{column}_low", f"{column}_high"))
        if low in frame.columns and high in frame.columns:
            taken |= {low, high}
    for column in frame.columns:
        if column in taken:
            continue
        low, high = limits.get(column, (f"{column}_low", f"{column}_high"))
        values = frame[column]
        if low in taken and low in frame.columns:
            result[f"{heading(column)} ({bounds})"] = intervals(values, frame[low], frame[high])
        elif _is_p_value(column) and pd.api.types.is_float_dtype(values):
            result[heading(column)] = [p_value(v) for v in values]
        else:
            result[heading(column)] = [_cell(column, value) for value in values]
    table = pd.DataFrame(result, dtype="str")
    of_patients = "unit" in frame and frame["unit"].eq("patients").all()
    return table.rename(columns={heading("n"): "Patients"}) if of_patients else table


def _is_p_value(column: str) -> bool:
    return column in ("p", "p_value") or column.startswith("p_") or column.endswith("_p")


def _cell(column: str, value: object) -> str:
    if value is None or value is pd.NA:
        return NOT_DEFINED
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, _DECIMALS.get(column, 3))
    text = str(value)
    if column in ("model", "model_a", "model_b"):
        return model_name(text)
    if column == "cohort":
        return cohort_name(text)
    if column == "protocol":
        return PROTOCOL_NAMES.get(text, text)
    return text
