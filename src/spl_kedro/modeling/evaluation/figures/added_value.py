"""What each part adds: the AUC after each step, and the gain over the step before."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.checks import EvaluationError
from spl_kedro.modeling.evaluation.figures.cohort import size_words
from spl_kedro.modeling.evaluation.figures.style import (
    GREY,
    MODEL_COLOURS,
    coverage,
    decimals,
    entitle,
    figure_style,
    new_figure,
)

# Models that show what a part adds take the colour of that part.
_COLOURS = MODEL_COLOURS | {
    "clinical_rad": MODEL_COLOURS["rad"],
    "clinical_dtl": MODEL_COLOURS["dtl"],
    "clinical_before": MODEL_COLOURS["clinical"],
    "cdlr_before": MODEL_COLOURS["cdlr"],
}


def added_value_figure(added_value: pd.DataFrame, cohort_name: str, *, simulated: bool) -> Figure:
    """Draw the AUC of every step in one cohort, with what it adds in words at its side.

    Parameters
    ----------
    added_value : DataFrame
        From `spl_kedro.modeling.evaluation.added_value_table`.
    cohort_name : str
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = added_value[added_value["cohort"] == cohort_name].dropna(subset=["auc"])
    if rows.empty:
        raise EvaluationError(f"rule known_cohort: nothing was added in the {cohort_name} cohort")
    area = decimals(added_value["auc_low"], added_value["auc_high"])
    gain = decimals(added_value["added_low"], added_value["added_high"])
    views = list(rows["view"].drop_duplicates())
    with figure_style():
        figure, axes = new_figure(6.8, 1.1 + 0.27 * (len(rows) + 1.4 * len(views)))
        height = 0.0
        axes.text(
            1.02, height, f"AUC     gain ({coverage(rows)} interval)",
            transform=axes.get_yaxis_transform(), va="center", color=GREY, fontsize=8.8,
        )  # fmt: skip
        left = min(0.5, float(rows["auc_low"].min()) - 0.02)
        for view in views:
            axes.text(
                -0.25, height, view[:1].upper() + view[1:],
                transform=axes.get_yaxis_transform(), va="center", fontweight="bold", fontsize=8.8,
                bbox={"color": "white", "pad": 1.5},
            )  # fmt: skip
            for row in rows[rows["view"] == view].itertuples():
                height += 1
                colour = _COLOURS.get(row.model, GREY)
                axes.plot([row.auc_low, row.auc_high], [height] * 2, color=colour, linewidth=2)
                axes.plot(row.auc, height, "s", color=colour, markersize=5.5)
                axes.text(
                    -0.02, height, row.step,
                    transform=axes.get_yaxis_transform(), ha="right", va="center",
                )  # fmt: skip
                text = f"{row.auc:.{area}f}"
                if pd.notna(row.added):
                    limits = f"({row.added_low:+.{gain}f} to {row.added_high:+.{gain}f})"
                    text += f"  {row.added:+.{gain}f} {limits}"
                axes.text(
                    1.02, height, text.replace("-", "−"),
                    transform=axes.get_yaxis_transform(), va="center",
                )  # fmt: skip
            height += 1.5
        axes.set(
            xlim=(left, 1.005), ylim=(height - 0.6, -0.7), xlabel=f"AUC, {coverage(rows)} interval"
        )
        axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        line = f"{cohort_name.capitalize()} cohort, {size_words(rows.iloc[0])}, leak-free protocol"
        entitle(axes, "What each part adds", line, simulated=simulated)
    return figure
