"""ROC and precision-recall figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.cohort import cohort_line, cohort_lines, of_cohort
from spl_kedro.modeling.evaluation.figures.style import (
    GREY,
    MODEL_COLOURS,
    MODEL_LINES,
    MODEL_NAMES,
    THIRD,
    coverage,
    decimals,
    entitle,
    figure_style,
    legend_beside,
    new_figure,
)
from spl_kedro.schemas import MODELS


def roc_figure(
    roc_curves: pd.DataFrame,
    performance: pd.DataFrame,
    cohort_name: str,
    *,
    protocol: str,
    simulated: bool,
) -> Figure:
    """Draw the ROC curves of all models in one cohort, with each AUC, its interval and threshold.

    Of cross-fitted scores the mean of the repeats' curves, whose area is the AUC given.

    Parameters
    ----------
    roc_curves : DataFrame
        From `spl_kedro.modeling.evaluation.roc_curve_table`.
    performance : DataFrame
        From `spl_kedro.modeling.evaluation.performance`.
    cohort_name : str
        "training", "validation" or "external".
    protocol : str
        "leak_free" or "as_published".
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    curves = of_cohort(roc_curves, cohort_name, protocol, "ROC curves")
    areas = _measured(performance, "auc", cohort_name, protocol)
    with figure_style():
        figure, axes = new_figure(THIRD, 4.3)
        digits = decimals(*_bounds(performance, "auc", protocol))
        axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
        for model, curve in _by_model(curves):
            auc = areas.loc[model]
            axes.plot(
                curve["false_positive_rate"],
                curve["sensitivity"],
                color=MODEL_COLOURS[model],
                linestyle=MODEL_LINES[model],
                label=f"{MODEL_NAMES[model]}  {auc['value']:.{digits}f} "
                f"({auc['low']:.{digits}f}–{auc['high']:.{digits}f})",
            )
        _operating_points(axes, performance, list(areas.index), cohort_name, protocol)
        axes.set(xlabel="1 − specificity", ylabel="Sensitivity")
        _unit_square(axes)
        axes.legend(
            loc="lower right", title=f"AUC ({coverage(areas)} interval)", alignment="left",
            fontsize=7.5, title_fontsize=7.5, handlelength=2.4, labelspacing=0.35,
        )  # fmt: skip
        entitle(axes, "ROC curves", cohort_lines(curves), simulated=simulated)
    return figure


def _operating_points(
    axes: Axes, performance: pd.DataFrame, models: list[str], cohort_name: str, protocol: str
) -> None:
    """Mark where each model's operating threshold lies; nothing where it was not measured."""
    found = {
        metric: _measured(performance, metric, cohort_name, protocol)["value"]
        for metric in ("sensitivity", "specificity")
    }
    known = [m for m in MODELS if m in models and all(m in values for values in found.values())]
    if not known:
        return
    axes.scatter(
        [1 - found["specificity"][model] for model in known],
        [found["sensitivity"][model] for model in known],
        s=34, c=[MODEL_COLOURS[model] for model in known], edgecolors="white", linewidths=0.9,
        zorder=4,
    )  # fmt: skip
    axes.scatter(
        [], [], s=34, color=GREY, edgecolors="white", linewidths=0.9, label="operating threshold"
    )


def _bounds(performance: pd.DataFrame, metric: str, protocol: str) -> tuple[pd.Series, pd.Series]:
    """Return the bounds of a measure of the five models in every cohort."""
    rows = performance[(performance["metric"] == metric) & (performance["protocol"] == protocol)]
    rows = rows[rows["model"].isin(MODELS)]
    return rows["low"], rows["high"]


def precision_recall_figure(
    precision_recall_curves: pd.DataFrame,
    performance: pd.DataFrame,
    cohort_name: str,
    *,
    protocol: str,
    simulated: bool,
) -> Figure:
    """Draw the precision-recall curves of all models in one cohort, over the prevalence.

    Parameters
    ----------
    precision_recall_curves : DataFrame
        From `spl_kedro.modeling.evaluation.precision_recall_table`.
    performance, cohort_name, protocol, simulated
        As for `roc_figure`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    curves = of_cohort(precision_recall_curves, cohort_name, protocol, "precision-recall curves")
    averages = _measured(performance, "average_precision", cohort_name, protocol)
    with figure_style():
        figure, axes = new_figure(7.2, 5.6)
        prevalence = float(curves["prevalence"].iloc[0])
        axes.axhline(prevalence, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
        for model, curve in _by_model(curves):
            average = float(averages["value"].loc[model])
            axes.step(
                curve["recall"],
                curve["precision"],
                where="pre",
                color=MODEL_COLOURS[model],
                linestyle=MODEL_LINES[model],
                label=f"{MODEL_NAMES[model]}  {average:.3f}",
            )
        axes.plot(
            [], [], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)),
            label=f"Prevalence  {prevalence:.3f}",
        )  # fmt: skip
        axes.set(xlabel="Recall (sensitivity)", ylabel="Precision (PPV)")
        _unit_square(axes)
        legend_beside(axes, "Average precision")
        entitle(axes, "Precision-recall curves", cohort_line(curves), simulated=simulated)
    return figure


def _measured(
    performance: pd.DataFrame, metric: str, cohort_name: str, protocol: str
) -> pd.DataFrame:
    """Return one metric's rows of a cohort, by model."""
    rows = of_cohort(performance, cohort_name, protocol, "performance")
    return rows[rows["metric"] == metric].set_index("model")


def _by_model(curves: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the five models' curves, in their order."""
    parts = [(model, curves[curves["model"] == model]) for model in MODELS]
    return [(model, part) for model, part in parts if len(part)]


def _unit_square(axes: Axes) -> None:
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.set_yticks(np.linspace(0, 1, 6))
