"""Square pixels of a chosen size: pyradiomics' resampling of the surroundings of a lesion.

The new grid starts at the image's first pixel's corner; only the bounding box and a margin of
five new pixels are resampled (B-spline for the image, nearest neighbour for the outline), and
the filters see no more than that. Every step and its rounding is that of
``radiomics.imageoperations.resampleImage``.
"""

from __future__ import annotations

import numpy as np
import SimpleITK as sitk

from spl_kedro.features.radiomics.roi import SLICE_THICKNESS, Roi, prepare

MARGIN = 5


def resample_to(roi: Roi, size: float, *, volume: bool) -> Roi:
    """Resample a lesion and its surroundings to square pixels.

    Parameters
    ----------
    roi : Roi
    size : float
        Side of a pixel, in units of the spacing.
    volume : bool
        Whether the slice is interpolated as a (1, H, W) volume, whose rounding differs from the
        plane's in the last place.

    Returns
    -------
    Roi

    Raises
    ------
    UnmeasurableError
        When the resampled outline breaks a rule.
    """
    old = np.array(roi.spacing)
    top, bottom, left, right = roi.box
    if np.allclose(old, size):  # cropped all the same
        rows = slice(max(top - MARGIN, 0), bottom + MARGIN)
        columns = slice(max(left - MARGIN, 0), right + MARGIN)
        return prepare(roi.image[rows, columns], roi.mask[rows, columns], roi.spacing)
    ratio = old / size
    first, extent = np.array([top, left]), np.array([bottom - top, right - left])
    low = np.floor((first - 0.5) * ratio - MARGIN)
    high = np.ceil((first + extent - 0.5) * ratio + MARGIN)
    low = np.maximum(low, 0)
    high = np.minimum(high, np.ceil(roi.mask.shape * ratio) - 1)
    origin = (0.5 * (size - old) / old + low / ratio).tolist()
    shape = (high - low + 1).astype(int).tolist()

    grid = sitk.ResampleImageFilter()
    depth = [SLICE_THICKNESS] if volume else []
    grid.SetOutputSpacing([size, size, *depth])
    grid.SetSize([*shape[::-1], *(1 for _ in depth)])
    resampled = []
    for array, method in ((roi.image, sitk.sitkBSpline), (roi.mask, sitk.sitkNearestNeighbor)):
        plane = array.astype(np.uint8) if array.dtype == np.bool_ else array
        node = sitk.GetImageFromArray(plane[None] if volume else plane)
        node.SetSpacing([*roi.spacing[::-1], *depth])
        start = [*origin[::-1], *(0.0 for _ in depth)]
        grid.SetOutputOrigin(node.TransformContinuousIndexToPhysicalPoint(start))
        grid.SetOutputPixelType(node.GetPixelID())
        grid.SetOutputDirection(node.GetDirection())
        grid.SetInterpolator(method)
        new = sitk.GetArrayFromImage(grid.Execute(node))
        resampled.append(new[0] if volume else new)
    return prepare(resampled[0], resampled[1], (size, size))
