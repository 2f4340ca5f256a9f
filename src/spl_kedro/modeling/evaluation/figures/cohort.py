"""What every figure of one cohort starts with: its rows, its size, and what it cannot show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.checks import EvaluationError
from spl_kedro.modeling.evaluation.figures.style import (
    GREY,
    PROTOCOL_NAMES,
    entitle,
    figure_style,
    new_figure,
)


def of_cohort(table: pd.DataFrame, cohort_name: str, protocol: str, what: str) -> pd.DataFrame:
    """Return the rows of one cohort and protocol.

    Parameters
    ----------
    table : DataFrame
        With columns cohort and protocol.
    cohort_name, protocol : str
    what : str
        What the table holds, for the message.

    Raises
    ------
    EvaluationError
        If there are none; the message names what there is.
    """
    chosen = table[(table["cohort"] == cohort_name) & (table["protocol"] == protocol)]
    if chosen.empty:
        raise EvaluationError(
            f"rule known_cohort: no {what} of the {cohort_name} cohort under {protocol}; there are "
            f"{sorted(set(table['cohort']))} under {sorted(set(table['protocol']))}"
        )
    return chosen


def of_model(
    table: pd.DataFrame, model: str, cohort_name: str, protocol: str, what: str
) -> pd.DataFrame:
    """Return the rows of one model in one cohort under one protocol; see `of_cohort`."""
    return of_cohort(table[table["model"] == model], cohort_name, protocol, what)


def count_words(row: pd.Series | Mapping[Any, Any]) -> str:
    """Return how many were measured; patients are named, lesions are what is counted elsewhere.

    Parameters
    ----------
    row : Series or mapping
        With n and unit.
    """
    return f"{int(row['n'])}" + ("" if row["unit"] == "lesions" else f" {row['unit']}")


def size_words(row: pd.Series) -> str:
    """Return how many were measured, and how many of them are malignant.

    Parameters
    ----------
    row : Series
        With n, events and unit.
    """
    return f"n = {count_words(row)} ({int(row['events'])} malignant)"


def cohort_line(chosen: pd.DataFrame) -> str:
    """Return the line every panel carries: cohort, numbers, protocol.

    Parameters
    ----------
    chosen : DataFrame
        Rows of one cohort and protocol, with n, events and unit.
    """
    row = chosen.iloc[0]
    cohort, protocol = row["cohort"].capitalize(), PROTOCOL_NAMES[row["protocol"]]
    return f"{cohort} cohort, {size_words(row)}, {protocol}"


def cohort_lines(chosen: pd.DataFrame) -> str:
    """Return `cohort_line` on two lines, for a narrow figure."""
    row = chosen.iloc[0]
    cohort, protocol = row["cohort"].capitalize(), PROTOCOL_NAMES[row["protocol"]]
    return f"{cohort} cohort, {protocol}\n{size_words(row)}"


def has_both_classes(performance: pd.DataFrame, cohort_name: str, *, protocol: str) -> bool:
    """Return whether a cohort has benign and malignant lesions, which most figures need.

    Parameters
    ----------
    performance : DataFrame
        From `spl_kedro.modeling.evaluation.performance`.
    cohort_name, protocol : str
    """
    row = of_cohort(performance, cohort_name, protocol, "performance").iloc[0]
    return 0 < row["events"] < row["n"]


def one_class_figure(
    title: str, performance: pd.DataFrame, cohort_name: str, *, protocol: str, simulated: bool
) -> Figure:
    """Draw, in place of a figure that needs both classes, why there is none.

    Parameters
    ----------
    title : str
    performance : DataFrame
        From `spl_kedro.modeling.evaluation.performance`.
    cohort_name, protocol : str
    simulated : bool
        Whether the figure must say "Simulated patients".
    """
    chosen = of_cohort(performance, cohort_name, protocol, "performance")
    row = chosen.iloc[0]
    kind = "malignant" if row["events"] else "benign"
    why = f"Not drawn: all {row['n']} {row['unit']} of this cohort are {kind}."
    return _not_drawn(title, why, chosen, simulated=simulated)


def one_model_figure(
    title: str, performance: pd.DataFrame, cohort_name: str, *, protocol: str, simulated: bool
) -> Figure:
    """Draw, in place of a figure that compares models, that there are none to compare.

    Parameters
    ----------
    title, performance, cohort_name, protocol, simulated
        As for `one_class_figure`.
    """
    chosen = of_cohort(performance, cohort_name, protocol, "performance")
    why = "Not drawn: the models of this cohort are none of those it compares."
    return _not_drawn(title, why, chosen, simulated=simulated)


def sealed_figure(title: str, subtitle: str, *, simulated: bool) -> Figure:
    """Draw, in place of a figure of unseen lesions, that these are sealed.

    Parameters
    ----------
    title, subtitle : str
    simulated : bool
        Whether the figure must say "Simulated patients".
    """
    why = "Sealed: shown once validation is unsealed."
    return _empty_figure(title, why, subtitle, simulated=simulated)


def _not_drawn(title: str, why: str, chosen: pd.DataFrame, *, simulated: bool) -> Figure:
    return _empty_figure(title, why, cohort_line(chosen), simulated=simulated)


def _empty_figure(title: str, why: str, subtitle: str, *, simulated: bool) -> Figure:
    with figure_style():
        figure, axes = new_figure(5.4, 2.2)
        axes.set_axis_off()
        axes.text(0.5, 0.45, why, transform=axes.transAxes, ha="center", va="center", color=GREY)
        entitle(axes, title, subtitle, simulated=simulated)
    return figure
