"""Forest plot of AUCs: every model in every cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.checks import EvaluationError
from spl_kedro.modeling.evaluation.figures.cohort import size_words
from spl_kedro.modeling.evaluation.figures.style import (
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    PROTOCOL_NAMES,
    coverage,
    decimals,
    entitle,
    figure_style,
    new_figure,
)
from spl_kedro.schemas import COHORTS, MODELS


def forest_figure(performance: pd.DataFrame, *, protocol: str, simulated: bool) -> Figure:
    """Draw each model's AUC with its interval in every cohort.

    Parameters
    ----------
    performance : DataFrame
        From `spl_kedro.modeling.evaluation.performance`.
    protocol : str
        "leak_free" or "as_published".
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    auc = performance[(performance["metric"] == "auc") & (performance["protocol"] == protocol)]
    auc = auc[auc["model"].isin(MODELS)].dropna(subset=["value"])
    if auc.empty:
        raise EvaluationError(f"rule known_protocol: no AUC under {protocol} to draw")
    rows = auc.set_index(["cohort", "model"])
    cohorts = [name for name in COHORTS if name in rows.index.get_level_values("cohort")]
    with figure_style():
        figure, axes = new_figure(6.8, 0.9 + 0.27 * (len(auc) + 1.4 * len(cohorts)))
        height = 0.0
        d = decimals(auc["low"], auc["high"])
        left = min(0.5, float(np.nanmin(auc["low"])) - 0.02)
        for cohort in cohorts:
            table = rows.loc[cohort]
            axes.text(
                -0.16, height, f"{cohort.capitalize()}, {size_words(table.iloc[0])}",
                transform=axes.get_yaxis_transform(), va="center", fontweight="bold", fontsize=8.8,
                bbox={"color": "white", "pad": 1.5},
            )  # fmt: skip
            for model in (name for name in MODELS if name in table.index):
                height += 1
                row = table.loc[model]
                colour = MODEL_COLOURS[model]
                axes.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2)
                axes.plot(row["value"], height, "s", color=colour, markersize=5.5)
                axes.text(
                    -0.02, height, MODEL_NAMES[model],
                    transform=axes.get_yaxis_transform(), ha="right", va="center",
                )  # fmt: skip
                interval = f"{row['value']:.{d}f} ({row['low']:.{d}f}–{row['high']:.{d}f})"
                axes.text(1.02, height, interval, transform=axes.get_yaxis_transform(), va="center")
            height += 1.5
        axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
        axes.set(
            xlim=(left, 1.005), ylim=(height - 0.6, -0.7), xlabel=f"AUC, {coverage(auc)} interval"
        )
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        name = PROTOCOL_NAMES[protocol]
        entitle(
            axes, "Area under the ROC curve", f"{name[0].upper()}{name[1:]}", simulated=simulated
        )
    return figure
