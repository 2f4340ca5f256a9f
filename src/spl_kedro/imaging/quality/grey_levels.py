"""How much of the grey scale an image keeps: clipped white, few levels."""

from __future__ import annotations

import numpy as np

from spl_kedro.imaging.quality.picture import Picture

_WHITE = 254


def saturated_share(picture: Picture) -> float:
    """Return the share of pixels near the lesion that are as white as the scale goes, 0 to 1.

    Black is not counted: a cyst and the shadow of a rib are black.
    """
    return float((picture.grey[picture.window] >= _WHITE).mean())


def levels(picture: Picture) -> float:
    """Return how many of 256 grey values an image uses, between its darkest and its brightest.

    A value counts from a ten-thousandth of the pixels on.
    """
    counts = np.bincount(picture.grey.ravel(), minlength=256)
    return float((counts >= max(1, 1e-4 * picture.grey.size)).sum())
