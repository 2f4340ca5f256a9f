"""Figures of robustness: subgroups, and what an in-sample protocol would have claimed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    MODEL_NAMES,
    PROTOCOL_NAMES,
    VERMILION,
    coverage,
    entitle,
    figure_style,
    legend_beside,
    new_figure,
)
from spl_kedro.reporting.words import variable_name
from spl_kedro.schemas import MODELS


def subgroup_forest(rows: pd.DataFrame, overall: float | None, *, simulated: bool) -> Figure:
    """Draw one model's AUC in each subgroup of one cohort.

    Parameters
    ----------
    rows : DataFrame
        Rows of `spl_kedro.modeling.evaluation.subgroup_table` with metric auc, of one model,
        protocol and cohort.
    overall : float or None
        AUC in the whole cohort, drawn as a line.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        A group with one class has no AUC and says so.
    """
    with figure_style():
        figure, axes = new_figure(4.6, 1.2 + 0.27 * (len(rows) + 1.3 * rows["variable"].nunique()))
        height = 0.0
        for variable, part in rows.groupby("variable", sort=False):
            axes.text(
                -0.02, height, variable_name(variable),
                transform=axes.get_yaxis_transform(), ha="right", va="center", fontweight="bold",
            )  # fmt: skip
            row: Any
            for row in part.itertuples():
                height += 1
                axes.text(
                    -0.02, height, f"{row.group}  (n = {row.n})",
                    transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=8.5,
                )  # fmt: skip
                if not np.isfinite(row.value):
                    axes.text(
                        1.02, height, "one class only",
                        transform=axes.get_yaxis_transform(), va="center", fontsize=8, color=GREY,
                    )  # fmt: skip
                    continue
                colour = GREY if row.warning else BLUE
                axes.plot([row.low, row.high], [height, height], color=colour, linewidth=2)
                axes.plot(row.value, height, "s", color=colour, markersize=5)
                axes.text(
                    1.02, height, f"{row.value:.2f} ({row.low:.2f}–{row.high:.2f})",
                    transform=axes.get_yaxis_transform(), va="center", fontsize=8.5,
                )  # fmt: skip
            height += 1.3
        if overall is not None and np.isfinite(overall):
            axes.axvline(overall, color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
        lowest = np.nanmin(np.append(rows["low"].to_numpy(dtype=float), 0.5))
        axes.set(xlim=(max(0, lowest - 0.03), 1.005), ylim=(height - 0.6, -0.7))
        axes.set_xlabel(f"AUC, {coverage(rows)} interval")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        first = rows.iloc[0]
        line = f"{first['cohort'].capitalize()} cohort, {PROTOCOL_NAMES[first['protocol']]}"
        entitle(axes, f"{MODEL_NAMES[first['model']]} in subgroups", line, simulated=simulated)
    return figure


def optimism_figure(rows: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw each model's AUC under both protocols in one cohort.

    Parameters
    ----------
    rows : DataFrame
        Rows of `spl_kedro.modeling.evaluation.optimism_table` of one cohort: model, leak_free,
        as_published.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    table = rows.set_index("model")
    models = [model for model in MODELS if model in table.index]
    with figure_style():
        figure, axes = new_figure(5.8, 1.45 + 0.36 * len(models))
        for height, model in enumerate(models):
            leak_free = float(table["leak_free"].loc[model])
            published = float(table["as_published"].loc[model])
            axes.plot([leak_free, published], [height, height], color=GREY, linewidth=1.5, zorder=1)
            axes.plot(leak_free, height, "o", color=BLUE, markersize=7)
            axes.plot(published, height, "D", color=VERMILION, markersize=6)
        axes.plot([], [], "o", color=BLUE, markersize=7, label="leak-free")
        axes.plot([], [], "D", color=VERMILION, markersize=6, label="as published")
        axes.set_yticks(range(len(models)), [MODEL_NAMES[model] for model in models])
        values = table[["leak_free", "as_published"]].to_numpy(dtype=float)
        axes.set(xlim=(min(0.5, np.nanmin(values) - 0.02), 1.01), ylim=(len(models) - 0.4, -0.6))
        axes.set_xlabel("AUC")
        axes.tick_params(axis="y", length=0)
        legend_beside(axes)
        line = f"{str(rows['cohort'].iloc[0]).capitalize()} cohort"
        entitle(axes, "AUC under both protocols", line, simulated=simulated)
    return figure
