"""The contact sheet of the habitats: lesions with their outline, and beside it their habitats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from numpy.typing import ArrayLike

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.features.habitats import HabitatExample
from spl_kedro.modeling.evaluation.figures.style import (
    BLUE,
    CLASS_NAMES,
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    YELLOW,
    figure_style,
    headline,
)
from spl_kedro.reporting.words import number

_COLOURS = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW, "#000000", GREY, "#8B4513")
_OPACITY = 0.55
_COLUMNS = 3
_WIDTH = 1.9  # inches of a picture


def habitat_sheet(
    examples: Sequence[HabitatExample],
    labels: Sequence[int],
    centres: np.ndarray,
    order_by: str,
    *,
    simulated: bool,
) -> Figure:
    """Draw lesions with their habitats.

    Parameters
    ----------
    examples : sequence of HabitatExample
        Cut to what is shown.
    labels : sequence of int
        0 benign, 1 malignant.
    centres : ndarray of float64, shape (n_habitats,)
        What the habitats' numbers go by, for the legend.
    order_by : str
        Name of it.
    simulated : bool
        Says "Simulated patients" above the sheet. Real lesions are not named in it.

    Returns
    -------
    Figure
    """
    rows = max(1, -(-len(examples) // _COLUMNS))
    colours = _COLOURS[: len(centres)]
    shapes = [example.maps.image.shape for example in examples]
    tallest = max((height / width for height, width in shapes), default=1.0)
    with figure_style():
        figure = Figure(figsize=(2 * _WIDTH * _COLUMNS, 1.3 + (0.35 + _WIDTH * tallest) * rows))
        grid = figure.subplots(
            rows, 2 * _COLUMNS, squeeze=False, subplot_kw={"xticks": [], "yticks": []}
        )
        for axes in grid.ravel():
            axes.set_frame_on(False)
        for place, (example, label) in enumerate(zip(examples, labels, strict=True)):
            row, column = divmod(place, _COLUMNS)
            left, right = grid[row, 2 * column], grid[row, 2 * column + 1]
            name = f"{example.lesion_id}, " if simulated else ""
            left.set_title(f"{name}{CLASS_NAMES[int(label)]}", fontsize=8.5)
            _draw(left, right, example, colours)
        handles = [
            Patch(color=colour, label=f"habitat {k + 1}, centre at {centre}")
            for k, (colour, centre) in enumerate(
                zip(colours, written_centres(centres), strict=True)
            )
        ]
        figure.legend(
            handles=handles,
            loc="outside lower center",
            ncols=min(len(handles), 5),
            title=f"numbered by {readable_name(order_by).label}",
        )
        headline(
            figure,
            "Habitats: parts of a lesion whose pixels are alike",
            f"{len(examples)} training lesions drawn at random; left the outline, right the "
            "habitats",
            simulated=simulated,
        )
    return figure


def written_centres(values: ArrayLike) -> list[str]:
    """Write the habitats' centres by one map, in as many decimals throughout.

    Examples
    --------
    >>> written_centres([75.32, 104.61])
    ['75.3', '104.6']
    """
    centres = np.asarray(values, dtype=float)
    sizes = np.abs(centres[centres != 0])
    digits = 2 - int(np.floor(np.log10(sizes.min()))) if len(sizes) else 0
    return [number(centre, min(max(digits, 0), 4)) for centre in centres]


def _draw(left: Axes, right: Axes, example: HabitatExample, colours: Sequence[str]) -> None:
    """Draw one lesion twice."""
    for axes in (left, right):
        axes.imshow(example.maps.image, cmap="gray", vmin=0, vmax=255)
    left.contour(example.maps.mask, levels=[0.5], colors=YELLOW, linewidths=1)
    right.imshow(
        np.ma.masked_equal(example.habitats, 0),
        cmap=ListedColormap(list(colours)),
        vmin=0.5,
        vmax=len(colours) + 0.5,
        alpha=_OPACITY,
        interpolation="nearest",
    )
