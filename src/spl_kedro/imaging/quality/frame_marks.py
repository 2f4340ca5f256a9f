"""What a scanner draws beside the image: body marks, scales, bars of grey values."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spl_kedro.imaging.quality.chains import longest_chain
from spl_kedro.imaging.quality.neighbours import Marks, along
from spl_kedro.imaging.quality.picture import Picture

# A body mark is a drawing of thin lines, this large, this empty, that encloses most of its box.
_SMALLEST, _LARGEST, _FILL, _ENCLOSED = 22, 220, 0.4, 0.5
# A drawn upright line outshines both sides by this much.
_LINE_CONTRAST, _LINE_WIDTHS = 60, (1, 2, 3)
# Ticks of a scale: short lines or dots, at one distance, exactly above or beside each other.
_TICK_LONG, _TICK_THIN, _TICK_NEAR, _TICK_FAR = 22, 5, 8.0, 130.0
# A bar of grey values: rows of one value but for JPEG, this wide, one below the other, over this
# range of values.
_BAR_WIDE, _BAR_RANGE, _BAR_LEAST, _BAR_UNEVEN, _BAR_EVEN = 7, 90, 40, 4, 0.97


def body_mark(strokes: Marks, letters: np.ndarray) -> Marks:
    """Return the strokes that look like a body mark.

    Parameters
    ----------
    strokes : Marks
    letters : ndarray of bool, shape (height, width)
        What is text already.
    """
    height, width = strokes.height, strokes.width
    small, large = np.minimum(height, width), np.maximum(height, width)
    drawn = (small >= _SMALLEST) & (large <= _LARGEST) & (strokes.flat >= 0.3)
    drawn &= strokes.pixels <= _FILL * height * width
    drawn &= strokes.pixels >= 1.2 * large
    for position in np.flatnonzero(drawn):
        drawn[position] = _is_closed_drawing(strokes, int(position), letters)
    return strokes.where(drawn)


def _is_closed_drawing(strokes: Marks, position: int, letters: np.ndarray) -> bool:
    """Return whether a mark is no text, and encloses most of its box: an outline of a body."""
    top, bottom = strokes.top[position], strokes.bottom[position]
    left, right = strokes.left[position], strokes.right[position]
    box = slice(top, bottom + 1), slice(left, right + 1)
    own = strokes.labels[box] == strokes.label[position]
    if (letters[box] & own).any():
        return False
    joined = ndimage.binary_dilation(np.pad(own, 1), structure=np.ones((3, 3), dtype=bool))
    return bool(ndimage.binary_fill_holes(joined).mean() >= _ENCLOSED)


def ruled_share(picture: Picture) -> float:
    """Return how far a drawn upright line runs along the lesion's neighbourhood, from 0 to 1.

    A line is one to three pixels wide and outshines what lies on both sides; beyond the image is
    black. Ticks that cross it interrupt it.
    """
    rows, columns = picture.window
    reach = max(_LINE_WIDTHS) + 1
    wide = np.pad(picture.brightness[rows], ((0, 0), (reach, reach)))
    wide = wide[:, columns.start : columns.stop + 2 * reach]
    width = wide.shape[1] - 2 * reach
    bright = wide[:, reach : reach + width]
    sharp = np.zeros(bright.shape, dtype=bool)
    for thick in _LINE_WIDTHS:
        for left in range(1, thick + 1):
            before = wide[:, reach - left : reach - left + width]
            after = wide[:, reach - left + thick + 1 : reach - left + thick + 1 + width]
            dark = np.maximum(before, after)
            sharp |= bright - np.minimum(bright, dark) >= _LINE_CONTRAST
    return float(sharp.mean(axis=0).max())


def scale_ticks(strokes: Marks) -> float:
    """Return how many ticks the longest scale has."""
    height, width = strokes.height, strokes.width
    long, thin = np.maximum(height, width), np.minimum(height, width)
    tick = (long <= _TICK_LONG) & (thin <= _TICK_THIN) & (strokes.flat >= 0.6)
    ticks = strokes.where(tick)
    centres = np.column_stack([ticks.top + ticks.bottom, ticks.left + ticks.right]) / 2
    chain = longest_chain(centres, _TICK_NEAR, _TICK_FAR, 1.0, upright=0.5)
    return float(chain.length)


def grey_bar(picture: Picture) -> float:
    """Return how many rows the longest bar of grey values near the lesion has, 0 below 41."""
    bright = picture.brightness[picture.window]
    high = np.maximum(bright[:, 1:], bright[:, :-1])
    same = (high - np.minimum(bright[:, 1:], bright[:, :-1]) <= _BAR_UNEVEN) & (high > 8)
    flat = along(np.minimum, same, _BAR_WIDE, (0, 1))
    high_enough = along(np.minimum, flat, 2 * (_BAR_LEAST // 2) + 1, (1, 0)).any(axis=0)
    longest = 0
    for column in np.flatnonzero(high_enough):
        edges = np.flatnonzero(np.diff(flat[:, column].astype(np.int8), prepend=0, append=0))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            run = int(last - first)
            if run > max(longest, _BAR_LEAST) and _is_graded(bright[first:last, column + 1]):
                longest = run
    return float(longest)


def _is_graded(values: np.ndarray) -> bool:
    """Return whether values go from dark to bright in even steps."""
    if np.ptp(values) < _BAR_RANGE:
        return False
    rows = np.arange(len(values)) - (len(values) - 1) / 2
    offsets = values - values.mean()
    return bool(abs(rows @ offsets) >= _BAR_EVEN * np.linalg.norm(rows) * np.linalg.norm(offsets))
