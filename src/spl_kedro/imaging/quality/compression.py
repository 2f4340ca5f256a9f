"""Traces of how a file was made: blocks of JPEG, pixels that were interpolated."""

from __future__ import annotations

import numpy as np

from spl_kedro.imaging.quality.picture import Picture

_BLOCK = 8
# Neighbours that lie across are alike, so that each third one says as much.
_APART = 3


def blocking(picture: Picture) -> float:
    """Return how much rougher an image is on a grid of 8 pixels than between its lines.

    Returns
    -------
    float
        Ratio, about 1 without blocks; the mean over rows and columns, whatever the grid's origin,
        since exported images are often cut out of larger ones.
    """
    upright, lying = _both_ways(picture)
    return float(np.mean([_on_grid(upright), _on_grid(lying)]))


def _both_ways(picture: Picture) -> tuple[np.ndarray, np.ndarray]:
    """Return a third of the columns and, lying, of the rows, int16: enough for a mean of each."""
    upright = picture.grey[:, ::_APART].astype(np.int16)
    return upright, np.ascontiguousarray(picture.grey[::_APART].T).astype(np.int16)


def _on_grid(grey: np.ndarray) -> float:
    # A step across the border that the values on either side do not lead to.
    step = grey[2:-1] - grey[1:-2]
    before, after = grey[1:-2] - grey[:-3], grey[3:] - grey[2:-1]
    jump = np.abs(2 * step - before - after).mean(axis=1)
    jump = jump[: len(jump) // _BLOCK * _BLOCK].reshape(-1, _BLOCK)
    phases = np.median(jump, axis=0) if len(jump) > 8 else np.ones(_BLOCK)
    return float(phases.max() / max(np.median(phases), 1e-6))


def fine_detail(picture: Picture) -> float:
    """Return how much of an image's roughness is as fine as its pixels, along its finer axis.

    Returns
    -------
    float
        From 0 to 1: the share of second differences in all differences over two pixels, times the
        share of rows and columns that are no copy of the one before. Of an image enlarged by
        smoothing the first is small; of one whose pixels were doubled half are copies, and it is 0.
    """
    upright, lying = _both_ways(picture)
    return max(_finer(upright), _finer(lying))


def _finer(grey: np.ndarray) -> float:
    next_one = (grey[1:] - grey[:-1]).astype(np.float32)
    second, first = next_one[1:] - next_one[:-1], next_one[1:] + next_one[:-1]
    rough, smooth = float(np.square(second).mean()), float(np.square(first).mean())
    seen = np.asarray(grey.any(axis=1))
    seen = seen[1:] & seen[:-1]
    copies = float((~next_one.any(axis=1) & seen).sum()) / max(int(seen.sum()), 1)
    return max(0.0, 1 - 2 * copies) * rough / max(rough + smooth, 1e-6)
