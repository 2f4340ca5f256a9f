"""Square crops around a lesion, the view a network is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import interpolate

from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.rules import Rule


@dataclass(frozen=True)
class Window:
    """A square of pixels; it may reach beyond the image.

    Attributes
    ----------
    top, left : int
        Row and column of the first pixel, negative where the window starts outside.
    side : int
        Length of an edge in pixels, at least 1.
    """

    top: int
    left: int
    side: int


@dataclass(frozen=True)
class LesionCrops:
    """Crops of many lesions, all of one size, in the order of `lesion_ids`.

    Attributes
    ----------
    lesion_ids : tuple of str
        Key of each crop.
    pixels : ndarray of uint8, shape (n, 2, size, size)
        Channel 0 holds grey values 0 to 255; channel 1 how much of the pixel lies inside
        the outline, 0 (none) to 255 (all).
    further : tuple of (float, ndarray of uint8)
        Crops of the same lesions at other margins: margin, and pixels of the same shape.
    """

    lesion_ids: tuple[str, ...]
    pixels: np.ndarray
    further: tuple[tuple[float, np.ndarray], ...] = ()

    def __len__(self) -> int:
        return len(self.lesion_ids)

    def select(self, lesion_ids) -> LesionCrops:
        """Return the crops of these lesions, in the order asked for."""
        position = {lesion_id: i for i, lesion_id in enumerate(self.lesion_ids)}
        rows = [position[lesion_id] for lesion_id in lesion_ids]
        further = tuple((margin, pixels[rows]) for margin, pixels in self.further)
        return LesionCrops(tuple(lesion_ids), self.pixels[rows], further)


def lesion_window(mask: np.ndarray, margin: float) -> Window:
    """Return the square centred on the outline's bounding box.

    The square's edge is the longer side of the box, widened by `margin` times that side
    on each end, so a lesion keeps its aspect and always fills the same share of the crop.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        Outline with at least one pixel.
    margin : float
        Border on each side as a fraction of the longer side of the box, 0 or more.

    Raises
    ------
    ValueError
        If the outline is empty.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if rows.size == 0:
        raise ValueError("the outline holds no pixel")
    box = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
    side = max(1, round(box * (1 + 2 * margin)))
    # Twice the centre, so that no half pixel is lost before the one rounding below.
    top = (int(rows[0] + rows[-1]) + 1 - side) // 2
    left = (int(columns[0] + columns[-1]) + 1 - side) // 2
    return Window(top, left, side)


def cut(image: np.ndarray, window: Window) -> np.ndarray:
    """Cut a window out of an image; what lies outside the image is 0, like beyond the sector."""
    out = np.zeros((window.side, window.side), dtype=image.dtype)
    rows = slice(max(window.top, 0), min(window.top + window.side, image.shape[0]))
    columns = slice(max(window.left, 0), min(window.left + window.side, image.shape[1]))
    out[
        rows.start - window.top : rows.stop - window.top,
        columns.start - window.left : columns.stop - window.left,
    ] = image[rows, columns]
    return out


def crop_lesion(lesion: Lesion, size: int, margin: float) -> np.ndarray:
    """Crop one lesion with a margin and bring it to `size` pixels.

    Resampling is bilinear with an antialiasing filter, so speckle is averaged rather than
    skipped when a large lesion is made small.

    Parameters
    ----------
    lesion : Lesion
        Image and outline.
    size : int
        Edge of the crop in pixels.
    margin : float
        Border on each side as a fraction of the lesion's longer side.

    Returns
    -------
    ndarray of uint8, shape (2, size, size)
        Grey values, and the share of each pixel inside the outline on the scale 0 to 255.

    Raises
    ------
    UnusableLesionError
        If the outline is empty, does not fit the image, or the image is not finite.
    """
    require_croppable(lesion)
    return crop_window(lesion, lesion_window(lesion.mask, margin), size)


def require_croppable(lesion: Lesion) -> None:
    """Check that a lesion can be cropped.

    Raises
    ------
    UnusableLesionError
        If the outline is empty, does not fit the image, or the image is not finite.
    """
    if lesion.image.shape != lesion.mask.shape:
        raise UnusableLesionError(
            Rule.SAME_SIZE,
            f"{lesion.lesion_id}: image {lesion.image.shape}, outline {lesion.mask.shape}.",
        )
    if not np.isfinite(lesion.image).all():
        raise UnusableLesionError(
            Rule.FINITE_GREY,
            f"{lesion.lesion_id}: the image holds NaN or infinity.",
        )
    if not lesion.mask.any():
        raise UnusableLesionError(
            Rule.NOT_EMPTY,
            f"{lesion.lesion_id}: the outline holds no pixel.",
        )


def crop_window(lesion: Lesion, window: Window, size: int) -> np.ndarray:
    """Crop a window of a lesion's image and bring it to `size` pixels, as :func:`crop_lesion`.

    Parameters
    ----------
    lesion : Lesion
    window : Window
    size : int
        Edge of the crop in pixels.

    Returns
    -------
    ndarray of uint8, shape (2, size, size)
    """
    planes = np.stack(
        [
            cut(lesion.image, window).astype(np.float32),
            cut(lesion.mask, window).astype(np.float32) * 255,
        ]
    )
    resized = interpolate(
        torch.from_numpy(planes)[None],
        size=(size, size),
        mode="bilinear",
        align_corners=False,
        antialias=True,
    )[0]
    return resized.round().clamp(0, 255).to(torch.uint8).numpy()
