"""What a person gives: a box around a lesion, or a click in it; and such as a person would draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import ndimage

from spl_kedro.modeling.evaluation.bootstrap import generator
from spl_kedro.segmentation.settings import Kind, PromptSettings

#: Columns of the table of prompts, which are also those of boxes that people bring along.
COLUMNS = ("lesion_id", "kind", "x", "y", "width", "height")


@dataclass(frozen=True)
class Prompt:
    """A box, or a click where width and height are nothing.

    Attributes
    ----------
    x, y : float
        Column and row of the box's upper left corner, or of the click, in pixels from the image's
        upper left corner.
    width, height : float or None
        Of the box.
    """

    x: float
    y: float
    width: float | None = None
    height: float | None = None

    @property
    def kind(self) -> Kind:
        """Whether it is a box or a click."""
        return "click" if self.width is None else "box"

    @property
    def centre(self) -> tuple[float, float]:
        """Row and column of its middle."""
        return self.y + (self.height or 0) / 2, self.x + (self.width or 0) / 2


def draw_prompt(
    mask: np.ndarray, lesion_id: str, kind: Kind, settings: PromptSettings, seed: int, view: int = 0
) -> Prompt:
    """Draw a box or a click as a person might.

    A box is the outline's bounding box with a border, each of whose edges is then moved in or out
    by a random share of the box's side. A click falls on a random pixel that lies deep enough in
    the outline.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        The reader's outline, with at least one pixel.
    lesion_id : str
    kind : {"box", "click"}
    settings : PromptSettings
    seed : int
    view : int
        0 for the prompt that outlines are judged by; further ones are for training.

    Returns
    -------
    Prompt
        Within the image. It depends on the outline, the settings, seed, lesion and view alone.
    """
    rng = generator(seed, "prompt", kind, lesion_id, str(view))
    if kind == "click":
        depth = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
        rows, columns = np.nonzero(depth >= max(settings.depth * depth.max(), 1))
        chosen = rng.integers(len(rows))
        return Prompt(float(columns[chosen]) + 0.5, float(rows[chosen]) + 0.5)
    spans = []
    for across, length in ((0, mask.shape[1]), (1, mask.shape[0])):
        places = np.flatnonzero(mask.any(axis=across))
        low, high = float(places[0]), float(places[-1] + 1)
        moved = settings.margin + rng.uniform(-settings.jitter, settings.jitter, size=2)
        side = high - low
        low, high = low - moved[0] * side, high + moved[1] * side
        spans.append((max(low, 0.0), min(high, float(length))))
    (left, right), (top, bottom) = spans
    return Prompt(left, top, right - left, bottom - top)


def draw_prompts(
    masks: Iterable[tuple[str, np.ndarray]], settings: PromptSettings, seed: int
) -> pd.DataFrame:
    """Draw the prompts of many lesions.

    Parameters
    ----------
    masks : iterable of (str, ndarray of bool)
        Lesions and their readers' outlines.
    settings : PromptSettings
    seed : int

    Returns
    -------
    DataFrame
        lesion_id, kind (box or click), x, y, width, height in pixels from the image's upper left
        corner; a click has no width and height. The same columns may be brought along for images
        without an outline.
    """
    rows = []
    for lesion_id, mask in masks:
        for kind in settings.kinds:
            prompt = draw_prompt(mask, lesion_id, kind, settings, seed)
            rows.append((lesion_id, kind, prompt.x, prompt.y, prompt.width, prompt.height))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype(dict.fromkeys(COLUMNS[2:], "float64"))


def prompts_of(table: pd.DataFrame) -> dict[tuple[str, str], Prompt]:
    """Return the prompts of a table by lesion and kind."""
    rows: list[dict[Any, Any]] = table.to_dict("records")
    return {
        (str(row["lesion_id"]), str(row["kind"])): Prompt(
            float(row["x"]),
            float(row["y"]),
            None if pd.isna(row["width"]) else float(row["width"]),
            None if pd.isna(row["height"]) else float(row["height"]),
        )
        for row in rows
    }
