"""pyradiomics' neighbourhood grey-tone differences in the kernel around each pixel.

A pixel's difference from the mean of its neighbours hangs on where the kernel's edges are, as in
:mod:`.dependences`. There are nine such differences of each pixel; as a mean is over at most eight
neighbours, each is a whole number of 1/840.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.maps.grid import Grid
from spl_kedro.features.radiomics.texture_formulas import NGTDM_COUNT

#: The least number that 1 to 8 divide.
_PARTS = 840
_FIRST, _INNER, _LAST = 0, 1, 2


@compiled
def difference_maps(grid: Grid) -> np.ndarray:
    """Neighbourhood differences of each kernel; neighbours outside it do not count.

    Parameters
    ----------
    grid : Grid

    Returns
    -------
    ndarray of float64, shape (n, 5)
        In the order of the presets.
    """
    side, columns = 2 * grid.radius + 1, grid.columns
    differences = _differences(grid.levels)
    pixels, total = np.zeros(len(grid.grey), np.int64), np.zeros(len(grid.grey), np.int64)
    share = 1.0 / np.arange(side * side + 1).astype(np.float64)
    held = np.empty((3, side * side + 1), np.int64)
    out = np.empty((len(grid.rows), NGTDM_COUNT))
    for walk in range(len(grid.walks)):
        k, end = grid.walks[walk, 0], grid.walks[walk, 1]
        top, left = grid.rows[k] - grid.radius, columns[k] - grid.radius
        last = columns[end - 1] - grid.radius
        ranks, own = grid.ranks[top : top + side], differences[:, :, top : top + side]
        for x in range(left, left + side):
            place = _FIRST if x == left else (_LAST if x == left + side - 1 else _INNER)
            _count(ranks, own[:, place], x, 1, pixels, total)
        _features(grid.grey, pixels, total, share, held, out[k])
        for x in range(left, last):
            _count(ranks, own[:, _FIRST], x, -1, pixels, total)
            _change(ranks, own, x + 1, _INNER, _FIRST, total)
            _change(ranks, own, x + side - 1, _LAST, _INNER, total)
            _count(ranks, own[:, _LAST], x + side, 1, pixels, total)
            if x + 1 == columns[k + 1] - grid.radius:
                k += 1
                _features(grid.grey, pixels, total, share, held, out[k])
        pixels[:], total[:] = 0, 0
    return out


@compiled
def _differences(levels: np.ndarray) -> np.ndarray:
    """Differences in the kernel's first, inner and last rows by its first, inner, last columns."""
    height, width = levels.shape
    out = np.zeros((3, 3, height, width), np.int32)
    parts = np.zeros(9, np.int64)
    for n in range(1, 9):
        parts[n] = _PARTS // n
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            level = np.int64(levels[y, x])
            if level == 0:
                continue
            for row in range(3):
                above, below = y - int(row != _FIRST), y + int(row != _LAST)
                sums, counts = (0, 0, 0), (0, 0, 0)
                for v in range(above, below + 1):
                    a, b, c = levels[v, x - 1], levels[v, x], levels[v, x + 1]
                    sums = (sums[0] + a, sums[1] + b, sums[2] + c)
                    counts = (
                        counts[0] + int(a > 0), counts[1] + int(b > 0), counts[2] + int(c > 0)
                    )  # fmt: skip
                for column in range(3):
                    total, n = sums[1] - level, counts[1] - 1
                    if column != _FIRST:
                        total += sums[0]
                        n += counts[0]
                    if column != _LAST:
                        total += sums[2]
                        n += counts[2]
                    apart = abs(_PARTS * level - parts[n] * total)
                    out[row, column, y, x] = apart if n > 0 else 0
    return out


@compiled
def _row(y: int, side: int) -> int:
    return _FIRST if y == 0 else (_LAST if y == side - 1 else _INNER)


@compiled
def _count(
    ranks: np.ndarray,
    own: np.ndarray,
    x: int,
    step: int,
    pixels: np.ndarray,
    total: np.ndarray,
) -> None:
    """Count a column in or out."""
    side = len(ranks)
    for y in range(side):
        rank = ranks[y, x]
        pixels[rank] += step
        total[rank] += step * own[_row(y, side), y, x]


@compiled
def _change(
    ranks: np.ndarray, own: np.ndarray, x: int, before: int, after: int, total: np.ndarray
) -> None:
    """Move an edge of the kernel across a column."""
    side = len(ranks)
    for y in range(side):
        row = _row(y, side)
        total[ranks[y, x]] += own[row, after, y, x] - own[row, before, y, x]


@compiled
def _features(
    grey: np.ndarray,
    pixels: np.ndarray,
    total: np.ndarray,
    share: np.ndarray,
    held: np.ndarray,
    out: np.ndarray,
) -> None:
    """Fill in the features of one kernel."""
    levels, counts, products = held[0], held[1], held[2]
    n = pixel_count = weighted = summed = 0
    level_sum = level_squares = first = second = 0
    for rank in range(1, len(grey)):
        # Written over by the next level unless it occurs: a branch would be a coin toss.
        level, number = grey[rank], pixels[rank]
        levels[n], counts[n], products[n] = level, number, number * total[rank]
        summed += total[rank]
        n += int(number > 0)
    busy = 0
    complexity = 0.0
    for i in range(n):
        level, number, product = levels[i], counts[i], products[i]
        weighed = level * number
        pixel_count += number
        weighted += product
        level_sum += level
        level_squares += level * level
        first += weighed
        second += weighed * level
        for j in range(i):
            busy += abs(weighed - levels[j] * counts[j])
            both = share[np.uint64(number + counts[j])]
            complexity += ((level - levels[j]) * (product + products[j])) * both
    one = share[np.uint64(pixel_count)]
    all_differences = float(summed) / _PARTS
    weight = float(weighted) / _PARTS * one
    contrast = 2.0 * (pixel_count * second - first * first) * one * one
    strength = 2.0 * (n * second - 2 * level_sum * first + level_squares * pixel_count) * one
    out[0] = weight / (2.0 * busy * one) if busy else 0.0
    out[1] = 1.0 / weight if weighted else 1000000.0
    out[2] = 2.0 * complexity / _PARTS * one
    out[3] = contrast * all_differences * one / (n * (n - 1)) if n > 1 else 0.0
    out[4] = strength / all_differences if summed else 0.0
