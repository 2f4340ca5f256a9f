"""Features of one lesion: shape, and first-order and texture features of every derived image."""

from __future__ import annotations

import numpy as np

from spl_kedro.features.radiomics import presets, shape
from spl_kedro.features.radiomics.filters import native_values, slice_values
from spl_kedro.features.radiomics.resampling import resample_to
from spl_kedro.features.radiomics.roi import SLICE_THICKNESS, Roi, UnmeasurableError, prepare
from spl_kedro.features.radiomics.texture import texture_features
from spl_kedro.features.radiomics.texture_matrices import lines_with_two_pixels

#: Raised whenever a value can change: whoever keeps values keeps it beside them.
ENGINE_VERSION = "4"


def roi_features(roi: Roi, preset: presets.Preset, bin_width: float) -> np.ndarray:
    """Extract all features of a checked lesion.

    Parameters
    ----------
    roi : Roi
    preset : Preset
    bin_width : float

    Returns
    -------
    ndarray of float64
        Values in the order of :func:`.presets.feature_names`.

    Raises
    ------
    UnmeasurableError
        When a derived image cannot be made or has undefined values.
    """
    runs_kept = lines_with_two_pixels(roi.outline)
    if preset.volume:
        spacing = np.array([SLICE_THICKNESS, *roi.spacing])
        of_shape = shape.shape_features_3d(roi.outline, spacing)
        images = slice_values(roi)
    else:
        spacing = np.array(roi.spacing)
        of_shape = shape.shape_features_2d(roi.outline, spacing)
        images = native_values(roi, preset.sigmas)
    derived = dict(images)
    voxel_volume = float(np.multiply.reduce(spacing[::-1]))
    texture = texture_features(derived, roi, runs_kept, bin_width, voxel_volume)
    if tuple(derived) != preset.image_types:
        missing = sorted(set(preset.image_types) - set(derived))
        raise UnmeasurableError(
            "all_features_present",
            f"the image types {', '.join(missing)} could not be made",
            "The image is too small for the filter: use a larger image or another preset.",
        )
    return np.concatenate([of_shape, texture.ravel()])


def measure(
    image: np.ndarray,
    mask: np.ndarray,
    *,
    preset: presets.PresetName = "us2d-1561",
    bin_width: float = 5.0,
    spacing: tuple[float, float] = (1.0, 1.0),
    resample: float | None = None,
) -> np.ndarray:
    """All features of one lesion.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Grey values on the 8-bit scale.
    mask : ndarray, shape (H, W)
        The outline: True (or 1 or 255) inside.
    preset : {"us2d-1561", "us2d-native"}
    bin_width : float
        Width of a grey-level bin, in grey levels.
    spacing : tuple of float
        Pixel size (row, column).
    resample : float, optional
        Side of the square pixels to resample to first, in units of `spacing`.

    Returns
    -------
    ndarray of float64
        Finite values in the order of :func:`.presets.feature_names`.

    Raises
    ------
    UnmeasurableError
        When the lesion breaks a rule or a feature is not finite.
    MissingDependencyError
        When a library the preset needs is missing.

    Examples
    --------
    >>> import numpy as np
    >>> image = np.random.default_rng(0).integers(0, 256, (40, 50))
    >>> mask = np.zeros((40, 50), dtype=bool)
    >>> mask[10:30, 15:40] = True
    >>> measure(image, mask).shape
    (1561,)
    """
    presets.require_dependencies(preset)
    chosen = presets.PRESETS[preset]
    roi = prepare(image, mask, spacing)
    if resample is not None:
        roi = resample_to(roi, resample, volume=chosen.volume)
    values = roi_features(roi, chosen, bin_width)
    refuse_undefined(values, preset)
    return values


def refuse_undefined(values: np.ndarray, preset: presets.PresetName) -> None:
    """Check that every feature has a value.

    Parameters
    ----------
    values : ndarray of float64
        In the order of :func:`.presets.feature_names`.
    preset : {"us2d-1561", "us2d-native"}

    Raises
    ------
    UnmeasurableError
        When one is NaN or infinite.
    """
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        names = presets.feature_names(preset)
        raise UnmeasurableError(
            "features_finite",
            f"{len(bad)} features are not finite, the first {names[bad[0]]}",
            "The outline is too small or too sparse for texture: outline a connected region.",
        )
