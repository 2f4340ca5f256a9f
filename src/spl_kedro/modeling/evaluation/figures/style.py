"""One look for every figure: colours safe for colour-blind readers, one per model everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.model_names import MODEL_NAMES as MODEL_NAMES
from spl_kedro.modeling.evaluation.model_names import OfModels

# Okabe & Ito, Color Universal Design, 2008.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY = "#6E6E6E"


MODEL_COLOURS = OfModels(
    {"clinical": ORANGE, "rad": SKY, "dtl": GREEN, "dlr": PURPLE, "cdlr": BLUE}, lambda _: GREY
)
#: A second sign beside colour, for print in grey.
MODEL_LINES = {
    "clinical": (0, (1, 1)),
    "rad": (0, (4, 1.5)),
    "dtl": (0, (4, 1.2, 1, 1.2)),
    "dlr": (0, (7, 1.5)),
    "cdlr": "solid",
}
CLASS_COLOURS = {0: BLUE, 1: VERMILION}
CLASS_NAMES = {0: "benign", 1: "malignant"}
PROTOCOL_NAMES = {
    "leak_free": "leak-free protocol",
    "as_published": "as-published protocol",
    "as_published_radial": "as-published protocol, radial classifiers",
}
SIMULATED = "Simulated patients"
#: Inches of a figure of which three stand side by side on the report's page.
THIRD = 3.6
#: Half an interval's width below which estimates are written with a third decimal.
NARROW = 0.02

_STYLE: dict[Any, Any] = {
    "figure.dpi": 100,
    "savefig.dpi": 200,
    "figure.constrained_layout.use": True,
    "font.size": 9.5,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.axisbelow": True,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.7,
    "svg.hashsalt": "spl_kedro",
}


@contextmanager
def figure_style() -> Iterator[None]:
    """Apply the style inside a `with` block, leaving matplotlib's settings as they were."""
    with mpl.rc_context(_STYLE):
        yield


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """Return a figure of that size (inches) with one axes, outside pyplot's registry.

    Outside the registry, so that figures made in a long run need not be closed.
    """
    figure = Figure(figsize=(width, height))
    return figure, figure.subplots()


def entitle(axes: Axes, title: str, subtitle: str, *, simulated: bool) -> None:
    """Write title and subtitle above the axes; the subtitle says when patients are simulated.

    Parameters
    ----------
    axes : Axes
    title, subtitle : str
        The subtitle may have several lines.
    simulated : bool
        Adds "Simulated patients", which no figure made from them may lack.
    """
    more = 11 * subtitle.count("\n")
    axes.set_title(title, pad=more + (30 if simulated else 18))
    axes.annotate(
        subtitle,
        (0, 1),
        xytext=(0, 5),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8,
        color=GREY,
        va="bottom",
        linespacing=1.15,
    )
    if simulated:
        axes.annotate(
            SIMULATED,
            (0, 1),
            xytext=(0, 17 + more),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=8.5,
            color=VERMILION,
            fontweight="bold",
            va="bottom",
        )


def headline(figure: Figure, title: str, subtitle: str, *, simulated: bool) -> None:
    """Write title and subtitle above a figure of several panels; see `entitle`."""
    # The wide second line keeps the subtitle clear of the panels' own titles.
    figure.suptitle(
        f"{title}\n", x=0.01, ha="left", fontsize=10.5, fontweight="bold", linespacing=1.7
    )
    # The empty first line is as high as the title's, whatever the figure's height.
    figure.text(
        0.01,
        0.99,
        f"\n{subtitle}",
        ha="left",
        va="top",
        fontsize=8.5,
        linespacing=1.7,
        color=GREY,
    )
    if simulated:
        figure.text(
            0.99,
            0.99,
            SIMULATED,
            ha="right",
            va="top",
            fontsize=8.5,
            color=VERMILION,
            fontweight="bold",
        )


def percent(share: float) -> str:
    """Write a share as percents, without decimals it does not have.

    Examples
    --------
    >>> percent(0.95), percent(0.975)
    ('95%', '97.5%')
    """
    return f"{100 * share:.4g}%"


def decimals(low: Any, high: Any) -> int:
    """Return how many decimals a column of estimates bears, by the widths of their intervals.

    Parameters
    ----------
    low, high : array-like of float
        Bounds; intervals that are not finite or have no width do not count.

    Returns
    -------
    int
        2; 3 where the narrowest interval reaches less than 0.02 to either side.

    Examples
    --------
    >>> decimals([0.825, 0.712], [0.886, 0.872]), decimals([-0.006], [0.013])
    (2, 3)
    """
    half = (np.asarray(high, dtype=float) - np.asarray(low, dtype=float)).ravel() / 2
    half = half[np.isfinite(half) & (half > 0)]
    return 3 if len(half) and half.min() < NARROW else 2


def coverage(table: pd.DataFrame) -> str:
    """Return the coverage of a table's intervals as printed, from its column ``confidence``."""
    return " or ".join(percent(value) for value in sorted(set(table["confidence"])))


def legend_below(figure: Figure) -> None:
    """Put the legend of a narrow figure under it, in two columns."""
    figure.legend(loc="outside lower center", ncols=2, fontsize=7.5, handlelength=2.6)


def legend_beside(axes: Axes, title: str | None = None) -> None:
    """Put the legend right of the axes: where the curves run depends on the prevalence."""
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        borderaxespad=0,
        title=title,
        alignment="left",
    )
