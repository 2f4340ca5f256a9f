"""pyradiomics' own extraction: the reference, and the path for what has no shortcut."""

from __future__ import annotations

import logging
import warnings

import numpy as np
import SimpleITK as sitk

from spl_kedro.features.radiomics.presets import PRESETS, feature_names, require_dependencies
from spl_kedro.features.radiomics.roi import Roi, UnusableLesionError
from spl_kedro.features.radiomics.settings import RadiomicsSettings

# Thickness given to a single slice: unknown in ultrasound, and only a factor of volumes.
SLICE_THICKNESS = 1.0


def stock_features(roi: Roi, settings: RadiomicsSettings) -> np.ndarray:
    """Extract all features with pyradiomics.

    Parameters
    ----------
    roi : Roi
        Checked lesion.
    settings : RadiomicsSettings

    Returns
    -------
    ndarray of float64
        Values in the order of :func:`.presets.feature_names`.

    Raises
    ------
    UnusableLesionError
        When pyradiomics refuses the lesion or leaves features out.
    MissingDependencyError
        When an optional library of pyradiomics is missing.
    """
    require_dependencies(settings.preset)
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    preset = PRESETS[settings.preset]
    parameters = preset.pyradiomics_parameters(settings.bin_width)
    row, column = roi.spacing
    image, mask, spacing = roi.image, roi.mask.astype(np.uint8), [column, row]
    if settings.resample_mm is not None:
        parameters["setting"]["resampledPixelSpacing"] = [settings.resample_mm] * 2
    if preset.volume:
        image, mask, spacing = image[None], mask[None], [column, row, SLICE_THICKNESS]
        if settings.resample_mm is not None:
            parameters["setting"]["resampledPixelSpacing"].append(0)
    nodes = [sitk.GetImageFromArray(array) for array in (image, mask)]
    for node in nodes:
        node.SetSpacing(spacing)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of functions that pyradiomics should have renamed
            result = RadiomicsFeatureExtractor(parameters).execute(*nodes)
    except ValueError as error:
        raise UnusableLesionError(
            "pyradiomics_accepts", str(error), "Check the outline and the settings."
        ) from error
    missing = [name for name in feature_names(settings.preset) if name not in result]
    if missing:
        raise UnusableLesionError(
            "all_features_present",
            f"pyradiomics left out {len(missing)} features, the first {missing[0]}",
            "The image may be too small for a filter; see pyradiomics' log.",
        )
    return np.array([float(result[name]) for name in feature_names(settings.preset)])
