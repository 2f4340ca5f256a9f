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

import numba
import numpy as np

from spl_kedro.features.radiomics import spline
from spl_kedro.features.radiomics.roi import Roi


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
    """Grey values at the eight in-plane points of every pixel, shape (n, 8)."""
    vertices, in_plane, _ = _sphere()
    offsets = np.ascontiguousarray(vertices[in_plane][:, 1:])
    if spline.rounds_alike():
        return spline.sample_around(roi, offsets)
    return spline.sample_around_with_scipy(roi, offsets)


@numba.njit(cache=True, nogil=True)
def _mean(values: np.ndarray) -> float:
    """Mean with NumPy's order of summation for 8 to 128 contiguous values."""
    n = len(values)
    r = values[:8].copy()
    whole = n - n % 8
    for i in range(8, whole, 8):
        for j in range(8):
            r[j] += values[i + j]
    total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]))
    for i in range(whole, n):
        total += values[i]
    return total / n


@numba.njit(cache=True, nogil=True)
def _describe(
    samples: np.ndarray, centres: np.ndarray, in_plane: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Pattern of each pixel and kurtosis of its sphere (points off the slice are 0)."""
    n, k = samples.shape
    where = np.flatnonzero(in_plane)
    sphere = np.zeros(len(in_plane))
    power = np.empty(len(in_plane))
    codes = np.zeros(n, np.int64)
    kurtosis = np.empty(n)
    eps = 2.220446049250313e-16
    for p in range(n):
        code = 256 if centres[p] <= 0.0 else 0
        for q in range(k):
            sphere[where[q]] = samples[p, q]
            if samples[p, q] >= centres[p]:
                code |= 1 << q
        codes[p] = code
        mean = _mean(sphere)
        for i in range(len(sphere)):
            power[i] = (sphere[i] - mean) * (sphere[i] - mean)
        m2 = _mean(power)
        for i in range(len(sphere)):
            power[i] = power[i] * power[i]
        m4 = _mean(power)
        # SciPy's rule for a sphere without variation; far from any echo the square vanishes too.
        flat = m2 <= (eps * mean) ** 2 or m2 * m2 == 0.0
        kurtosis[p] = np.nan if flat else m4 / (m2 * m2) - 3.0
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
    codes, kurtosis = _describe(_samples(roi), centres, in_plane)
    levels = pattern_table()[codes]
    return {
        "lbp-3D-m1": np.ascontiguousarray(levels[:, 0]),
        "lbp-3D-m2": np.ascontiguousarray(levels[:, 1]),
        "lbp-3D-k": kurtosis,
    }
