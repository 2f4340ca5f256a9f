"""A map of one lesion: apart from what makes it, so that drawing it needs no network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LesionMap:
    """A lesion's crop as the network saw it, at the image's own resolution, and its map.

    Attributes
    ----------
    lesion_id : str
    image : ndarray, shape (side, side)
        Grey values, 0 to 255.
    mask : ndarray of bool, shape (side, side)
    saliency : ndarray of float, shape (side, side)
        Non-negative evidence for `target`, in the network's own units.
    spacing_mm : tuple of float or None
    network : str
        Name of the network, ``fold_0`` ..., ``refit`` or ``frozen`` (the latter with the
        signature left out, for a training lesion); several joined by `` + ``.
    target : int
        0: evidence for benign, 1: for malignant.
    """

    lesion_id: str
    image: np.ndarray
    mask: np.ndarray
    saliency: np.ndarray
    spacing_mm: tuple[float, float] | None
    network: str
    target: int
