"""Nodes that sum up the explanations, for the figures and the report."""

from __future__ import annotations

import pandas as pd


def summarise_shap(
    shap_values: pd.DataFrame, shap_stability: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return every feature's importance, and the mean agreement of the folds' rankings."""
    from spl_kedro.explainability.summaries import agreement_table, importance_table

    return importance_table(shap_values), agreement_table(shap_stability)


def summarise_maps(gradcam_energy: pd.DataFrame) -> pd.DataFrame:
    """Return where the maps' energy lies, by cohort, decision and zone."""
    from spl_kedro.explainability.summaries import energy_summary

    return energy_summary(gradcam_energy)
