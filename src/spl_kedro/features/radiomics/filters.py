"""Derived images inside the outline, computed from no more of the image than they need.

pyradiomics filters the whole image and crops. Exact on the bounding box alone:

- square, square root, logarithm, exponential: element-wise, scaled by the whole
  image's largest absolute value, which is carried over (this is what makes pyradiomics'
  own ``preCrop`` inexact);
- gradient: SimpleITK's three-point stencil on the box and one pixel round it;
- wavelets and local binary patterns: see :mod:`.wavelet` and :mod:`.lbp`.

The Laplacian of Gaussian is recursive over whole lines and stays on the whole image.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import SimpleITK as sitk

from spl_kedro.features.radiomics.lbp import lbp_values_3d
from spl_kedro.features.radiomics.roi import Roi
from spl_kedro.features.radiomics.wavelet import wavelet_images_2d, wavelet_images_3d


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
    tuple of str and ndarray of float64, shape (n,)
        Image type and its values, in pyradiomics' order.
    """
    values = roi.image[roi.crop][roi.outline]
    maximum = np.max(np.abs(roi.image))
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
    ndarray, shape (h, w)
    """
    top, bottom, left, right = roi.box
    above, before = min(top, 1), min(left, 1)
    window = roi.image[top - above : bottom + 1, left - before : right + 1]
    node = sitk.GetImageFromArray(window)
    node.SetSpacing([roi.spacing[1], roi.spacing[0]])
    magnitude = sitk.GetArrayFromImage(sitk.GradientMagnitude(node, True))
    return magnitude[above : above + bottom - top, before : before + right - left]


def slice_values(roi: Roi) -> Iterator[tuple[str, np.ndarray]]:
    """Make the seventeen image types of preset us2d-1561, at the pixels of the outline.

    Parameters
    ----------
    roi : Roi

    Yields
    ------
    tuple of str and ndarray of float64, shape (n,)
        Image type and its values, in pyradiomics' order.
    """
    inside = roi.outline
    yield "original", roi.image[roi.crop][inside]
    for name, band in wavelet_images_3d(roi.image, roi.box).items():
        yield name, band[inside]
    yield from scaled_values(roi)
    yield "gradient", gradient_image(roi)[inside].astype(np.float64)
    yield from lbp_values_3d(roi).items()


def native_values(roi: Roi, sigmas: tuple[float, ...]) -> Iterator[tuple[str, np.ndarray]]:
    """Make the fourteen image types of preset us2d-native, at the pixels of the outline.

    Parameters
    ----------
    roi : Roi
    sigmas : tuple of float
        Widths of the Laplacian of Gaussian, in units of the spacing.

    Yields
    ------
    tuple of str and ndarray of float64, shape (n,)
        Image type and its values, in pyradiomics' order.
    """
    import warnings

    from radiomics import imageoperations
    from skimage.feature import local_binary_pattern

    inside = roi.outline
    yield "original", roi.image[roi.crop][inside]
    node = sitk.GetImageFromArray(roi.image)
    node.SetSpacing([roi.spacing[1], roi.spacing[0]])
    for image, name, _ in imageoperations.getLoGImage(node, None, sigma=list(sigmas)):
        yield name, sitk.GetArrayFromImage(image)[roi.crop][inside].astype(np.float64)
    for name, band in wavelet_images_2d(roi.image, roi.box).items():
        yield name, band[inside]
    yield from scaled_values(roi)
    yield "gradient", gradient_image(roi)[inside].astype(np.float64)
    # Cutting off what lies below and to the right keeps every pixel's coordinates, and with
    # them the rounding of the interpolated neighbours.
    bottom, right = roi.box[1] + 2, roi.box[3] + 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # float images are what we mean
        pattern = local_binary_pattern(roi.image[:bottom, :right], P=8, R=1, method="uniform")
    yield "lbp-2D", pattern[roi.crop][inside]
