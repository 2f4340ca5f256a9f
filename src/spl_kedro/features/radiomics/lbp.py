"""Local binary patterns of one slice.

LBP3D samples a sphere of 42 points round each voxel and describes which lie above the
centre. On one slice only the eight points in the slice's plane meet the image; the
other 34 fall outside the volume, where the sampling returns 0. So

- only eight points are sampled (:mod:`.spline`);
- the first two spherical-harmonic images are functions of the pattern alone (2^8
  patterns, and whether 0 lies above the centre): one table of 512 rows, computed
  with pyradiomics' expressions, replaces two large arrays per lesion;
- the kurtosis of the 42 values is summed in NumPy's order: on a constant image all
  spheres are alike but for the last bits, which the first-order features then describe.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from spl_kedro.features.radiomics import spline
from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.roi import Roi

_BLOCK = 64  # pixels described together: their sums stay in the fastest cache


@lru_cache(maxsize=1)
def _sphere() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Vertices of the icosphere, which of them lie in the slice, and the harmonics."""
    from scipy.special import sph_harm_y
    from trimesh.creation import icosphere

    vertices = np.array(icosphere(1, 1).vertices)
    # pyradiomics gives the two angles to the harmonics in each other's place.
    theta = np.arctan2(vertices[:, 1], vertices[:, 0])
    phi = np.arccos(np.true_divide(vertices[:, 2], 1))
    columns = [sph_harm_y(n, m, theta, phi) for m, n in ((0, 0), (-1, 1), (0, 1), (1, 1))]
    Y = np.column_stack(columns)
    return vertices, vertices[:, 0] == 0.0, Y


@lru_cache(maxsize=1)
def pattern_table() -> np.ndarray:
    """Values of lbp-3D-m1 and -m2 for every pattern of points above the centre.

    Returns
    -------
    ndarray of float64, shape (512, 2)
        Row: bit k set where in-plane point k is at or above the centre, bit 8 where 0 is
        (all points outside the slice).
    """
    vertices, in_plane, Y = _sphere()
    patterns = np.zeros((512, len(vertices)), dtype=int)
    codes = np.arange(512)
    patterns[:, ~in_plane] = (codes >> 8)[:, None]
    patterns[:, in_plane] = (codes[:, None] >> np.arange(8)) & 1
    order = np.array([0, 1, 1, 1])
    c = np.multiply(patterns[:, :, None], Y[None, :, :]).sum(axis=1)
    f = np.multiply(c[:, None, order == 0], Y[None, :, order == 0])
    f = np.concatenate(
        (
            f,
            np.sum(
                np.multiply(c[:, None, order == 1], Y[None, :, order == 1]), axis=2, keepdims=True
            ),
        ),
        axis=2,
    )
    return np.real(np.sqrt(np.sum(f**2, axis=1)))


def _samples(roi: Roi) -> np.ndarray:
    """Grey values at the eight in-plane points of every pixel, shape (n, 8), point by point."""
    vertices, in_plane, _ = _sphere()
    offsets = np.ascontiguousarray(vertices[in_plane][:, 1:])
    if spline.rounds_alike():
        return spline.sample_around(roi, offsets)
    return spline.sample_around_with_scipy(roi, offsets)


@compiled
def _sphere_mean(
    points: np.ndarray, others: np.ndarray, row: np.ndarray, sums: np.ndarray, out: np.ndarray
) -> None:
    """Mean over each pixel's sphere with NumPy's order of summation for 8 to 128 values.

    Parameters
    ----------
    points : ndarray, shape (in-plane points, pixels)
    others : ndarray, shape (pixels,)
        Value of every point off the slice.
    row : ndarray of int, shape (points of the sphere,)
        Row in `points` of a point of the sphere; -1 off the slice.
    sums : ndarray, shape (8, pixels)
        Memory.
    out : ndarray, shape (pixels,)
        Filled.
    """
    n, pixels = len(row), len(out)
    whole = n - n % 8
    sums[:] = 0.0
    for i in range(whole):
        values, total = points[row[i]] if row[i] >= 0 else others, sums[i % 8]
        for p in range(pixels):
            total[p] += values[p]
    for p in range(pixels):
        out[p] = ((sums[0, p] + sums[1, p]) + (sums[2, p] + sums[3, p])) + (
            (sums[4, p] + sums[5, p]) + (sums[6, p] + sums[7, p])
        )
    for i in range(whole, n):
        values = points[row[i]] if row[i] >= 0 else others
        for p in range(pixels):
            out[p] += values[p]
    for p in range(pixels):
        out[p] /= n


@compiled
def _kurtosis(samples: np.ndarray, row: np.ndarray, out: np.ndarray) -> None:
    """Kurtosis of the sphere of every pixel (points off the slice are 0), a block at a time.

    Parameters
    ----------
    samples : ndarray, shape (in-plane points, n)
    row : ndarray of int, shape (points of the sphere,)
        See :func:`_sphere_mean`.
    out : ndarray, shape (n,)
        Filled; NaN where a sphere has no variation.
    """
    eps = 2.220446049250313e-16
    points, others = np.empty((len(samples), _BLOCK)), np.empty(_BLOCK)
    sums, mean = np.empty((8, _BLOCK)), np.empty(_BLOCK)
    m2, m4 = np.empty(_BLOCK), np.empty(_BLOCK)
    points[:] = 0.0
    for start in range(0, len(out), _BLOCK):
        size = min(_BLOCK, len(out) - start)
        points[:, :size] = samples[:, start : start + size]
        others[:] = 0.0
        _sphere_mean(points, others, row, sums, mean)
        for q in range(len(points)):
            for p in range(_BLOCK):
                points[q, p] = (points[q, p] - mean[p]) * (points[q, p] - mean[p])
        others[:] = mean * mean
        _sphere_mean(points, others, row, sums, m2)
        points *= points
        others *= others
        _sphere_mean(points, others, row, sums, m4)
        for p in range(size):
            # SciPy's rule for a sphere without variation; far from any echo the square is 0 too.
            flat = m2[p] <= (eps * mean[p]) ** 2 or m2[p] * m2[p] == 0.0
            out[start + p] = np.nan if flat else m4[p] / (m2[p] * m2[p]) - 3.0


@compiled
def _describe(
    samples: np.ndarray, centres: np.ndarray, in_plane: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pattern of each pixel and kurtosis of its sphere (points off the slice are 0)."""
    points, n = samples.shape
    row = np.full(len(in_plane), -1, np.int64)
    row[in_plane] = np.arange(points)
    codes = np.empty(n, np.int64)
    for p in range(n):
        codes[p] = 256 if centres[p] <= 0.0 else 0
    for q in range(points):
        line = samples[q]
        for p in range(n):
            codes[p] |= np.int64(line[p] >= centres[p]) << q
    kurtosis = np.empty(n)
    _kurtosis(samples, row, kurtosis)
    return codes, kurtosis


def lbp_values_3d(roi: Roi) -> dict[str, np.ndarray]:
    """Make the three LBP3D images of one slice, at the pixels of the outline.

    Parameters
    ----------
    roi : Roi

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        ``lbp-3D-m1``, ``lbp-3D-m2``, ``lbp-3D-k``.
    """
    _, in_plane, _ = _sphere()
    centres = roi.image[roi.crop][roi.outline]
    codes, kurtosis = _describe(np.ascontiguousarray(_samples(roi).T), centres, in_plane)
    table = pattern_table()
    return {
        "lbp-3D-m1": table[:, 0].take(codes),
        "lbp-3D-m2": table[:, 1].take(codes),
        "lbp-3D-k": kurtosis,
    }
