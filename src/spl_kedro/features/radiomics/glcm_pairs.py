"""Co-occurrences of all derived images of a lesion: the pairs that occur, and their marginals."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled

_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)


class Pairs(NamedTuple):
    """Symmetrical co-occurrences of all derived images: four directions, image after image.

    Attributes
    ----------
    row, column : ndarray of int32
        Ranks from 0 of the levels of each pair that occurs, row by row.
    number : ndarray of int64
        How often it occurs.
    chance : ndarray of float64
        The same as a share of its direction's pairs.
    start : ndarray of int64, shape (images * 4 + 1,)
        Where each direction's pairs start.
    marginal : ndarray of float64
        Sum over each row, at ``4 * level_start + direction * n_levels + rank``.
    product : ndarray of float64
        Products of two marginals in the upper triangle of each matrix (they are symmetrical), at
        ``product_start + 4 * place in the triangle + direction``.
    product_start : ndarray of int64, shape (images + 1,)
    """

    row: np.ndarray
    column: np.ndarray
    number: np.ndarray
    chance: np.ndarray
    start: np.ndarray
    marginal: np.ndarray
    product: np.ndarray
    product_start: np.ndarray


@compiled
def allocate_pairs(most_levels: np.ndarray, n: int) -> Pairs:
    """Make room for images of `n` pixels.

    Parameters
    ----------
    most_levels : ndarray of int64, shape (images,)
        Most levels each can have.
    n : int

    Returns
    -------
    Pairs
    """
    n_pairs = n_products = 0
    for most in most_levels:
        most = min(most, n)
        n_pairs += 4 * min(most * most, 2 * n)
        n_products += 2 * most * (most + 1)
    images = len(most_levels)
    return Pairs(
        np.empty(n_pairs + 1, np.int32),
        np.empty(n_pairs + 1, np.int32),
        np.empty(n_pairs + 1, np.int64),
        np.empty(n_pairs),
        np.zeros(images * 4 + 1, np.int64),
        np.empty(4 * most_levels.sum()),
        np.empty(n_products),
        np.zeros(images + 1, np.int64),
    )


@compiled
def _make_symmetrical(glcm: np.ndarray, size: int) -> None:
    """Add to each cell, of all four directions, the one across the diagonal."""
    for i in range(1, size):
        for j in range(1, i + 1):
            at, across = np.uint64((i * size + j) * 4), np.uint64((j * size + i) * 4)
            a = glcm[at] + glcm[across]
            b = glcm[at + _ONE] + glcm[across + _ONE]
            c = glcm[at + _TWO] + glcm[across + _TWO]
            d = glcm[at + _THREE] + glcm[across + _THREE]
            glcm[at], glcm[at + _ONE], glcm[at + _TWO], glcm[at + _THREE] = a, b, c, d
            glcm[across], glcm[across + _ONE] = a, b
            glcm[across + _TWO], glcm[across + _THREE] = c, d


@compiled
def collect_pairs(glcm: np.ndarray, n: int, image: int, level_start: int, pairs: Pairs) -> None:
    """Add one image's co-occurrences to `pairs`.

    Parameters
    ----------
    glcm : ndarray of uint32
        From :func:`.texture_matrices.count_neighbourhoods`; made symmetrical.
    n : int
        Number of levels.
    image : int
    level_start : int
        Where its levels start among all images'.
    pairs : Pairs
    """
    size = n + 1
    _make_symmetrical(glcm, size)
    marginals = pairs.marginal[4 * level_start : 4 * (level_start + n)]
    marginals[:] = 0.0
    for direction in range(4):
        start = pairs.start[image * 4 + direction]
        total, last = 0, np.uint64(start)
        for i in range(1, size):
            at = np.uint64((i * size + 1) * 4 + direction)
            for j in range(n):
                count = np.int64(glcm[at])
                at += _FOUR
                # Written over by the next pair unless it occurs: a branch would be a coin toss.
                pairs.row[last], pairs.column[last], pairs.number[last] = i - 1, j, count
                total += int(count)
                last += np.uint64(count > 0)
        end = np.int64(last)
        marginal = marginals[direction * n : (direction + 1) * n]
        for k in range(start, end):
            chance = pairs.number[k] / float(total)
            pairs.chance[k] = chance
            marginal[pairs.row[k]] += chance
        pairs.start[image * 4 + direction + 1] = end
    filled = int(pairs.product_start[image])
    for i in range(n):
        for j in range(i, n):
            for direction in range(4):
                base = direction * n
                pairs.product[filled] = marginals[base + i] * marginals[base + j]
                filled += 1
    pairs.product_start[image + 1] = filled


def dense_counts(pairs: Pairs, image: int, n: int) -> np.ndarray:
    """Lay out one image's counts as matrices.

    Parameters
    ----------
    pairs : Pairs
    image : int
    n : int
        Number of its levels.

    Returns
    -------
    ndarray of int64, shape (4, n, n)
    """
    counts = np.zeros((4, n, n), np.int64)
    for direction in range(4):
        chosen = slice(*pairs.start[image * 4 + direction : image * 4 + direction + 2])
        counts[direction, pairs.row[chosen], pairs.column[chosen]] = pairs.number[chosen]
    return counts
