"""Decision-curve figures: net benefit, and biopsies avoided."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.curve_tables import TREAT_ALL, TREAT_NONE
from spl_kedro.modeling.evaluation.figures.cohort import cohort_line, cohort_lines, of_cohort
from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    GREY,
    MODEL_COLOURS,
    MODEL_LINES,
    MODEL_NAMES,
    THIRD,
    coverage,
    entitle,
    figure_style,
    legend_below,
    legend_beside,
    new_figure,
)
from spl_kedro.schemas import MODELS

#: Net benefit that one false positive may cost where a curve is still drawn.
MOST_OF_ONE = 0.02


def decision_curve_figure(
    decision_curves: pd.DataFrame,
    cohort_name: str,
    *,
    protocol: str,
    simulated: bool,
    band_of: str = "cdlr",
) -> Figure:
    """Draw the net benefit of every model beside biopsying all or none.

    Parameters
    ----------
    decision_curves : DataFrame
        From `spl_kedro.modeling.evaluation.decision_curve_table`.
    cohort_name, protocol : str
    simulated : bool
        Whether the figure must say "Simulated patients".
    band_of : str
        The model whose bootstrap band is drawn; one only, so that the curves stay readable.

    Returns
    -------
    matplotlib.figure.Figure
        Drawn up to where single lesions decide; see `steady`.
    """
    chosen = steady(of_cohort(decision_curves, cohort_name, protocol, "decision curves"))
    with figure_style():
        figure, axes = new_figure(THIRD, 4.3)
        everyone = chosen[chosen["model"] == TREAT_ALL]
        axes.plot(
            everyone["threshold"], everyone["net_benefit"], color=GREY, linewidth=2.4, alpha=0.65,
            label=TREAT_ALL.capitalize(),
        )  # fmt: skip
        nobody = chosen[chosen["model"] == TREAT_NONE]
        axes.plot(
            nobody["threshold"], nobody["net_benefit"], color=BLACK, linewidth=1.3,
            linestyle=(0, (1, 2.2)), label=TREAT_NONE.capitalize(),
        )  # fmt: skip
        _model_lines(axes, chosen, "net_benefit", "low", "high", band_of)
        top = chosen.loc[chosen["model"] != TREAT_ALL, "high"].max()
        axes.set(
            ylim=(-0.06, max(0.1, 1.04 * top)),
            xlim=(chosen["threshold"].min(), chosen["threshold"].max()),
            xlabel="Threshold probability of malignancy",
            ylabel=f"Net benefit (true positives per {_one(chosen)})",
        )
        legend_below(figure)
        entitle(axes, "Decision curves", cohort_lines(chosen), simulated=simulated)
    return figure


def steady(chosen: pd.DataFrame) -> pd.DataFrame:
    """Return the thresholds at which a single false positive does not decide.

    A false positive costs threshold / (1 - threshold) / n of net benefit (Vickers & Elkin, Med
    Decis Making 2006). Where that is more than `MOST_OF_ONE`, a curve shows single lesions.

    Parameters
    ----------
    chosen : DataFrame
        Rows of one cohort and protocol, with threshold and n.

    Returns
    -------
    DataFrame
        All rows where fewer than two thresholds would be left.
    """
    cost = chosen["threshold"] / (1 - chosen["threshold"]) / chosen["n"]
    kept = chosen[cost <= MOST_OF_ONE]
    return kept if kept["threshold"].nunique() > 1 else chosen


def avoided_figure(
    decision_curves: pd.DataFrame,
    cohort_name: str,
    *,
    protocol: str,
    simulated: bool,
    band_of: str = "cdlr",
) -> Figure:
    """Draw the biopsies avoided per 100 lesions, net of missed cancers, by threshold.

    Parameters
    ----------
    decision_curves, cohort_name, protocol, simulated, band_of
        As for `decision_curve_figure`.

    Returns
    -------
    matplotlib.figure.Figure
    """
    chosen = steady(of_cohort(decision_curves, cohort_name, protocol, "decision curves"))
    with figure_style():
        figure, axes = new_figure(7.4, 4.6)
        everyone = chosen[chosen["model"] == TREAT_ALL]
        axes.plot(
            everyone["threshold"], everyone["avoided"], color=GREY, linewidth=2.4, alpha=0.65,
            label=TREAT_ALL.capitalize(),
        )  # fmt: skip
        _model_lines(axes, chosen, "avoided", "avoided_low", "avoided_high", band_of)
        top = chosen.loc[chosen["model"].isin(MODELS), "avoided"].max()
        axes.set(
            ylim=(-15, max(20, 1.15 * top)),
            xlim=(chosen["threshold"].min(), chosen["threshold"].max()),
            xlabel="Threshold probability of malignancy for a biopsy",
            ylabel=f"Net biopsies avoided per 100 {chosen['unit'].iloc[0]}",
        )
        legend_beside(axes)
        entitle(axes, "Biopsies avoided", cohort_line(chosen), simulated=simulated)
    return figure


def _one(chosen: pd.DataFrame) -> str:
    return str(chosen["unit"].iloc[0]).removesuffix("s")


def _model_lines(
    axes: Axes, chosen: pd.DataFrame, value: str, low: str, high: str, band_of: str
) -> None:
    for model in MODELS:
        table = chosen[chosen["model"] == model]
        if table.empty:
            continue
        colour = MODEL_COLOURS[model]
        axes.plot(
            table["threshold"], table[value], color=colour, linestyle=MODEL_LINES[model],
            label=MODEL_NAMES[model],
        )  # fmt: skip
        if model == band_of:
            axes.fill_between(
                table["threshold"], table[low], table[high], color=colour, alpha=0.15, linewidth=0,
                label=f"{MODEL_NAMES[model]}, {coverage(table)} interval",
            )  # fmt: skip
