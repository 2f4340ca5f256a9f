"""Features of several rings of one lesion, whose derived images are made once for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import numpy as np

from spl_kedro.features.measurement import RadiomicsSettings, lesion_features
from spl_kedro.features.measurement.lesion import pixel_spacing
from spl_kedro.features.radiomics import (
    PRESETS,
    UnmeasurableError,
    feature_names,
    require_dependencies,
)
from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.engine import refuse_undefined
from spl_kedro.features.radiomics.filters import native_values, slice_values
from spl_kedro.features.radiomics.roi import SLICE_THICKNESS, Roi, outlined_within, prepare
from spl_kedro.features.radiomics.texture import stacked_features
from spl_kedro.features.radiomics.texture_matrices import lines_with_two_pixels
from spl_kedro.features.rings.names import ring_features
from spl_kedro.imaging import Lesion

Measured = np.ndarray | UnmeasurableError


def texture_of(
    lesion: Lesion, masks: Sequence[np.ndarray], settings: RadiomicsSettings
) -> list[Measured]:
    """Measure texture and first order within several masks of one image.

    The compiled engine makes each derived image once, for the pixels of all masks together, and
    gives the numbers that measuring mask by mask would give, bit for bit (tested). Where images
    are resampled, or pyradiomics itself measures, each mask is measured by itself.

    Parameters
    ----------
    lesion : Lesion
        Its outline is not looked at.
    masks : sequence of ndarray of bool, shape (height, width)
    settings : RadiomicsSettings

    Returns
    -------
    list of ndarray of float64, or UnmeasurableError
        For each mask the values of :func:`.names.ring_features`, or why there are none.
    """
    require_dependencies(settings.preset)
    if not masks:
        return []
    if settings.engine == "stock" or settings.resample_mm is not None:
        return [_alone(replace(lesion, mask=mask), settings) for mask in masks]
    spacing = pixel_spacing(lesion, settings)
    try:
        whole = prepare(lesion.image, reduce(np.logical_or, masks), spacing)
        chosen = PRESETS[settings.preset]
        values = slice_values(whole) if chosen.volume else native_values(whole, chosen.sigmas)
        images = dict(values)
        if tuple(images) != chosen.image_types:
            # As the engine says it of a single outline.
            return [_alone(replace(lesion, mask=mask), settings) for mask in masks]
    except UnmeasurableError as error:
        return [error] * len(masks)
    stacked = np.array(list(images.values()), np.float64)
    kinds = {name: image.dtype.type for name, image in images.items()}
    places = whole.rows * whole.outline.shape[1] + whole.columns
    return [_part(mask, whole, places, stacked, kinds, settings) for mask in masks]


@compiled
def _columns(values: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Take columns of an array, row by row."""
    out = np.empty((len(values), len(chosen)))
    for row in range(len(values)):
        whole, own = values[row], out[row]
        for k in range(len(chosen)):
            own[k] = whole[np.uint64(chosen[k])]
    return out


def _part(
    mask: np.ndarray,
    whole: Roi,
    places: np.ndarray,
    stacked: np.ndarray,
    kinds: dict[str, type[np.floating]],
    settings: RadiomicsSettings,
) -> Measured:
    """Measure the pixels of one mask, of derived images that are there."""
    try:
        roi = outlined_within(whole, mask)
        own = np.flatnonzero(mask[whole.crop].ravel().take(places))
        volume = SLICE_THICKNESS if PRESETS[settings.preset].volume else 1.0
        # Multiplied in the engine's order: columns, rows, slices.
        voxel = float(np.multiply.reduce(np.array([*roi.spacing[::-1], volume])))
        texture = stacked_features(
            _columns(stacked, own),
            kinds,
            roi,
            lines_with_two_pixels(roi.outline),
            settings.bin_width,
            voxel,
        )
        values = texture.ravel()
        n_shape = len(feature_names(settings.preset)) - len(values)
        refuse_undefined(np.concatenate([np.zeros(n_shape), values]), settings.preset)
    except UnmeasurableError as error:
        return error
    return values


def _alone(lesion: Lesion, settings: RadiomicsSettings) -> Measured:
    """Measure one mask as a lesion is measured, and leave its shape out."""
    try:
        return lesion_features(lesion, settings)[-len(ring_features(settings.preset)) :]
    except UnmeasurableError as error:
        return error
