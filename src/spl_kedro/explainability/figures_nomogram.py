"""The nomogram as a figure: a ruler of points, an axis for each predictor, the probability."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.nomogram import WIDEST
from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    BLUE,
    GREY,
    SIMULATED,
    VERMILION,
    figure_style,
)

# Inches.
_WIDTH, _LEFT, _RIGHT = 7.4, 1.75, 0.35
_HEAD, _FOOT = 0.75, 0.75
_ROW, _LEVEL = 0.44, 0.14
_LETTER = 0.066
_SMALL = 7.5
_GUIDE = "#e6e6e6"
_HOW = (
    "Find each value on its axis and read its points straight above, on the ruler. Add the points, "
    "and find the sum on the axis of total points: straight below is the probability of "
    "malignancy. A circle stands for a value that is not known. Axes of numbers and of the score "
    "run from the 1st to the 99th percentile of the training lesions."
)


def nomogram_figure(
    points: pd.DataFrame, scale: pd.DataFrame, *, title: str, subtitle: str, simulated: bool
) -> Figure:
    """Draw a nomogram.

    Parameters
    ----------
    points, scale : DataFrame
        From :func:`spl_kedro.explainability.nomogram.nomogram`, not empty.
    title, subtitle, simulated
        As in :func:`spl_kedro.explainability.figures_shap.shap_beeswarm`.

    Returns
    -------
    matplotlib.figure.Figure
        Its one axes is as wide as the ruler, from 0 to 1.
    """
    width = _WIDTH - _LEFT - _RIGHT
    total = float(scale["total_points"].max())
    axes_of = [(str(name), part) for name, part in points.groupby("variable", sort=False)]
    rows = [_placed(part, width) for _, part in axes_of]
    inside = scale[scale["kind"] == "tick"]
    marks = list(
        zip(inside["total_points"] / total, map(_share, inside["probability"]), strict=True)
    )
    last = _levels(marks, width)
    heights = [_ROW, *(_ROW + _LEVEL * max(levels, default=0) for *_, levels in rows), _ROW]
    tall = sum(heights) + 0.6 + _LEVEL * max(last, default=0)
    with figure_style():
        figure = Figure(figsize=(_WIDTH, _HEAD + tall + _FOOT), layout="none")  # type: ignore[arg-type]
        axes = figure.add_axes((
            _LEFT / _WIDTH, _FOOT / figure.get_figheight(),
            width / _WIDTH, tall / figure.get_figheight(),
        ))  # fmt: skip
        axes.set(xlim=(0, 1), ylim=(tall, 0))
        axes.axis("off")
        height = 0.3
        _ruler(axes, "Points", height, np.arange(0, WIDEST + 1, 10) / WIDEST, WIDEST)
        foot = height + sum(heights[:-1]) - 0.2
        axes.vlines(np.arange(0, 1.01, 0.1), height, foot, color=_GUIDE, linewidth=0.6, zorder=0)
        for (name, part), (marked, levels), above in zip(axes_of, rows, heights, strict=False):
            height += above
            _variable(axes, name, part, height, marked, levels)
        height += heights[-2] + 0.05
        rounds = np.asarray(MaxNLocator(10, steps=[1, 2, 5, 10]).tick_values(0, total))
        _ruler(axes, "Total points", height, rounds[rounds <= total] / total, total)
        _probability(axes, scale, height + _ROW + 0.1, marks, last)
        _head(figure, title, subtitle, simulated=simulated)
        figure.text(
            0.01, 0.1 / figure.get_figheight(), textwrap.fill(_HOW, 118),
            fontsize=_SMALL, color=GREY, va="bottom", linespacing=1.3,
        )  # fmt: skip
    return figure


def no_nomogram_figure(statement: str, *, title: str, simulated: bool) -> Figure:
    """Say in the figure's place why there is no nomogram.

    Parameters
    ----------
    statement : str
        In words.
    title, simulated
        As in `nomogram_figure`.
    """
    with figure_style():
        figure = Figure(figsize=(_WIDTH, 1.4), layout="none")  # type: ignore[arg-type]
        _head(figure, title, "", simulated=simulated)
        figure.text(0.01, 0.5, textwrap.fill(statement, 95), va="top", linespacing=1.4)
    return figure


def _head(figure: Figure, title: str, subtitle: str, *, simulated: bool) -> None:
    """Write the title, and below it the subtitle, at a distance from the edge in inches."""
    lines: list[tuple[str, dict[str, Any]]] = [
        (title, {"fontsize": 10.5, "fontweight": "bold"}),
        (subtitle, {"fontsize": 8.5, "color": GREY}),
    ]
    if simulated:
        lines.insert(0, (SIMULATED, {"fontsize": 8.5, "fontweight": "bold", "color": VERMILION}))
    for row, (words, look) in enumerate(lines):
        figure.text(0.01, 1 - (0.1 + 0.2 * row) / figure.get_figheight(), words, va="top", **look)


def _placed(part: pd.DataFrame, width: float) -> tuple[list[tuple[float, str]], list[int]]:
    """Return the known ticks of an axis (place, words), and the level below it of their words."""
    known = part[part["kind"] != "missing"].sort_values("points", kind="stable")
    marked = list(zip(known["points"] / WIDEST, known["tick"], strict=True))
    return marked, _levels(marked, width)


def _levels(marked: Sequence[tuple[float, str]], width: float) -> list[int]:
    """Return for each words, from left to right, the first level where they meet no others."""
    ends: list[float] = []
    levels = []
    for place, words in marked:
        half = _LETTER * (len(words) + 0.8) / 2
        left, right = place * width - half, place * width + half
        level = next((i for i, end in enumerate(ends) if end <= left), len(ends))
        ends[level : level + 1] = [right]
        levels.append(level)
    return levels


def _line(axes: Axes, label: str, height: float, reach: Sequence[float]) -> None:
    axes.plot([min(reach), max(reach)], [height, height], color=BLACK, linewidth=1, clip_on=False)
    axes.annotate(
        label, (0, height), xytext=(-14, 0), textcoords="offset points", ha="right", va="center",
        annotation_clip=False, parse_math=False,
    )  # fmt: skip


def _tick(axes: Axes, place: float, height: float, words: str, level: int = 0) -> None:
    depth = 0.06 + _LEVEL * level
    axes.plot([place, place], [height, height + depth], color=BLACK, linewidth=0.8, clip_on=False)
    axes.text(
        place, height + depth + 0.02, words, ha="center", va="top", fontsize=_SMALL,
        parse_math=False,
    )  # fmt: skip


def _ruler(axes: Axes, label: str, height: float, places: np.ndarray, whole: float) -> None:
    """Draw an axis of points, with finer ticks between its numbers."""
    _line(axes, label, height, [0, 1])
    step = places[1] - places[0]
    fine = np.arange(0, 1 + 1e-9, step / 10)
    axes.vlines(fine, height, height + 0.03, color=BLACK, linewidth=0.5, clip_on=False)
    for place in places:
        _tick(axes, float(place), height, f"{place * whole:.0f}")


def _variable(
    axes: Axes,
    name: str,
    part: pd.DataFrame,
    height: float,
    marked: list[tuple[float, str]],
    levels: list[int],
) -> None:
    label = readable_name(name).label
    label = f"{label} (0 to 1)" if "score" in set(part["kind"]) else label
    reach = [place for place, _ in marked]
    _line(axes, label, height, reach)
    for (place, words), level in zip(marked, levels, strict=True):
        _tick(axes, place, height, words, level)
    for unknown in part.loc[part["kind"] == "missing", "points"] / WIDEST:
        beside = np.clip(unknown, min(reach), max(reach))
        axes.plot([beside, unknown], [height, height], ":", color=BLUE, linewidth=1, clip_on=False)
        axes.plot(
            unknown, height, "o", markersize=4.5, markerfacecolor="#ffffff",
            markeredgecolor=BLUE, markeredgewidth=1.2, clip_on=False,
        )  # fmt: skip


def _probability(
    axes: Axes,
    scale: pd.DataFrame,
    height: float,
    marks: list[tuple[float, str]],
    levels: list[int],
) -> None:
    total = float(scale["total_points"].max())
    _line(axes, "Probability", height, [0, 1])
    for (place, words), level in zip(marks, levels, strict=True):
        _tick(axes, place, height, words, level)
    row: Any
    for row in scale[scale["kind"] == "threshold"].itertuples():
        place = float(row.total_points) / total
        axes.plot(place, height - 0.05, "v", color=VERMILION, markersize=6, clip_on=False)
        to_left = place > 0.5
        axes.annotate(
            f"called malignant from {row.probability:.3f} ({row.total_points:.0f} points)",
            (place, height - 0.05), xytext=(-6 if to_left else 6, 2), textcoords="offset points",
            ha="right" if to_left else "left", va="bottom", fontsize=_SMALL, color=VERMILION,
            annotation_clip=False,
        )  # fmt: skip


def _share(probability: float) -> str:
    return f"{probability:g}"
