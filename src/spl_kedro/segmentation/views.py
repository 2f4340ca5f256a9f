"""The square around a prompt: cut out of the image, and what was drawn in it put back."""

from __future__ import annotations

import numpy as np
import torch
from scipy import ndimage
from torch.nn.functional import interpolate

from spl_kedro.imaging.crops import Window, cut
from spl_kedro.segmentation.prompts import Prompt
from spl_kedro.segmentation.settings import ViewSettings

#: Side of the spot that marks a click, of the square's side.
_SPOT = 1 / 16


def window_of(prompt: Prompt, shape: tuple[int, int], settings: ViewSettings) -> Window:
    """Return the square around a prompt; it may reach beyond the image.

    Parameters
    ----------
    prompt : Prompt
    shape : tuple of int
        Height and width of the image.
    settings : ViewSettings
    """
    if prompt.width is None or prompt.height is None:
        side = settings.reach * min(shape)
    else:
        side = max(prompt.width, prompt.height) * (1 + 2 * settings.border)
    whole = max(4, round(side))
    row, column = prompt.centre
    return Window(round(row - whole / 2), round(column - whole / 2), whole)


def view_of(image: np.ndarray, window: Window, size: int) -> np.ndarray:
    """Cut a square out and bring it to `size` pixels, averaging where it is made smaller.

    Parameters
    ----------
    image : ndarray, shape (height, width)
        Grey values 0 to 255, or an outline.
    window : Window
    size : int

    Returns
    -------
    ndarray of float32, shape (size, size)
        0 beyond the image.
    """
    return _resized(cut(np.asarray(image, dtype=np.float32), window), size)


def marked(prompt: Prompt, window: Window, size: int) -> np.ndarray:
    """Draw a prompt into its square: a filled box, or a soft spot of 1 at the click.

    Returns
    -------
    ndarray of float32, shape (size, size)
        0 to 1.
    """
    scale = size / window.side
    places = np.arange(size) + 0.5
    if prompt.width is None or prompt.height is None:
        row, column = prompt.centre
        spread = 2 * (_SPOT * size) ** 2
        down = np.exp(-((places - (row - window.top) * scale) ** 2) / spread)
        across = np.exp(-((places - (column - window.left) * scale) ** 2) / spread)
    else:
        top, left = (prompt.y - window.top) * scale, (prompt.x - window.left) * scale
        down = (places >= top) & (places < top + prompt.height * scale)
        across = (places >= left) & (places < left + prompt.width * scale)
    return np.outer(down, across).astype(np.float32)


def put_back(probability: np.ndarray, window: Window, shape: tuple[int, int]) -> np.ndarray:
    """Turn probabilities in a square into one area of the image without holes.

    Parameters
    ----------
    probability : ndarray of float32, shape (size, size)
        Of belonging to the lesion.
    window : Window
    shape : tuple of int
        Height and width of the image.

    Returns
    -------
    ndarray of bool, shape (height, width)
        The largest area of a half or more, its holes filled; empty where there is none.
    """
    mask = np.zeros(shape, dtype=bool)
    inside = _resized(probability, window.side) >= 0.5
    rows = slice(max(window.top, 0), min(window.top + window.side, shape[0]))
    columns = slice(max(window.left, 0), min(window.left + window.side, shape[1]))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return mask
    mask[rows, columns] = inside[
        rows.start - window.top : rows.stop - window.top,
        columns.start - window.left : columns.stop - window.left,
    ]
    areas, count = ndimage.label(mask)
    if count > 1:
        mask = areas == 1 + int(np.argmax(np.bincount(areas.ravel())[1:]))
    return np.asarray(ndimage.binary_fill_holes(mask), dtype=bool)


def _resized(plane: np.ndarray, size: int) -> np.ndarray:
    tensor = torch.from_numpy(np.ascontiguousarray(plane, dtype=np.float32))[None, None]
    made = interpolate(
        tensor, size=(size, size), mode="bilinear", align_corners=False, antialias=True
    )
    return made[0, 0].numpy()
