"""Forest plot of models beside those of the study, a panel for each cohort."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.beside import measured_rows
from spl_kedro.modeling.evaluation.figures.cohort import size_words
from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    BLUE,
    GREY,
    coverage,
    decimals,
    figure_style,
    headline,
)
from spl_kedro.schemas import COHORTS


def beside_figure(
    table: pd.DataFrame,
    groups: Sequence[Sequence[str]],
    names: Mapping[str, str],
    title: str,
    *,
    simulated: bool,
) -> Figure:
    """Draw each model's AUC with its interval; a dashed line goes on from the first of a group.

    Parameters
    ----------
    table : DataFrame
        From `spl_kedro.modeling.evaluation.beside.measures_beside`; a model without an AUC is
        said not to have been run.
    groups : sequence of sequence of str
        Models from top to bottom; the first of a group is the one the others are compared with.
    names : mapping of str to str
        How each model is called.
    title : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    cohorts = [name for name in COHORTS if name in set(table["cohort"])]
    known = measured_rows(table)
    low = float(known["auc_low"].min()) if len(known) else 0.5
    count = sum(map(len, groups))
    with figure_style():
        figure = Figure(figsize=(2.4 + 2.7 * len(cohorts), 1.35 + 0.36 * count))
        panels = figure.subplots(1, len(cohorts), sharey=True, squeeze=False)[0]
        for axes, cohort in zip(panels, cohorts, strict=True):
            rows = table[table["cohort"] == cohort].set_index("model")
            _draw(axes, rows, groups)
            seen = measured_rows(rows)
            words = size_words(seen.iloc[0]) if len(seen) else "one class"
            called = "Training (cross-fitted)" if cohort == "training" else cohort.capitalize()
            axes.set_title(f"{called}\n", fontsize=9)
            axes.annotate(
                words, (0, 1), xytext=(0, 4), xycoords="axes fraction",
                textcoords="offset points", fontsize=8, color=GREY,
            )  # fmt: skip
            axes.set(xlim=(min(0.5, low - 0.02), 1.005), ylim=(count - 0.4, -0.75))
            axes.set_xlabel("AUC")
        shown = [names[model] for group in groups for model in group]
        panels[0].set_yticks(np.arange(count), shown)
        blue = " and ".join(names[group[0]] for group in groups)
        told = f"{coverage(known)} intervals; " if len(known) else ""
        headline(figure, title, f"{told}dashed: {blue}", simulated=simulated)
    return figure


def _draw(axes: Axes, rows: pd.DataFrame, groups: Sequence[Sequence[str]]) -> None:
    seen = measured_rows(rows)
    digits = decimals(seen["auc_low"], seen["auc_high"])
    known: dict[str, dict[str, float]] = {
        str(name): {key: float(row[key]) for key in ("auc", "auc_low", "auc_high")}
        for name, row in seen.iterrows()
    }
    height = 0
    for group in groups:
        if group[0] in known:
            auc = known[group[0]]["auc"]
            ends = [height - 0.4, height + len(group) - 0.6]
            axes.plot([auc, auc], ends, color=BLUE, linewidth=0.9, linestyle=(0, (4, 3)))
        for model in group:
            if model in known:
                _mark(axes, height, known[model], BLUE if model == group[0] else BLACK, digits)
            else:
                place = axes.get_yaxis_transform()
                axes.text(
                    0.03, height, "not run", transform=place, va="center", color=GREY, fontsize=8.5
                )
            height += 1
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _mark(axes: Axes, height: int, row: Mapping[str, float], colour: str, digits: int) -> None:
    """Draw one estimate with its interval and its number."""
    ends = [row["auc_low"], row["auc_high"]]
    axes.plot(ends, [height, height], color=colour, linewidth=2)
    axes.plot(row["auc"], height, "s", color=colour, markersize=5)
    axes.text(
        row["auc"], height - 0.2, f"{row['auc']:.{digits}f}", fontsize=7.5, color=colour,
        ha="center", va="bottom", bbox={"color": "white", "pad": 0.4},
    )  # fmt: skip
