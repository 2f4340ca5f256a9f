"""Small marks in a row, at one distance from each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.spatial import cKDTree


class Chain(NamedTuple):
    """The longest row of marks: how many, and their positions among the points."""

    length: int
    members: np.ndarray


def longest_chain(
    points: np.ndarray,
    nearest: float,
    farthest: float,
    tolerance: float,
    *,
    upright: float | None = None,
) -> Chain:
    """Return the longest sequence of points, each as far from the last as that from the one before.

    A step may differ from the one before by `tolerance` in any direction, so that the dots of an
    ellipse are followed as well as those of a line.

    Parameters
    ----------
    points : ndarray of float, shape (n, 2)
        Rows and columns.
    nearest, farthest : float
        Least and largest distance between neighbours, in pixels.
    tolerance : float
        In pixels.
    upright : float, optional
        Only steps down or to the right that leave their column or row by no more than this.
    """
    if len(points) < 3:
        return Chain(0, np.zeros(0, dtype=np.int64))
    pairs = cKDTree(points).query_pairs(farthest, output_type="ndarray")
    steps = points[pairs[:, 1]] - points[pairs[:, 0]]
    kept = np.hypot(*steps.T) >= nearest
    if upright is not None:
        kept &= np.abs(steps).min(axis=1) <= upright
    pairs, steps = pairs[kept], steps[kept]
    start = np.concatenate([pairs[:, 0], pairs[:, 1]])
    end = np.concatenate([pairs[:, 1], pairs[:, 0]])
    steps = np.concatenate([steps, -steps])
    if len(start) == 0:
        return Chain(0, np.zeros(0, dtype=np.int64))
    # A step is a point in four dimensions; the next one begins where it ends and goes as far.
    scale = tolerance / 0.5
    begins = cKDTree(np.column_stack([points[start] / 0.25, steps / scale]))
    distance, follows = begins.query(
        np.column_stack([points[end] / 0.25, steps / scale]), distance_upper_bound=0.5
    )
    following = np.where(np.isfinite(distance), follows, -1)
    length = np.full(len(start), 2)
    at = np.arange(len(start))
    for _ in range(40):
        at = np.where(at >= 0, following[at], -1)
        if (at < 0).all():
            break
        length += at >= 0
    best = int(np.argmax(length))
    members, at_step = [int(start[best]), int(end[best])], int(following[best])
    while at_step >= 0 and len(members) < length[best]:
        members.append(int(end[at_step]))
        at_step = int(following[at_step])
    members = list(dict.fromkeys(members))
    return Chain(len(members), np.array(members))
