"""Maps of features of one lesion, under the settings by which lesions are measured."""

from __future__ import annotations

from collections.abc import Sequence

from spl_kedro.features.measurement.lesion import pixel_spacing
from spl_kedro.features.measurement.settings import RadiomicsSettings
from spl_kedro.features.radiomics.maps import FeatureMaps, map_features
from spl_kedro.imaging import Lesion


def lesion_maps(
    lesion: Lesion,
    features: Sequence[str],
    settings: RadiomicsSettings,
    *,
    radius: int = 3,
    masked: bool = True,
) -> FeatureMaps:
    """Map features of a lesion: each in a square kernel around each of its pixels.

    Parameters
    ----------
    lesion : Lesion
    features : sequence of str
        Of :func:`spl_kedro.features.radiomics.maps.mappable_features`.
    settings : RadiomicsSettings
        Preset, bin width, spacing and resampling; the engine is the compiled one always.
    radius, masked
        As in :func:`spl_kedro.features.radiomics.maps.map_features`.

    Returns
    -------
    FeatureMaps

    Raises
    ------
    ValueError, UnmeasurableError, MissingDependencyError
        As in :func:`spl_kedro.features.radiomics.maps.map_features`.
    """
    return map_features(
        lesion.image,
        lesion.mask,
        features,
        radius=radius,
        masked=masked,
        preset=settings.preset,
        bin_width=settings.bin_width,
        spacing=pixel_spacing(lesion, settings),
        resample=settings.resample_mm,
    )
