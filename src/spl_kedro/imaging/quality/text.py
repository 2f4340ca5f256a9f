"""Burned-in text: bright letters of one height, side by side."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.imaging.quality.neighbours import Marks, marks_of, top_hat
from spl_kedro.imaging.quality.picture import Picture

# A stroke is thinner than this, and outshines what lies beside it by this many grey values.
_STROKE, _CONTRAST = 9, 70
_LOWEST, _HIGHEST = 6, 48
# Letters next to each other: the gap as a share of their height, their heights to each other,
# the distance of their feet as a share of their height (a comma or a "g" hangs lower).
_GAP, _TALLER, _FEET = 0.9, 2.2, 0.35
# What else belongs to a line: this far beside it and below it in heights, this bright.
_BESIDE, _HANGING, _AS_BRIGHT, _FAINT = 6, 0.3, 0.9, 25


class Text(NamedTuple):
    """What looks like text.

    Attributes
    ----------
    letters : int
        Letters of the longest line.
    boxes : list of tuple of slice
        Rows and columns of each line of at least the letters asked for.
    mask : ndarray of bool, shape (height, width)
        The letters of these lines.
    """

    letters: int
    boxes: list[tuple[slice, slice]]
    mask: np.ndarray


def strokes_of(picture: Picture) -> Marks:
    """Return the thin bright marks of an image, among them letters, ticks and drawn lines."""
    bright = picture.brightness
    return marks_of(top_hat(bright, _STROKE) >= _CONTRAST, bright)


def find_text(strokes: Marks, least_letters: int) -> Text:
    """Find lines of letters.

    Parameters
    ----------
    strokes : Marks
        From :func:`strokes_of`.
    least_letters : int
        Of a line to be told with its place.

    Notes
    -----
    A letter is a stroke, or several that touch, of one brightness, from 6 to 48 pixels high and not
    much wider than high; echoes of tissue are wider than high, and their brightness varies.
    """
    height, width = strokes.height, strokes.width
    letter = (height >= _LOWEST) & (height <= _HIGHEST) & (width <= 1.7 * height)
    letter &= (strokes.flat >= 0.05) & (strokes.pixels >= 0.15 * height * width)
    letter &= strokes.pixels >= 5
    letters = strokes.where(letter)
    order = np.argsort(letters.left, kind="stable")
    letters = letters.where(order)
    line = _lines(letters)
    counts = np.bincount(line) if len(line) else np.zeros(1, dtype=np.int64)
    boxes, members = [], np.zeros(len(line), dtype=bool)
    for number in np.flatnonzero(counts >= least_letters):
        own = line == number
        members |= own
        top, bottom = int(letters.top[own].min()), int(letters.bottom[own].max())
        left, right = int(letters.left[own].min()), int(letters.right[own].max())
        boxes.append((slice(top, bottom + 1), slice(left, right + 1)))
    return Text(int(counts.max()), boxes, letters.where(members).mask())


def rest_of_lines(picture: Picture, text: Text) -> np.ndarray:
    """Return what else of its lines' brightness stands in the lines of a text, or beside them.

    Letters that touch a bright echo are not told from it, and a line goes on after a gap. To be
    filled in with the letters: half a name is a name.

    Parameters
    ----------
    picture : Picture
    text : Text

    Returns
    -------
    ndarray of bool, shape (height, width)
    """
    bright = picture.brightness
    found = np.zeros(bright.shape, dtype=bool)
    for rows, columns in text.boxes:
        height = rows.stop - rows.start
        more, beside = max(2, round(_HANGING * height)), round(_BESIDE * height)
        part = (
            slice(max(rows.start - more, 0), rows.stop + more),
            slice(max(columns.start - beside, 0), columns.stop + beside),
        )
        level = np.median(bright[rows, columns][text.mask[rows, columns]])
        strokes = top_hat(bright[part], _STROKE) >= _FAINT
        found[part] |= strokes & (bright[part] >= _AS_BRIGHT * level)
    return found


def _lines(letters: Marks) -> np.ndarray:
    """Return the number of the line each letter stands in; letters come from left to right."""
    line = np.arange(len(letters.top))
    for later in range(len(line)):
        tall = np.maximum(letters.height[:later], letters.height[later])
        short = np.minimum(letters.height[:later], letters.height[later])
        gap = letters.left[later] - letters.right[:later]
        beside = (gap >= -1) & (gap <= np.maximum(4, _GAP * tall)) & (tall <= _TALLER * short)
        feet = np.abs(letters.bottom[:later] - letters.bottom[later])
        beside &= feet <= np.maximum(1, _FEET * tall)
        before = np.flatnonzero(beside)
        if len(before):
            line[later] = line[before[np.argmin(np.abs(gap[before]))]]
    return line
