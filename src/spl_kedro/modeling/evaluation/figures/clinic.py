"""Figures of the use in a clinic: the zones, and what they save and miss."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.clinic.zones import (
    DEFERRED,
    DEPLOYED,
    ONE,
    RULED_IN,
    RULED_OUT,
    TWO,
    borders,
)
from spl_kedro.modeling.evaluation.figures.cohort import cohort_line, cohort_lines, of_model
from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    BLUE,
    CLASS_COLOURS,
    CLASS_NAMES,
    GREY,
    MODEL_NAMES,
    ORANGE,
    THIRD,
    YELLOW,
    coverage,
    entitle,
    figure_style,
    headline,
    legend_below,
    new_figure,
)

#: How the two ways to use a score are named in figures.
RULE_NAMES = {ONE: "operating threshold", TWO: "rule-out threshold"}
_LOOKS = {ONE: (ORANGE, (0, (4, 1.5))), TWO: (BLUE, "solid")}


def zone_figure(
    zone_scores: pd.DataFrame, cohort_name: str, *, model: str, simulated: bool
) -> Figure:
    """Draw the scores of malignant and benign lesions, the thresholds, and the zone between them.

    Parameters
    ----------
    zone_scores : DataFrame
        From `spl_kedro.modeling.evaluation.zone_score_table`.
    cohort_name, model : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = of_model(zone_scores, model, cohort_name, DEPLOYED, "scores")
    first = rows.iloc[0]
    with figure_style():
        figure, axes = new_figure(THIRD, 4.2)
        for label, sign in ((1, 1), (0, -1)):
            own = rows[rows["label"] == label]
            axes.bar(
                own["score_from"], sign * own["count"], align="edge",
                width=(own["score_to"] - own["score_from"]) * 0.92,
                color=CLASS_COLOURS[label], label=CLASS_NAMES[label],
            )  # fmt: skip
        axes.axhline(0, color=BLACK, linewidth=0.8)
        highest = rows.groupby("label")["count"].max()
        top = 1.2 * float(max(highest[1], highest.max() / 4))
        lowest = -1.1 * float(max(highest[0], highest.max() / 4))
        axes.set(xlim=(0, 1), ylim=(lowest, top), xlabel="Probability of malignancy")
        axes.set_ylabel(f"{str(first['unit']).capitalize()}, benign below")
        axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
        axes.axvline(
            first["threshold"], color=GREY, linewidth=1.3, linestyle=(0, (2, 2)),
            label="operating threshold",
        )  # fmt: skip
        if np.isfinite(first["rule_out"]):
            _draw_zones(axes, float(first["rule_out"]), float(first["rule_in"]), top)
        legend_below(figure)
        entitle(
            axes, f"Zones of {MODEL_NAMES[model]}'s score", cohort_lines(rows), simulated=simulated
        )
    return figure


def _draw_zones(axes: Axes, rule_out: float, rule_in: float, top: float) -> None:
    lower, upper = (float(border) for border in borders(rule_out, rule_in))
    inside = min(upper, 1.0)
    if lower < upper:
        axes.axvspan(lower, inside, color=YELLOW, alpha=0.28, linewidth=0, zorder=0)
    names = {"rule-out threshold": lower, "rule-in threshold": upper}
    if lower == upper:
        names = {"one threshold, no zone": lower}
    for (name, border), line in zip(names.items(), ("solid", (0, (6, 1.5))), strict=False):
        if border <= 1:
            axes.axvline(border, color=BLACK, linewidth=1.3, linestyle=line, label=name)
    zones = ((0.0, lower, RULED_OUT), (lower, inside, DEFERRED), (inside, 1.0, RULED_IN))
    for left, right, name in zones:
        if right - left > 0.02:
            narrow = right - left < 0.24
            axes.text(
                (left + right) / 2, 0.96 * top, name, ha="center", va="top", fontsize=8.5,
                fontweight="bold", rotation=90 if narrow else 0,
            )  # fmt: skip


def clinic_counts_figure(
    by_prevalence: pd.DataFrame,
    cohort_name: str,
    *,
    model: str,
    prevalence: float,
    which: str,
    simulated: bool,
) -> Figure:
    """Draw biopsies avoided and cancers missed per 1,000 lesions over the clinic's prevalence.

    Parameters
    ----------
    by_prevalence : DataFrame
        From `spl_kedro.modeling.evaluation.clinical_use_by_prevalence`.
    cohort_name, model : str
    prevalence : float
        The one that the tables are given at; marked.
    which : str
        Which one it is, in words.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = of_model(by_prevalence, model, cohort_name, DEPLOYED, "counts")
    unit = rows["unit"].iloc[0]
    with figure_style():
        figure = Figure(figsize=(9.2, 4.3))
        panels = figure.subplots(1, 2)
        for axes, name, title in zip(
            panels, ("avoided", "missed"), ("Biopsies avoided", "Cancers missed"), strict=True
        ):
            for rule in (rule for rule in _LOOKS if rule in set(rows["rule"])):
                own = rows[rows["rule"] == rule]
                colour, line = _LOOKS[rule]
                axes.fill_between(
                    own["prevalence"], own[f"{name}_low"], own[f"{name}_high"], color=colour,
                    alpha=0.18, linewidth=0,
                )  # fmt: skip
                axes.plot(
                    own["prevalence"], own[name], color=colour, linestyle=line,
                    label=RULE_NAMES[rule],
                )  # fmt: skip
            axes.axvline(
                prevalence, color=GREY, linewidth=1, linestyle=(0, (2, 2)),
                label=f"prevalence, {which}",
            )  # fmt: skip
            axes.set(xlim=(0.05, 0.95), xlabel="Prevalence of malignancy in the clinic")
            axes.set_ylim(bottom=0)
            axes.set_ylabel(f"{title} per 1,000 {unit}")
            axes.set_title(title)
        panels[0].legend(loc="best")
        headline(
            figure,
            f"{MODEL_NAMES[model]} against biopsying all",
            f"{cohort_line(rows)}; bands: {coverage(rows)} intervals",
            simulated=simulated,
        )
    return figure
