"""Smooth random curves and fields: the building material of anatomy and of outlines."""

from __future__ import annotations

from functools import lru_cache

import numpy as np


@lru_cache(maxsize=256)
def _interpolation(length: int, scale: float) -> np.ndarray:
    """Gaussian weights from knots to samples, each row of unit length."""
    knots = np.arange(-2.0 * scale, length + 2.0 * scale, 0.8 * scale)
    weights = np.exp(-0.5 * ((np.arange(length)[:, None] - knots) / scale) ** 2)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    return weights.astype(np.float32)


def smooth_curve(rng: np.random.Generator, length: int, scale: float) -> np.ndarray:
    """Return a smooth random curve of unit variance and zero mean.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    length : int
        Number of samples.
    scale : float
        Standard deviation, in samples, of the Gaussian bumps the curve is made of; its
        correlation falls to 1/e at twice this distance.

    Returns
    -------
    ndarray of float32, shape (length,)
    """
    weights = _interpolation(length, float(scale))
    return weights @ rng.standard_normal(weights.shape[1], np.float32)


def smooth_field(
    rng: np.random.Generator, shape: tuple[int, int], scales: tuple[float, float]
) -> np.ndarray:
    """Return a smooth random field of unit variance and zero mean.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    shape : tuple of int
        Rows and columns.
    scales : tuple of float
        Standard deviations of the bumps, in rows and in columns.

    Returns
    -------
    ndarray of float32, shape ``shape``
    """
    down = _interpolation(shape[0], float(scales[0]))
    across = _interpolation(shape[1], float(scales[1]))
    knots = rng.standard_normal((down.shape[1], across.shape[1]), np.float32)
    return down @ knots @ across.T


@lru_cache(maxsize=16)
def _harmonics(length: int, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Cosine and sine of each harmonic round the circle."""
    angle = np.linspace(0, 2 * np.pi, length, endpoint=False)
    turns = np.outer(np.arange(first, last + 1), angle)
    return np.cos(turns), np.sin(turns)


def periodic_curve(
    rng: np.random.Generator, length: int, orders: tuple[int, int], decay: float
) -> np.ndarray:
    """Return a random closed curve: a sum of harmonics with unit variance on average.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    length : int
        Number of samples round the circle.
    orders : tuple of int
        First and last harmonic.
    decay : float
        The standard deviation of harmonic m is proportional to m ** -decay.

    Returns
    -------
    ndarray of float64, shape (length,)
    """
    order = np.arange(orders[0], orders[1] + 1)
    size = order.astype(np.float64) ** -decay
    size /= np.sqrt(np.sum(size**2))
    cosine, sine = rng.standard_normal((2, len(order))) * size
    cosines, sines = _harmonics(length, *orders)
    return cosine @ cosines + sine @ sines


def complex_noise(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Circular complex Gaussian noise of unit power."""
    parts = rng.standard_normal((*shape, 2), np.float32)
    parts *= np.float32(np.sqrt(0.5))
    return parts.view(np.complex64)[..., 0]
