"""Minima, maxima and marks in the neighbourhood of every pixel, by shifting the whole image."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage


def shifted(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the image moved by whole pixels; what moves in repeats the edge."""
    height, width = image.shape
    down = max(-height, min(down, height))
    right = max(-width, min(right, width))
    moved = image
    if down:
        moved = np.concatenate(
            [moved[:1].repeat(down, axis=0), moved[: height - down]]
            if down > 0
            else [moved[-down:], moved[-1:].repeat(-down, axis=0)]
        )
    if right:
        moved = np.concatenate(
            [moved[:, :1].repeat(right, axis=1), moved[:, : width - right]]
            if right > 0
            else [moved[:, -right:], moved[:, -1:].repeat(-right, axis=1)],
            axis=1,
        )
    return moved


def along(combine: np.ufunc, image: np.ndarray, length: int, step: tuple[int, int]) -> np.ndarray:
    """Return the minimum or maximum over a centred line of pixels around every pixel.

    Parameters
    ----------
    combine : ufunc
        ``np.minimum`` or ``np.maximum``.
    image : ndarray, shape (height, width)
    length : int
        Odd number of pixels.
    step : tuple of int
        From one pixel of the line to the next: down, right.
    """
    down, right = step
    covered, result = 1, image
    while covered < length:
        more = min(covered, length - covered)
        result = combine(result, shifted(result, more * down, more * right))
        covered += more
    half = length // 2
    return shifted(result, -half * down, -half * right)


def square(combine: np.ufunc, image: np.ndarray, side: int) -> np.ndarray:
    """Return the minimum or maximum over a centred square of an odd number of pixels a side."""
    return along(combine, along(combine, image, side, (1, 0)), side, (0, 1))


def top_hat(image: np.ndarray, side: int) -> np.ndarray:
    """Return by how much each pixel outshines anything as wide as a square around it, uint8."""
    opened = square(np.maximum, square(np.minimum, image, side), side)
    return image - np.minimum(opened, image)


class Marks(NamedTuple):
    """Connected bright marks of an image, one a row.

    Attributes
    ----------
    top, bottom, left, right : ndarray of int, shape (n,)
        First and last row and column.
    pixels : ndarray of int, shape (n,)
    flat : ndarray of float, shape (n,)
        Share of the mark's pixels nearly as bright as its brightest: high where it was drawn.
    label : ndarray of int, shape (n,)
        Its number in `labels`.
    labels : ndarray of int, shape (height, width)
        Number of the mark each pixel belongs to; 0 of none.
    """

    top: np.ndarray
    bottom: np.ndarray
    left: np.ndarray
    right: np.ndarray
    pixels: np.ndarray
    flat: np.ndarray
    label: np.ndarray
    labels: np.ndarray

    @property
    def height(self) -> np.ndarray:
        """Rows."""
        return self.bottom - self.top + 1

    @property
    def width(self) -> np.ndarray:
        """Columns."""
        return self.right - self.left + 1

    def where(self, chosen: np.ndarray) -> Marks:
        """Return some of the marks."""
        return self._replace(
            **{name: part[chosen] for name, part in self._asdict().items() if name != "labels"}
        )

    def mask(self) -> np.ndarray:
        """Return where the marks are, bool, shape (height, width)."""
        drawn = np.zeros(int(self.labels.max(initial=0)) + 1, dtype=bool)
        drawn[self.label] = True
        return drawn[self.labels]


def marks_of(chosen: np.ndarray, brightness: np.ndarray, tolerance: int = 16) -> Marks:
    """Return the connected marks of a mask, corners included.

    Parameters
    ----------
    chosen : ndarray of bool, shape (height, width)
    brightness : ndarray of uint8, shape (height, width)
    tolerance : int
        How much darker than a mark's brightest pixel is still as bright.
    """
    labels, count = ndimage.label(chosen, structure=np.ones((3, 3), dtype=bool))
    rows, columns = np.nonzero(chosen)
    if count == 0:
        none = np.zeros(0, dtype=np.int64)
        return Marks(none, none, none, none, none, none.astype(float), none, labels)
    of = labels[rows, columns]
    order = np.argsort(of, kind="stable")
    rows, columns, of = rows[order], columns[order], of[order]
    values = brightness[rows, columns].astype(np.int16)
    starts = np.flatnonzero(np.diff(of, prepend=0))
    pixels = np.diff(np.append(starts, len(of)))
    brightest = np.maximum.reduceat(values, starts)
    level = values >= np.repeat(brightest, pixels) - tolerance
    return Marks(
        np.minimum.reduceat(rows, starts),
        np.maximum.reduceat(rows, starts),
        np.minimum.reduceat(columns, starts),
        np.maximum.reduceat(columns, starts),
        pixels,
        np.add.reduceat(level.astype(float), starts) / pixels,
        of[starts],
        labels,
    )
