"""Figures of machine outlines: examples beside their readers', and the spread of the agreement."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    MODEL_NAMES,
    ORANGE,
    PURPLE,
    SKY,
    coverage,
    figure_style,
    headline,
)
from spl_kedro.schemas import COHORTS
from spl_kedro.segmentation.examples import GROUPS

_METHODS = {"network": ("network", BLUE), "classical": ("random walker", ORANGE)}
_OUTLINES = {"reader": ("readers' outlines", ORANGE), "machine": ("machine outlines", BLUE)}
_COHORTS = {
    "training": "training\n(cross-fitted)",
    "validation": "validation",
    "external": "external",
}
_TITLES = {"worst": "Worst", "median": "Median", "best": "Best"}


def examples_figure(examples: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw the reader's and the machine's outline on lesions, a row each of worst, median, best.

    Parameters
    ----------
    examples : DataFrame
        From :func:`.examples.outline_examples`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    each = max((int((examples["group"] == group).sum()) for group in GROUPS), default=0)
    each = max(each, 1)
    with figure_style():
        figure = Figure(figsize=(max(2.3 * each, 5.2), 2.5 * len(GROUPS) + 0.9))
        axes = figure.subplots(len(GROUPS), each, squeeze=False)
        for axis in axes.ravel():
            axis.set_axis_off()
            axis.set_anchor("N")
        for line, group in zip(axes, GROUPS, strict=True):
            rows = examples[examples["group"] == group]
            for axis, (_, row) in zip(line, rows.iterrows(), strict=False):
                _draw(axis, row)
                axis.set_title(f"{_TITLES[group]}: Dice {row['dice']:.2f}", fontsize=8.5)
        figure.legend(
            handles=[
                Line2D([], [], color=ORANGE, label="reader"),
                Line2D([], [], color=SKY, linestyle=(0, (4, 1.5)), label="machine"),
                Line2D([], [], color=PURPLE, linewidth=1.1, label="box or click"),
            ],
            loc="outside lower left",
            ncols=3,
        )
        headline(
            figure,
            "Machine outlines beside their readers'",
            "Lesions with the lowest, middle and highest Dice",
            simulated=simulated,
        )
    return figure


def _draw(axis: Any, row: pd.Series) -> None:
    shape = int(row["height"]), int(row["width"])

    def pixels(name: str) -> np.ndarray:
        return np.frombuffer(row[name], dtype=np.uint8).reshape(shape)

    axis.imshow(pixels("grey"), cmap="gray", vmin=0, vmax=255, interpolation="none")
    axis.contour(pixels("reader"), levels=[0.5], colors=ORANGE, linewidths=1.3)
    axis.contour(
        pixels("machine"), levels=[0.5], colors=SKY, linewidths=1.3, linestyles=[(0, (4, 1.5))]
    )
    if np.isfinite(row["box_width"]):
        place = (row["x"] - 0.5, row["y"] - 0.5)
        size = (row["box_width"], row["box_height"])
        axis.add_patch(Rectangle(place, *size, fill=False, edgecolor=PURPLE, linewidth=1.1))
    else:
        axis.plot(row["x"] - 0.5, row["y"] - 0.5, "+", color=PURPLE, markersize=10)
    axis.set(xlim=(-0.5, shape[1] - 0.5), ylim=(shape[0] - 0.5, -0.5))


def agreement_figure(scores: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw the spread of Dice by cohort and method, a panel for each prompt.

    Parameters
    ----------
    scores : DataFrame
        From :func:`.outlining.outline_cohort`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    prompts = list(dict.fromkeys(scores.loc[scores["method"].isin(_METHODS), "prompt"]))
    cohorts = [name for name in COHORTS if name in set(scores["cohort"])]
    with figure_style():
        figure = Figure(figsize=(1.2 + 4.3 * len(prompts), 1.8 + 0.85 * len(cohorts)))
        panels = figure.subplots(1, len(prompts), sharey=True, squeeze=False)[0]
        for axis, prompt in zip(panels, prompts, strict=True):
            for place, cohort in enumerate(cohorts):
                for offset, (method, (_, colour)) in enumerate(_METHODS.items()):
                    own = scores[
                        (scores["prompt"] == prompt)
                        & (scores["cohort"] == cohort)
                        & (scores["method"] == method)
                    ]
                    if own.empty:
                        continue
                    axis.boxplot(
                        own["dice"],
                        positions=[place + 0.36 * offset - 0.18],
                        widths=0.28,
                        orientation="horizontal",
                        whis=(5, 95),
                        medianprops={"color": colour, "linewidth": 2.2},
                        boxprops={"color": colour},
                        whiskerprops={"color": colour},
                        capprops={"color": colour},
                        flierprops={
                            "marker": "o",
                            "markersize": 2.2,
                            "markerfacecolor": colour,
                            "markeredgecolor": "none",
                        },
                    )
            axis.set(xlim=(-0.02, 1.02), ylim=(len(cohorts) - 0.45, -0.55))
            axis.set_xlabel("Dice with the reader's outline")
            axis.set_title(f"From a {prompt}")
        panels[0].set_yticks(range(len(cohorts)), [_COHORTS[name] for name in cohorts])
        figure.legend(
            handles=[Line2D([], [], color=c, label=name) for name, c in _METHODS.values()],
            loc="outside lower left",
            ncols=2,
        )
        headline(
            figure,
            "How far machine outlines agree with readers'",
            "Boxes: middle half; whiskers: middle 90%, points beyond; no outline counts as 0",
            simulated=simulated,
        )
    return figure


def comparison_figure(table: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw each model's AUC on readers' and on machine outlines, a panel for each cohort.

    Parameters
    ----------
    table : DataFrame
        From :func:`.comparison.compare_outlines`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    cohorts = [name for name in COHORTS if name in set(table["cohort"])]
    models = list(dict.fromkeys(table["model"]))
    with figure_style():
        figure = Figure(figsize=(1.4 + 3.0 * len(cohorts), 1.8 + 0.5 * len(models)))
        panels = figure.subplots(1, len(cohorts), sharey=True, sharex=True, squeeze=False)[0]
        for axis, cohort in zip(panels, cohorts, strict=True):
            own = table[table["cohort"] == cohort].set_index("model").reindex(models)
            for offset, (which, (_, colour)) in enumerate(_OUTLINES.items()):
                heights = np.arange(len(models)) + 0.26 * offset - 0.13
                low, high = own[f"{which}_auc_low"], own[f"{which}_auc_high"]
                axis.hlines(heights, low, high, color=colour, linewidth=2)
                axis.plot(own[f"{which}_auc"], heights, "s", color=colour, markersize=5)
            axis.set_title(f"{_COHORTS[cohort].splitlines()[0].capitalize()}, n = {_count(own)}")
            axis.set_xlabel(f"AUC, {coverage(table)} interval")
            axis.set_ylim(len(models) - 0.5, -0.5)
        panels[0].set_yticks(range(len(models)), [MODEL_NAMES[name] for name in models])
        figure.legend(
            handles=[
                Line2D([], [], color=c, marker="s", label=name) for name, c in _OUTLINES.values()
            ],
            loc="outside lower left",
            ncols=2,
        )
        headline(
            figure,
            "The study on readers' and on machine outlines",
            "The same lesions; training lesions cross-fitted",
            simulated=simulated,
        )
    return figure


def _count(rows: pd.DataFrame) -> int:
    return int(rows["n"].dropna().iloc[0])
