"""What is measured on each image, as one row of numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.features.radiomics import PresetName, UnmeasurableError, feature_names, measure
from spl_kedro.imaging import Outline, UltrasoundImage, UnusableLesionError
from spl_kedro.imaging.errors import as_unusable_lesion
from spl_kedro.parallel import in_parallel
from spl_kedro.rules import FINDING_COLUMNS, ActionTaken, rule_of_extraction
from spl_kedro.sceptic.realism.field import scaled
from spl_kedro.sceptic.realism.settings import RealismSettings
from spl_kedro.sceptic.realism.speckle import speckle_measures
from spl_kedro.sceptic.realism.spectrum import FREQUENCIES, radial_spectrum

#: Sets of images, as tables name them.
SIMULATED, LUNG, BREAST = "simulated", "real lung", "BrEaST"
PRESET: PresetName = "us2d-1561"
GREY = tuple(f"grey_{level}" for level in range(256))
SPECTRUM = tuple(f"spectrum_{frequency:g}" for frequency in FREQUENCIES)
#: Beginnings of radiomics columns: of the field, and of the lesion's outline.
FIELD, LESION = "field:", "lesion:"
#: A lesion smaller than this (pixels of the common grid) has no texture to speak of.
_SMALLEST_LESION = 64
_SHAPE = "_shape_"


class Picture(NamedTuple):
    """Grey values, 0 to 255, a lesion in them where one is outlined, and the image's own size."""

    grey: np.ndarray
    mask: np.ndarray | None
    shape: tuple[int, int]


@dataclass(frozen=True)
class RealPicture:
    """Reads a real image when it is measured, in whatever process that is."""

    image: Callable[[], UltrasoundImage]
    outline: Callable[[], Outline] | None = None

    def __call__(self) -> Picture:
        """Return the picture."""
        image = self.image()
        mask = self.outline().mask if self.outline is not None else None
        if mask is not None and mask.shape != image.shape:
            mask = None
        return Picture(image.grey, mask, image.shape)


def simulated_picture(image: np.ndarray, mask: np.ndarray) -> Picture:
    """Return a simulated image (uint8) and its outline (0 and 255) as a picture."""
    return Picture(image.astype(float), mask > 0, (image.shape[0], image.shape[1]))


def texture_names() -> list[str]:
    """Return the radiomics features that are compared: all but those of shape."""
    return [name for name in feature_names(PRESET) if _SHAPE not in name]


def measure_images(
    pictures: Mapping[str, Mapping[str, Callable[[], Picture]]],
    settings: RealismSettings,
    n_jobs: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Measure every image of every set.

    Parameters
    ----------
    pictures : mapping of str to mapping of str to callable
        By set and by name, what reads each.
    settings : RealismSettings
    n_jobs : int
        Processes; the table does not depend on it.

    Returns
    -------
    table : DataFrame
        A row for each image: set, name, height, width; speckle measures; `GREY` (shares of
        pixels); `SPECTRUM` (dB); radiomics of the field and, where one is outlined, of the
        lesion (else NaN), in the order of set and name.
    left_out : DataFrame
        ``schemas.Findings``, for images that cannot be read or compared.
    """
    cases = [(group, name) for group in pictures for name in sorted(pictures[group])]
    tasks = [partial(_row, name, pictures[group][name], settings) for group, name in cases]
    rows, keys, left_out = [], [], []
    for (group, name), row in zip(
        cases, in_parallel(tasks, n_jobs, "realism", "image"), strict=True
    ):
        if isinstance(row, UnusableLesionError):
            why = (row.rule, ActionTaken.QUARANTINED, row.message, row.remedy)
            left_out.append((name, "realism", *why))
        else:
            rows.append(row)
            keys.append({"set": group, "name": name})
    table = pd.concat([pd.DataFrame(keys), pd.DataFrame(rows)], axis=1)
    return table, pd.DataFrame(left_out, columns=FINDING_COLUMNS, dtype="str")


def _row(
    name: str, read: Callable[[], Picture], settings: RealismSettings
) -> dict[str, float] | UnusableLesionError:
    try:
        picture = read()
    except Exception as error:  # whatever a file reader raises
        return as_unusable_lesion(error, name)
    try:
        return image_measures(picture, settings)
    except UnusableLesionError as error:
        return error
    except UnmeasurableError as error:
        return UnusableLesionError(rule_of_extraction(error.rule), error.message, error.remedy)


def image_measures(picture: Picture, settings: RealismSettings) -> dict[str, float]:
    """Return the row of one image.

    Raises
    ------
    UnusableLesionError
        If what was scanned is too small to compare.
    UnmeasurableError
        If its field has no texture.
    """
    image = scaled(picture.grey, picture.mask)
    field = image.field
    return {
        "height": picture.shape[0],
        "width": picture.shape[1],
        **field_measures(field, settings),
        **_texture(FIELD, field, np.ones(field.shape, dtype=bool), settings),
        **_lesion_texture(image.grey, image.mask, settings),
    }


def field_measures(field: np.ndarray, settings: RealismSettings) -> dict[str, float]:
    """Return all measures of a field but its radiomics."""
    levels = np.clip(np.rint(field), 0, 255).astype(int)
    histogram = np.bincount(levels.ravel(), minlength=256) / levels.size
    return {
        **speckle_measures(field, settings),
        **dict(zip(GREY, histogram, strict=True)),
        **dict(zip(SPECTRUM, radial_spectrum(field), strict=True)),
    }


def _lesion_texture(
    grey: np.ndarray, mask: np.ndarray | None, settings: RealismSettings
) -> dict[str, float]:
    if mask is None or mask.sum() < _SMALLEST_LESION:
        return _named(LESION, np.full(len(feature_names(PRESET)), np.nan))
    try:
        return _texture(LESION, grey, mask, settings)
    except UnmeasurableError:
        return _named(LESION, np.full(len(feature_names(PRESET)), np.nan))


def _texture(
    prefix: str, grey: np.ndarray, mask: np.ndarray, settings: RealismSettings
) -> dict[str, float]:
    return _named(prefix, measure(grey, mask, preset=PRESET, bin_width=settings.bin_width))


def _named(prefix: str, values: Sequence[float] | np.ndarray) -> dict[str, float]:
    names = feature_names(PRESET)
    pairs = zip(names, values, strict=True)
    return {f"{prefix}{name}": float(value) for name, value in pairs if _SHAPE not in name}
