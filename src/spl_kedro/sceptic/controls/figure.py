"""Forest plot of the negative controls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    MODEL_COLOURS,
    MODEL_NAMES,
    ORANGE,
    VERMILION,
    coverage,
    entitle,
    figure_style,
)
from spl_kedro.sceptic.controls.words import verdict_words

#: A control that could explain the result is the one to be seen.
_COLOURS = {
    "explains": VERMILION,
    "fails": VERMILION,
    "knows_site": ORANGE,
    "undecided": ORANGE,
    "part": BLUE,
    "as_kept": BLUE,
    "nothing": GREEN,
    "passes": GREEN,
    "no_site": GREEN,
}
# Where the columns of words begin, in widths of their panel.
_AUC, _DIFFERENCES, _VERDICT = 0.0, {"image": 0.21, "full": 0.46}, 0.71


def controls_figure(table: pd.DataFrame, *, simulated: bool) -> Figure:
    """Draw each control's AUC and interval beside the models', its differences and its verdict.

    Parameters
    ----------
    table : DataFrame
        From :func:`spl_kedro.sceptic.controls.judging.judge_controls`.
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    image = table[table["control"] == "image"].iloc[0]
    models = int((table["kind"] == "model").sum())
    with figure_style():
        figure = Figure(figsize=(13.5, 1.5 + 0.33 * (len(table) + 1)))
        axes, words = figure.subplots(1, 2, sharey=True, width_ratios=[1, 1.5])
        row: Any
        for height, row in enumerate(table.itertuples()):
            if row.kind == "model":
                title, colour, marker = f"{MODEL_NAMES[row.title]}, the model", None, "D"
            else:
                title, colour, marker = row.title, _COLOURS.get(row.verdict, GREY), "s"
            beside = axes.get_yaxis_transform()
            axes.text(-0.02, height, title, transform=beside, ha="right", va="center")
            if np.isfinite(row.auc):
                colour = colour or MODEL_COLOURS[row.title]
                axes.plot([row.low, row.high], [height, height], color=colour, linewidth=2)
                axes.plot(row.auc, height, marker, color=colour, markersize=5.5)
            _say(words, height, row)
        for panel in (axes, words):
            panel.axhline(models - 0.5, color=GREY, linewidth=0.6)
        axes.axvline(0.5, color=GREY, linewidth=0.8, linestyle=(0, (2, 3)))
        axes.axvline(image["auc"], color=MODEL_COLOURS[image["title"]], linewidth=0.8, alpha=0.7)
        low = np.nanmin(np.append(table["low"].to_numpy(dtype=float), 0.5))
        axes.set(xlim=(max(0.0, low - 0.03), 1.005), ylim=(len(table) - 0.4, -0.7))
        axes.set_xlabel(f"AUC, {coverage(table)} interval")
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        _head(words, image)
        entitle(
            axes,
            "Negative controls",
            "Cross-fitted training lesions, in the study's own folds",
            simulated=simulated,
        )
    return figure


def _head(words: Axes, image: pd.Series) -> None:
    """Write the headings of the columns of words."""
    headings = {_AUC: "AUC", _VERDICT: "Verdict"}
    for which, place in _DIFFERENCES.items():
        headings[place] = f"AUC less {MODEL_NAMES[image[f'{which}_model']]}'s"
    for place, heading in headings.items():
        words.text(place, -0.75, heading, va="bottom", fontsize=8.5, fontweight="bold")
    words.set(xlim=(0, 1), xticks=[])
    for spine in words.spines.values():
        spine.set_visible(False)


def _say(words: Axes, height: float, row: Any) -> None:
    """Write a row's numbers and verdict."""

    def say(place: float, said: str, colour: str = BLACK) -> None:
        words.text(place, height, said, va="center", fontsize=8.5, color=colour)

    if not np.isfinite(row.auc):
        say(_AUC, f"not computed: {row.note}", GREY)
        return
    say(_AUC, f"{row.auc:.2f} ({row.low:.2f}–{row.high:.2f})")
    if row.kind == "model":
        return
    for which, place in _DIFFERENCES.items():
        value, *ends = (getattr(row, f"{which}_difference{end}") for end in ("", "_low", "_high"))
        if np.isfinite(value):
            say(place, f"{_signed(value)} ({' to '.join(map(_signed, ends))})")
    say(_VERDICT, verdict_words(row), _COLOURS.get(row.verdict, GREY))


def _signed(value: float) -> str:
    """Write a difference with two decimals, plus or a true minus sign."""
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text[1:] == "0.00" else text
