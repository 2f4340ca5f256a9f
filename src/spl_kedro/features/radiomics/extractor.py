"""Features of one lesion: the fast engine, and the choice between it and pyradiomics."""

from __future__ import annotations

import logging
from functools import lru_cache

import numpy as np

from spl_kedro.features.radiomics import presets, shape
from spl_kedro.features.radiomics.discretise import bin_edges, level_map
from spl_kedro.features.radiomics.filters import native_values, slice_values
from spl_kedro.features.radiomics.first_order import first_order_features
from spl_kedro.features.radiomics.glcm_formulas import glcm_features
from spl_kedro.features.radiomics.roi import Roi, UnusableLesionError, prepare
from spl_kedro.features.radiomics.settings import RadiomicsSettings
from spl_kedro.features.radiomics.stock import SLICE_THICKNESS, stock_features
from spl_kedro.features.radiomics.texture_formulas import (
    gldm_features,
    glrlm_features,
    glszm_features,
    ngtdm_features,
)
from spl_kedro.features.radiomics.texture_matrices import (
    count_neighbourhoods,
    lines_with_two_pixels,
    zones,
)
from spl_kedro.imaging import Lesion

logger = logging.getLogger(__name__)

# Part of the cache key: raise it whenever a value can change.
ENGINE_VERSION = "3"

# Columns of texture_formulas.size_features in pyradiomics' (alphabetical) order.
_RUN_ORDER = np.array([2, 3, 7, 11, 1, 15, 14, 10, 9, 4, 5, 6, 8, 0, 13, 12])
_ZONE_ORDER = np.array([2, 3, 7, 11, 1, 15, 14, 10, 4, 5, 0, 13, 12, 9, 6, 8])
_DEPENDENCE_ORDER = np.array([9, 4, 5, 8, 2, 7, 11, 1, 15, 14, 10, 0, 13, 12])


def texture_features(
    values: np.ndarray, roi: Roi, runs_kept: np.ndarray, bin_width: float, voxel_volume: float
) -> list[np.ndarray]:
    """First-order and texture features of one derived image (91 values).

    Parameters
    ----------
    values : ndarray of float64 or float32, shape (n,)
        The image's values inside the outline, row by row.
    roi : Roi
    runs_kept : ndarray of bool, shape (4,)
        Directions whose run lengths count.
    bin_width : float
    voxel_volume : float

    Returns
    -------
    list of ndarray
        One array per class, in the order of the presets.
    """
    edges = bin_edges(values, bin_width)
    values = values.astype(np.float64, copy=False)
    levels, histogram = level_map(values, roi.rows, roi.columns, edges, roi.outline.shape)
    present = np.flatnonzero(histogram)
    grey = present.astype(np.float64)
    ranks = levels
    if len(present) < present[-1]:  # levels that do not occur have no row in the matrices
        rank = np.zeros(len(histogram), np.int32)
        rank[present] = np.arange(1, len(present) + 1)
        ranks = rank[levels]
    glcm, glrlm, gldm, differences = count_neighbourhoods(ranks, levels, len(present))
    return [
        np.asarray(first_order_features(values, histogram, voxel_volume)),
        glcm_features(glcm, grey),
        glrlm_features(glrlm, grey, runs_kept)[_RUN_ORDER],
        glszm_features(np.sort(zones(levels)))[_ZONE_ORDER],
        gldm_features(gldm, grey)[_DEPENDENCE_ORDER],
        ngtdm_features(histogram[present], differences, grey),
    ]


def fast_features(roi: Roi, settings: RadiomicsSettings) -> np.ndarray | None:
    """Extract all features with the compiled engine.

    Parameters
    ----------
    roi : Roi
    settings : RadiomicsSettings

    Returns
    -------
    ndarray of float64 or None
        Values in the order of :func:`.presets.feature_names`; None where a derived image
        is not finite, whose handling is left to pyradiomics.
    """
    preset = presets.PRESETS[settings.preset]
    runs_kept = lines_with_two_pixels(roi.outline)
    if preset.volume:
        spacing = np.array([SLICE_THICKNESS, *roi.spacing])
        parts = [np.asarray(shape.shape_features_3d(roi.outline, spacing))]
        images = slice_values(roi)
    else:
        spacing = np.array(roi.spacing)
        parts = [np.asarray(shape.shape_features_2d(roi.outline, spacing))]
        images = native_values(roi, preset.sigmas)
    names = []
    voxel_volume = float(np.multiply.reduce(spacing[::-1]))
    for name, values in images:
        if not np.isfinite(values).all():
            return None
        names.append(name)
        parts += texture_features(values, roi, runs_kept, settings.bin_width, voxel_volume)
    if tuple(names) != preset.image_types:
        missing = sorted(set(preset.image_types) - set(names))
        raise UnusableLesionError(
            "all_features_present",
            f"the image types {', '.join(missing)} could not be made",
            "The image is too small for the filter: use a larger image or another preset.",
        )
    return np.concatenate(parts)


@lru_cache(maxsize=8)
def _say_once(reason: str) -> None:
    logger.info("%s: taking pyradiomics' own, slower path", reason)


def pixel_spacing(lesion: Lesion, settings: RadiomicsSettings) -> tuple[float, float]:
    """Pixel size a lesion is measured with under the settings.

    Parameters
    ----------
    lesion : Lesion
    settings : RadiomicsSettings

    Returns
    -------
    tuple of float
        (row, column): millimetres where known and asked for, else (1, 1).

    Raises
    ------
    UnusableLesionError
        When resampling is asked for and the spacing unknown.
    """
    if settings.spacing == "pixel":
        return 1.0, 1.0
    if lesion.spacing_mm is None:
        if settings.resample_mm is not None:
            raise UnusableLesionError(
                "spacing_known",
                "resampling needs the pixel spacing, which is unknown",
                "Give the spacing in the cohort table or set resample_mm: null.",
            )
        return 1.0, 1.0
    return float(lesion.spacing_mm[0]), float(lesion.spacing_mm[1])


def lesion_features(lesion: Lesion, settings: RadiomicsSettings) -> np.ndarray:
    """All features of one lesion.

    Parameters
    ----------
    lesion : Lesion
    settings : RadiomicsSettings

    Returns
    -------
    ndarray of float64
        Finite values in the order of :func:`.presets.feature_names`.

    Raises
    ------
    UnusableLesionError
        When the lesion breaks a rule or a feature is not finite.
    MissingDependencyError
        When a library the preset needs is missing.
    """
    presets.require_dependencies(settings.preset)
    roi = prepare(lesion, pixel_spacing(lesion, settings))
    values = None
    if settings.engine == "stock":
        _say_once("engine: stock")
    elif settings.resample_mm is not None:
        _say_once("resampling has no exact shortcut")
    else:
        values = fast_features(roi, settings)
        if values is None:
            _say_once("a derived image with undefined values (flat black region)")
    if values is None:
        values = stock_features(roi, settings)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        names = presets.feature_names(settings.preset)
        raise UnusableLesionError(
            "features_finite",
            f"{len(bad)} features are not finite, the first {names[bad[0]]}",
            "The outline is too small or too sparse for texture: outline a connected region.",
        )
    return values
