"""Waterfall figure: every lesion's score about the operating threshold."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from spl_kedro.modeling.evaluation.checks import EvaluationError
from spl_kedro.modeling.evaluation.figures.cohort import cohort_line, of_cohort
from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    CLASS_COLOURS,
    CLASS_NAMES,
    MODEL_NAMES,
    entitle,
    figure_style,
    new_figure,
)


def waterfall_figure(
    waterfall: pd.DataFrame,
    cohort_name: str,
    *,
    model: str = "cdlr",
    protocol: str,
    simulated: bool,
) -> Figure:
    """Draw every lesion's score minus the operating threshold, in order, coloured by class.

    A cross-fitted lesion's bar is the mean over its repeats; the numbers on the wrong side are
    counted in each repeat and averaged.

    Parameters
    ----------
    waterfall : DataFrame
        From `spl_kedro.modeling.evaluation.waterfall_table`.
    cohort_name, model, protocol : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    chosen = of_cohort(waterfall, cohort_name, protocol, "scores")
    chosen = chosen[chosen["model"] == model]
    if chosen.empty:
        raise EvaluationError(f"rule known_model: no scores of {model} under {protocol}")
    unit, threshold = chosen["unit"].iloc[0], float(chosen["threshold"].iloc[0])
    with figure_style():
        figure, axes = new_figure(8.2, 4.0)
        colours = [CLASS_COLOURS[value] for value in chosen["label"]]
        axes.bar(chosen["position"], chosen["distance"], width=1.0, color=colours, linewidth=0)
        axes.axhline(0, color=BLACK, linewidth=0.8)
        lowest, highest = chosen["distance"].min(), chosen["distance"].max()
        axes.set(
            xlim=(-1, len(chosen)),
            ylim=(min(-0.1, lowest) * 1.05, max(0.1, highest) * 1.05),
            xlabel=f"{unit.capitalize()}, in order of score",
            ylabel=f"Score − threshold ({threshold:.3f})",
        )
        handles = [
            Patch(
                color=CLASS_COLOURS[row["label"]],
                label=f"{CLASS_NAMES[row['label']]}, {row['label_wrong']:.0f} of "
                f"{row['label_n']} on the wrong side",
            )
            for row in chosen.drop_duplicates("label").sort_values("label").to_dict("records")
        ]
        axes.legend(handles=handles, loc="upper left")
        entitle(axes, f"{MODEL_NAMES[model]} scores", cohort_line(chosen), simulated=simulated)
    return figure
