"""Derived images inside the outline, computed from no more of the image than they need.

pyradiomics filters the whole image and crops. Exact on the bounding box alone:

- square, square root, logarithm, exponential: element-wise, scaled by the whole
  image's largest absolute value, which is carried over (this is what makes pyradiomics'
  own ``preCrop`` inexact);
- gradient: SimpleITK's three-point stencil, compiled, on the box and one pixel round it
  (checked once per process against SimpleITK bit for bit, else SimpleITK itself);
- wavelets and local binary patterns: see :mod:`.wavelet` and :mod:`.lbp`.

The Laplacian of Gaussian is recursive over whole lines and stays on the whole image; it is
SimpleITK's, under pyradiomics' names and with its conditions on the image's size.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import SimpleITK as sitk

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.lbp import lbp_values_3d
from spl_kedro.features.radiomics.roi import Roi
from spl_kedro.features.radiomics.wavelet import wavelet_images_2d, wavelet_values_3d


def _square(x: np.ndarray, maximum: float) -> np.ndarray:
    return (1 / np.sqrt(maximum) * x) ** 2


def _squareroot(x: np.ndarray, maximum: float) -> np.ndarray:
    x = x.copy()
    x[x > 0] = np.sqrt(x[x > 0] * maximum)
    x[x < 0] = -np.sqrt(-x[x < 0] * maximum)
    return x


def _log(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x[x > 0] = np.log(x[x > 0] + 1)
    x[x < 0] = -np.log(-(x[x < 0] - 1))
    return x


def _logarithm(x: np.ndarray, maximum: float) -> np.ndarray:
    # The logarithm is odd and increasing: its largest magnitude is that of the maximum.
    return _log(x) * (maximum / _log(np.array([maximum]))[0])


def _exponential(x: np.ndarray, maximum: float) -> np.ndarray:
    return np.exp(np.log(maximum) / maximum * x)


def scaled_values(roi: Roi) -> Iterator[tuple[str, np.ndarray]]:
    """Square, square root, logarithm and exponential at the pixels of the outline.

    Parameters
    ----------
    roi : Roi

    Yields
    ------
    tuple of str and ndarray, shape (n,)
        Image type and its values (float64; gradient and LoG float32), in pyradiomics' order.
    """
    values = roi.image[roi.crop][roi.outline]
    maximum = roi.largest
    yield "square", _square(values, maximum)
    yield "squareroot", _squareroot(values, maximum)
    yield "logarithm", _logarithm(values, maximum)
    yield "exponential", _exponential(values, maximum)


def gradient_image(roi: Roi) -> np.ndarray:
    """Gradient magnitude of the bounding box.

    The stencil repeats the edge pixel at the image border; a margin of one pixel where
    the image goes on gives the same differences everywhere.

    Parameters
    ----------
    roi : Roi

    Returns
    -------
    ndarray of float32, shape (h, w)
        SimpleITK's precision, in which pyradiomics goes on to find the bins.
    """
    top, bottom, left, right = roi.box
    above, before = min(top, 1), min(left, 1)
    window = roi.image[top - above : bottom + 1, left - before : right + 1]
    function = _gradient if _rounds_alike() else _gradient_of_simpleitk
    magnitude = function(np.ascontiguousarray(window), *roi.spacing)
    return magnitude[above : above + bottom - top, before : before + right - left]


@compiled
def _gradient(image: np.ndarray, row_size: float, column_size: float) -> np.ndarray:
    """Central differences with the edge pixel repeated, columns added before rows."""
    height, width = image.shape
    out = np.empty((height, width), np.float32)
    across, down = 0.5 / column_size, 0.5 / row_size
    for y in range(height):
        up, below = max(y - 1, 0), min(y + 1, height - 1)
        for x in range(width):
            west, east = max(x - 1, 0), min(x + 1, width - 1)
            gx = -across * image[y, west] + across * image[y, east]
            gy = -down * image[up, x] + down * image[below, x]
            out[y, x] = math.sqrt(gx * gx + gy * gy)
    return out


def _gradient_of_simpleitk(image: np.ndarray, row_size: float, column_size: float) -> np.ndarray:
    node = _node(image, row_size, column_size)
    return sitk.GetArrayFromImage(sitk.GradientMagnitude(node, True))


def _node(image: np.ndarray, row_size: float, column_size: float) -> sitk.Image:
    node = sitk.GetImageFromArray(image)
    node.SetSpacing([column_size, row_size])
    return node


@lru_cache(maxsize=1)
def _rounds_alike() -> bool:
    """Whether the compiled gradient gives SimpleITK's bits on this platform."""
    probe = np.random.default_rng(0).uniform(0, 255, (24, 17))
    return all(
        np.array_equal(_gradient(probe, *size), _gradient_of_simpleitk(probe, *size))
        for size in ((1.0, 1.0), (0.07, 0.113))
    )


def slice_values(roi: Roi) -> Iterator[tuple[str, np.ndarray]]:
    """Make the seventeen image types of preset us2d-1561, at the pixels of the outline.

    Parameters
    ----------
    roi : Roi

    Yields
    ------
    tuple of str and ndarray, shape (n,)
        Image type and its values (float64; gradient and LoG float32), in pyradiomics' order.
    """
    inside = roi.outline
    yield "original", roi.image[roi.crop][inside]
    yield from wavelet_values_3d(roi.image, roi.box, inside).items()
    yield from scaled_values(roi)
    yield "gradient", gradient_image(roi)[inside]
    yield from lbp_values_3d(roi).items()


def _laplacians_of_gaussian(
    roi: Roi, sigmas: tuple[float, ...]
) -> Iterator[tuple[str, np.ndarray]]:
    """Whole image filtered at each width for which it is large enough."""
    size = np.array(roi.image.shape)
    if size.min() < 4:
        return
    node = _node(roi.image, *roi.spacing)
    for sigma in sigmas:
        if (size >= np.ceil(sigma / np.array(roi.spacing)) + 1).all():
            filtered = sitk.LaplacianRecursiveGaussian(node, sigma, True)
            name = f"log-sigma-{sigma}-mm-3D".replace(".", "-")
            yield name, sitk.GetArrayFromImage(filtered)


def native_values(roi: Roi, sigmas: tuple[float, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Make the fourteen image types of preset us2d-native, at the pixels of the outline.

    Parameters
    ----------
    roi : Roi
    sigmas : tuple of float
        Widths of the Laplacian of Gaussian, in units of the spacing.

    Yields
    ------
    tuple of str and ndarray, shape (n,)
        Image type and its values (float64; gradient and LoG float32), in pyradiomics' order.
    """
    from skimage.feature import local_binary_pattern

    inside = roi.outline
    yield "original", roi.image[roi.crop][inside]
    for name, image in _laplacians_of_gaussian(roi, sigmas):
        yield name, image[roi.crop][inside]
    for name, band in wavelet_images_2d(roi.image, roi.box).items():
        yield name, band[inside]
    yield from scaled_values(roi)
    yield "gradient", gradient_image(roi)[inside]
    # Cutting off what lies below and to the right keeps every pixel's coordinates, and with
    # them the rounding of the interpolated neighbours.
    bottom, right = roi.box[1] + 2, roi.box[3] + 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # float images are what we mean
        pattern = local_binary_pattern(roi.image[:bottom, :right], P=8, R=1, method="uniform")
    yield "lbp-2D", pattern[roi.crop][inside]
