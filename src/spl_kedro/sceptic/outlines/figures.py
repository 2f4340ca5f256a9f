"""Figures: AUC against the error of outlines, the spread of scores, the features that survive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    VERMILION,
    coverage,
    figure_style,
    headline,
)
from spl_kedro.sceptic.outlines.changes import ORIGINAL, is_drawn
from spl_kedro.sceptic.outlines.settings import KINDS
from spl_kedro.schemas import MODELS

#: Fewer malignant or benign lesions than this make no point: its interval would be all one saw.
FEWEST = 5
_UNITS = {"mm": "mm", "diameter": "diameters"}
_CLASSES = {
    "all": "All radiomics",
    "used": "Used by a model",
    "shape": "Shape",
    "shape2D": "Shape",
    "firstorder": "First order",
    "glcm": "GLCM",
    "glrlm": "GLRLM",
    "glszm": "GLSZM",
    "gldm": "GLDM",
    "ngtdm": "NGTDM",
    "deep": "Deep features",
}


def auc_figure(table: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw each model's AUC against how far the outlines lie from the original.

    Parameters
    ----------
    table : DataFrame
        From :func:`.tables.auc_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        A row of panels for each cohort, a column for each kind of change; lines and intervals by
        model; another hand's outlines are a dot beside the original ones of the same lesions.
    """
    shown = table[(table["events"] >= FEWEST) & (table["n"] - table["events"] >= FEWEST)]
    shown = shown[shown["auc"].notna()]
    if shown.empty:
        return _nothing(simulated=simulated)
    there = list(dict.fromkeys(shown["kind"]))
    columns: list[str] = [kind for kind in KINDS if kind in there]
    columns += [kind for kind in there if is_drawn(kind)]
    cohorts = list(dict.fromkeys(shown["cohort"]))
    models = _models(shown)
    unit = _UNITS[str(table["unit"].iloc[0])]
    with figure_style():
        rows, wide = len(cohorts), len(columns)
        figure = Figure(figsize=(2.35 * wide + 1.5, 2.35 * rows + 1.35))
        panels = figure.subplots(rows, wide, squeeze=False, sharex="col")
        for axes_row, cohort in zip(panels, cohorts, strict=True):
            here = shown[shown["cohort"] == cohort]
            for axes, kind in zip(axes_row, columns, strict=True):
                for place, model in enumerate(models):
                    _curve(axes, here[here["model"] == model], kind, (place, len(models)))
                axes.grid(axis="y", color="#e3e3e3", linewidth=0.6)
            _align(axes_row, columns, here)
            axes_row[0].set_ylabel(f"AUC, {cohort}")
        for axes, kind in zip(panels[0], columns, strict=True):
            axes.set_title(kind.capitalize())
        for column in panels.T:
            last = [axes for axes in column if axes.get_visible()][-1]
            last.set_xlabel(f"Error of outlines ({unit})")
            last.tick_params(labelbottom=True)
        figure.legend(
            handles=[_handle(model) for model in models],
            loc="outside lower center",
            ncols=len(models),
        )
        headline(
            figure,
            "AUC against the error of outlines",
            f"Error: mean surface distance to the original outline, mean over lesions; bars: "
            f"{coverage(table)} intervals. Nothing is fitted anew. {_own_scales(columns)}",
            simulated=simulated,
        )
    return figure


def _own_scales(columns: list[str]) -> str:
    hands = [kind for kind in columns if is_drawn(kind)]
    if not hands:
        return ""
    panel = "panel has a scale of its own" if len(hands) == 1 else "panels have their own scales"
    return f"The {' and '.join(hands)} {panel}."


def _align(row: Any, columns: list[str], here: pd.DataFrame) -> None:
    """Give the panels of a cohort one height; those of other hands, of other lesions, their own."""
    made = here[here["kind"].isin([ORIGINAL, *KINDS])]
    low, high = float(made["low"].min()), float(made["high"].max())
    for place, (axes, kind) in enumerate(zip(row, columns, strict=True)):
        if not (here["kind"] == kind).any():
            axes.set_visible(False)
        elif not is_drawn(kind):
            axes.set_ylim(low - 0.02, min(high + 0.02, 1.01))
            axes.tick_params(labelleft=place == 0)


def _nothing(*, simulated: bool) -> Figure:
    with figure_style():
        figure = Figure(figsize=(6, 1.6))
        why = f"No cohort has {FEWEST} lesions of each class."
        headline(figure, "AUC against the error of outlines", why, simulated=simulated)
    return figure


def _models(table: pd.DataFrame) -> list[str]:
    present = set(table["model"])
    return [name for name in MODELS if name in present] + sorted(present - set(MODELS))


def _handle(model: str) -> Any:
    from matplotlib.lines import Line2D

    return Line2D([], [], color=MODEL_COLOURS[model], marker="o", markersize=4,
                  label=MODEL_NAMES[model])  # fmt: skip


def _curve(axes: Axes, own: pd.DataFrame, kind: str, place: tuple[int, int]) -> None:
    """Draw one model's AUCs under one kind of change, from the original outline on."""
    if own.empty:
        return
    points = own[own["kind"] == kind].sort_values("size")
    if points.empty:
        return
    model = str(own["model"].iloc[0])
    colour = MODEL_COLOURS[model]
    if is_drawn(kind):
        # On the lesions of both readers: the original's AUC there is this one less the difference.
        start = pd.DataFrame({"distance": [0.0], "auc": points["auc"] - points["difference"]})
    else:
        start = own[own["kind"] == ORIGINAL]
    points = pd.concat([start, points], ignore_index=True)
    # Side by side, so that intervals do not hide each other.
    step = 0.012 * max(float(points["distance"].max()), 1e-9)
    at = points["distance"] + step * 2.2 * (place[0] - (place[1] - 1) / 2)
    axes.plot(at, points["auc"], color=colour, marker="o", markersize=3.2, linewidth=1.3)
    if "low" in points:
        axes.vlines(at, points["low"], points["high"], color=colour, linewidth=0.9, alpha=0.75)


def spread_figure(table: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw how far the scores of each lesion lie apart, by model and size of change.

    Parameters
    ----------
    table : DataFrame
        From :func:`.tables.spread_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        A line for each lesion, from its lowest to its highest score, at its rank by the original
        one; those on both sides of the threshold stand out.
    """
    models = _models(table)
    sizes = sorted(table["size"].unique())
    unit = str(table["unit"].iloc[0])
    with figure_style():
        figure = Figure(figsize=(2.6 * len(models) + 0.8, 2.2 * len(sizes) + 1.3))
        panels = figure.subplots(len(sizes), len(models), squeeze=False, sharex=True, sharey=True)
        for axes_row, size in zip(panels, sizes, strict=True):
            for axes, model in zip(axes_row, models, strict=True):
                own = table[(table["model"] == model) & (table["size"] == size)]
                _lesions(axes, own, model)
            axes_row[0].set_ylabel(f"{_sized(size, unit)}\nProbability")
        for axes, model in zip(panels[0], models, strict=True):
            axes.set_title(MODEL_NAMES[model])
        for axes in panels[-1]:
            axes.set_xlabel("Lesions, by original score")
        headline(
            figure,
            "Spread of each lesion's scores over outlines",
            "A line: lowest to highest score of a lesion under changes of one size; orange: "
            "the decision changes; dotted: threshold.",
            simulated=simulated,
        )
    return figure


def _sized(size: float, unit: str) -> str:
    return f"{size:g} mm" if unit == "mm" else f"{100 * size:g}% of diameter"


def _lesions(axes: Axes, own: pd.DataFrame, model: str) -> None:
    own = own.sort_values(["original", "lesion_id"], kind="stable")
    at = np.linspace(0, 1, len(own)) if len(own) > 1 else np.full(len(own), 0.5)
    changes = (own["flipped"] > 0).to_numpy()
    low, high = own["lowest"].to_numpy(), own["highest"].to_numpy()
    for chosen, colour in ((~changes, MODEL_COLOURS[model]), (changes, VERMILION)):
        axes.vlines(at[chosen], low[chosen], high[chosen], color=colour, linewidth=0.8, alpha=0.7)
    axes.plot(at, own["original"], color="black", linewidth=0.9)
    if len(own):
        axes.axhline(own["threshold"].iloc[0], color=GREY, linewidth=0.9, linestyle=":")
        axes.text(
            0.97, 0.04,
            f"median range {own['range'].median():.2f}\n{100 * changes.mean():.0f}% of lesions "
            "change sides",
            transform=axes.transAxes, ha="right", va="bottom", fontsize=7.5, linespacing=1.25,
        )  # fmt: skip
    axes.set(xlim=(-0.02, 1.02), ylim=(0, 1.0), xticks=[])


def survival_figure(summary: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw which share of each class of features survives each change.

    Parameters
    ----------
    summary : DataFrame
        From :func:`.tables.feature_summary`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        Two tables of shares side by side: by the ICC that the study judges by
        (`radiomics.stability.icc`), and by that of absolute agreement.
    """
    classes = [name for name in _CLASSES if name in set(summary["feature_class"])]
    distinct = summary[["kind", "size"]].drop_duplicates()
    changes = list(zip(distinct["kind"], distinct["size"], strict=True))
    unit = str(summary["unit"].iloc[0])
    shares = {
        column: np.array([[_share(summary, name, change, column) for change in changes]
                          for name in classes])
        for column in ("stable", "agreeing")
    }  # fmt: skip
    threshold = float(summary["threshold"].iloc[0])
    with figure_style():
        width = 0.47 * len(changes)
        figure = Figure(figsize=(2 * width + 2.6, 0.34 * len(classes) + 2.5))
        panels = figure.subplots(1, 2, sharey=True)
        titles = ("By the study's ICC", "By absolute agreement")
        for axes, title, values in zip(panels, titles, shares.values(), strict=True):
            axes.imshow(values, cmap="Blues", vmin=0, vmax=1, aspect="auto")
            for (row, column), value in np.ndenumerate(values):
                if np.isfinite(value):
                    colour = "white" if value > 0.55 else "black"
                    axes.text(column, row, f"{100 * value:.0f}", ha="center", va="center",
                              color=colour, fontsize=8)  # fmt: skip
            axes.set_title(title)
            axes.set_xticks(
                range(len(changes)), [_change(kind, size, unit) for kind, size in changes],
                rotation=90,
            )  # fmt: skip
            axes.set_yticks(range(len(classes)), [_CLASSES[name] for name in classes])
            axes.tick_params(length=0)
            for spine in axes.spines.values():
                spine.set_visible(False)
        headline(
            figure,
            "Features that survive another outline",
            f"Percent of informative features with an ICC of at least {threshold:g} to the "
            "original outline, training lesions.",
            simulated=simulated,
        )
    return figure


def _change(kind: str, size: float, unit: str) -> str:
    return kind if is_drawn(kind) else f"{kind} {_sized(size, unit)}"


def _share(summary: pd.DataFrame, name: str, change: tuple[str, float], column: str) -> float:
    kind, size = change
    own = summary[(summary["feature_class"] == name) & (summary["kind"] == kind)]
    if not is_drawn(kind):
        own = own[own["size"] == size]
    return float(own[column].iloc[0]) if len(own) else float("nan")
