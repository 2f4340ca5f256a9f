"""Figures of a reader study: every reader's ROC curves, and what a modality changes."""

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
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    coverage,
    entitle,
    figure_style,
    headline,
    new_figure,
)
from spl_kedro.modeling.evaluation.reader_study import ALL_READERS, FIXED, RANDOM

_LOOKS = ((ORANGE, (0, (4, 1.5))), (BLUE, "solid"), (GREEN, (0, (1, 1))), (PURPLE, "dashdot"),
          (SKY, (0, (7, 1.5))), (VERMILION, (0, (4, 1.2, 1, 1.2))))  # fmt: skip
_COLUMNS = 3


def reader_roc_figure(
    reader_roc_curves: pd.DataFrame, reader_performance: pd.DataFrame, *, simulated: bool
) -> Figure:
    """Draw each reader's ROC curves, one per modality, and the mean curves.

    Parameters
    ----------
    reader_roc_curves : DataFrame
        From `spl_kedro.modeling.evaluation.reader_study.reader_roc_table`.
    reader_performance : DataFrame
        From `spl_kedro.modeling.evaluation.reader_study.reader_performance_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    readers = list(reader_roc_curves["reader"].drop_duplicates())
    shown = reader_performance[reader_performance["method"] != FIXED]
    areas = shown.set_index(["reader", "modality"])
    rows = -(-len(readers) // _COLUMNS)
    first = reader_performance.iloc[0]
    with figure_style():
        figure = Figure(figsize=(3.1 * _COLUMNS, 3.3 * rows + 0.7))
        panels = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
        for axes, reader in zip(panels.flat, readers, strict=False):
            curves = reader_roc_curves[reader_roc_curves["reader"] == reader]
            _draw_curves(axes, curves, areas.loc[reader])
            axes.set_title(_called(reader))
        for axes in panels.flat[len(readers) :]:
            axes.set_axis_off()
        for axes in panels[:, 0]:
            axes.set_ylabel("Sensitivity")
        for column, axes in enumerate(panels[-1]):
            lowest = axes if axes.axison else panels[-2, column]
            lowest.set_xlabel("1 − specificity")
            lowest.tick_params(labelbottom=True)
        headline(
            figure,
            "ROC curves by reader",
            f"{len(readers) - 1} readers, n = {first['n']} ({first['events']} malignant); "
            f"AUC with its {coverage(reader_performance)} interval",
            simulated=simulated,
        )
    return figure


def reader_difference_figure(reader_comparison: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw the difference in AUC of every two modalities, by reader and averaged.

    Parameters
    ----------
    reader_comparison : DataFrame
        From `spl_kedro.modeling.evaluation.reader_study.reader_comparison_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    pairs = list(reader_comparison.groupby(["modality_a", "modality_b"], sort=False))
    first = reader_comparison.iloc[0]
    with figure_style():
        figure, axes = new_figure(7.2, 1.1 + 0.27 * (len(reader_comparison) + 1.5 * len(pairs)))
        height, across = 0.0, axes.get_yaxis_transform()
        for (before, after), rows in pairs:
            axes.text(
                -0.3, height, f"{after} minus {before}", transform=across, va="center",
                fontweight="bold", fontsize=8.8, bbox={"color": "white", "pad": 1.5},
            )  # fmt: skip
            for row in rows.to_dict("records"):
                height += 1
                mean = row["reader"] == ALL_READERS
                colour = BLUE if mean else GREY
                axes.plot([row["low"], row["high"]], [height] * 2, color=colour, linewidth=2)
                axes.plot(
                    row["difference"], height, "D" if mean else "s", color=colour, markersize=5
                )
                name = f"Mean, {row['method']}" if mean else row["reader"]
                axes.text(-0.02, height, name, transform=across, ha="right", va="center")
                text = f"{row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"
                axes.text(1.02, height, text.replace("-", "−"), transform=across, va="center")
            height += 1.5
        axes.axvline(0, color=BLACK, linewidth=0.8, linestyle=(0, (2, 3)))
        axes.set(
            ylim=(height - 0.6, -0.7),
            xlabel=f"Difference in AUC, {coverage(reader_comparison)} interval",
        )
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        line = (
            f"{reader_comparison['reader'].nunique() - 1} readers, n = {first['n']} "
            f"({first['events']} malignant)"
        )
        entitle(axes, "What the modality changes", line, simulated=simulated)
    return figure


def _called(reader: str) -> str:
    return f"Mean ({RANDOM})" if reader == ALL_READERS else reader


def _draw_curves(axes: Axes, curves: pd.DataFrame, areas: pd.DataFrame) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
    modalities = list(curves["modality"].drop_duplicates())
    for position, modality in enumerate(modalities):
        colour, line = _LOOKS[position % len(_LOOKS)]
        curve, auc = curves[curves["modality"] == modality], areas.loc[modality]
        axes.plot(
            curve["false_positive_rate"], curve["sensitivity"], color=colour, linestyle=line,
            label=f"{modality} {auc['auc']:.2f} ({auc['low']:.2f}–{auc['high']:.2f})",
        )  # fmt: skip
    axes.legend(loc="lower right", fontsize=8)
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), aspect="equal")
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.set_yticks(np.linspace(0, 1, 6))
