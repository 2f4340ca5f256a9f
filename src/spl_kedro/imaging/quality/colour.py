"""Colour where a B-mode image has none: Doppler, and what was painted over."""

from __future__ import annotations

import numpy as np

from spl_kedro.imaging.quality.neighbours import square
from spl_kedro.imaging.quality.picture import COLOURFUL, Picture

# Off the image's own tint by this much, which rounding alone never gives.
_OFF = 3
# Where more of an image is off its tint, its colour is that of a JPEG file and tells nothing.
_JPEG_SHARE = 0.005


def coloured_share(picture: Picture) -> float:
    """Return the share of an image under colour areas, from 0 to 1; strokes do not count."""
    off = picture.off_tint
    if off is None:
        return 0.0
    colourful = off >= COLOURFUL
    if not colourful.any():
        return 0.0
    core = square(np.minimum, colourful, 5)
    return float(square(np.maximum, core, 5).mean())


def painted_over(picture: Picture) -> float:
    """Return how many pixels near the lesion left the image's tint though they look grey.

    Whoever paints over callipers copies or blends colour from beside them, which seldom matches the
    scanner's table of tints at that grey: the places stay visible in the colours.

    Returns
    -------
    float
        Pixels; NaN where the file has no colour or that of a JPEG file.
    """
    off = picture.off_tint
    if off is None:
        return float("nan")
    left = (off >= _OFF) & (off < COLOURFUL)
    if left.mean() > _JPEG_SHARE:
        return float("nan")
    return float(left[picture.window].sum())
