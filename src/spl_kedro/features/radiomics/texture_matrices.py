"""All five texture matrices of a grey-level map in one pass.

pyradiomics walks the bounding box once per matrix and class, over three dimensions
and with bounds checks for every neighbour. On one slice only four directions exist;
with a margin of zeros a neighbour outside the outline is just another grey level, so
one pass over the map reads each neighbourhood once and fills all matrices. Counts are
integers: nothing can differ, and the sums of neighbourhood differences are taken pixel
by pixel in pyradiomics' order.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True)
def count_neighbourhoods(
    ranks: np.ndarray, levels: np.ndarray, n_levels: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Count co-occurrences, runs, dependencies and neighbourhood differences.

    Comparing neighbours of a speckled image is a coin toss, which a processor cannot
    foresee; so nothing branches on them: pairs that do not count go to row or column 0,
    which no level uses.

    Parameters
    ----------
    ranks : ndarray of int32, shape (h + 2, w + 2)
        Rank of each pixel's grey level among those that occur, from 1; 0 outside the
        outline, with a margin of 0.
    levels : ndarray of int32, shape (h + 2, w + 2)
        The grey levels themselves.
    n_levels : int
        Number of levels that occur.

    Returns
    -------
    glcm : ndarray of int64, shape (4, n_levels, n_levels)
        Symmetrical co-occurrences at distance 1, in pyradiomics' order of directions:
        (1, 1), (1, 0), (1, -1), (0, 1).
    glrlm : ndarray of int64, shape (4, n_levels, max(h, w) + 1)
        Runs of equal level per direction and length.
    gldm : ndarray of int64, shape (n_levels, 9)
        Pixels per number of equal neighbours.
    ngtdm : ndarray of float64, shape (n_levels,)
        Sum of absolute differences from the mean of the neighbours.
    """
    height, width = ranks.shape
    pairs = np.zeros((n_levels + 1, n_levels + 1, 4), np.int32)
    runs = np.zeros((4, n_levels, max(height, width) - 1), np.int64)
    gldm = np.zeros((n_levels, 9), np.int64)
    ngtdm = np.zeros(n_levels, np.float64)
    # Length of the run that ends at each pixel of the previous and of the current row.
    above = np.zeros((3, width), np.int32)
    here = np.zeros((3, width), np.int32)
    for y in range(1, height - 1):
        up, row, down = ranks[y - 1], ranks[y], ranks[y + 1]
        grey_up, grey_row, grey_down = levels[y - 1], levels[y], levels[y + 1]
        across = 0
        for x in range(1, width - 1):
            level = row[x]
            if level == 0:
                continue
            nw, n, ne = up[x - 1], up[x], up[x + 1]
            w, e = row[x - 1], row[x + 1]
            sw, s, se = down[x - 1], down[x], down[x + 1]

            pairs[level, se, 0] += 1
            pairs[level, s, 1] += 1
            pairs[level, sw, 2] += 1
            pairs[level, e, 3] += 1

            same_nw, same_n, same_ne = int(nw == level), int(n == level), int(ne == level)
            same_w, same_e = int(w == level), int(e == level)
            same_sw, same_s, same_se = int(sw == level), int(s == level), int(se == level)

            # A run is counted where it ends; elsewhere its length times 0 goes to column 0.
            run = above[0, x - 1] * same_nw + 1
            here[0, x] = run
            runs[0, level - 1, run * (1 - same_se)] += 1
            run = above[1, x] * same_n + 1
            here[1, x] = run
            runs[1, level - 1, run * (1 - same_s)] += 1
            run = above[2, x + 1] * same_ne + 1
            here[2, x] = run
            runs[2, level - 1, run * (1 - same_sw)] += 1
            across = across * same_w + 1
            runs[3, level - 1, across * (1 - same_e)] += 1

            gldm[
                level - 1,
                same_nw + same_n + same_ne + same_w + same_e + same_sw + same_s + same_se,
            ] += 1

            neighbours = (
                int(nw > 0) + int(n > 0) + int(ne > 0) + int(w > 0)
                + int(e > 0) + int(sw > 0) + int(s > 0) + int(se > 0)
            )  # fmt: skip
            total = (
                grey_up[x - 1] + grey_up[x] + grey_up[x + 1] + grey_row[x - 1] + grey_row[x + 1]
                + grey_down[x - 1] + grey_down[x] + grey_down[x + 1]
            )  # fmt: skip
            if neighbours:
                difference = float(grey_row[x]) - float(total) / float(neighbours)
                ngtdm[level - 1] += abs(difference)
        above, here = here, above
    runs[:, :, 0] = 0
    glcm = np.empty((4, n_levels, n_levels), np.int64)
    for i in range(n_levels):
        for j in range(n_levels):
            for a in range(4):
                glcm[a, i, j] = pairs[i + 1, j + 1, a] + pairs[j + 1, i + 1, a]
    return glcm, runs, gldm, ngtdm


@numba.njit(cache=True, nogil=True)
def zones(levels: np.ndarray) -> np.ndarray:
    """Zones of equal grey level (8-connected), as one sortable key each.

    Union-find in one raster pass; pyradiomics grows each region by rescanning the mask.

    Parameters
    ----------
    levels : ndarray of int32, shape (h + 2, w + 2)
        Grey levels from 1, 0 outside the outline, with a margin of 0.

    Returns
    -------
    ndarray of int64, shape (n_zones,)
        ``level * 2**32 + size`` of every zone.
    """
    height, width = levels.shape
    label = np.zeros((height, width), np.int32)
    parent = np.empty(height * width, np.int32)
    size = np.empty(height * width, np.int64)
    grey = np.empty(height * width, np.int64)
    n = 0
    for y in range(1, height - 1):
        for x in range(1, width - 1):
            level = levels[y, x]
            if level == 0:
                continue
            root = -1
            for k in range(4):
                if k == 0:
                    yy, xx = y, x - 1
                elif k == 1:
                    yy, xx = y - 1, x - 1
                elif k == 2:
                    yy, xx = y - 1, x
                else:
                    yy, xx = y - 1, x + 1
                if levels[yy, xx] != level:
                    continue
                other = label[yy, xx]
                while parent[other] != other:
                    parent[other] = parent[parent[other]]
                    other = parent[other]
                if root == -1:
                    root = other
                elif other != root:
                    if other < root:
                        root, other = other, root
                    parent[other] = root
                    size[root] += size[other]
                    size[other] = 0
            if root == -1:
                root = n
                parent[n] = n
                size[n] = 0
                grey[n] = level
                n += 1
            size[root] += 1
            label[y, x] = root
    keys = np.empty(n, np.int64)
    count = 0
    for k in range(n):
        if parent[k] == k:
            keys[count] = grey[k] * 4294967296 + size[k]
            count += 1
    return keys[:count]


@numba.njit(cache=True, nogil=True)
def lines_with_two_pixels(mask: np.ndarray) -> np.ndarray:
    """Directions in which some line of the bounding box holds two or more pixels.

    pyradiomics drops the run-length matrix of a direction whose every line meets the
    outline at most once (even if such a line's pixels do not touch).

    Parameters
    ----------
    mask : ndarray of bool, shape (h, w)

    Returns
    -------
    ndarray of bool, shape (4,)
        In the order of :func:`count_neighbourhoods`.
    """
    height, width = mask.shape
    lines = np.zeros((4, height + width), np.int64)
    for y in range(height):
        for x in range(width):
            if mask[y, x]:
                lines[0, y - x + width] += 1
                lines[1, x] += 1
                lines[2, y + x] += 1
                lines[3, y] += 1
    kept = np.zeros(4, np.bool_)
    for a in range(4):
        kept[a] = lines[a].max() > 1
    return kept
