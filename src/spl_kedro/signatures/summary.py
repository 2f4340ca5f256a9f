"""Tables of what the fitted signatures chose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.evaluation.normal import two_sided_z
from spl_kedro.signatures.clinical import ODDS_RATIO_COLUMNS, ClinicalSignature
from spl_kedro.signatures.fusion import FusionSignature
from spl_kedro.signatures.protocol import ProtocolResult
from spl_kedro.signatures.study_table import StudyTable

SELECTED_COLUMNS = (
    "protocol", "model", "feature", "kept", "step", "reason", "statistic", "fold_frequency",
)  # fmt: skip


def selected_features(result: ProtocolResult, table: StudyTable) -> pd.DataFrame:
    """List every feature each model kept or dropped, at which step and why.

    Parameters
    ----------
    result : ProtocolResult
    table : StudyTable
        For the degenerate features, which the leak-free models were never shown.

    Returns
    -------
    DataFrame
        protocol, model, feature, kept, step, reason, statistic, and fold_frequency: the
        share of cross-fitting folds that kept the feature (NaN without cross-fitting).
        Features kept come first.
    """
    parts = []
    for name, model in result.models.items():
        fits = result.cross_fits.get(name)
        counts = pd.Series(dtype="float64")
        if fits is not None:
            everything = [feature for fold in fits.selected for feature in fold]
            counts = pd.Series(everything, dtype="str").value_counts() / len(fits.selected)
        kept = pd.DataFrame({"feature": pd.Series(model.selected_features_, dtype="str")})
        dropped = [result.filter_logs[name]] if name in result.filter_logs else []
        dropped += [model.selection_log_, _never_shown(name, result, table)]
        rows = pd.concat(
            [kept.assign(kept=True), pd.concat(dropped, ignore_index=True).assign(kept=False)],
            ignore_index=True,
        )
        rows["fold_frequency"] = (
            rows["feature"].map(counts).astype("float64").fillna(0.0) if fits else np.nan
        )
        parts.append(rows.assign(protocol=result.protocol, model=name))
    table_ = pd.concat(parts, ignore_index=True)[list(SELECTED_COLUMNS)]
    words = {"step": "str", "reason": "str", "feature": "str"}
    return table_.fillna({"step": "", "reason": ""}).astype(words)


def _never_shown(name: str, result: ProtocolResult, table: StudyTable) -> pd.DataFrame:
    hidden = table.degenerate if result.protocol == "leak_free" and name in RADIOMICS_MODELS else []
    reason = "rounding noise or constant by construction (radiomics schema)"
    return pd.DataFrame(
        {"feature": pd.Series(hidden, dtype="str"), "step": "degenerate", "reason": reason}
    )


# Models that choose among the radiomics features.
RADIOMICS_MODELS = ("rad", "dlr", "cdlr", "clinical_rad", "cdlr_before")


def odds_ratios(result: ProtocolResult, confidence: float) -> pd.DataFrame:
    """Return the clinical model's odds ratios at each stage, with Wald intervals.

    Parameters
    ----------
    result : ProtocolResult
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        stage, variable, term, odds_ratio, odds_ratio_low, odds_ratio_high, p_value, method,
        coefficient, standard_error, confidence; no row where the study has no clinical variable.
    """
    if "clinical" not in result.models:
        return pd.DataFrame(columns=[*ODDS_RATIO_COLUMNS, "confidence"])
    table = result.models["clinical"].odds_ratios_.copy()
    reach = two_sided_z(confidence) * table["standard_error"]
    with np.errstate(over="ignore"):
        table["odds_ratio_low"] = np.exp(table["coefficient"] - reach)
        table["odds_ratio_high"] = np.exp(table["coefficient"] + reach)
    return table.assign(confidence=confidence)


def candidate_parameters(result: ProtocolResult) -> dict[str, int]:
    """Return how many candidate predictors each model chose from.

    Parameters
    ----------
    result : ProtocolResult
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
        return len(model.columns)

    return {name: count(model) for name, model in result.models.items()}
