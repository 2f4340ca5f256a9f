"""Figures of the sanity checks and of conformal prediction."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    ORANGE,
    VERMILION,
    figure_style,
    headline,
    percent,
)
from spl_kedro.schemas import COHORTS


def sanity_figure(
    cascade: pd.DataFrame,
    heads: pd.DataFrame,
    stability: pd.DataFrame,
    shuffled: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    simulated: bool,
) -> Figure:
    """Draw the four checks side by side.

    Parameters
    ----------
    cascade : DataFrame
        From :func:`spl_kedro.explainability.sanity.cascading_randomisation`.
    heads : DataFrame
        Columns ``labels`` (``true`` or ``shuffled``), ``agreement``.
    stability : DataFrame
        Columns ``model``, ``rank_correlation``, ``overlap``: a row per pair of folds.
    shuffled : DataFrame
        Columns ``labels``, ``auc``, ``total_shap``.
    title, subtitle, simulated
        As in :func:`spl_kedro.explainability.figures_shap.shap_beeswarm`.
    """
    with figure_style():
        figure = Figure(figsize=(13.0, 4.3))
        first, second, third, fourth = figure.subplots(1, 4, width_ratios=(1.5, 0.8, 1.3, 0.8))
        steps = np.arange(len(cascade))
        first.fill_between(
            steps, cascade["correlation_low"], cascade["correlation_high"], color=BLUE, alpha=0.18,
            linewidth=0, label="middle half of the lesions",
        )  # fmt: skip
        first.plot(steps, cascade["correlation"], "o-", color=BLUE, label="mean")
        first.plot(steps, cascade["other_lesion"], "s:", color=GREY, label="another lesion's map")
        names = ["nothing", *("+ " + name for name in cascade["randomised"][1:])]
        first.set_xticks(steps, names, rotation=45, ha="right")
        first.set_ylim(min(-0.6, float(cascade["correlation_low"].min()) - 0.05), 1.05)
        first.axhline(0, color=GREY, linewidth=0.7)
        first.set_xlabel("randomised, from the head down")
        first.set_ylabel("rank correlation with the trained map")
        first.set_title("Random weights change the map")
        first.legend(loc="upper right")

        _true_and_shuffled(second, heads, "agreement", "rank correlation of two halves' maps")
        second.set_title("Shuffled labels: maps")
        second.set_ylim(min(-0.2, float(heads["agreement"].min()) - 0.1), 1.05)

        models = list(dict.fromkeys(stability["model"]))
        for place, model in enumerate(models):
            part = stability[stability["model"] == model]
            for shift, column, marker in ((-0.13, "rank_correlation", "o"), (0.13, "overlap", "D")):
                third.scatter(
                    np.full(len(part), place + shift), part[column], marker=marker, s=30,
                    facecolors="none" if marker == "D" else MODEL_COLOURS[model],
                    edgecolors=MODEL_COLOURS[model],
                )  # fmt: skip
        third.scatter([], [], marker="o", color=GREY, label="rank correlation of shared features")
        third.scatter(
            [],
            [],
            marker="D",
            facecolors="none",
            edgecolors=GREY,
            label="share of top features in common",
        )
        third.set_xticks(range(len(models)), [MODEL_NAMES[m] for m in models])
        third.set_ylim(-1.05, 1.05)
        third.axhline(0, color=GREY, linewidth=0.7)
        third.set_title("SHAP ranking, pairs of folds")
        third.legend(loc="lower left")

        _true_and_shuffled(fourth, shuffled, "total_shap", "sum of mean |SHAP| values")
        fourth.set_ylim(-0.02, max(float(shuffled["total_shap"].max()) * 1.15, 0.05))
        fourth.set_title("Shuffled labels: SHAP")
        headline(figure, title, subtitle, simulated=simulated)
    return figure


def conformal_figure(
    coverage: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    simulated: bool,
    counted: str = "lesions",
) -> Figure:
    """Draw the coverage reached beside the coverage stated, and what the sets say.

    Parameters
    ----------
    coverage : DataFrame
        From :func:`spl_kedro.explainability.conformal.coverage_table`.
    title, subtitle, simulated
        As in :func:`spl_kedro.explainability.figures_shap.shap_beeswarm`.
    counted : str
        What the table counts.
    """
    coverage = coverage.sort_values("cohort", key=_study_order, kind="stable")
    rows = [f"{r.cohort},\n{r.diagnosis} (n = {r.n})" for r in coverage.itertuples()]
    places = np.arange(len(rows))[::-1]
    with figure_style():
        figure = Figure(figsize=(11.0, 1.7 + 0.62 * len(rows)))
        left, right = figure.subplots(1, 2, sharey=True)
        left.hlines(
            places, coverage["expected_low"], coverage["expected_high"], color="#C4C4C4",
            linewidth=9, label=f"expected ({percent(coverage['confidence'].iloc[0])})",
        )  # fmt: skip
        left.scatter(coverage["coverage"], places, c="black", s=36, zorder=3, label="reached")
        stated = float(coverage["stated"].iloc[0])
        left.axvline(stated, color=GREY, linestyle="--", linewidth=1, label=f"stated, {stated:.0%}")
        left.set_yticks(places, rows)
        left.set_xlabel(f"share of {counted} whose diagnosis is in the set")
        left.set_xlim(min(0.6, float(coverage["coverage"].min()) - 0.05), 1.01)
        left.set_title("Coverage", pad=20)
        left.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=3, borderaxespad=0.1)

        one = coverage["one_diagnosis"].to_numpy()
        either, neither = coverage["either"].to_numpy(), coverage["neither"].to_numpy()
        for start, width, colour, name in (
            (np.zeros(len(one)), one, BLUE, "one diagnosis"),
            (one, either, ORANGE, "either"),
            (one + either, neither, VERMILION, "neither"),
        ):
            right.barh(places, width, left=start, height=0.55, color=colour, label=name)
            for place, x, w in zip(places, start, width, strict=True):
                if w >= 0.06:
                    # Not the theme's own black: an orange bar is light in the dark theme too.
                    ink = "#010101" if colour == ORANGE else "white"
                    right.text(
                        x + w / 2, place, f"{w:.0%}", ha="center", va="center", color=ink,
                        fontsize=8,
                    )  # fmt: skip
        right.set_xlim(0, 1)
        right.set_xlabel(f"share of {counted}")
        right.set_title("What the set names", pad=20)
        right.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=3, borderaxespad=0.1)
        headline(figure, title, subtitle, simulated=simulated)
    return figure


def _study_order(cohorts: pd.Series) -> pd.Series:
    return cohorts.map({name: place for place, name in enumerate(COHORTS)})


def _true_and_shuffled(axes, table: pd.DataFrame, column: str, label: str) -> None:
    for place, name in enumerate(("true", "shuffled")):
        values = table.loc[table["labels"] == name, column]
        axes.scatter(
            place + np.linspace(-0.06, 0.06, len(values)) if len(values) > 1 else [place],
            values, s=42, color=BLUE if name == "true" else ORANGE, zorder=3,
        )  # fmt: skip
        if len(values):
            axes.annotate(
                f"{values.mean():.2f}", (place, values.mean()), xytext=(12, 3),
                textcoords="offset points", va="center", fontsize=8.5,
            )  # fmt: skip
    axes.set_xticks([0, 1], ["true\nlabels", "shuffled\nlabels"])
    axes.set_xlim(-0.5, 1.7)
    axes.axhline(0, color=GREY, linewidth=0.7)
    axes.set_ylabel(label)
