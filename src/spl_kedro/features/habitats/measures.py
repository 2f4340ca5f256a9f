"""What is measured of a lesion's habitats: size, scatter, mixture, and what they are like."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spl_kedro.features.radiomics.maps import FeatureMaps

_TOUCHING = np.ones((3, 3), dtype=bool)  # also at corners


def lay_out(habitats: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Lay habitats out on the image.

    Parameters
    ----------
    habitats : ndarray of int, shape (n,)
        Habitat of each pixel of the outline, from 0; -1 without one.
    mask : ndarray of bool, shape (H, W)

    Returns
    -------
    ndarray of int64, shape (H, W)
        From 1; 0 outside the outline and where there is none.
    """
    whole = np.zeros(mask.shape, dtype=np.int64)
    whole[mask] = habitats + 1
    return whole


def measure_parts(maps: FeatureMaps, habitats: np.ndarray, most: int) -> np.ndarray:
    """Measure the habitats of one lesion.

    Parameters
    ----------
    maps : FeatureMaps
    habitats : ndarray of int, shape (n,)
        Habitat of each pixel of the outline, from 0; -1 where a map has no value.
    most : int
        Habitats that there are columns for.

    Returns
    -------
    ndarray of float64
        In the order of :func:`.names.habitat_columns`. Of each habitat: its share of the pixels
        that have one, its 8-connected parts, the share of it in its largest part, the mean of each
        map; a habitat that the lesion lacks has share and parts 0 and no other value. Of all: the
        entropy of the shares in bits, and the share of pairs of pixels side by side (to the right,
        below) that lie in two habitats; no value without a pair.
    """
    picture = lay_out(habitats, maps.mask)
    rows, columns = np.nonzero(maps.mask)
    box = slice(rows.min(), rows.max() + 1), slice(columns.min(), columns.max() + 1)
    picture = picture[box]
    known = habitats >= 0
    counts = np.bincount(habitats[known], minlength=most)
    shares = counts / max(int(known.sum()), 1)
    values = []
    for k in range(most):
        parts, largest = 0, np.nan
        means = np.full(len(maps.names), np.nan)
        if counts[k]:
            found, parts = ndimage.label(picture == k + 1, _TOUCHING)
            largest = np.bincount(found.ravel())[1:].max() / counts[k]
            means = maps.values[:, habitats == k].mean(axis=1)
        values.append([shares[k], parts, largest, *means])
    return np.array([*np.concatenate(values), _entropy(shares), _borders(picture)])


def _entropy(shares: np.ndarray) -> float:
    there = shares[shares > 0]
    return float(-(there * np.log2(there)).sum()) if len(there) > 1 else 0.0


def _borders(picture: np.ndarray) -> float:
    """Share of neighbouring pixels of a lesion that lie in two habitats."""
    pairs = ((picture[:, :-1], picture[:, 1:]), (picture[:-1], picture[1:]))
    both = [(one > 0) & (other > 0) for one, other in pairs]
    n = sum(int(there.sum()) for there in both)
    apart = sum(
        int((one != other)[there].sum()) for (one, other), there in zip(pairs, both, strict=True)
    )
    return apart / n if n else np.nan
