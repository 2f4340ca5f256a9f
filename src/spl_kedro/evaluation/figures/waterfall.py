"""Waterfall figure: every lesion's score about the operating threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from spl_kedro.evaluation.checks import EvaluationError
from spl_kedro.evaluation.figures.cohort import cohort_line
from spl_kedro.evaluation.figures.rates import Pooling, cohort_cells
from spl_kedro.evaluation.figures.style import (
    BLACK,
    CLASS_COLOURS,
    CLASS_NAMES,
    MODEL_NAMES,
    entitle,
    figure_style,
    new_figure,
)


def waterfall_figure(
    predictions: pd.DataFrame,
    thresholds: pd.DataFrame,
    cohort_name: str,
    *,
    model: str = "cdlr",
    protocol: str,
    simulated: bool,
    pooling: Pooling = "none",
) -> Figure:
    """Draw every lesion's score minus the operating threshold, in order, coloured by class.

    A cross-fitted lesion's bar is the mean over its repeats; the numbers on the wrong side are
    counted in each repeat and averaged.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    thresholds : DataFrame
        From `spl_kedro.evaluation.operating_thresholds`.
    cohort_name, model, protocol : str
    simulated : bool
        Whether the figure must say "Simulated patients".
    pooling : {"none", "mean", "max"}

    Returns
    -------
    matplotlib.figure.Figure
    """
    found = [
        c for c in cohort_cells(predictions, cohort_name, protocol, pooling) if c.model == model
    ]
    cut = thresholds[(thresholds["model"] == model) & (thresholds["protocol"] == protocol)]
    if not found or cut.empty:
        raise EvaluationError(
            f"rule known_model: no scores or threshold of {model} under {protocol}"
        )
    cell, threshold = found[0], float(cut["threshold"].iloc[0])
    score = cell.scores.mean(axis=0)
    order = np.argsort(score, kind="stable")
    height = score[order] - threshold
    label = cell.label[order].astype(int)
    wrong = ((cell.scores >= threshold) != (cell.label == 1)).mean(axis=0)[order]
    with figure_style():
        figure, axes = new_figure(8.2, 4.0)
        colours = [CLASS_COLOURS[value] for value in label]
        axes.bar(np.arange(cell.n), height, width=1.0, color=colours, linewidth=0)
        axes.axhline(0, color=BLACK, linewidth=0.8)
        axes.set(
            xlim=(-1, cell.n),
            ylim=(min(-0.1, height.min()) * 1.05, max(0.1, height.max()) * 1.05),
            xlabel="Lesions, in order of score",
            ylabel=f"Score − threshold ({threshold:.3f})",
        )
        handles = [
            Patch(
                color=CLASS_COLOURS[value],
                label=f"{CLASS_NAMES[value]}, {wrong[label == value].sum():.0f} of "
                f"{int((label == value).sum())} on the wrong side",
            )
            for value in (0, 1)
        ]
        axes.legend(handles=handles, loc="upper left")
        subtitle = cohort_line(cohort_name, protocol, cell.n, cell.events)
        entitle(axes, f"{MODEL_NAMES[model]} scores", subtitle, simulated=simulated)
    return figure
