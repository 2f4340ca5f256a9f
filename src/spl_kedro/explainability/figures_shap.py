"""Figures of SHAP values: beeswarm, bar, dependence."""

from __future__ import annotations

import textwrap
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgba
from matplotlib.figure import Figure
from matplotlib.offsetbox import AnnotationBbox, DrawingArea, HPacker, TextArea
from matplotlib.patches import Circle, Patch

from spl_kedro.explainability.category_ticks import name_ticks
from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    CLASS_COLOURS,
    CLASS_NAMES,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    entitle,
    figure_style,
    headline,
    new_figure,
)

SOURCE_COLOURS = {"radiomics": SKY, "deep": GREEN, "clinical": ORANGE, "score": PURPLE}
# Sources that a study brought along.
FURTHER = "#7A7A7A"
SOURCE_NAMES = {
    "radiomics": "radiomics",
    "deep": "deep feature",
    "clinical": "clinical",
    "score": "model score",
}
VALUE_COLOURS = LinearSegmentedColormap.from_list("value", [BLUE, "#B9B9C6", VERMILION])
#: Categories are told apart, not ordered.
CATEGORY_COLOURS = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
MISSING, INK = "#BDBDBD", "#444444"
X_LABEL = "SHAP value: change of the probability of malignancy"


def wrapped(feature: str, width: int = 34) -> str:
    """Return a feature's readable label on lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(readable_name(feature).label, width))


def shap_beeswarm(
    values: pd.DataFrame,
    importance: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    simulated: bool,
    top: int = 15,
) -> Figure:
    """Draw each lesion's SHAP values, a row per feature, most important on top.

    Parameters
    ----------
    values : DataFrame
        Rows of ``shap_values`` of one model, view, fit and cohort.
    importance : DataFrame
        The same rows of ``shap_importance``, most important first.
    title, subtitle : str
        What is explained, for whom.
    simulated : bool
        Says "Simulated patients" above the axes.
    top : int
        Number of features shown.

    Returns
    -------
    Figure
    """
    features = list(importance["feature"].iloc[:top])
    with figure_style():
        figure, axes = new_figure(8.2, 2.1 + 0.42 * max(len(features), 1))
        axes.axvline(0, color=GREY, linewidth=0.8)
        for_each, names = [], []
        for row, feature in enumerate(reversed(features)):
            rows = values[values["feature"] == feature]
            shap = rows["shap"].to_numpy()
            given = _shown_values(rows)
            drawn, known = _colours(given)
            if not pd.api.types.is_numeric_dtype(given):
                _name_colours(axes, row, _levels(given))
            # A second line, empty, for the colours of a category.
            categories = "" if pd.api.types.is_numeric_dtype(given) else "\n "
            names.append(wrapped(feature) + categories)
            # What has no value lies below what has.
            order = np.argsort(known, kind="stable")
            for_each.append((shap[order], row + _swarm(shap)[order], drawn[order]))
        if for_each:
            # One collection: each costs as much as its points.
            shap, height, colour = (np.concatenate(parts) for parts in zip(*for_each, strict=True))
            axes.scatter(shap, height, s=11, c=colour, linewidths=0)
        axes.set_yticks(range(len(features)), names)
        axes.set_ylim(-0.6, len(features) - 0.4)
        axes.set_xlabel(X_LABEL)
        axes.tick_params(axis="y", length=0)
        axes.grid(axis="y", color="#E6E6E6", linewidth=0.6)
        bar = figure.colorbar(
            mpl.cm.ScalarMappable(cmap=VALUE_COLOURS), ax=axes, aspect=40, pad=0.015, fraction=0.03
        )
        bar.set_ticks([0, 1], labels=["low", "high"])
        bar.set_label("value of a number, by rank (grey: missing)", labelpad=-14, fontsize=8)
        bar.outline.set_visible(False)
        entitle(axes, title, subtitle, simulated=simulated)
    return figure


def shap_bar(
    importance: pd.DataFrame, *, title: str, subtitle: str, simulated: bool, top: int = 15
) -> Figure:
    """Draw the mean absolute SHAP value of the most important features, coloured by source.

    Parameters are those of :func:`shap_beeswarm`.
    """
    leading = importance.iloc[:top][::-1]
    sources = list(leading["source"])
    largest = float(leading["importance"].max()) if len(leading) else 0.0
    with figure_style():
        figure, axes = new_figure(8.2, 2.0 + 0.42 * max(len(leading), 1))
        axes.barh(
            range(len(leading)),
            leading["importance"].to_numpy(),
            height=0.62,
            color=[SOURCE_COLOURS.get(source, FURTHER) for source in sources],
        )
        for row, value in enumerate(leading["importance"]):
            axes.annotate(
                f"{value:.3f}",
                (value, row),
                xytext=(3, 0),
                textcoords="offset points",
                va="center",
                fontsize=8,
            )
        axes.set_yticks(range(len(leading)), [wrapped(f) for f in leading["feature"]])
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(-0.6, len(leading) - 0.4)
        axes.set_xlim(0, 1.12 * largest or 1)
        axes.set_xlabel("Mean |SHAP value|: average change of the probability of malignancy")
        known = [source for source in SOURCE_COLOURS if source in sources]
        present = [*known, *sorted(set(sources) - set(known))]
        axes.legend(
            handles=[
                Patch(color=SOURCE_COLOURS.get(s, FURTHER), label=SOURCE_NAMES.get(s, s))
                for s in present
            ],
            loc="lower right",
        )
        entitle(axes, title, subtitle, simulated=simulated)
    return figure


def shap_dependence(
    values: pd.DataFrame,
    importance: pd.DataFrame,
    labels: pd.Series,
    *,
    title: str,
    subtitle: str,
    simulated: bool,
    top: int = 6,
) -> Figure:
    """Draw SHAP value against feature value for the most important features.

    Parameters
    ----------
    labels : Series
        0 or 1 by lesion id, for the colours.
    values, importance, title, subtitle, simulated, top
        As in :func:`shap_beeswarm`.
    """
    features = list(importance["feature"].iloc[:top])
    n_rows = max(1, -(-len(features) // 3))
    with figure_style():
        figure = Figure(figsize=(9.6, 0.9 + 3.1 * n_rows))
        grid = figure.subplots(n_rows, 3, squeeze=False)
        for axes, feature in zip(grid.flat, features, strict=False):
            rows = values[values["feature"] == feature]
            diagnosis = labels.loc[rows["lesion_id"]].to_numpy()
            given = _shown_values(rows)
            place = _positions(given)
            axes.axhline(0, color=GREY, linewidth=0.8)
            for label, marker in ((0, "o"), (1, "^")):
                axes.scatter(
                    place[diagnosis == label],
                    rows["shap"].to_numpy()[diagnosis == label],
                    s=13,
                    marker=marker,
                    color=CLASS_COLOURS[label],
                    alpha=0.75,
                    linewidths=0,
                    label=CLASS_NAMES[label],
                )
            if not pd.api.types.is_numeric_dtype(given):
                name_ticks(axes, _category_names(given))
            axes.set_xlabel(wrapped(feature, 38))
        for axes in grid.flat[len(features) :]:
            axes.set_visible(False)
        for axes in grid[:, 0]:
            axes.set_ylabel("SHAP value")
        if features:
            grid[0, 0].legend(loc="best", handletextpad=0.2)
        headline(figure, title, subtitle, simulated=simulated)
    return figure


def _shown_values(rows: pd.DataFrame) -> pd.Series:
    """Return one feature's values: its categories where it has any, else its numbers."""
    return rows["value"] if rows["category"].isna().all() else rows["category"]


def _colours(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return a colour for each value, and where it is known.

    Numbers are coloured by their rank, categories each in a colour of their own.
    """
    if pd.api.types.is_numeric_dtype(values):
        numbers = values.astype(float)
        known = numbers.notna().to_numpy()
        rank = numbers.rank(method="average")
        span = max(float(rank.max()) - float(rank.min()), 1.0)
        drawn = VALUE_COLOURS(((rank - rank.min()) / span).fillna(0).to_numpy())
    else:
        known = values.notna().to_numpy()
        of_level = {name: to_rgba(colour) for name, colour in _levels(values).items()}
        unknown = to_rgba(MISSING)
        drawn = np.array([of_level.get(str(value), unknown) for value in values]).reshape(-1, 4)
    return np.where(known[:, None], drawn, to_rgba(MISSING)), known


def _levels(values: pd.Series) -> dict[str, str]:
    """Return the colour of each category that occurs, in the order of their names."""
    names = sorted(values.dropna().astype(str).unique())
    return {name: CATEGORY_COLOURS[i % len(CATEGORY_COLOURS)] for i, name in enumerate(names)}


def _name_colours(axes: Axes, row: int, levels: dict[str, str]) -> None:
    """Write under a feature's name which colour is which category."""
    parts: list[Any] = []
    words = [textwrap.shorten(name.replace("_", " "), 14, placeholder="…") for name in levels]
    written = {"fontsize": 7.5, "color": INK}
    # Shortened alike or coloured alike, they cannot be told apart.
    if len(levels) > len(CATEGORY_COLOURS) or len(set(words)) < len(words):
        parts.append(TextArea(f"{len(levels)} categories, too many to name", textprops=written))
        words = []
    for name, colour in zip(words, levels.values(), strict=False):
        dot = DrawingArea(6, 6)
        dot.add_artist(Circle((3, 2.5), 2.5, color=colour))
        parts += [dot, TextArea(name, textprops=written)]
    axes.add_artist(
        AnnotationBbox(
            HPacker(children=parts, pad=0, sep=3, align="baseline"),
            (0, row),
            xybox=(-4, -6), xycoords=axes.get_yaxis_transform(), boxcoords="offset points",
            box_alignment=(1, 0.5), frameon=False, pad=0,
        )
    )  # fmt: skip


def _swarm(values: np.ndarray, half_width: float = 0.36) -> np.ndarray:
    """Return vertical offsets that keep points of similar value from covering each other."""
    offsets = np.zeros(len(values))
    span = np.ptp(values) if len(values) else 0.0
    if span == 0:
        return offsets
    cells = np.floor((values - values.min()) / span * 60).astype(int)
    crowd = max(int(np.bincount(cells).max()), 8)
    for cell in np.unique(cells):
        inside = np.flatnonzero(cells == cell)
        side = np.where(np.arange(len(inside)) % 2, -1, 1)
        offsets[inside] = side * ((np.arange(len(inside)) + 1) // 2) * (2 * half_width / crowd)
    return offsets


def _category_names(values: pd.Series) -> list[str]:
    return sorted(values.astype("object").fillna("missing").astype(str).unique())


def _positions(values: pd.Series) -> np.ndarray:
    """Return where values lie on an axis; categories side by side, spread a little."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    names = {name: i for i, name in enumerate(_category_names(values))}
    place = values.astype("object").fillna("missing").astype(str).map(names).to_numpy(dtype=float)
    spread = np.linspace(-0.18, 0.18, 7)
    return place + spread[np.arange(len(place)) % len(spread)]
