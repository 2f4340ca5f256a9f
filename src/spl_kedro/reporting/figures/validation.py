"""Figures of an external validation: case mix, and performance beside that of development."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    MODEL_NAMES,
    VERMILION,
    coverage,
    entitle,
    figure_style,
    legend_beside,
    new_figure,
)
from spl_kedro.reporting.words import METRIC_NAMES, number, variable_name
from spl_kedro.schemas import MODELS

#: Beyond it two cohorts count as unlike in a variable, by the usual rule of thumb.
NOTABLE = 0.1
_DRAWN = ("auc", "calibration_slope", "calibration_intercept")
_IDEAL = {"auc": 0.5, "calibration_slope": 1.0, "calibration_intercept": 0.0}


def linear_predictor_figure(case_mix: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw where the models' linear predictors lie, in development and here.

    Parameters
    ----------
    case_mix : DataFrame
        From `spl_kedro.deployment.case_mix.case_mix_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        Mean and one standard deviation to either side; here also the 5th and 95th percentile.
    """
    rows = case_mix[case_mix["kind"] == "linear predictor"].set_index("name")
    models = [model for model in MODELS if model in rows.index]
    with figure_style():
        figure, axes = new_figure(6.4, 1.5 + 0.55 * len(models))
        for place, model in enumerate(models):
            row = rows.loc[model]
            ends = row["mean_development"] + row["sd_development"] * np.array([-1, 1])
            axes.plot(ends, [place - 0.14] * 2, color=GREY, linewidth=3)
            axes.plot(row["mean_development"], place - 0.14, "o", color=GREY, markersize=7)
            axes.plot([row["p05"], row["p95"]], [place + 0.14] * 2, color=BLUE, linewidth=0.9)
            ends = row["mean"] + row["sd"] * np.array([-1, 1])
            axes.plot(ends, [place + 0.14] * 2, color=BLUE, linewidth=3)
            axes.plot(row["mean"], place + 0.14, "D", color=BLUE, markersize=6)
        axes.plot([], [], "o-", color=GREY, linewidth=3, label="development")
        axes.plot([], [], "D-", color=BLUE, linewidth=3, label="here")
        axes.plot([], [], color=BLUE, linewidth=0.9, label="5th to 95th\npercentile")
        axes.set_yticks(range(len(models)), [MODEL_NAMES[model] for model in models])
        axes.set(ylim=(len(models) - 0.5, -0.5), xlabel="Log-odds of malignancy, mean ± SD")
        axes.tick_params(axis="y", length=0)
        legend_beside(axes)
        entitle(axes, "Linear predictor", _sizes(case_mix), simulated=simulated)
    return figure


def case_mix_figure(case_mix: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw the standardised mean difference of every clinical term.

    Parameters
    ----------
    case_mix : DataFrame
        From `spl_kedro.deployment.case_mix.case_mix_table`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = case_mix[case_mix["kind"] != "linear predictor"]
    with figure_style():
        figure, axes = new_figure(6.4, 1.3 + 0.26 * len(rows))
        axes.axvspan(-NOTABLE, NOTABLE, color=GREY, alpha=0.15, linewidth=0)
        axes.axvline(0, color=GREY, linewidth=0.8)
        for place, difference in enumerate(rows["difference"]):
            colour = VERMILION if abs(difference) > NOTABLE else BLUE
            axes.plot([0, difference], [place] * 2, color=colour, linewidth=1)
            axes.plot(difference, place, "o", color=colour, markersize=5)
        axes.set_yticks(range(len(rows)), [term_words(row) for row in rows.to_dict("records")])
        axes.tick_params(axis="y", length=0)
        axes.set(ylim=(len(rows) - 0.4, -0.6), xlabel="Standardised mean difference, here higher →")
        entitle(axes, "Case mix", _sizes(case_mix), simulated=simulated)
    return figure


def development_figure(comparison: pd.DataFrame, cohort_name: str, *, simulated: bool) -> Figure:
    """Draw discrimination and calibration in a development cohort and here, model by model.

    Parameters
    ----------
    comparison : DataFrame
        From `spl_kedro.deployment.development.development_comparison`.
    cohort_name : str
        The development cohort.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = comparison[comparison["development_cohort"] == cohort_name]
    models = [model for model in MODELS if model in set(rows["model"])]
    with figure_style():
        figure = Figure(figsize=(7.6, 1.7 + 0.5 * len(models)))
        panels = figure.subplots(1, len(_DRAWN), sharey=True)
        for axes, metric in zip(panels, _DRAWN, strict=True):
            axes.axvline(_IDEAL[metric], color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
            own = rows[rows["metric"] == metric].set_index("model")
            for place, model in enumerate(models):
                row = own.loc[model]
                for key, shift, sign, colour in (
                    ("development", -0.14, "o", GREY), ("here", 0.14, "D", BLUE)
                ):  # fmt: skip
                    ends = [row[f"{key}_low"], row[f"{key}_high"]]
                    axes.plot(ends, [place + shift] * 2, color=colour, linewidth=2)
                    axes.plot(row[key], place + shift, sign, color=colour, markersize=5.5)
            axes.set_xlabel(METRIC_NAMES[metric])
            axes.tick_params(axis="y", length=0)
        panels[0].set_yticks(range(len(models)), [MODEL_NAMES[model] for model in models])
        panels[0].set_ylim(len(models) - 0.5, -0.5)
        panels[-1].plot([], [], "o-", color=GREY, label="development")
        panels[-1].plot([], [], "D-", color=BLUE, label="here")
        legend_beside(panels[-1])
        line = f"Development: {cohort_name}; {coverage(rows)} intervals"
        entitle(panels[0], "Here and where the study was made", line, simulated=simulated)
    return figure


def term_words(row: dict) -> str:
    """Return a row of the case mix in words: a number's name, or a category of a variable."""
    if row["kind"] == "outcome":
        return "Malignant"
    name, term = str(row["name"]), str(row["term"])
    rest = term.removeprefix(name).strip()
    rest = rest.removeprefix("=").replace("_", " ")
    return f"{variable_name(name)}: {rest}" if rest else variable_name(name)


def _sizes(case_mix: pd.DataFrame) -> str:
    first = case_mix.iloc[0]
    there, here = number(first["n_development"], 0), number(first["n"], 0)
    return f"Development n = {there}, here n = {here}"
