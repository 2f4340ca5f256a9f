"""How far two outlines of one lesion lie apart."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import ndimage

from spl_kedro.cohort.names import without_file_names
from spl_kedro.imaging import Lesion
from spl_kedro.imaging.errors import as_unusable_lesion
from spl_kedro.parallel import spread
from spl_kedro.sceptic.outlines.changes import (
    Change,
    ChangedLesion,
    LesionLoader,
    Mask,
    RedrawnLesion,
    diameter,
    pixel_size,
)

log = logging.getLogger(__name__)

COLUMNS = ("lesion_id", "kind", "size", "unit", "distance", "dice", "area")


def dice(first: Mask, second: Mask) -> float:
    """Return the Dice overlap of two outlines, 0 to 1.

    Examples
    --------
    >>> dice(np.array([[True, True]]), np.array([[True, False]]))
    0.6666666666666666
    """
    return float(2 * (first & second).sum() / (first.sum() + second.sum()))


def mean_surface_distance(first: Mask, second: Mask, spacing: tuple[float, float]) -> float:
    """Return the mean distance between two outlines (symmetric: from each to the other).

    The pixels of an outline are those inside with a neighbour (one of four) outside; a distance is
    that of a pixel to the nearest of the other outline. Source: Heimann et al., IEEE Trans Med
    Imaging 2009;28:1251 (average symmetric surface distance).

    Parameters
    ----------
    first, second : ndarray of bool, shape (height, width)
        Each with at least one pixel.
    spacing : tuple of float
        Height and width of a pixel.

    Returns
    -------
    float
        In the unit of `spacing`; 0 of equal outlines.
    """
    edges = [_edge(mask) for mask in _cut(first, second)]
    total, count = 0.0, 0
    for one, other in (edges, edges[::-1]):
        away = ndimage.distance_transform_edt(~other, sampling=spacing)[one]
        total, count = total + float(away.sum()), count + away.size
    return total / count


def _cut(first: Mask, second: Mask) -> tuple[Mask, Mask]:
    """Return the part of the image in which either has pixels, with a border."""
    either = np.pad(first | second, 1)
    rows, columns = (np.flatnonzero(either.any(axis=axis)) for axis in (1, 0))
    window = (slice(rows[0] - 1, rows[-1] + 2), slice(columns[0] - 1, columns[-1] + 2))
    return np.pad(first, 1)[window], np.pad(second, 1)[window]


def _edge(mask: Mask) -> Mask:
    return np.asarray(mask & ~ndimage.binary_erosion(mask))


@dataclass(frozen=True)
class OutlineCase:
    """One lesion and its other outlines, light enough to travel to a worker."""

    lesion_id: str
    load: LesionLoader
    others: tuple[tuple[Change, LesionLoader], ...]


def outline_table(
    lesions: Mapping[str, LesionLoader], others: Mapping[Change, Mapping[str, LesionLoader]]
) -> pd.DataFrame:
    """Return how far every other outline lies from the original.

    Parameters
    ----------
    lesions : mapping of str to callable
        Read the lesions with their original outlines.
    others : mapping of Change to mapping of str to callable
        Read them with others; not every lesion has every one.

    Returns
    -------
    DataFrame
        A row for each lesion and change: lesion_id, kind, size, unit; distance (mean surface
        distance in `unit`), dice, and area as a share of the original's. Of an outline of which
        nothing is left distance is NaN, the others 0.
    """
    cases = [
        OutlineCase(name, load, tuple((c, own[name]) for c, own in others.items() if name in own))
        for name, load in sorted(lesions.items())
    ]
    found = spread(_compared, cases, "outlines", name=_named)
    rows = [row for rows in found for row in rows]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _named(case: OutlineCase) -> str:
    return case.lesion_id


def _compared(case: OutlineCase) -> list[tuple[str, str, float, str, float, float, float]]:
    lesion = case.load()
    mask, spacing = np.asarray(lesion.mask, dtype=bool), pixel_size(lesion)
    rows = []
    for change, load in case.others:
        other = _outlined(load, lesion, change)
        apart = _apart(mask, other, spacing, change)
        rows.append((case.lesion_id, change.kind, change.size, change.unit, *apart))
    return rows


def _outlined(load: LesionLoader, lesion: Lesion, change: Change) -> Mask:
    """Return the other outline, without a pixel where its file cannot be used."""
    try:
        other = load.of(lesion) if isinstance(load, ChangedLesion | RedrawnLesion) else load()
    except Exception as error:  # whatever a file reader raises
        why = without_file_names(str(as_unusable_lesion(error, "the file")))
        log.warning("No %s outline of %s. %s", change.kind, lesion.lesion_id, why)
        return np.zeros(np.shape(lesion.mask), dtype=bool)
    return np.asarray(other.mask, dtype=bool)


def _apart(
    mask: Mask, other: Mask, spacing: tuple[float, float], change: Change
) -> tuple[float, float, float]:
    if not other.any():
        return float("nan"), 0.0, 0.0
    unit = diameter(mask, spacing) if change.unit == "diameter" else 1.0
    apart = mean_surface_distance(mask, other, spacing) / unit
    return apart, dice(mask, other), float(other.sum() / mask.sum())
