"""Figure of one model: ROC curve of each class, and the confusion matrix."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MODEL_NAMES,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    coverage,
    decimals,
    figure_style,
    headline,
)

_LOOKS = ((BLUE, "solid"), (VERMILION, (0, (4, 1.5))), (GREEN, (0, (1, 1))),
          (ORANGE, (0, (4, 1.2, 1, 1.2))), (PURPLE, (0, (7, 1.5))), (SKY, "dashdot"),
          (BLACK, (0, (2, 2))))  # fmt: skip


def class_figure(
    roc_curves: pd.DataFrame,
    performance: pd.DataFrame,
    confusion: pd.DataFrame,
    model: str,
    cohort_name: str,
    *,
    simulated: bool,
) -> Figure:
    """Draw one model in one cohort.

    Parameters
    ----------
    roc_curves : DataFrame
        From :func:`spl_kedro.multiclass.class_roc_curves`.
    performance : DataFrame
        From :func:`spl_kedro.multiclass.class_performance`.
    confusion : DataFrame
        From :func:`spl_kedro.multiclass.confusion_counts`.
    model, cohort_name : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    curves, own, counts = (
        table[(table["model"] == model) & (table["cohort"] == cohort_name)]
        for table in (roc_curves, performance, confusion)
    )
    classes = list(dict.fromkeys(counts["truth"]))
    with figure_style():
        figure = Figure(figsize=(9.2, 4.7))
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.12))
        _draw_curves(left, curves, own, classes)
        _draw_counts(right, counts, classes)
        repeats = ", mean over repeats" if cohort_name == "training" else ""
        headline(
            figure,
            f"{len(classes)} classes, {MODEL_NAMES[model]}",
            f"{cohort_name.capitalize()} cohort, n = {own['n'].iloc[0]}; each class against the "
            f"others{repeats}",
            simulated=simulated,
        )
    return figure


def _draw_curves(
    axes: Axes, curves: pd.DataFrame, performance: pd.DataFrame, classes: list[str]
) -> None:
    areas = performance[performance["metric"] == "auc"].set_index("of_class")
    digits = decimals(areas["low"], areas["high"])
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
    for position, name in enumerate(classes):
        curve = curves[curves["of_class"] == name]
        if curve.empty:
            continue
        colour, line = _LOOKS[position % len(_LOOKS)]
        told = areas.loc[[name], ["value", "low", "high"]].to_numpy(dtype=float)[0]
        value, low, high = (f"{number:.{digits}f}" for number in told)
        interval = "" if np.isnan(told[1]) else f" ({low}–{high})"
        axes.plot(
            curve["false_positive_rate"], curve["sensitivity"], color=colour, linestyle=line,
            label=f"{name}  {value}{interval}",
        )  # fmt: skip
    axes.set(
        xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xlabel="1 − specificity", ylabel="Sensitivity",
        title="ROC curves", aspect="equal",
    )  # fmt: skip
    axes.legend(
        loc="lower right", title=f"AUC ({coverage(areas)} interval)", alignment="left",
        fontsize=7.5, title_fontsize=7.5, handlelength=2.6, labelspacing=0.35,
        frameon=True, framealpha=0.85, edgecolor="none",
    )  # fmt: skip


def _draw_counts(axes: Axes, counts: pd.DataFrame, classes: list[str]) -> None:
    table = counts.pivot(index="truth", columns="called", values="count")
    counted = table.loc[classes, classes].to_numpy()
    total = counted.sum(axis=1, keepdims=True)
    share = np.divide(counted, total, out=np.zeros_like(counted), where=total > 0)
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    whole = np.allclose(counted, np.rint(counted))
    for i, j in np.ndindex(counted.shape):
        number = f"{counted[i, j]:.0f}" if whole else f"{counted[i, j]:.1f}"
        axes.text(
            j, i, f"{number}\n{share[i, j]:.0%}", ha="center", va="center", fontsize=8.5,
            color="white" if share[i, j] > 0.55 else "black",
            fontweight="bold" if i == j else "normal",
        )  # fmt: skip
    names = [name.replace(" ", "\n") for name in classes]
    axes.set_xticks(range(len(classes)), names)
    axes.set_yticks(range(len(classes)), names)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set(xlabel="Called (most probable class)", ylabel="Truth", title="Counts, share of row")
