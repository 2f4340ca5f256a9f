"""Figures of what could make the accuracy wrong: lesions without a biopsy, wrong diagnoses."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.clinic.reference import KINDS, NONE
from spl_kedro.modeling.evaluation.clinic.verification import (
    ASSUMPTIONS,
    EASY_BENIGN,
    LIKE_BENIGN,
    OBSERVED,
    SAME_CALL,
)
from spl_kedro.modeling.evaluation.clinic.zones import DEPLOYED
from spl_kedro.modeling.evaluation.figures.cohort import cohort_line, of_model
from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREEN,
    MODEL_NAMES,
    VERMILION,
    coverage,
    figure_style,
    headline,
)

_LOOKS = ((BLUE, "solid", "o"), (GREEN, (0, (4, 1.5)), "s"), (VERMILION, (0, (1, 1)), "D"))
_SHORT = {
    LIKE_BENIGN: "benign, score as benign lesions",
    EASY_BENIGN: "benign, score as the lower half of these",
    SAME_CALL: "malignant as often as biopsied with the same call",
}


def verification_figure(
    verification_bias: pd.DataFrame, cohort_name: str, *, model: str, simulated: bool
) -> Figure:
    """Draw what the rule-out threshold would do if some lesions were never biopsied.

    Parameters
    ----------
    verification_bias : DataFrame
        From `spl_kedro.modeling.evaluation.verification_bias_table`.
    cohort_name, model : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
        Of the operating threshold where no rule-out threshold was chosen.
    """
    rows = of_model(verification_bias, model, cohort_name, DEPLOYED, "assumptions")
    has_rule_out = "rule_out" in set(rows["threshold"])
    rows = rows[rows["threshold"] == ("rule_out" if has_rule_out else "operating")]
    names = {"sensitivity": "Sensitivity", "specificity": "Specificity", "npv": "NPV"}
    with figure_style():
        figure = Figure(figsize=(9.2, 4.2))
        for axes, (metric, title) in zip(figure.subplots(1, 3), names.items(), strict=True):
            own = rows[rows["metric"] == metric]
            observed = own[own["assumption"] == OBSERVED]
            for place, (assumption, look) in enumerate(zip(ASSUMPTIONS, _LOOKS, strict=True)):
                part = pd.concat([observed, own[own["assumption"] == assumption]])
                _draw_points(
                    axes, part.assign(at=100 * part["unbiopsied"] + 1.2 * (place - 1)), look,
                    _SHORT[assumption],
                )  # fmt: skip
            axes.set(title=title, ylim=(0, 1.02), xlabel="Unbiopsied lesions (%)")
            axes.set_xticks(sorted(100 * own["unbiopsied"].unique()))
        _legend_below(figure)
        name = "rule-out" if has_rule_out else "operating"
        headline(
            figure,
            f"{MODEL_NAMES[model]} if some lesions were never biopsied, {name} threshold",
            f"{cohort_line(rows)}; {coverage(rows)} intervals",
            simulated=simulated,
        )
    return figure


def reference_figure(
    reference_errors: pd.DataFrame, cohort_name: str, *, model: str, simulated: bool
) -> Figure:
    """Draw the accuracy behind the one observed, by how often the reference standard is wrong.

    Parameters
    ----------
    reference_errors : DataFrame
        From `spl_kedro.modeling.evaluation.reference_error_table`.
    cohort_name, model : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = of_model(reference_errors, model, cohort_name, DEPLOYED, "assumptions")
    has_zones = "rule_out" in set(rows["threshold"])
    shown = {
        ("", "auc"): "AUC",
        ("rule_out" if has_zones else "operating", "sensitivity"): "Sensitivity",
        ("rule_in" if has_zones else "operating", "specificity"): "Specificity",
    }
    titles = {"rule_out": ", rule-out threshold", "rule_in": ", rule-in threshold"}
    with figure_style():
        figure = Figure(figsize=(9.2, 4.2))
        panels = zip(figure.subplots(1, 3), shown.items(), strict=True)
        for axes, ((threshold, metric), title) in panels:
            own = rows[(rows["threshold"] == threshold) & (rows["metric"] == metric)]
            observed = own[own["errors"] == NONE]
            for place, (kind, look) in enumerate(zip(KINDS, _LOOKS, strict=True)):
                part = pd.concat([observed, own[own["errors"] == kind]])
                _draw_points(
                    axes, part.assign(at=100 * part["rate"] + 0.22 * (place - 1)), look, kind
                )
            lowest = float(own["low"].min())
            axes.set(ylim=(max(0.0, lowest - 0.05), 1.01), xlabel="Diagnoses that are wrong (%)")
            axes.set_title(f"{title}{titles.get(threshold, '')}", fontsize=9.5)
            ticks = sorted(100 * own["rate"].unique())
            # Labels of 1 and 2 % would stand in each other.
            axes.set_xticks([tick for tick in ticks if tick != 1])
        _legend_below(figure)
        headline(
            figure,
            f"{MODEL_NAMES[model]} behind a reference standard that errs",
            f"{cohort_line(rows)}; {coverage(rows)} intervals; at 0: as observed",
            simulated=simulated,
        )
    return figure


def _draw_points(axes: Axes, part: pd.DataFrame, look: tuple[str, object, str], name: str) -> None:
    colour, line, marker = look
    part = part.dropna(subset=["value"])
    axes.plot(
        part["at"], part["value"], color=colour, linestyle=line, marker=marker, markersize=4.5,
        linewidth=1.3, label=name,
    )  # fmt: skip
    axes.vlines(part["at"], part["low"], part["high"], color=colour, linewidth=1.2, alpha=0.8)


def _legend_below(figure: Figure) -> None:
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
