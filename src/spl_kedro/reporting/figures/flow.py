"""The cohort's flow chart, for manuscripts; the page itself draws it in HTML."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import (
    BLACK,
    GREY,
    entitle,
    figure_style,
    new_figure,
)
from spl_kedro.reporting.flow import CohortFlow


def flow_figure(flow: CohortFlow, *, simulated: bool) -> Figure:
    """Draw who was read, who was left out and why, and how the rest was split.

    Parameters
    ----------
    flow : CohortFlow
    simulated : bool
        Whether the figure must say "Simulated patients".

    Returns
    -------
    matplotlib.figure.Figure
    """
    reasons = [f"{reason.rule.replace('_', ' ')}: {reason.cases}" for reason in flow.reasons]
    by_rule = ", by the rule broken" if reasons else ""
    left_out = "\n".join([f"Left out: {flow.n_left_out} cases{by_rule}", *reasons])
    with figure_style():
        figure, axes = new_figure(6.6, 3.6 + 0.16 * len(reasons))
        axes.set(xlim=(0, 10), ylim=(0, 10))
        axes.axis("off")
        _box(axes, 3.4, 8.9, f"Lesions received\n{flow.n_received}", bold=True)
        _box(axes, 8.1, 6.6, left_out)
        divided = "divided" if flow.sealed else "analysed"
        _box(axes, 3.4, 4.3, f"Lesions {divided}\n{flow.n_divided}", bold=True)
        _arrow(axes, (3.4, 8.2), (3.4, 5.0))
        _arrow(axes, (3.4, 6.6), (6.4, 6.6))
        arms = [
            f"{arm.name}\n{arm.lesions} lesions\n{arm.benign} benign, {arm.malignant} malignant"
            for arm in flow.arms
        ]
        arms += [f"{a.name}\n{a.lesions} lesions\nsealed, not analysed" for a in flow.sealed]
        width = 10 / max(1, len(arms))
        for position, words in enumerate(arms):
            x = width * (position + 0.5)
            _box(axes, x, 1.2, words)
            _arrow(axes, (3.4, 3.6), (x, 2.1))
        entitle(axes, "Cohort flow", "", simulated=simulated)
    return figure


def _box(axes: Axes, x: float, y: float, text: str, *, bold: bool = False) -> None:
    axes.text(
        x, y, text, ha="center", va="center", fontsize=8.8, linespacing=1.45,
        fontweight="bold" if bold else "normal",
        bbox={"boxstyle": "round,pad=0.55", "facecolor": "none", "edgecolor": GREY},
    )  # fmt: skip


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", xy=end, xytext=start,
        arrowprops={"arrowstyle": "-|>", "color": BLACK, "linewidth": 0.9, "shrinkB": 2},
    )  # fmt: skip
