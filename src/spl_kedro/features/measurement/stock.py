"""pyradiomics' own extraction, through its public interface: the reference of the engine."""

from __future__ import annotations

import importlib.util
import logging
import warnings
from typing import Any

import numpy as np
import SimpleITK as sitk

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.measurement.settings import RadiomicsSettings
from spl_kedro.features.radiomics import (
    PRESETS,
    PresetName,
    UnmeasurableError,
    feature_names,
    require_dependencies,
)
from spl_kedro.features.radiomics.engine import refuse_undefined
from spl_kedro.features.radiomics.presets import GLCM, TEXTURE, Preset
from spl_kedro.features.radiomics.roi import SLICE_THICKNESS, prepare


def require_pyradiomics() -> None:
    """Check that pyradiomics is installed.

    Raises
    ------
    UnusableStudyError
        Where it is not: on Python 3.12 and later it cannot be built.
    """
    if importlib.util.find_spec("radiomics") is None:
        raise UnusableStudyError(
            "pyradiomics for engine: stock",
            "radiomics.extraction.engine is stock, which is pyradiomics itself, and pyradiomics is "
            "not installed (it does not build on Python 3.12 and later).",
            "Set engine: fast, which gives the same numbers, or use Python 3.11.",
        )


def require_engine(settings: RadiomicsSettings) -> None:
    """Check that what measures by some settings is installed.

    Parameters
    ----------
    settings : RadiomicsSettings

    Raises
    ------
    MissingDependencyError
        When a library is missing without which features would silently disappear.
    UnusableStudyError
        When the settings name ``engine: stock`` where pyradiomics is not installed.
    """
    require_dependencies(settings.preset)
    if settings.engine == "stock":
        require_pyradiomics()


def pyradiomics_parameters(preset: Preset, bin_width: float) -> dict[str, Any]:
    """Return the parameters of pyradiomics' own extractor for a feature set.

    Parameters
    ----------
    preset : Preset
    bin_width : float
        In grey levels.
    """
    image_types: dict[str, dict[str, Any]] = {"Original": {}}
    if preset.sigmas:
        image_types["LoG"] = {"sigma": list(preset.sigmas)}
    for name in ("Wavelet", "Square", "SquareRoot", "Logarithm", "Exponential", "Gradient"):
        image_types[name] = {}
    image_types["LBP3D" if preset.volume else "LBP2D"] = {}
    classes: dict[str, list[str]] = {preset.shape_class: []}
    classes |= {name: [] for name in TEXTURE}
    classes["glcm"] = list(GLCM)
    return {
        "imageType": image_types,
        "featureClass": classes,
        "setting": {"binWidth": bin_width, "label": 1, "additionalInfo": False},
    }


def stock_features(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    preset: PresetName = "us2d-1561",
    bin_width: float = 5.0,
    spacing: tuple[float, float] = (1.0, 1.0),
    resample: float | None = None,
) -> np.ndarray:
    """Extract all features of one lesion with pyradiomics.

    Parameters
    ----------
    image, mask, preset, bin_width, spacing, resample
        As in :func:`spl_kedro.features.radiomics.measure`.

    Returns
    -------
    ndarray of float64
        Finite values in the order of :func:`spl_kedro.features.radiomics.feature_names`.

    Raises
    ------
    UnmeasurableError
        When the lesion breaks a rule, pyradiomics refuses it or leaves features out.
    MissingDependencyError
        When an optional library of pyradiomics is missing.
    UnusableStudyError
        Where pyradiomics is not installed.
    """
    require_pyradiomics()
    require_dependencies(preset)
    from radiomics.featureextractor import RadiomicsFeatureExtractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    roi = prepare(image, mask, spacing)
    chosen = PRESETS[preset]
    parameters = pyradiomics_parameters(chosen, bin_width)
    arrays, size = [roi.image, roi.mask.astype(np.uint8)], list(spacing[::-1])
    if resample is not None:
        parameters["setting"]["resampledPixelSpacing"] = [resample] * 2
    if chosen.volume:
        arrays, size = [array[None] for array in arrays], [*size, SLICE_THICKNESS]
        if resample is not None:
            parameters["setting"]["resampledPixelSpacing"].append(0)
    nodes = [sitk.GetImageFromArray(array) for array in arrays]
    for node in nodes:
        node.SetSpacing(size)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of functions that pyradiomics should have renamed
            result = RadiomicsFeatureExtractor(parameters).execute(*nodes)
    except ValueError as error:
        raise UnmeasurableError(
            "pyradiomics_accepts", str(error), "Check the outline and the settings."
        ) from error
    missing = [name for name in feature_names(preset) if name not in result]
    if missing:
        raise UnmeasurableError(
            "all_features_present",
            f"pyradiomics left out {len(missing)} features, the first {missing[0]}",
            "The image may be too small for a filter; see pyradiomics' log.",
        )
    values = np.array([float(result[name]) for name in feature_names(preset)])
    refuse_undefined(values, preset)
    return values
