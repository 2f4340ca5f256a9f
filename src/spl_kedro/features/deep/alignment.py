"""Bringing networks of different folds to common axes, without looking at a label.

Two networks trained on different lesions may hold the same knowledge in different directions
of their embeddings. A table that mixes them row by row is only usable when one column means
the same in every row. All networks here start from one set of weights; the embedding of that
common start is a set of axes that no label has touched. Each network is turned onto them by
the orthogonal map that fits best (Schoenemann 1966, doi 10.1007/BF02289451) on the lesions the
network was trained on, after centring and scaling by those lesions. So for a lesion of the
held-out fold neither the network nor the map depends on its label or on its image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.by_row import row_products

# Directions in which the reference lesions hardly vary have no defined counterpart.
_RELATIVE_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Axes:
    """An affine map from one network's embedding to common axes.

    Attributes
    ----------
    mean : ndarray, shape (width,)
        Mean embedding of the reference lesions.
    scale : float
        Divides the centred embedding: RMS over reference lesions and columns becomes 1.
    rotation : ndarray, shape (width, width), or None
        Orthogonal on the span of the reference lesions, zero outside; None leaves the axes.
    """

    mean: np.ndarray
    scale: float
    rotation: np.ndarray | None

    def transform(self, embedding: np.ndarray) -> np.ndarray:
        """Return the embedding on the common axes."""
        centred = (embedding - self.mean) / self.scale
        return centred if self.rotation is None else row_products(centred, self.rotation)


def _centre_and_scale(embedding: np.ndarray) -> tuple[np.ndarray, float]:
    mean = embedding.mean(axis=0)
    scale = float(np.sqrt(np.mean((embedding - mean) ** 2)))
    if not np.isfinite(scale) or scale == 0:
        raise ValueError(
            "deep features: the network gives every training lesion the same embedding. Lower "
            "deep_features.learning_rate or train for more epochs."
        )
    return mean, scale


def procrustes(embedding: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the orthogonal map R that minimises ``||embedding @ R - target||``.

    Parameters
    ----------
    embedding, target : ndarray, shape (n, width)
        Centred. With n below `width` the map is orthogonal between the spans of the rows and
        zero outside, since nothing is known there.

    Returns
    -------
    ndarray, shape (width, width)
    """
    # A'B has rank n at most: its polar factor comes from an n x n matrix.
    left, left_factor = np.linalg.qr(embedding.T)
    right, right_factor = np.linalg.qr(target.T)
    u, strength, vt = np.linalg.svd(left_factor @ right_factor.T)
    kept = strength > _RELATIVE_TOLERANCE * strength[0]
    return (left @ u[:, kept]) @ (vt[kept] @ right.T)


def fit_axes(embedding: np.ndarray, start: np.ndarray, alignment: str) -> Axes:
    """Fit the map of one network onto the axes of the common start.

    Parameters
    ----------
    embedding : ndarray, shape (n, width)
        The network's embedding of the lesions it was trained on.
    start : ndarray, shape (n, width)
        The common start's embedding of the same lesions.
    alignment : {"procrustes", "none"}
        ``none`` centres and scales only.

    Raises
    ------
    ValueError
        If the embedding is constant.
    """
    mean, scale = _centre_and_scale(embedding)
    if alignment == "none":
        return Axes(mean, scale, None)
    start_mean, start_scale = _centre_and_scale(start)
    rotation = procrustes((embedding - mean) / scale, (start - start_mean) / start_scale)
    return Axes(mean, scale, rotation)
