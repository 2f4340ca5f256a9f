"""Figures of instability: what refits make of the study's lesions, a panel for each model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    figure_style,
    headline,
)
from spl_kedro.sceptic.stability.measures import CELLS, MIDDLE
from spl_kedro.sceptic.stability.sums import refit_columns
from spl_kedro.schemas import MODELS

#: Width of the lowess window, as a share of the lesions.
_WINDOW = 0.3
_OWN = "Probability by the study's own model"
_DIAGONAL: dict[str, Any] = {"color": GREY, "linewidth": 0.8, "linestyle": (0, (2, 3))}
_SUBTITLE = "Training lesions; {refits} refits, each on a bootstrap sample of the patients. "


def instability_figure(lesions: pd.DataFrame, cells: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw the refits' probabilities against those of the study's own models.

    Parameters
    ----------
    lesions, cells : DataFrame
        From :func:`~spl_kedro.sceptic.stability.measures.lesion_table` and ``cell_table``.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        Shades: where the refits of lesions of one probability lie; lines: smoothed (lowess) limits
        of the middle 95 % of each lesion's.
    """

    def draw(axes: Axes, model: str) -> None:
        own = lesions[lesions["model"] == model].sort_values("original", kind="stable")
        plane = cells[cells["model"] == model]
        _shade(axes, plane, MODEL_COLOURS[model])
        axes.plot([0, 1], [0, 1], **_DIAGONAL)
        for limit in ("low", "high"):
            at, smooth = _smoothed(own["original"].to_numpy(), own[limit].to_numpy())
            axes.plot(at, smooth, color=BLACK, linewidth=1.3)
        _threshold(axes, own)
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
        axes.text(
            0.03, 0.97, f"mean error {own['error'].mean():.3f}",
            transform=axes.transAxes, va="top", fontsize=8,
        )  # fmt: skip

    return _panels(
        lesions,
        draw,
        ("Instability of the predictions", _OWN, "Probability by the refits"),
        f"Strong colour: many; solid lines: middle {100 * MIDDLE:.0f}%; dotted: threshold.",
        simulated=simulated,
    )


def decision_instability_figure(lesions: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw each lesion's share of refits that decide otherwise than the study's own model.

    Parameters
    ----------
    lesions : DataFrame
        From :func:`~spl_kedro.sceptic.stability.measures.lesion_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """

    def draw(axes: Axes, model: str) -> None:
        own = lesions[lesions["model"] == model]
        _dots(axes, own, "otherwise", model)
        _threshold(axes, own)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        axes.text(
            0.03, 0.97, f"mean {own['otherwise'].mean():.3f}",
            transform=axes.transAxes, va="top", fontsize=8,
        )  # fmt: skip

    return _panels(
        lesions,
        draw,
        ("Instability of the decisions", _OWN, "Share deciding otherwise"),
        "A point is a lesion; dotted: threshold.",
        simulated=simulated,
    )


def error_figure(lesions: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw each lesion's mean absolute prediction error.

    Parameters
    ----------
    lesions : DataFrame
        From :func:`~spl_kedro.sceptic.stability.measures.lesion_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    top = 1.1 * float(lesions["error"].max()) or 1.0

    def draw(axes: Axes, model: str) -> None:
        own = lesions[lesions["model"] == model]
        _dots(axes, own, "error", model)
        axes.axhline(own["error"].mean(), color=BLACK, linewidth=1)
        axes.set(xlim=(-0.02, 1.02), ylim=(0, top))

    return _panels(
        lesions,
        draw,
        ("Mean absolute prediction error", _OWN, "Mean |refit − own|"),
        "A point is a lesion; line: mean over lesions.",
        simulated=simulated,
    )


def curves_figure(
    curves: pd.DataFrame, lesions: pd.DataFrame, curve: str, *, simulated: bool
) -> Figure:
    """Draw calibration or decision curves of the refits on the original lesions.

    Parameters
    ----------
    curves, lesions : DataFrame
        From :func:`~spl_kedro.sceptic.stability.measures.curve_table` and ``lesion_table``.
    curve : {"calibration", "net_benefit"}
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    chosen = curves[curves["curve"] == curve]
    calibration = curve == "calibration"
    refits = refit_columns(chosen)
    top = 1.0 if calibration else 1.05 * float(chosen[["original", *refits]].max().max())

    def draw(axes: Axes, model: str) -> None:
        own = chosen[chosen["model"] == model]
        at = own["at"].to_numpy()
        lines = [np.column_stack([at, own[name]])[own[name].notna()] for name in refits]
        axes.add_collection(
            LineCollection(lines, colors=MODEL_COLOURS[model], linewidths=0.6, alpha=0.22)
        )
        if calibration:
            axes.plot([0, 1], [0, 1], **_DIAGONAL)
        else:
            axes.axhline(0, color=GREY, linewidth=0.8)
        axes.plot(at, own["original"], color=BLACK, linewidth=1.4)
        axes.set(xlim=(0, 1), ylim=(0, 1) if calibration else (-0.1, top))
        if calibration:
            axes.set_aspect("equal")
        else:
            _threshold(axes, lesions[lesions["model"] == model])

    words = (
        ("Instability of the calibration", "Predicted probability", "Observed share malignant")
        if calibration
        else ("Instability of the net benefit", "Threshold probability", "Net benefit")
    )
    return _panels(
        lesions,
        draw,
        words,
        "A thin line is a refit, the bold one the study's own model.",
        simulated=simulated,
    )


def _panels(
    lesions: pd.DataFrame,
    draw: Callable[[Axes, str], None],
    words: tuple[str, str, str],
    note: str,
    *,
    simulated: bool,
) -> Figure:
    """Draw a panel for each model; `words` are the title and the axes' labels."""
    title, across, up = words
    present = set(lesions["model"])
    models = [model for model in MODELS if model in present]
    models += sorted(present - set(models))
    with figure_style():
        columns = min(3, len(models))
        rows = -(-len(models) // columns)
        figure = Figure(figsize=(3.1 * columns + 0.3, max(3.15 * rows + 0.7, 4.4)))
        panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
        for position, (axes, model) in enumerate(zip(panels, models, strict=False)):
            draw(axes, model)
            axes.set_title(MODEL_NAMES[model])
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])
            if position % columns == 0:
                axes.set_ylabel(up)
            if position + columns >= len(models):
                axes.set_xlabel(across)
                axes.tick_params(labelbottom=True)
        for axes in panels[len(models) :]:
            axes.set_visible(False)
        subtitle = _SUBTITLE.format(refits=int(lesions["refits"].iloc[0])) + note
        headline(figure, title, subtitle, simulated=simulated)
    return figure


def _dots(axes: Axes, own: pd.DataFrame, column: str, model: str) -> None:
    """Draw a column against the original probability, a dot for each lesion."""
    axes.plot(
        own["original"], own[column], "o", color=MODEL_COLOURS[model], markersize=2.6,
        markeredgewidth=0, alpha=0.55,
    )  # fmt: skip


def _threshold(axes: Axes, own: pd.DataFrame) -> None:
    axes.axvline(own["threshold"].iloc[0], color=GREY, linewidth=0.9, linestyle=":")


def _shade(axes: Axes, plane: pd.DataFrame, colour: str) -> None:
    """Shade cells of the plane, darker where more refits of lesions of one probability lie."""
    half = 0.5 / CELLS
    # Few shades, so that cells of one shade are one object of the drawing.
    among = plane["share"] / plane.groupby("original")["share"].transform("sum")
    strength = np.ceil(4 * np.sqrt(among / among.max())).astype(int)
    for level, own in plane.groupby(strength):
        rows = own.sort_values(["original", "refit"])
        # Cells of a shade that stand on one another are drawn as one.
        apart = (rows["original"].diff() != 0) | (rows["refit"].diff() > 3 * half)
        towers = rows.groupby(apart.cumsum()).agg({"original": "first", "refit": ["min", "max"]})
        corners = [
            [(x - half, y - half), (x + half, y - half), (x + half, z + half), (x - half, z + half)]
            for x, y, z in towers.to_numpy()
        ]
        shade = 0.12 + 0.17 * (int(level) - 1)
        axes.add_collection(PolyCollection(corners, facecolors=colour, alpha=shade, linewidths=0))


def _smoothed(at: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a lowess curve (Cleveland, J Am Stat Assoc 1979;74:829) through values."""
    from statsmodels.nonparametric.smoothers_lowess import lowess

    if len(np.unique(at)) < 4:
        return at, value
    found = lowess(value, at, frac=_WINDOW, it=0)
    return found[:, 0], found[:, 1]
