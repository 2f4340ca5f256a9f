"""Figure of single patients: how a score comes about, feature by feature."""

from __future__ import annotations

import textwrap
from itertools import zip_longest
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.figures_shap import SOURCE_NAMES, wrapped
from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    VERMILION,
    figure_style,
    headline,
)

#: The kinds of decision of which one lesion each is drawn.
KINDS = ("True positive", "False positive", "True negative", "False negative")
#: How the features of a source are called together.
TOGETHER = {
    "radiomics": ("radiomics feature", "radiomics features"),
    "deep": ("deep feature", "deep features"),
    "clinical": ("clinical variable", "clinical variables"),
    "score": ("model score", "model scores"),
}


def shap_waterfalls(
    values: pd.DataFrame,
    lesions: dict[str, str],
    *,
    title: str,
    subtitle: str,
    simulated: bool,
    top: int = 9,
) -> Figure:
    """Draw how single lesions' scores are built up from the background's mean score.

    Parameters
    ----------
    lesions : dict of str to str
        Lesion id -> what it is an example of ("true positive").
    top : int
        Features named per lesion; see `steps_of` for the others.
    values, title, subtitle, simulated
        As in :func:`spl_kedro.explainability.figures_shap.shap_beeswarm`; real lesions are not
        named in the figure.
    """
    n_rows = max(1, -(-len(lesions) // 2))
    shown = min(top, values["feature"].nunique()) + values["source"].nunique()
    with figure_style():
        figure = Figure(figsize=(12.4, 1.0 + n_rows * (1.3 + 0.33 * shown)))
        grid = figure.subplots(n_rows, 2, squeeze=False)
        for axes, (lesion_id, role) in zip(grid.flat, lesions.items(), strict=False):
            lesion = values[values["lesion_id"] == lesion_id]
            _waterfall(axes, lesion, top)
            score = lesion["score"].iloc[0]
            named = f"{role}: {lesion_id}" if simulated else role
            axes.set_title(f"{named}, score {score:.2f}", fontsize=9.5)
        absent = [kind for kind in KINDS if kind not in lesions.values()]
        for axes, kind in zip_longest(grid.flat[len(lesions) :], absent):
            if axes is not None:
                axes.set_axis_off()
                words = "" if kind is None else f"{kind}: no such lesion"
                axes.text(0, 0.5, words, transform=axes.transAxes, color=GREY, fontsize=8.5)
        for axes in grid[-1]:
            axes.set_xlabel("Probability of malignancy (dotted: reference mean)")
        headline(figure, title, subtitle, simulated=simulated)
    return figure


def _waterfall(axes: Axes, lesion: pd.DataFrame, top: int) -> None:
    """Draw one lesion's rows of ``shap_values`` as steps from the base to its score."""
    steps = steps_of(lesion, top)
    base = float(lesion["base"].iloc[0])
    names = [name for name, _ in reversed(steps)]
    changes = np.array([change for _, change in reversed(steps)])
    levels = base + np.concatenate([[0.0], np.cumsum(changes)])
    rows = np.arange(len(steps))
    colours = [VERMILION if change > 0 else BLUE for change in changes]
    axes.barh(rows, changes, left=levels[:-1], height=0.62, color=colours)
    for row, change in enumerate(changes):
        axes.annotate(
            f"{change:+.2f}".replace("-", "−"),
            (max(levels[row], levels[row + 1]), row),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
        )
    axes.vlines(
        levels[1:], rows - 0.31, rows + 1.31, color=GREY, linewidth=0.6, capstyle="projecting"
    )
    axes.axvline(base, color=GREY, linewidth=0.8, linestyle=":")
    axes.set_yticks(rows, names, fontsize=7.5)
    axes.set_ylim(-0.6, len(steps) - 0.4)
    axes.tick_params(axis="y", length=0)
    low, high = levels.min(), levels.max()
    room = 0.13 * max(high - low, 0.02)
    axes.set_xlim(low - room / 2, high + room)


def steps_of(lesion: pd.DataFrame, top: int) -> list[tuple[str, float]]:
    """Return the bars of one lesion, largest first, what is left of each source last.

    Parameters
    ----------
    lesion : DataFrame
        Rows of ``shap_values`` of one lesion, model and view.
    top : int
        Features named.

    Returns
    -------
    list of (str, float)
        Words and SHAP value. Where what is left of a source would be the largest bar of all, the
        source is one bar, all of its features together: a bar of unnamed features explains
        nothing.
    """
    whole: set[str] = set()
    while True:
        single = lesion[~lesion["source"].isin(whole)]
        order = single["shap"].abs().sort_values(ascending=False, kind="stable").index
        named = single.loc[order[:top]]
        bars = [
            (_with_value(feature, value if pd.isna(category) else category), float(shap))
            for feature, value, category, shap in zip(
                named["feature"], named["value"], named["category"], named["shap"], strict=True
            )
        ]
        for source in sorted(whole):
            part = lesion.loc[lesion["source"] == source, "shap"]
            bars.append((f"all {_counted(source, len(part))}", float(part.sum())))
        rest = {
            str(source): part["shap"] for source, part in single.loc[order[top:]].groupby("source")
        }
        largest = max((abs(value) for _, value in bars), default=0.0)
        hidden = {source for source, part in rest.items() if abs(part.sum()) > largest}
        if not hidden:
            break
        whole |= hidden
    bars.sort(key=lambda bar: -abs(bar[1]))
    left = [
        (_counted(source, len(part), "other "), float(part.sum())) for source, part in rest.items()
    ]
    return bars + sorted(left, key=lambda bar: -abs(bar[1]))


def _counted(source: str, count: int, which: str = "") -> str:
    name = SOURCE_NAMES.get(source, source)
    one, many = TOGETHER.get(source, (f"feature of {name}", f"features of {name}"))
    return f"{count} {which}{one if count == 1 else many}"


def _with_value(feature: str, value: Any) -> str:
    if pd.isna(value):
        text = "missing"
    elif isinstance(value, int | float | np.number):
        text = f"{value:.3g}".replace("-", "−")
    else:
        named = f"{readable_name(feature).label} = {str(value).replace('_', ' ')}"
        return "\n".join(textwrap.wrap(named, 44))
    return wrapped(feature, 44) + f" = {text}"
