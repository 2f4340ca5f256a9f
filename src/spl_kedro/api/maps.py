"""Maps of features over one lesion, in numbers and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from spl_kedro.api.study import Study
from spl_kedro.features.radiomics.maps import FeatureMaps
from spl_kedro.imaging import Lesion

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def feature_maps(
    lesion: Lesion,
    study: Study,
    features: Sequence[str],
    radius: int = 3,
    *,
    masked: bool = True,
) -> FeatureMaps:
    """Map radiomics features over a lesion: each in a square kernel around each pixel.

    Parameters
    ----------
    lesion : Lesion
    study : Study
        Whose ``radiomics`` says how lesions are measured.
    features : sequence of str
        Columns of ``radiomics_features`` without shape, e.g. ``original_glcm_Contrast``.
    radius : int
        Of the kernel in pixels, 1 to 15: 3 is 7 x 7.
    masked : bool
        Whether only pixels of the lesion count in a kernel.

    Returns
    -------
    FeatureMaps
        ``values`` by feature and pixel; ``picture(feature)`` lays one out on the image, NaN outside
        the outline.

    Raises
    ------
    ValueError
        If a feature is none of the study's preset, or the radius out of range.
    UnmeasurableError
        If the lesion breaks a rule.
    """
    from spl_kedro.features.measurement.maps import lesion_maps

    return lesion_maps(lesion, features, study.radiomics_settings, radius=radius, masked=masked)


def draw_map(maps: FeatureMaps, feature: str, study: Study, title: str = "Lesion") -> Figure:
    """Draw a map over its image, a pixel of the image on a pixel of the figure at 100 dpi.

    Parameters
    ----------
    maps : FeatureMaps
    feature : str
    study : Study
        Whose lesion it is: the title says whether the patient is simulated.
    title : str

    Returns
    -------
    Figure
        Also to be saved: ``figure.savefig("map.png", dpi=100)``.
    """
    from spl_kedro.features.measurement.map_figure import map_figure

    return map_figure(
        maps.image,
        maps.picture(feature),
        feature,
        title,
        radius=maps.radius,
        simulated=study.simulated,
    )
