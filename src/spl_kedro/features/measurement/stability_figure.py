"""Figure: how repeatable each class and each derived image is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CLASS_NAMES = {
    "shape": "Shape",
    "shape2D": "Shape",
    "firstorder": "First order",
    "glcm": "GLCM",
    "glrlm": "GLRLM",
    "glszm": "GLSZM",
    "gldm": "GLDM",
    "ngtdm": "NGTDM",
    "habitat": "Habitats",
}
_BLUE, _GREY, _RED = "#1f5a91", "#9aa5b1", "#b3261e"


def _strip(axes: Axes, groups: dict[str, pd.DataFrame], threshold: float) -> None:
    """One row of dots per group, with median and the number of stable features of all."""
    rng = np.random.default_rng(0)  # vertical jitter only
    for position, group in enumerate(groups.values()):
        drawn = group[group["icc"].notna()]
        values, stable = drawn["icc"].to_numpy(), drawn["stable"].to_numpy(dtype=bool)
        jitter = position + rng.uniform(-0.28, 0.28, len(values))
        axes.scatter(values[stable], jitter[stable], s=5, color=_BLUE, alpha=0.5, linewidths=0)
        axes.scatter(values[~stable], jitter[~stable], s=5, color=_GREY, alpha=0.6, linewidths=0)
        if len(values):
            axes.plot([np.median(values)] * 2, [position - 0.36, position + 0.36], color="black")
        share = f"{stable.sum()} of {len(group)}"
        axes.text(1.02, position, share, va="center", fontsize=8, transform=_right_of(axes))
    axes.axvline(threshold, color=_RED, linewidth=1, linestyle="--")
    axes.set_yticks(range(len(groups)), list(groups), fontsize=8)
    axes.set_ylim(len(groups) - 0.5, -0.5)
    axes.spines[["top", "right"]].set_visible(False)


def _right_of(axes: Axes):
    from matplotlib.transforms import blended_transform_factory

    return blended_transform_factory(axes.transAxes, axes.transData)


def stability_figure(
    stability: pd.DataFrame,
    schema: pd.DataFrame,
    *,
    simulated: bool = False,
    what: str = "informative features",
    classes: str = "feature class",
    parts: str = "image (without shape)",
) -> Figure:
    """Draw the ICC of every informative feature by class and by derived image.

    Features without an ICC have no dot, but count among all.

    Parameters
    ----------
    stability : DataFrame
        From :func:`.stability.feature_stability`.
    schema : DataFrame
        From :func:`.presets.feature_schema`; degenerate features are not drawn.
    simulated : bool
        Whether the patients are simulated; the title then says so.
    what : str
        What is counted, in the title.
    classes : str
        What the left half is by: of what the schema's `feature_class` names one.
    parts : str
        What the right half is by: of what the schema's `image_type` names one.

    Returns
    -------
    matplotlib.figure.Figure
        The caller closes it.
    """
    from matplotlib.figure import Figure

    shown = schema.join(stability)
    shown = shown[~shown["degenerate"]]
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    if shown["icc"].isna().all():
        for axes in (left, right):
            axes.set_axis_off()
        figure.suptitle("Too few lesions with several outlines to judge stability")
        return figure
    lowest = min(-0.02, float(shown["icc"].min()) - 0.02)
    there = set(shown["feature_class"])
    known = {name: label for name, label in _CLASS_NAMES.items() if name in there}
    # Of others, as of a network, the name is the label.
    known |= {name: str(name) for name in shown["feature_class"].unique() if name not in known}
    by_class = {label: shown[shown["feature_class"] == name] for name, label in known.items()}
    images = shown[~shown["feature_class"].str.startswith("shape")]
    by_image = {str(name): group for name, group in images.groupby("image_type", sort=False)}
    threshold = float(shown["threshold"].iloc[0])
    for axes, groups, title in (
        (left, by_class, f"By {classes}"),
        (right, by_image, f"By {parts}"),
    ):
        _strip(axes, groups, threshold)
        axes.set_xlim(lowest, 1.01)
        axes.set_xlabel("Intraclass correlation coefficient")
        axes.set_title(f"{title}; right: stable of all", fontsize=10, loc="left")
    row = shown.iloc[0]
    stable = int(shown["stable"].sum())
    whose = "Simulated patients: " if simulated else ""
    # Two lines: one is wider than the figure where features and patients have long names.
    figure.suptitle(
        f"{stable} of {len(shown)} {what} have an ICC of at least {threshold:g}\n"
        f"{whose}{row['lesions']} training lesions, {row['outlines']} outlines each, "
        f"{row['source']}. Black: median; dashed: {threshold:g}.",
        x=0.01,
        ha="left",
        fontsize=11,
    )
    return figure
