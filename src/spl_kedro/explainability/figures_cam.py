"""Figures of Grad-CAM: the panel of right and wrong decisions, and where the energy lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure

from spl_kedro.explainability.lesion_map import LesionMap
from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    CLASS_NAMES,
    GREY,
    ORANGE,
    VERMILION,
    figure_style,
    headline,
)

#: What each of `summaries.OUTCOMES` is.
OUTCOMES = {
    "true positive": "malignant, called malignant",
    "false positive": "benign, called malignant",
    "true negative": "benign, called benign",
    "false negative": "malignant, called benign",
}
_BAR_LENGTHS_MM = (1, 2, 5, 10, 20, 50)


def outcome(label: int, called: int) -> str:
    """Return the name of a decision: true or false, positive or negative."""
    return f"{'true' if label == called else 'false'} {'positive' if called else 'negative'}"


def spread_over_scores(scores: pd.Series, n: int) -> list[str]:
    """Return `n` lesions at even steps from the lowest to the highest score.

    A rule instead of a choice by eye.

    Parameters
    ----------
    scores : Series
        Score by lesion id.
    n : int
        Lesions wanted.

    Returns
    -------
    list of str
        All of them where there are no more than `n`.
    """
    ordered = scores.sort_index().sort_values(kind="stable").index
    if len(ordered) <= n:
        return list(ordered)
    return [ordered[i] for i in np.unique(np.linspace(0, len(ordered) - 1, n).round().astype(int))]


def gradcam_panel(
    rows: dict[str, list[tuple[LesionMap, float]]],
    *,
    title: str,
    subtitle: str,
    simulated: bool,
    columns: int = 4,
) -> Figure:
    """Draw lesions by outcome, each with its outline beside the same crop with its map.

    Parameters
    ----------
    rows : dict of str to list of (LesionMap, float)
        Outcome -> maps with the deciding model's score.
    title, subtitle : str
    simulated : bool
        Says "Simulated patients" above the panel. Real lesions are not named in it.
    columns : int
        Lesions per row.

    Returns
    -------
    Figure
    """
    with figure_style():
        figure = Figure(figsize=(1.0 + 3.0 * columns, 0.9 + 1.62 * len(rows)))
        # Without ticks: those of axes that are off are not seen, and still placed.
        grid = figure.subplots(
            len(rows), 2 * columns, squeeze=False, subplot_kw={"xticks": [], "yticks": []}
        )
        for line, (name, lesions) in zip(grid, rows.items(), strict=True):
            for axes in line:
                axes.set_axis_off()
            line[0].text(
                -0.12,
                0.5,
                f"{name.capitalize()}\n({OUTCOMES[name]})".replace(", ", ",\n"),
                transform=line[0].transAxes,
                ha="right",
                va="center",
                fontsize=8.5,
            )
            if not lesions:
                line[0].text(0.05, 0.5, "no such lesion", transform=line[0].transAxes, color=GREY)
            for position, (lesion, score) in enumerate(lesions[:columns]):
                plain, overlay = line[2 * position], line[2 * position + 1]
                _draw_crop(plain, lesion)
                _draw_crop(overlay, lesion)
                _draw_map(overlay, lesion)
                named = f"{lesion.lesion_id}, score" if simulated else "Score"
                plain.set_title(f"{named} {score:.2f}", fontsize=7.5, fontweight="normal")
                target = CLASS_NAMES[lesion.target]
                overlay.set_title(
                    f"evidence for {target}", fontsize=7.5, fontweight="normal", color=GREY
                )
        bar = figure.colorbar(
            ScalarMappable(cmap="inferno"), ax=grid, shrink=0.4, aspect=25, pad=0.01
        )
        bar.set_ticks([0, 1], labels=["none", "most"])
        bar.set_label("evidence, each map on its own scale", fontsize=8)
        headline(figure, title, subtitle, simulated=simulated)
    return figure


def energy_figure(
    energy: pd.DataFrame,
    summary: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    simulated: bool,
    rim: str,
) -> Figure:
    """Draw the share of each map's energy inside the lesion, in its rim and outside.

    Parameters
    ----------
    energy : DataFrame
        From :func:`spl_kedro.explainability.lesion_maps.energy_table`, with a column ``outcome``,
        of one cohort; of the single lesions those beyond the whiskers are drawn.
    summary : DataFrame
        From :func:`spl_kedro.explainability.summaries.energy_summary`, of the same cohort.
    rim : str
        How wide the rim is, in words.
    title, subtitle, simulated
        As in :func:`gradcam_panel`.
    """
    zones = {"inside": "inside the lesion", "rim": rim, "outside": "further out"}
    boxes = {(row["zone"], row["outcome"]): row for row in summary.to_dict("records")}
    outcomes = [name for name in OUTCOMES if name in set(summary["outcome"])]
    with figure_style():
        figure = Figure(figsize=(9.6, 4.4))
        panels = figure.subplots(1, 3, sharey=True)
        for axes, (zone, words), colour in zip(
            panels, zones.items(), (VERMILION, ORANGE, BLUE), strict=True
        ):
            rows = [boxes[zone, name] for name in outcomes]
            even = [row["area"] for row in rows]
            drawn = axes.bxp(
                [
                    _box(row, energy.loc[energy["outcome"] == name, zone])
                    for name, row in zip(outcomes, rows, strict=True)
                ],
                widths=0.55,
                patch_artist=True,
                flierprops={"marker": ".", "alpha": 0.4},
            )
            for box in drawn["boxes"]:
                box.set(facecolor=colour, alpha=0.75, linewidth=0.8)
            for line in drawn["medians"]:
                line.set(color="black", linewidth=1.2)
            places = np.arange(1, len(outcomes) + 1)
            axes.scatter(
                places, even, marker="D", s=26, c="white", edgecolors="black", zorder=4,
                label="share of the area",
            )  # fmt: skip
            axes.set_title(words[0].upper() + words[1:])
            labels = [
                f"{name.replace(' ', chr(10))}\nn = {row['mapped']}"
                for name, row in zip(outcomes, rows, strict=True)
            ]
            axes.set_xticks(places, labels)
            axes.set_ylim(-0.02, 1.02)
            axes.grid(axis="y", color="#E6E6E6", linewidth=0.6)
        panels[0].set_ylabel("Share of the map's energy")
        panels[2].legend(loc="upper right")
        headline(figure, title, subtitle, simulated=simulated)
    return figure


def _box(row: Mapping[Any, Any], shares: pd.Series) -> dict[str, Any]:
    """Return a row of the summary as matplotlib's statistics of a box."""
    beyond = shares[(shares < row["whisker_low"]) | (shares > row["whisker_high"])]
    return {
        "med": row["median"],
        "q1": row["quartile_low"],
        "q3": row["quartile_high"],
        "whislo": row["whisker_low"],
        "whishi": row["whisker_high"],
        "fliers": beyond.to_numpy(),
    }


def _draw_crop(axes: Axes, lesion: LesionMap) -> None:
    aspect = 1.0 if lesion.spacing_mm is None else lesion.spacing_mm[0] / lesion.spacing_mm[1]
    axes.imshow(lesion.image, cmap="gray", vmin=0, vmax=255, aspect=aspect)
    axes.contour(lesion.mask, levels=[0.5], colors="#56D4FF", linewidths=0.9)
    if lesion.spacing_mm is not None:
        _scale_bar(axes, lesion.image.shape, lesion.spacing_mm)


def _draw_map(axes: Axes, lesion: LesionMap) -> None:
    peak = float(lesion.saliency.max())
    if peak == 0:
        axes.text(0.5, 0.04, "no evidence", transform=axes.transAxes, ha="center",
                  va="bottom", fontsize=7, color="white")  # fmt: skip
        return
    relative = lesion.saliency / peak
    axes.imshow(relative, cmap="inferno", vmin=0, vmax=1, alpha=0.15 + 0.5 * relative,
                aspect=axes.get_aspect())  # fmt: skip
    axes.contour(lesion.mask, levels=[0.5], colors="#56D4FF", linewidths=0.9)


def _scale_bar(axes: Axes, shape: Sequence[int], spacing_mm: tuple[float, float]) -> None:
    width_mm = shape[1] * spacing_mm[1]
    fitting = [length for length in _BAR_LENGTHS_MM if length <= 0.4 * width_mm]
    length = fitting[-1] if fitting else _BAR_LENGTHS_MM[0]
    pixels = length / spacing_mm[1]
    left, row = 0.05 * shape[1], 0.94 * shape[0]
    for colour, width in (("black", 3.6), ("white", 1.8)):
        axes.plot([left, left + pixels], [row, row], color=colour, linewidth=width,
                  solid_capstyle="butt")  # fmt: skip
    axes.text(left, row - 0.03 * shape[0], f"{length} mm", color="white", fontsize=6.5,
              va="bottom", ha="left")  # fmt: skip
