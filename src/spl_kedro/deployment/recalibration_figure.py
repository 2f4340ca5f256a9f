"""Calibration before and after recalibration: a panel for each model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.cohort import cohort_line
from spl_kedro.modeling.evaluation.figures.style import (
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    figure_style,
    headline,
)
from spl_kedro.schemas import MODELS


def recalibration_figure(curves: pd.DataFrame, lines: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw observed against predicted risk, as the scores were and recalibrated.

    Parameters
    ----------
    curves : DataFrame
        From :func:`spl_kedro.deployment.recalibration_tables.curve_table`.
    lines : DataFrame
        From :func:`spl_kedro.deployment.recalibration_tables.line_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".
    """
    smooth = curves[curves["kind"] == "smooth"]
    there = list(dict.fromkeys(smooth["model"]))
    models = [name for name in MODELS if name in there] or there
    method = lines.set_index("model")["method"]
    with figure_style():
        columns = min(3, len(models))
        rows = -(-len(models) // columns)
        figure = Figure(figsize=(3.1 * columns + 0.3, 3.15 * rows + 0.7))
        panels = np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
        for position, (axes, model) in enumerate(zip(panels, models, strict=False)):
            own = smooth[smooth["model"] == model]
            axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
            for when, colour in (("before", GREY), ("after", MODEL_COLOURS[model])):
                curve = own[own["when"] == when]
                axes.fill_between(
                    curve["predicted"], curve["low"], curve["high"], color=colour, alpha=0.18,
                    linewidth=0,
                )  # fmt: skip
                dashes = "--" if when == "before" else "-"
                axes.plot(curve["predicted"], curve["observed"], dashes, color=colour, label=when)
            axes.set_title(MODEL_NAMES[model])
            axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
            axes.text(
                0.98, 0.03, str(method[model]).replace("_", " "),
                transform=axes.transAxes, ha="right", fontsize=7.5, color=GREY,
            )  # fmt: skip
            if position % columns == 0:
                axes.set_ylabel("Observed share malignant")
            if position + columns >= len(models):
                axes.set_xlabel("Predicted probability")
                axes.tick_params(labelbottom=True)
        panels[0].legend(loc="upper left", frameon=False, fontsize=7.5)
        for axes in panels[len(models) :]:
            axes.set_visible(False)
        title = "Calibration before and after recalibration, cross-fitted"
        headline(figure, title, cohort_line(smooth), simulated=simulated)
    return figure
