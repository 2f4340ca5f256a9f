"""Callipers: crosses at the ends of a measurement, and the dots between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.imaging.quality.chains import longest_chain
from spl_kedro.imaging.quality.neighbours import along, marks_of, shifted, square, top_hat
from spl_kedro.imaging.quality.picture import Picture

# Lengths of a cross's arms in pixels, and the same for its diagonals.
_ARMS = (4, 6, 9)
# A dot is smaller than this, outshines what lies beside it by this much, and its neighbour in a
# dotted line is this far away.
_DOT, _DOT_CONTRAST = 5, 32
_NEAREST, _FARTHEST, _TOLERANCE = 3.5, 16.0, 1.8
_LIKELY = 0.01
_LARGEST_DOT = 16


class Crosses(NamedTuple):
    """How clearly the clearest cross stands out, in grey values, and the crosses as a mask."""

    contrast: float
    mask: np.ndarray


class Dots(NamedTuple):
    """Dots of the longest dotted line, and the line's dots as a mask."""

    length: int
    mask: np.ndarray


def find_crosses(picture: Picture, least_contrast: float) -> Crosses:
    """Find upright and diagonal crosses in the lesion's neighbourhood.

    Parameters
    ----------
    picture : Picture
    least_contrast : float
        Of the crosses in the mask, in grey values.

    Notes
    -----
    The contrast of a cross is its darkest pixel less the brightest of the four corners between its
    arms: a line has two bright corners' worth of arms missing, a blob has bright corners.
    """
    bright = picture.brightness[picture.window]
    smooth = _mean3(bright)
    found = np.zeros(picture.grey.shape, dtype=bool)
    part = found[picture.window]
    best = 0
    for arm in _ARMS:
        for steps, corners in (
            (((1, 0), (0, 1)), ((1, 1), (1, -1), (-1, 1), (-1, -1))),
            (((1, 1), (1, -1)), ((1, 0), (-1, 0), (0, 1), (0, -1))),
        ):
            length = 2 * arm + 1 if steps[0] == (1, 0) else 2 * round(arm * 0.75) + 1
            arms = np.minimum(*(along(np.minimum, bright, length, step) for step in steps))
            away = max(3, round(0.6 * arm))
            between = np.maximum.reduce(
                [shifted(smooth, away * down, away * right) for down, right in corners]
            )
            contrast = arms - np.minimum(arms, between)
            best = max(best, int(contrast.max()))
            centres = contrast >= least_contrast
            if centres.any():
                reach = square(np.maximum, centres, 2 * (length // 2 + 3) + 1)
                part |= reach & (bright >= 0.6 * bright[centres].min())
    return Crosses(float(best), found)


def find_dots(picture: Picture, least_dots: int) -> Dots:
    """Find the longest dotted line in the lesion's neighbourhood, straight or bent.

    Parameters
    ----------
    picture : Picture
    least_dots : int
        Of a line that is marked in the mask.

    Notes
    -----
    Coarse speckle is full of dots, some of which lie in a row. A line counts where fewer than one
    such line is expected in a hundred images with as many dots at random places.
    """
    bright = picture.brightness[picture.window]
    found = np.zeros(picture.grey.shape, dtype=bool)
    dots = marks_of(top_hat(bright, _DOT) >= _DOT_CONTRAST, bright)
    dots = dots.where(
        (dots.pixels <= _LARGEST_DOT) & (dots.height <= 4) & (dots.width <= 4) & (dots.flat > 0.2)
    )
    centres = np.column_stack([dots.top + dots.bottom, dots.left + dots.right]) / 2
    chain = longest_chain(centres, _NEAREST, _FARTHEST, _TOLERANCE)
    if _by_chance(chain.length, len(centres), bright.size) > _LIKELY:
        return Dots(0, found)
    if chain.length >= least_dots:
        line = np.zeros(len(centres), dtype=bool)
        line[chain.members] = True
        found[picture.window] = dots.where(line).mask()
    return Dots(chain.length, found)


def _by_chance(length: int, dots: int, area: int) -> float:
    """Return how many lines this long are expected among dots at random places."""
    density = dots / area
    steps = dots * density * np.pi * (_FARTHEST**2 - _NEAREST**2)
    goes_on = min(1.0, density * np.pi * _TOLERANCE**2)
    return float(steps * goes_on ** max(length - 2, 0))


def _mean3(image: np.ndarray) -> np.ndarray:
    wide = image.astype(np.uint16)
    rows = wide + shifted(wide, 1, 0) + shifted(wide, -1, 0)
    return ((rows + shifted(rows, 0, 1) + shifted(rows, 0, -1)) // 9).astype(np.uint8)
