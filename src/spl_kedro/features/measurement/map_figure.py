"""Figure: a map of a feature over its lesion, at the image's own size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Dots an inch at which a pixel of the image is a pixel of the figure.
DPI = 100
_TOP, _SIDE, _BAR = 44, 8, 96  # pixels above, left and below, and right of the image
_NARROW = 400  # pixels below which the words above would be cut off
_OPACITY = 0.75


def map_figure(
    image: np.ndarray,
    values: np.ndarray,
    feature: str,
    title: str,
    *,
    radius: int,
    simulated: bool = False,
) -> Figure:
    """Draw a map over the image, a pixel of the image on a pixel of the figure.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Grey values on the 8-bit scale.
    values : ndarray of float64, shape (H, W)
        The map; NaN outside the lesion. Its colours run from the 1st to the 99th percentile.
    feature : str
        Of what, for the colour bar.
    title : str
        Whose.
    radius : int
        Of the kernel, for the title.
    simulated : bool
        Whether the patient is simulated; the title then says so.

    Returns
    -------
    matplotlib.figure.Figure
        To be saved with :data:`DPI` dots an inch. The caller closes it.
    """
    from matplotlib.figure import Figure

    height, width = image.shape
    margin = max(_SIDE, (_NARROW - width - _BAR) // 2)
    wide, high = width + margin + _BAR + margin - _SIDE, height + _TOP + _SIDE
    figure = Figure(figsize=(wide / DPI, high / DPI), dpi=DPI)
    axes = figure.add_axes((margin / wide, _SIDE / high, width / wide, height / high))
    axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    known = values[np.isfinite(values)]
    low, high_value = np.percentile(known, [1, 99]) if len(known) else (0.0, 1.0)
    shown = axes.imshow(
        np.ma.masked_invalid(values),
        cmap="viridis",
        vmin=low,
        vmax=high_value,
        alpha=_OPACITY,
        interpolation="nearest",
    )
    axes.set_axis_off()
    left = margin + width + 10
    bar = figure.add_axes((left / wide, _SIDE / high, 14 / wide, height / high))
    figure.colorbar(shown, cax=bar).ax.tick_params(labelsize=8)
    side = 2 * radius + 1
    who = f"{title}, simulated patient" if simulated else title
    figure.text(margin / wide, 1 - 6 / high, who, va="top", fontsize=9, fontweight="bold")
    what = f"{feature}, kernel of {side} x {side} pixels"
    figure.text(margin / wide, 1 - 24 / high, what, va="top", fontsize=8, color="#6e6e6e")
    return figure
