"""Figures of the features: how stable they are and how many survive each selection step."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    VERMILION,
    entitle,
    figure_style,
    new_figure,
)


def stability_histogram(stability: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw how many features reach each intraclass correlation.

    Parameters
    ----------
    stability : DataFrame
        Columns icc, stable and threshold, which is drawn as a line. Values below 0 (less
        agreement than chance) are counted at 0; features without an ICC are not stable and
        have no place in the histogram.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    threshold = float(stability["threshold"].iloc[0])
    icc, stable = stability["icc"].clip(0, 1), stability["stable"].astype(bool)
    edges = np.linspace(0, 1, 41).tolist()
    with figure_style():
        figure, axes = new_figure(5.4, 3.6)
        for chosen, colour, name in (
            (stable, BLUE, "stable"),
            (~stable, VERMILION, "not stable"),
        ):
            words = f"{name}: {chosen.sum()}"
            axes.hist(icc[chosen].dropna(), bins=edges, color=colour, label=words)
        axes.axvline(threshold, color=GREY, linewidth=1, linestyle=(0, (4, 2)))
        axes.set(xlim=(0, 1), xlabel="ICC between outlines of the same lesions", ylabel="Features")
        axes.legend(loc="upper left")
        line = "Of training lesions, degenerate features left out"
        entitle(axes, "Stability of the radiomics features", line, simulated=simulated)
    return figure


def funnel_figure(funnel: pd.DataFrame, model: str, *, simulated: bool) -> Figure:
    """Draw how many features remain after each selection step of one model.

    Parameters
    ----------
    funnel : DataFrame
        Columns step and remaining, in order (`spl_kedro.reporting.selection.funnel`).
    model : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    steps = funnel["step"].tolist()
    remaining = funnel["remaining"].to_numpy(dtype=float)
    with figure_style():
        figure, axes = new_figure(4.4, 1.2 + 0.32 * len(steps))
        position = [float(place) for place in range(len(steps))]
        axes.barh(position, remaining, color=MODEL_COLOURS.get(model, BLUE), height=0.66)
        for y, value in zip(position, remaining, strict=True):
            axes.text(value + remaining.max() * 0.015, y, f"{int(value)}", va="center")
        axes.set_yticks(position, steps)
        axes.set(xlim=(0, remaining.max() * 1.12), ylim=(len(steps) - 0.5, -0.5))
        axes.set_xlabel("Features remaining")
        axes.tick_params(axis="y", length=0)
        title = f"Features of the {MODEL_NAMES[model]} model"
        entitle(axes, title, "Training cohort, leak-free protocol", simulated=simulated)
    return figure
