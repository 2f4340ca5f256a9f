"""The models that add up what they know of a patient, as tables: what each answer adds.

The clinical model is a logistic regression. CDLR weighs the image score's log-odds and the clinical
terms in a linear classifier, whose decision a sigmoid turns into a probability (Platt 1999). Both
are an intercept and one summand for each variable, in log-odds of malignancy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import logit

from spl_kedro.explainability.axes import rounded_ends, rounded_share
from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.linear_probability import linear_probability
from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.clinical_encoding import VariableCode
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.schemas import NO_CLINICAL_MODEL

#: The models that a reader may compute by hand.
ADDITIVE_MODELS = ("clinical", "cdlr")
TERM_COLUMNS = ("model", "variable", "kind", "category", "log_odds", "value", "low", "high")
# Limits of an axis, and the range outside which a value is called unlike the training lesions'.
LOW, HIGH = "p01", "p99"


def additive_models(study: FittedStudy) -> pd.DataFrame:
    """Say of Clinical and CDLR whether they add up, and of what.

    Parameters
    ----------
    study : FittedStudy

    Returns
    -------
    DataFrame
        A row for each: model, additive, variables (clinical ones it adds up), statement (in words)
        and threshold (0 to 1, of the training lesions; NaN if the study states none).
    """
    thresholds = study.thresholds
    known = (
        dict(zip(thresholds["model"], thresholds["threshold"], strict=True))
        if len(thresholds)
        else {}
    )
    rows = []
    for name in ADDITIVE_MODELS:
        terms = _terms_of(name, study)
        variables = {
            row["variable"] for row in terms or () if row["kind"] not in ("intercept", "score")
        }
        rows.append(
            {
                "model": name,
                "additive": terms is not None,
                "variables": len(variables),
                "statement": _statement(name, study, len(variables)),
                "threshold": float(known.get(name, np.nan)),
            }
        )
    return pd.DataFrame(rows)


def additive_terms(study: FittedStudy) -> pd.DataFrame:
    """Return what every answer adds to the log-odds of malignancy by Clinical and by CDLR.

    Parameters
    ----------
    study : FittedStudy

    Returns
    -------
    DataFrame
        Of the models that add up. ``kind`` is ``intercept``; ``score`` (per unit of the image
        score's log-odds); ``number`` (per unit); ``category`` (of that ``category``); ``missing``
        (all that a value adds that is not known, for which the ``category`` or the ``value``, the
        training median, stands). ``low`` and ``high`` are the 1st and 99th percentile of a number,
        or of the scores that the fusion learnt from, in the training lesions, as axes show them.
    """
    rows = [row for name in ADDITIVE_MODELS for row in _terms_of(name, study) or ()]
    table = pd.DataFrame(rows, columns=list(TERM_COLUMNS))
    numbers = ["log_odds", "value", "low", "high"]
    words = ["model", "variable", "kind", "category"]
    return table.astype(dict.fromkeys(numbers, "float64") | dict.fromkeys(words, "str"))


def _terms_of(name: str, study: FittedStudy) -> list[dict[str, Any]] | None:
    """Return a model's rows; None where it does not add up, or where the study lacks it."""
    model = study.models.get(name)
    if isinstance(model, FusionSignature):
        return _fusion_terms(name, model, study.ranges)
    if isinstance(model, ClinicalSignature):
        beta = model.fit_.coefficients
        return _clinical_terms(name, model, float(beta[0]), beta[1:], study.ranges)
    return None


def _fusion_terms(
    name: str, model: FusionSignature, ranges: pd.DataFrame
) -> list[dict[str, Any]] | None:
    clinical, beta = model.clinical_, model.clinical_.fit_.coefficients
    if model.made_of_ == "prevalence":
        return [_row(name, "", "intercept", float(logit(model.prevalence_)))]
    if model.made_of_ == "clinical":
        return _clinical_terms(name, clinical, float(beta[0]), beta[1:], ranges)
    intercept, score, weights = 0.0, 1.0, np.empty(0)
    if model.classifier_ is not None:
        fitted = linear_probability(model.classifier_)
        if fitted is None:
            return None
        # Probability = 1 / (1 + exp(slope * decision + offset)).
        intercept = -(fitted.slope * fitted.intercept + fitted.offset)
        score, weights = -fitted.slope * fitted.weights[0], -fitted.slope * fitted.weights[1:]
    low, high = map(rounded_share, np.quantile(model.training_scores_, [0.01, 0.99]).tolist())
    rows = _clinical_terms(name, clinical, intercept, weights, ranges)
    rows.insert(1, _row(name, model.score_name, "score", score, low=low, high=high))
    return rows


def _clinical_terms(
    name: str,
    model: ClinicalSignature,
    intercept: float,
    weights: np.ndarray,
    ranges: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Return the rows of the clinical variables, given the weight of each selected term."""
    encoder = model.encoder_
    # A column that repeats another is left out of the fit, and adds nothing.
    weight = dict.fromkeys(encoder.terms_, 0.0)
    weight |= dict(zip(model.selected_terms_, map(float, weights), strict=True))
    rows = [_row(name, "", "intercept", intercept)]
    for code in encoder.codes_:
        if code.name in model.selected_features_:
            rows += _variable_terms(name, code, weight, ranges)
    return rows


def _variable_terms(
    name: str, code: VariableCode, weight: dict[str, float], ranges: pd.DataFrame
) -> list[dict[str, Any]]:
    own = [weight[term] for term in code.terms()]
    missing = own.pop() if code.indicator else 0.0
    if code.reference:
        effects = dict.fromkeys((code.reference, *code.joined), 0.0)
        effects |= dict(zip(code.levels, own, strict=True))
        rows = [_row(name, code.name, "category", effects[word], word) for word in sorted(effects)]
        return [*rows, _row(name, code.name, "missing", missing, code.reference)]
    (slope,) = own
    unknown = slope * code.fill + missing
    seen: Any = ranges.loc[code.name]
    if seen["categories"]:  # of booleans, which are counted as 0 and 1
        words = str(seen["categories"]).split("|")
        rows = [_row(name, code.name, "category", slope * (w == "True"), w) for w in words]
        stands = {0.0: "False", 1.0: "True"}.get(code.fill, "")
        return [*rows, _row(name, code.name, "missing", unknown, stands)]
    low, high = float(seen[LOW]), float(seen[HIGH])
    if low == high:
        low, high = float(seen["lowest"]), float(seen["highest"])
    low, high = rounded_ends(low, high)
    return [
        _row(name, code.name, "number", slope, low=low, high=high),
        _row(name, code.name, "missing", unknown, value=code.fill),
    ]


def _row(
    model: str,
    variable: str,
    kind: str,
    log_odds: float,
    category: str = "",
    value: float = np.nan,
    low: float = np.nan,
    high: float = np.nan,
) -> dict[str, Any]:
    given = (model, variable, kind, category, log_odds, value, low, high)
    return dict(zip(TERM_COLUMNS, given, strict=True))


def _statement(name: str, study: FittedStudy, variables: int) -> str:
    model = study.models.get(name)
    called = MODEL_NAMES[name]
    if model is None:
        return NO_CLINICAL_MODEL
    count = f"{variables} clinical variable{'' if variables == 1 else 's'}"
    if not isinstance(model, FusionSignature):
        if model.fallback_:
            return f"{called} is the training prevalence for everybody: {model.fallback_}."
        return f"{called} adds up {count}."
    score = readable_name(model.score_name).label
    if model.made_of_ == "prevalence":
        return f"{called} is the training prevalence for everybody: {model.fallback_}."
    if model.made_of_ == "clinical":
        return (
            f"The {score} earned no weight: {called} adds up {count}, as the Clinical model does."
        )
    if model.made_of_ == "image":
        return f"{called} is the {score} unchanged: no clinical variable stands beside it."
    if model.classifier_ is not None and _terms_of(name, study) is None:
        kind = model.classifier_.kind.replace("_", " ")
        return (
            f"{called} does not add up its inputs one by one: its classifier ({kind}) weighs them "
            "together. It has no points to give, and no other formula than the stored model."
        )
    return f"{called} adds up the log-odds of the {score} and {count}."
