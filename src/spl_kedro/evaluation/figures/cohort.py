"""What every figure of one cohort starts with: its rows, its size, and what it cannot show."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.evaluation.checks import EvaluationError
from spl_kedro.evaluation.figures.style import (
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


def cohort_line(cohort_name: str, protocol: str, n: int, events: int) -> str:
    """Return the line every panel carries: cohort, protocol, number of lesions and events."""
    return (
        f"{cohort_name.capitalize()} cohort, n = {n} ({events} malignant), "
        f"{PROTOCOL_NAMES[protocol]}"
    )


def cohort_line_of(chosen: pd.DataFrame) -> str:
    """Return the line of a table of one cohort and protocol that has columns n and events."""
    row = chosen.iloc[0]
    return cohort_line(row["cohort"], row["protocol"], int(row["n"]), int(row["events"]))


def one_class_figure(
    title: str, predictions: pd.DataFrame, cohort_name: str, *, protocol: str, simulated: bool
) -> Figure:
    """Draw, in place of a figure that needs both classes, why there is none.

    Parameters
    ----------
    title : str
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    cohort_name, protocol : str
    simulated : bool
        Whether the figure must say "Simulated patients".
    """
    chosen = of_cohort(predictions, cohort_name, protocol, "predictions")
    label = chosen.drop_duplicates("lesion_id")["label"]
    kind = "malignant" if label.any() else "benign"
    with figure_style():
        figure, axes = new_figure(5.4, 2.2)
        axes.set_axis_off()
        axes.text(
            0.5, 0.45, f"Not drawn: all {len(label)} lesions of this cohort are {kind}.",
            transform=axes.transAxes, ha="center", va="center", color=GREY,
        )  # fmt: skip
        line = cohort_line(cohort_name, protocol, len(label), int(label.sum()))
        entitle(axes, title, line, simulated=simulated)
    return figure
