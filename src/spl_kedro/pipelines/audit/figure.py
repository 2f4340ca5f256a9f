"""The audit's figure: the AUC of every shuffle, by model, protocol and cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    MODEL_NAMES,
    PROTOCOL_NAMES,
    VERMILION,
    figure_style,
    headline,
)
from spl_kedro.modeling.signatures.audit import summarise_audit
from spl_kedro.schemas import MODELS

PANELS = {
    "training": "Training (leak-free: cross-fitted)",
    "validation": "Validation",
    "external": "Second centre",
}
LOOKS = {"leak_free": (BLUE, "o", -0.19), "as_published": (VERMILION, "^", 0.19)}


def audit_figure(audit: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw the AUC of every shuffle, with mean and two standard errors.

    Parameters
    ----------
    audit : DataFrame
        Rows of :func:`spl_kedro.modeling.signatures.audit.audit_shuffle`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        One panel per cohort. Models whose networks are trained anew have fewer shuffles.
    """
    models = [model for model in MODELS if model in set(audit["model"])]
    shuffles = audit.groupby("model")["shuffle"].nunique()
    names = [f"{MODEL_NAMES[model]}\n{shuffles[model]}" for model in models]
    cohorts = [cohort for cohort in PANELS if cohort in set(audit["cohort"])]
    summary = summarise_audit(audit)
    with figure_style():
        figure = Figure(figsize=(3.9 * len(cohorts), 4.6))
        panels = figure.subplots(1, len(cohorts), sharey=True, squeeze=False)[0]
        for axes, cohort in zip(panels, cohorts, strict=True):
            axes.axhline(0.5, color=GREY, linewidth=1, linestyle=":")
            for protocol in LOOKS:
                rule = f"cohort == '{cohort}' and protocol == '{protocol}'"
                _draw(axes, audit.query(rule), summary.query(rule), models, protocol)
            axes.set_title(PANELS[cohort])
            axes.set_xticks(range(len(models)), names)
        panels[0].set_ylabel("AUC on shuffled labels")
        figure.legend(*panels[0].get_legend_handles_labels(), loc="outside lower left", ncols=2)
        headline(
            figure,
            "Permutation audit",
            "A point is one shuffle of the labels (their number stands below the model); bars are "
            "mean and two standard errors. Without a leak the AUC is 0.5.",
            simulated=simulated,
        )
    return figure


def _draw(
    axes: Axes, audit: pd.DataFrame, summary: pd.DataFrame, models: list[str], protocol: str
) -> None:
    colour, marker, shift = LOOKS[protocol]
    place = audit["model"].map({model: i + shift for i, model in enumerate(models)})
    # Shuffles in their order from left to right, within the model's lane.
    within = audit.groupby("model")["shuffle"].rank(pct=True)
    axes.plot(
        place + 0.26 * (within - 0.5), audit["auc"], marker, color=colour, alpha=0.4,
        markersize=3, markeredgewidth=0, label=PROTOCOL_NAMES[protocol].capitalize(),
    )  # fmt: skip
    own = summary.set_index("model").reindex(models)
    axes.errorbar(
        np.arange(len(models)) + shift, own["mean"], 2 * own["standard_error"], fmt="_",
        color=colour, markersize=13, markeredgewidth=2, elinewidth=2, capsize=3,
    )  # fmt: skip
