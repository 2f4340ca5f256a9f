"""Many simulated images on one page, for a person to judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from spl_kedro.natural import in_natural_order

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def contact_sheet(
    images: Mapping[str, np.ndarray],
    masks: Mapping[str, np.ndarray] | None = None,
    captions: Mapping[str, str] | None = None,
    columns: int = 4,
    title: str = "Simulated patients",
) -> Figure:
    """Draw images in a grid, with outlines where masks are given.

    Parameters
    ----------
    images : mapping of str to ndarray, shape (rows, columns)
        Images by file name, grey 0 to 255.
    masks : mapping of str to ndarray, optional
        Outlines by the same names; those given are drawn.
    captions : mapping of str to str, optional
        Text under the name of an image.
    columns : int
        Images in a row, 1 or more.
    title : str
        Heading of the page.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If there is no image to show.
    """
    # Imported here so that the processes that only simulate do not pay for it.
    from matplotlib.figure import Figure

    if not images:
        raise ValueError("no image to show: give at least one")
    names = in_natural_order(images)
    columns = min(columns, len(names))
    rows = -(-len(names) // columns)
    height, width = images[names[0]].shape
    cell = 3.4
    figure = Figure(
        figsize=(cell * columns, (cell * height / width + 0.3) * rows + 0.5), layout="constrained"
    )
    figure.suptitle(title)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for axis in axes:
        axis.set_axis_off()
    for axis, name in zip(axes, names, strict=False):
        axis.imshow(images[name], cmap="gray", vmin=0, vmax=255, interpolation="none")
        if masks is not None and name in masks:
            axis.contour(masks[name] > 0, levels=[0.5], colors="#ffb000", linewidths=0.9)
        caption = name.rsplit(".", 1)[0]
        if captions and name in captions:
            caption = f"{caption}  {captions[name]}"
        axis.set_title(caption, fontsize=8)
    return figure
