"""Features of one lesion, by the engine of the settings."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.measurement.settings import RadiomicsSettings
from spl_kedro.features.measurement.stock import stock_features
from spl_kedro.features.radiomics import UnmeasurableError, measure
from spl_kedro.imaging import Lesion


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
    UnmeasurableError
        When resampling is asked for and the spacing unknown.
    """
    if settings.spacing == "pixel":
        return 1.0, 1.0
    if lesion.spacing_mm is None:
        if settings.resample_mm is not None:
            raise UnmeasurableError(
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
        Finite values in the order of :func:`spl_kedro.features.radiomics.feature_names`.

    Raises
    ------
    UnmeasurableError
        When the lesion breaks a rule or a feature is not finite.
    MissingDependencyError
        When a library the preset needs is missing.
    UnusableStudyError
        When the settings name ``engine: stock`` where pyradiomics is not installed.
    """
    extract = measure if settings.engine == "fast" else stock_features
    return extract(
        lesion.image,
        lesion.mask,
        preset=settings.preset,
        bin_width=settings.bin_width,
        spacing=pixel_spacing(lesion, settings),
        resample=settings.resample_mm,
    )
