"""Figures of robustness: subgroups, and what the as-published protocol would have claimed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    MODEL_NAMES,
    PROTOCOL_NAMES,
    VERMILION,
    coverage,
    figure_style,
    headline,
)
from spl_kedro.reporting.words import variable_name
from spl_kedro.schemas import COHORTS, MODELS

#: Of a group without an AUC.
ONE_CLASS, ABSENT = "one class only", "none"


def subgroup_forest(rows: pd.DataFrame, overall: Mapping[str, float], *, simulated: bool) -> Figure:
    """Draw one model's AUC in each subgroup, a column for each cohort.

    Parameters
    ----------
    rows : DataFrame
        Rows of `spl_kedro.modeling.evaluation.subgroup_table` with metric auc, of one model and
        protocol.
    overall : mapping of str to float
        AUC in the whole of each cohort, drawn as a line; a cohort without one has no line.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        A group with one class has no AUC and says so.
    """
    cohorts = [name for name in COHORTS if name in set(rows["cohort"])]
    groups = rows[["variable", "group"]].drop_duplicates()
    groups = groups.sort_values("variable", key=_place_of(groups["variable"]), kind="stable")
    # A group too small to rely on does not set the scale; an arrow says that its bar goes on.
    reliable = rows.loc[rows["warning"] == "", "low"].to_numpy(dtype=float)
    left = max(0.0, float(np.nanmin(np.append(reliable, 0.5))) - 0.03)
    with figure_style():
        lines = len(groups) + 1.3 * groups["variable"].nunique()
        figure = Figure(figsize=(1.9 + 2.95 * len(cohorts), 1.4 + 0.25 * lines))
        columns = figure.subplots(1, len(cohorts), squeeze=False)[0]
        heights = _group_names(columns[0], groups)
        for axes, cohort in zip(columns, cohorts, strict=True):
            own = rows[rows["cohort"] == cohort].set_index(["variable", "group"])
            for (variable, group), height in heights.items():
                found = own.loc[[(variable, group)]] if (variable, group) in own.index else None
                _interval_of(axes, None if found is None else found.iloc[0], height, left)
            if np.isfinite(overall.get(cohort, np.nan)):
                axes.axvline(overall[cohort], color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
            axes.set(
                xlim=(left, 1.005), ylim=(max(heights.values()) + 0.7, -0.7),
                xlabel=f"AUC, {coverage(rows)} interval", title=cohort.capitalize(),
            )  # fmt: skip
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
        first = rows.iloc[0]
        name = PROTOCOL_NAMES[first["protocol"]]
        headline(
            figure, f"{MODEL_NAMES[first['model']]} in subgroups", f"{name[0].upper()}{name[1:]}",
            simulated=simulated,
        )  # fmt: skip
    return figure


def _place_of(variables: pd.Series) -> Any:
    """Return a key that keeps variables in the order in which they come."""
    place = {name: i for i, name in enumerate(variables.drop_duplicates())}
    return lambda column: column.map(place)


def _group_names(axes: Axes, groups: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Write variables and groups left of the first column; return the height of each group."""
    heights, height = {}, 0.0
    for variable, part in groups.groupby("variable", sort=False):
        words: dict[str, Any] = {
            "transform": axes.get_yaxis_transform(),
            "ha": "right",
            "va": "center",
        }
        axes.text(-0.04, height, variable_name(variable), fontweight="bold", fontsize=9, **words)
        for group in part["group"]:
            height += 1
            axes.text(-0.04, height, str(group), fontsize=8.5, **words)
            heights[str(variable), group] = height
        height += 1.3
    return heights


def _interval_of(axes: Axes, row: Any, height: float, left: float) -> None:
    """Draw a group's interval with its words, or say why there is none."""
    words: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center"}
    if row is None or not np.isfinite(row["value"]):
        text = ABSENT if row is None else f"{ONE_CLASS} (n = {row['n']})"
        axes.text(1.03, height, text, fontsize=8, color=GREY, **words)
        return
    colour = GREY if row["warning"] else BLUE
    axes.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2)
    if row["low"] < left:
        axes.plot(left, height, "<", color=colour, markersize=5, clip_on=False)
    axes.plot(row["value"], height, "s", color=colour, markersize=5)
    text = f"{row['value']:.2f} ({row['low']:.2f}–{row['high']:.2f}), n = {row['n']}"
    axes.text(1.03, height, text, fontsize=8, **words)


def optimism_figure(table: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw each model's AUC under both protocols, a column for each cohort.

    Parameters
    ----------
    table : DataFrame
        Of `spl_kedro.modeling.evaluation.optimism_table`: cohort, model, leak_free, as_published.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    cohorts = [name for name in COHORTS if name in set(table["cohort"])]
    models = [model for model in MODELS if model in set(table["model"])]
    values = table[["leak_free", "as_published"]].to_numpy(dtype=float)
    lowest = np.nanmin(np.append(values - 0.02, 0.5))
    with figure_style():
        figure = Figure(figsize=(0.9 + 2.8 * len(cohorts), 2.1 + 0.3 * len(models)))
        columns = figure.subplots(1, len(cohorts), squeeze=False, sharey=True)[0]
        for axes, cohort in zip(columns, cohorts, strict=True):
            own = table[table["cohort"] == cohort].set_index("model")
            for height, model in enumerate(models):
                if model not in own.index:
                    continue
                pair = own.loc[model, ["leak_free", "as_published"]].to_numpy(dtype=float)
                axes.plot(pair, [height, height], color=GREY, linewidth=1.5, zorder=1)
                axes.plot(pair[0], height, "o", color=BLUE, markersize=7)
                axes.plot(pair[1], height, "D", color=VERMILION, markersize=6)
            axes.set(
                xlim=(lowest, 1.01), ylim=(len(models) - 0.4, -0.6), xlabel="AUC",
                title=cohort.capitalize(),
            )  # fmt: skip
            axes.set_yticks(range(len(models)), [MODEL_NAMES[model] for model in models])
            axes.tick_params(axis="y", length=0)
        handles = [
            Line2D([], [], linestyle="", marker="o", color=BLUE, markersize=7, label="leak-free"),
            Line2D(
                [], [], linestyle="", marker="D", color=VERMILION, markersize=6,
                label="as published",
            ),
        ]  # fmt: skip
        figure.legend(handles=handles, loc="outside lower center", ncols=2)
        headline(figure, "AUC under both protocols", "Same classifiers", simulated=simulated)
    return figure
