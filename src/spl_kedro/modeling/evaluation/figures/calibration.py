"""Calibration figure: one panel per model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from spl_kedro.modeling.evaluation.figures.cohort import cohort_line, of_cohort
from spl_kedro.modeling.evaluation.figures.style import (
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    coverage,
    figure_style,
    headline,
)
from spl_kedro.schemas import MODELS


def calibration_figure(
    calibration: pd.DataFrame, cohort_name: str, *, protocol: str, simulated: bool
) -> Figure:
    """Draw observed against predicted risk, one panel per model.

    Parameters
    ----------
    calibration : DataFrame
        From `spl_kedro.modeling.evaluation.calibration_table`.
    cohort_name, protocol : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        Smooth curve with its band, risk groups with their intervals; a panel without curve or
        band says why.
    """
    chosen = of_cohort(calibration, cohort_name, protocol, "calibration")
    models = [model for model in MODELS if model in set(chosen["model"])]
    with figure_style():
        columns = min(3, len(models))
        rows = -(-len(models) // columns)
        # One row alone needs room for title and axis beyond what the panels leave.
        figure = Figure(figsize=(3.1 * columns + 0.3, max(3.15 * rows + 0.7, 4.4)))
        panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
        for position, (axes, model) in enumerate(zip(panels, models, strict=False)):
            table = chosen[chosen["model"] == model]
            smooth = table[table["kind"] == "smooth"]
            groups = table[table["kind"] == "group"]
            colour = MODEL_COLOURS[model]
            axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
            axes.fill_between(
                smooth["predicted"], smooth["low"], smooth["high"],
                color=colour, alpha=0.22, linewidth=0,
            )  # fmt: skip
            axes.plot(smooth["predicted"], smooth["observed"], color=colour)
            errors = [
                (groups["observed"] - groups["low"]).clip(lower=0),
                (groups["high"] - groups["observed"]).clip(lower=0),
            ]
            axes.errorbar(
                groups["predicted"], groups["observed"], yerr=errors, fmt="o", markersize=3.2,
                color="black", elinewidth=0.7, alpha=0.75,
            )  # fmt: skip
            axes.set_title(MODEL_NAMES[model])
            axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])
            axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])
            n, events = int(smooth["n"].iloc[0]), int(smooth["events"].iloc[0])
            note = _missing_words(smooth)
            axes.text(
                0.98, 0.03, f"{note}n = {n}\n{events} malignant",
                transform=axes.transAxes, ha="right", fontsize=7.5, color=GREY,
            )  # fmt: skip
            if position % columns == 0:
                axes.set_ylabel("Observed share malignant")
            if position + columns >= len(models):
                axes.set_xlabel("Predicted probability")
                axes.tick_params(labelbottom=True)
        left = list(panels[len(models) :])
        for axes in left:
            axes.set_axis_off()
        if left:
            left[0].legend(
                handles=_signs(coverage(chosen)), loc="center left", title="In each panel",
                alignment="left",
            )  # fmt: skip
        headline(figure, "Calibration", cohort_line(chosen), simulated=simulated)
    return figure


def _signs(covered: str) -> list[Any]:
    """Return the signs of a panel with their words."""
    return [
        Line2D([], [], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)), label="ideal"),
        Line2D([], [], color=GREY, label="smooth curve"),
        Patch(color=GREY, alpha=0.3, label=f"its {covered} band"),
        Line2D([], [], color="black", marker="o", markersize=3.2, linewidth=0.7, alpha=0.75,
               label=f"risk groups, {covered} intervals"),
    ]  # fmt: skip


def _missing_words(smooth: pd.DataFrame) -> str:
    """Say why a panel lacks its curve or band, which would else look forgotten."""
    if smooth["observed"].isna().any():
        return "no curve:\nno finite fit\n"
    if smooth["low"].isna().any():
        return "band withheld:\nclasses nearly separated\n"
    return ""
