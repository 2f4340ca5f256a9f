"""One frame as decoded from its file, before any rule on grey values or outlines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.guarded.limits import Limits
from spl_kedro.imaging.acquisition import Acquisition
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.grey import PixelScale
from spl_kedro.imaging.grid import Grid
from spl_kedro.imaging.regions import Region
from spl_kedro.rules import Rule

# A larger image is no B-mode frame, and could exhaust the memory while it is decoded.
MAXIMUM_PIXELS = Limits().pixels


@dataclass(frozen=True)
class Frame:
    """Pixels of one frame and what its file says of them.

    Attributes
    ----------
    pixels : ndarray, shape (height, width) or (height, width, channels)
        Grey, grey + alpha, RGB or RGBA, upright, in the file's own type.
    scale : PixelScale
    spacing_mm : tuple of float or None
        Pixel size (row, column) as the header states it, not checked; None where it states none.
    grid : Grid or None
    regions : tuple of Region
        Calibrated ultrasound regions (DICOM).
    acquisition : Acquisition or None
        How it was made and stored.
    instance : str
        Which DICOM image it is, see :func:`.dicom_files.instance_of`; empty for other files.
    number : int or None
        Which frame of a clip it is, from 1; None where the file holds no other.
    frames : int
        How many the file holds.
    """

    pixels: np.ndarray
    scale: PixelScale
    spacing_mm: tuple[float, float] | None = None
    grid: Grid | None = None
    regions: tuple[Region, ...] = ()
    acquisition: Acquisition | None = None
    instance: str = ""
    number: int | None = None
    frames: int = 1


def check_size(name: str, width: int, height: int, most: int = MAXIMUM_PIXELS) -> None:
    """Raise if a frame is too large to be a B-mode image."""
    if width * height > most:
        raise UnusableLesionError(
            Rule.IMAGE_SIZE,
            f"{name} has {width} x {height} pixels.",
        )


def check_single(name: str, frames: int) -> None:
    """Raise if a file holds several frames: which one was outlined cannot be guessed."""
    if frames > 1:
        raise UnusableLesionError(
            Rule.SINGLE_FRAME,
            f"{name} holds {frames} frames.",
        )
