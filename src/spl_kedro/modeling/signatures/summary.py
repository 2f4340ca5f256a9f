"""Tables of what the fitted signatures chose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.normal import two_sided_z
from spl_kedro.modeling.signatures.clinical import ODDS_RATIO_COLUMNS, ClinicalSignature
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.fusion import FusionSignature

SELECTED_COLUMNS = (
    "protocol", "model", "feature", "kept", "step", "reason", "statistic", "fold_frequency",
)  # fmt: skip


def selected_features(study: FittedStudy) -> pd.DataFrame:
    """List every feature each model kept or dropped, at which step and why.

    Parameters
    ----------
    study : FittedStudy

    Returns
    -------
    DataFrame
        protocol, model, feature, kept, step, reason, statistic, and fold_frequency: the
        share of cross-fitting folds that kept the feature (NaN without cross-fitting).
        Features kept come first.
    """
    parts = []
    for name, model in study.models.items():
        fits = study.cross_fits.get(name)
        counts = pd.Series(dtype="float64")
        if fits is not None:
            everything = [feature for fold in fits.selected for feature in fold]
            counts = pd.Series(everything, dtype="str").value_counts() / len(fits.selected)
        kept = pd.DataFrame({"feature": pd.Series(model.selected_features_, dtype="str")})
        dropped = [study.filter_logs[name]] if name in study.filter_logs else []
        dropped += [model.selection_log_, _never_shown(name, study)]
        rows = pd.concat(
            [kept.assign(kept=True), pd.concat(dropped, ignore_index=True).assign(kept=False)],
            ignore_index=True,
        )
        rows["fold_frequency"] = (
            rows["feature"].map(counts).astype("float64").fillna(0.0) if fits else np.nan
        )
        parts.append(rows.assign(protocol=study.protocol, model=name))
    table_ = pd.concat(parts, ignore_index=True)[list(SELECTED_COLUMNS)]
    words = {"step": "str", "reason": "str", "feature": "str"}
    return table_.fillna({"step": "", "reason": ""}).astype(words)


def _never_shown(name: str, study: FittedStudy) -> pd.DataFrame:
    """Return the degenerate features of a model's sources, where the rules keep them out."""
    hidden: list[str] = []
    if not study.rules.degenerate_features:
        hidden = [
            column
            for source in study.sources_of(name)
            for column in study.sources[source].degenerate
        ]
    reason = "rounding noise or constant by construction (radiomics schema)"
    return pd.DataFrame(
        {"feature": pd.Series(hidden, dtype="str"), "step": "degenerate", "reason": reason}
    )


def odds_ratios(study: FittedStudy, confidence: float) -> pd.DataFrame:
    """Return the clinical model's odds ratios at each stage, with Wald intervals.

    Parameters
    ----------
    study : FittedStudy
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        stage, variable, term, odds_ratio, odds_ratio_low, odds_ratio_high, p_value, method,
        coefficient, standard_error, confidence; no row where the study has no clinical variable.
    """
    if "clinical" not in study.models:
        return pd.DataFrame(columns=[*ODDS_RATIO_COLUMNS, "confidence"])
    table = study.models["clinical"].odds_ratios_.copy()
    reach = two_sided_z(confidence) * table["standard_error"]
    with np.errstate(over="ignore"):
        table["odds_ratio_low"] = np.exp(table["coefficient"] - reach)
        table["odds_ratio_high"] = np.exp(table["coefficient"] + reach)
    return table.assign(confidence=confidence)


def candidate_parameters(study: FittedStudy) -> dict[str, int]:
    """Return how many candidate predictors each model chose from.

    Parameters
    ----------
    study : FittedStudy
        Of the leak-free protocol.

    Returns
    -------
    dict of str to int
        Columns after encoding for clinical models; features for the image models; the
        score and the clinical columns for fusions, whose image features were already
        spent on the score.
    """

    def count(model: Any) -> int:
        if isinstance(model, ClinicalSignature):
            return len(model.encoder_.terms_)
        if isinstance(model, FusionSignature):
            return 1 + len(model.clinical_.encoder_.terms_)
        return len(model.support_)

    return {name: count(model) for name, model in study.models.items()}
