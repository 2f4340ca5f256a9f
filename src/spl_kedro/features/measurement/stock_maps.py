"""pyradiomics' own voxel-based extraction: the reference of the maps."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence

import numpy as np
import SimpleITK as sitk

from spl_kedro.features.measurement.stock import pyradiomics_parameters, require_pyradiomics
from spl_kedro.features.radiomics import PRESETS, PresetName
from spl_kedro.features.radiomics.roi import SLICE_THICKNESS, prepare

#: pyradiomics' name of what makes each kind of derived image.
_FILTERS = {
    "original": "Original",
    "wavelet": "Wavelet",
    "log": "LoG",
    "square": "Square",
    "squareroot": "SquareRoot",
    "logarithm": "Logarithm",
    "exponential": "Exponential",
    "gradient": "Gradient",
    "lbp": "LBP3D",
}
#: Kernels that pyradiomics holds in memory at once.
_BATCH = 500


def stock_maps(
    image: np.ndarray,
    mask: np.ndarray,
    features: Sequence[str],
    *,
    radius: int = 1,
    masked: bool = True,
    preset: PresetName = "us2d-1561",
    bin_width: float = 5.0,
    spacing: tuple[float, float] = (1.0, 1.0),
) -> np.ndarray:
    """Map features with pyradiomics.

    Parameters
    ----------
    image, mask, features, radius, masked, preset, bin_width, spacing
        As in :func:`spl_kedro.features.radiomics.maps.map_features`.

    Returns
    -------
    ndarray of float64, shape (n_features, n)
        At the pixels of the outline, row by row.

    Raises
    ------
    UnusableStudyError
        Where pyradiomics is not installed.
    """
    require_pyradiomics()
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    roi = prepare(image, mask, spacing)
    chosen = PRESETS[preset]
    parameters = pyradiomics_parameters(chosen, bin_width)
    parameters["voxelSetting"] = {
        "kernelRadius": radius,
        "maskedKernel": masked,
        "initValue": float("nan"),
        "voxelBatch": _BATCH,
    }
    filters = {_FILTERS[name.split("_")[0].split("-")[0]] for name in features}
    made = parameters["imageType"]
    local = "LBP3D" if chosen.volume else "LBP2D"
    wanted = {local if name == "LBP3D" else name for name in filters}
    parameters["imageType"] = {name: made[name] for name in made if name in wanted}
    classes: dict[str, list[str]] = {}
    for name in features:
        _, kind, feature = name.split("_")
        if feature not in classes.setdefault(kind, []):
            classes[kind].append(feature)
    parameters["featureClass"] = classes
    arrays, size = [roi.image, roi.mask.astype(np.uint8)], list(spacing[::-1])
    if chosen.volume:
        arrays, size = [array[None] for array in arrays], [*size, SLICE_THICKNESS]
    nodes = [sitk.GetImageFromArray(array) for array in arrays]
    for node in nodes:
        node.SetSpacing(size)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of functions that pyradiomics should have renamed
        found = RadiomicsFeatureExtractor(parameters).execute(*nodes, voxelBased=True)
    return np.stack([_at_pixels(found[name], nodes[0], roi.mask) for name in features])


def _at_pixels(part: sitk.Image, whole: sitk.Image, mask: np.ndarray) -> np.ndarray:
    """Return the values of a map that is cut to the lesion's surroundings."""
    column, row = whole.TransformPhysicalPointToIndex(part.GetOrigin())[:2]
    values = sitk.GetArrayFromImage(part)
    values = values[0] if values.ndim == 3 else values
    laid = np.full(mask.shape, np.nan)
    laid[row : row + values.shape[0], column : column + values.shape[1]] = values
    return laid[mask]
