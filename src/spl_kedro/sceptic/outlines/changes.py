"""Outlines as another hand might have drawn them, by a stated amount."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import ndimage

from spl_kedro.features.measurement.outlines import drawn_for
from spl_kedro.imaging import Lesion, UnusableLesionError
from spl_kedro.rules import Rule
from spl_kedro.sceptic.outlines.settings import KINDS, OutlineSettings

logger = logging.getLogger(__name__)

Mask = NDArray[np.bool_]
LesionLoader = Callable[[], Lesion]

#: Of outlines that are not made here; those of further hands are called as these are.
ORIGINAL, SECOND_READER = "original", "second reader"
SPACING = ["spacing_row_mm", "spacing_col_mm"]
# Reach of the smoothing filter, in its SDs.
_REACH = 4.0
# Of two pixels equally far by the formula, rounding must not take one.
_EXACT = 1e-9


@dataclass(frozen=True)
class Change:
    """One change of all outlines.

    Attributes
    ----------
    kind : str
        One of :data:`.settings.KINDS`, or ``original``, or the hand that drew: ``second reader``
        or another.
    size : float
        In `unit`; 0 of the original, NaN of a hand.
    unit : {"mm", "diameter"}
    """

    kind: str
    size: float
    unit: str

    @property
    def name(self) -> str:
        """What it is called in a bar and in the name of a piece of work.

        Examples
        --------
        >>> Change("eroded", 0.5, "mm").name, Change("original", 0.0, "mm").name
        ('eroded 0.5 mm', 'original')
        """
        return f"{self.kind} {self.size:g} {self.unit}" if self.kind in KINDS else self.kind

    def length(self, mask: Mask, spacing: tuple[float, float]) -> float:
        """Return the size in the unit of `spacing`, for a lesion of this outline."""
        return self.size * (diameter(mask, spacing) if self.unit == "diameter" else 1.0)


def is_drawn(kind: str) -> bool:
    """Return whether outlines of a kind were drawn by another hand.

    Examples
    --------
    >>> [is_drawn(kind) for kind in ("original", "eroded", "second reader", "machine")]
    [False, False, True, True]
    """
    return kind != ORIGINAL and kind not in KINDS


def diameter(mask: Mask, spacing: tuple[float, float]) -> float:
    """Return the diameter of the circle of an outline's area, in the unit of `spacing`."""
    return 2.0 * float(np.sqrt(mask.sum() * spacing[0] * spacing[1] / np.pi))


def decide_changes(cohort: pd.DataFrame, settings: OutlineSettings) -> list[Change]:
    """Return the outlines that are looked at: the original, then each kind in each size.

    One unit holds for all lesions, and training lesions alone decide it.

    Parameters
    ----------
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    settings : OutlineSettings
    """
    unit = settings.unit
    unknown = int(cohort.loc[cohort["cohort"] == "training", SPACING].isna().any(axis=1).sum())
    if unit == "mm" and unknown:
        unit = "diameter"
        logger.warning(
            "The pixel size of %d training lesions is unknown: outlines are changed by shares of "
            "the lesion's diameter (outline_robustness.sizes_diameter).",
            unknown,
        )
    sizes = settings.sizes_mm if unit == "mm" else settings.sizes_diameter
    made = [Change(kind, size, unit) for kind in settings.kinds for size in sizes]
    return [Change(ORIGINAL, 0.0, unit), *made]


def changed_outline(
    mask: Mask,
    kind: str,
    length: float,
    spacing: tuple[float, float],
    rng: np.random.Generator,
) -> Mask:
    """Change an outline by a length; by 0 it stays as it is.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        With at least one pixel.
    kind : {"eroded", "dilated", "shifted", "smoothed"}
        eroded: without what lies within the length of the outline, which runs half a pixel from
        the centres of the pixels beside it (exact Euclidean distance, as in SciPy); dilated: with
        what lies so near outside; shifted: in a random direction, cut at the image's border;
        smoothed: half or more of a Gaussian with this SD about the pixel lies inside.
    length : float
        In the unit of `spacing`, 0 or more.
    spacing : tuple of float
        Height and width of a pixel.
    rng : numpy.random.Generator
        Of the direction.

    Returns
    -------
    ndarray of bool, shape (height, width)
        Without a pixel where nothing is left.
    """
    size = np.asarray(spacing, dtype=np.float64)
    rows, columns = (_window(mask, axis, _REACH * length / size[axis]) for axis in (0, 1))
    part = mask[rows, columns]
    changed = np.zeros_like(mask)
    changed[rows, columns] = _changed(part, kind, length, size, rng)
    return changed


def _changed(
    part: Mask, kind: str, length: float, size: NDArray[np.float64], rng: np.random.Generator
) -> Mask:
    within = (length + 0.5 * float(np.sqrt(size.prod()))) * (1 + _EXACT)
    if kind == "eroded":
        # A lesion that fills the image has no outline to be eroded from.
        return part if part.all() else ndimage.distance_transform_edt(part, sampling=size) > within
    if kind == "dilated":
        return np.asarray(ndimage.distance_transform_edt(~part, sampling=size) <= within)
    if kind == "shifted":
        angle = rng.uniform(0, 2 * np.pi)
        offset = length * np.array([np.sin(angle), np.cos(angle)]) / size
        return np.asarray(ndimage.shift(part.astype(float), offset, order=1) > 0.5)
    if kind == "smoothed":
        blurred = ndimage.gaussian_filter(
            part.astype(float), length / size, mode="nearest", truncate=_REACH
        )
        return np.asarray(blurred >= 0.5)
    raise ValueError(f"{kind} is no change of an outline")


def _window(mask: Mask, axis: int, reach: float) -> slice:
    """Return where on an axis a change may reach."""
    touched = np.flatnonzero(mask.any(axis=1 - axis))
    margin = int(np.ceil(min(reach, max(mask.shape)))) + 2
    return slice(max(int(touched[0]) - margin, 0), int(touched[-1]) + margin + 1)


def pixel_size(lesion: Lesion) -> tuple[float, float]:
    """Return a lesion's pixel size in millimetres, or pixels of 1 where it is unknown."""
    return (1.0, 1.0) if lesion.spacing_mm is None else lesion.spacing_mm


@dataclass(frozen=True)
class ChangedLesion:
    """Reads a lesion and changes its outline; picklable, so workers do it themselves.

    Parameters
    ----------
    load : callable
        Reads the lesion.
    lesion_id : str
        With `seed` decides the direction of a shift, which is the same for every size.
    change : Change
    seed : int
    """

    load: LesionLoader
    lesion_id: str
    change: Change
    seed: int

    def __call__(self) -> Lesion:
        """Return the lesion with its outline changed."""
        return self.of(self.load())

    def of(self, lesion: Lesion) -> Lesion:
        """Return the lesion, which was read already, with its outline changed."""
        mask, spacing = np.asarray(lesion.mask, dtype=bool), pixel_size(lesion)
        change = self.change
        rng = drawn_for(self.seed, change.kind, self.lesion_id)
        length = change.length(mask, spacing)
        return replace(lesion, mask=changed_outline(mask, change.kind, length, spacing, rng))


@dataclass(frozen=True)
class RedrawnLesion:
    """Reads a lesion and takes the outline of another hand; picklable.

    Parameters
    ----------
    load, outline : callable
        Read the lesion, and the outline (`spl_kedro.imaging.Outline`).
    """

    load: LesionLoader
    outline: Callable[[], Any]

    def __call__(self) -> Lesion:
        """Return the lesion with the other outline."""
        return self.of(self.load())

    def of(self, lesion: Lesion) -> Lesion:
        """Return the lesion, which was read already, with the other outline.

        Raises
        ------
        UnusableLesionError
            If the outline cannot be read or has another size than the image.
        """
        mask = np.asarray(self.outline().mask, dtype=bool)
        if mask.shape != np.shape(lesion.mask):
            sizes = [" x ".join(map(str, np.shape(own))) for own in (mask, lesion.mask)]
            raise UnusableLesionError(
                Rule.SAME_SIZE,
                f"lesion {lesion.lesion_id}: the other outline has {sizes[0]} pixels, the image "
                f"{sizes[1]}.",
            )
        return replace(lesion, mask=mask)
