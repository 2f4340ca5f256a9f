"""ROC and precision-recall figures."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.evaluation.curves import (
    average_precision,
    mean_precision_recall_points,
    mean_roc_points,
)
from spl_kedro.evaluation.delong import auc_interval
from spl_kedro.evaluation.figures.cohort import cohort_line, of_cohort
from spl_kedro.evaluation.figures.style import (
    GREY,
    MODEL_COLOURS,
    MODEL_LINES,
    MODEL_NAMES,
    entitle,
    figure_style,
    legend_beside,
    new_figure,
)
from spl_kedro.evaluation.units import Cell, cells, scored_units
from spl_kedro.schemas import MODELS

Pooling = Literal["none", "mean", "max"]


def cohort_cells(
    predictions: pd.DataFrame, cohort_name: str, protocol: str, pooling: Pooling = "none"
) -> list[Cell]:
    """Return the five models' cells of one cohort and protocol, in their order.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    cohort_name, protocol : str
    pooling : {"none", "mean", "max"}

    Returns
    -------
    list of Cell

    Raises
    ------
    EvaluationError
        If there are no such predictions.
    """
    chosen = of_cohort(predictions, cohort_name, protocol, "predictions")
    return [cell for cell in cells(scored_units(chosen, pooling)) if cell.model in MODELS]


def roc_figure(
    predictions: pd.DataFrame,
    cohort_name: str,
    *,
    protocol: str,
    simulated: bool,
    confidence: float = 0.95,
    pooling: Pooling = "none",
) -> Figure:
    """Draw the ROC curves of all models in one cohort, with each AUC and its interval.

    Of cross-fitted scores the mean of the repeats' curves, whose area is the AUC given.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    cohort_name : str
        "training", "validation" or "external".
    protocol : str
        "leak_free" or "as_published".
    simulated : bool
        Whether the figure must say "Simulated patients".
    confidence : float in (0.5, 1)
    pooling : {"none", "mean", "max"}

    Returns
    -------
    matplotlib.figure.Figure
    """
    models = cohort_cells(predictions, cohort_name, protocol, pooling)
    with figure_style():
        figure, axes = new_figure(5.4, 5.6)
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
        for cell in models:
            false_positive, sensitivity = mean_roc_points(cell.label, cell.scores)
            fit = auc_interval(cell.label, cell.scores, confidence, cell.patient)
            axes.plot(
                false_positive,
                sensitivity,
                color=MODEL_COLOURS[cell.model],
                linestyle=MODEL_LINES[cell.model],
                label=f"{MODEL_NAMES[cell.model]}  {fit.auc:.3f} ({fit.low:.3f}–{fit.high:.3f})",
            )
        axes.set(xlabel="1 − specificity", ylabel="Sensitivity")
        _unit_square(axes)
        axes.legend(loc="lower right", title=f"AUC ({confidence:.0%} interval)", alignment="left")
        subtitle = cohort_line(cohort_name, protocol, models[0].n, models[0].events)
        entitle(axes, "ROC curves", subtitle, simulated=simulated)
    return figure


def precision_recall_figure(
    predictions: pd.DataFrame,
    cohort_name: str,
    *,
    protocol: str,
    simulated: bool,
    pooling: Pooling = "none",
) -> Figure:
    """Draw the precision-recall curves of all models in one cohort, over the prevalence.

    Parameters
    ----------
    predictions, cohort_name, protocol, simulated, pooling
        As for `roc_figure`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    models = cohort_cells(predictions, cohort_name, protocol, pooling)
    with figure_style():
        figure, axes = new_figure(7.2, 5.6)
        prevalence = models[0].events / models[0].n
        axes.axhline(prevalence, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
        for cell in models:
            recall, precision = mean_precision_recall_points(cell.label, cell.scores)
            average = _mean_average_precision(cell)
            axes.step(
                recall,
                precision,
                where="pre",
                color=MODEL_COLOURS[cell.model],
                linestyle=MODEL_LINES[cell.model],
                label=f"{MODEL_NAMES[cell.model]}  {average:.3f}",
            )
        axes.plot(
            [], [], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)),
            label=f"Prevalence  {prevalence:.3f}",
        )  # fmt: skip
        axes.set(xlabel="Recall (sensitivity)", ylabel="Precision (PPV)")
        _unit_square(axes)
        legend_beside(axes, "Average precision")
        subtitle = cohort_line(cohort_name, protocol, models[0].n, models[0].events)
        entitle(axes, "Precision-recall curves", subtitle, simulated=simulated)
    return figure


def _mean_average_precision(cell: Cell) -> float:
    return float(cell.averaged(lambda s: average_precision(cell.label, s, np.ones(cell.n))))


def _unit_square(axes) -> None:
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.set_yticks(np.linspace(0, 1, 6))
