"""Matrix of pairwise DeLong tests."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.cohort import cohort_lines, of_cohort
from spl_kedro.modeling.evaluation.figures.style import (
    MODEL_NAMES,
    decimals,
    entitle,
    figure_style,
    new_figure,
)
from spl_kedro.schemas import MODELS


def delong_figure(
    comparisons: pd.DataFrame, cohort_name: str, *, protocol: str, simulated: bool
) -> Figure:
    """Draw the pairwise AUC differences with their Holm-adjusted DeLong p-values.

    Parameters
    ----------
    comparisons : DataFrame
        From `spl_kedro.modeling.evaluation.compare_models`.
    cohort_name, protocol : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        Each cell is the row's AUC minus the column's; bold where the table says that they differ.
    """
    chosen = of_cohort(comparisons, cohort_name, protocol, "comparisons")
    chosen = chosen[chosen["question"] == "models"]
    names = set(chosen["model_a"]) | set(chosen["model_b"])
    models = [model for model in MODELS if model in names]
    drawn, p_value, differs = np.full((3, len(models) - 1, len(models) - 1), np.nan)
    for row in chosen.to_dict("records"):
        cell = models.index(row["model_b"]) - 1, models.index(row["model_a"])
        drawn[cell], p_value[cell] = row["auc_difference"], row["p_holm"]
        differs[cell] = row["differs"]
    # What is the same in every cohort, whose figures stand side by side: colours and decimals.
    all_cohorts = comparisons[
        (comparisons["protocol"] == protocol) & (comparisons["question"] == "models")
    ]
    largest = float(all_cohorts["auc_difference"].abs().max())
    limit = max(0.05, 1.25 * largest) if np.isfinite(largest) else 0.05
    digits = decimals(all_cohorts["auc_difference_low"], all_cohorts["auc_difference_high"])
    with figure_style():
        figure, axes = new_figure(max(0.6 * len(models) + 0.6, 2.6), 0.5 * len(models) + 1.9)
        image = axes.imshow(drawn, cmap="PuOr", norm=TwoSlopeNorm(0, -limit, limit), aspect="auto")
        for i, j in zip(*np.nonzero(np.isfinite(drawn)), strict=True):
            p = float(p_value[i, j])
            words = "p < 0.001" if p < 0.001 else f"p = {p:.{3 if p < 0.1 else 2}f}"
            difference = f"{drawn[i, j]:+.{digits}f}".replace("-", "−")
            axes.text(
                j, i, f"{difference}\n{words}", ha="center", va="center", fontsize=8,
                fontweight="bold" if differs[i, j] else "normal",
                color="white" if abs(drawn[i, j]) > 0.6 * limit else "black",
            )  # fmt: skip
        axes.set_xticks(range(len(models) - 1), [MODEL_NAMES[model] for model in models[:-1]])
        axes.set_yticks(range(len(models) - 1), [MODEL_NAMES[model] for model in models[1:]])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        figure.colorbar(
            image,
            ax=axes,
            location="bottom",
            aspect=30,
        ).set_label("AUC of row − AUC of column; p after Holm", fontsize=8.5)
        entitle(axes, "Differences in AUC", cohort_lines(chosen), simulated=simulated)
    return figure
