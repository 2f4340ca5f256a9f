"""What part of the body is in view: two views side by side, a lesion cut by the sector's edge."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spl_kedro.imaging.quality.neighbours import square
from spl_kedro.imaging.quality.picture import Picture

#: Pixels this dark that hang together with the image's border were not scanned.
DARK = 2
_NEAR_EDGE = 2


def seam(picture: Picture) -> float:
    """Return how little neighbouring columns in the middle of an image have in common.

    Returns
    -------
    float
        From 0 (every column is like the next) to 1 (somewhere in the middle third of the image two
        columns have nothing in common, with something to see on both sides). One less the smallest
        correlation of a column with the next but one.
    """
    grey = picture.grey
    width = grey.shape[1]
    first, last = width // 3, width - width // 3
    if last - first < 8:
        return 0.0
    columns = grey[:, first - 2 : last + 2].astype(np.float32)
    columns -= columns.mean(axis=0)
    size = np.sqrt((columns**2).sum(axis=0))
    together = (columns[:, :-2] * columns[:, 2:]).sum(axis=0)
    alike = together / np.maximum(size[:-2] * size[2:], 1e-6)
    sides = min(float(grey[:, :first].std()), float(grey[:, last:].std()))
    return float(1 - alike.min()) if sides >= 8 else 0.0


def unscanned(grey: np.ndarray) -> np.ndarray:
    """Return which pixels are black and hang together with the image's border, bool."""
    dark = grey <= DARK
    border = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    if not border.any():
        return np.zeros_like(dark)
    parts, count = ndimage.label(dark)
    outside = np.zeros(count + 1, dtype=bool)
    outside[np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])] = True
    outside[0] = False
    return outside[parts]


def cut_share(picture: Picture) -> float:
    """Return which share of the outline lies on the edge of what was scanned, from 0 to 1.

    The edge is the black surround of a sector, or the border of the image itself.
    """
    part = picture.window  # reaches farther than the edge may be away, or to the border itself
    mask = picture.mask[part]
    outline = mask & ~ndimage.binary_erosion(mask, border_value=0)
    dark = picture.grey[part] <= DARK
    outside = unscanned(picture.grey)[part] if dark.any() else dark
    beyond = np.pad(outside, _NEAR_EDGE, constant_values=True)
    near = square(np.maximum, beyond, 2 * _NEAR_EDGE + 1)[
        _NEAR_EDGE:-_NEAR_EDGE, _NEAR_EDGE:-_NEAR_EDGE
    ]
    return float(near[outline].mean())
