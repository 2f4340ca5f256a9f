"""Lesions whose image or outline a control changed; each reads its own, in the worker."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from spl_kedro.features.measurement.outlines import drawn_for
from spl_kedro.imaging import Lesion
from spl_kedro.parallel import spread
from spl_kedro.sceptic.controls.declaration import BLANKED, MOVED, SHUFFLED
from spl_kedro.sceptic.controls.places import grown, healthy_place, moved, radius, ring
from spl_kedro.sceptic.controls.settings import ControlSettings

LesionLoader = Callable[[], Lesion]


@dataclass(frozen=True)
class Shuffled:
    """Reads a lesion and deals its pixels out anew inside the outline.

    Parameters
    ----------
    load : callable
    lesion_id : str
        Decides the order, together with `seed`.
    seed : int
    """

    load: LesionLoader
    lesion_id: str
    seed: int

    def __call__(self) -> Lesion:
        """Return the lesion; its histogram and all outside the outline are as they were."""
        lesion = self.load()
        rng = drawn_for(self.seed, "shuffled", self.lesion_id)
        image, inside = lesion.image.copy(), np.asarray(lesion.mask, dtype=bool)
        image[inside] = rng.permutation(image[inside])
        return replace(lesion, image=image)


@dataclass(frozen=True)
class Blanked:
    """Reads a lesion, blanks it, and outlines the ring of tissue round it instead.

    Parameters
    ----------
    load : callable
    gap, width : float
        See :func:`spl_kedro.sceptic.controls.places.ring`.
    """

    load: LesionLoader
    gap: float
    width: float

    def __call__(self) -> Lesion:
        """Return the ring; the lesion and the gap hold the ring's median grey."""
        lesion = self.load()
        around = ring(lesion.image, np.asarray(lesion.mask, dtype=bool), self.gap, self.width)
        return replace(lesion, image=_blank(lesion, around, self.gap), mask=around)


@dataclass(frozen=True)
class Moved:
    """Reads a lesion and moves its outline to healthy tissue; the lesion itself is blanked.

    Parameters
    ----------
    load : callable
    shift : tuple of int
        From :func:`spl_kedro.sceptic.controls.places.healthy_place`.
    gap : float
        Blanked round the lesion, in its radii.
    """

    load: LesionLoader
    shift: tuple[int, int]
    gap: float

    def __call__(self) -> Lesion:
        """Return the lesion's image with the outline elsewhere."""
        lesion = self.load()
        elsewhere = moved(np.asarray(lesion.mask, dtype=bool), self.shift)
        return replace(lesion, image=_blank(lesion, elsewhere, self.gap), mask=elsewhere)


def _blank(lesion: Lesion, kept: np.ndarray, gap: float) -> np.ndarray:
    """Return the image with the lesion at the median grey of what is kept."""
    mask = np.asarray(lesion.mask, dtype=bool)
    image = lesion.image.copy()
    if kept.any():
        image[grown(mask, gap * radius(mask))] = np.median(image[kept])
    return image


def altered_lesions(
    control: str, lesions: Mapping[str, LesionLoader], settings: ControlSettings
) -> dict[str, LesionLoader]:
    """Return the readers of lesions as a control changes them.

    Parameters
    ----------
    control : str
        ``shuffled``, ``blanked`` or ``moved``.
    lesions : mapping of str to callable
    settings : ControlSettings

    Returns
    -------
    dict of str to callable
        Without the lesions whose outline finds no place.
    """
    if control == SHUFFLED.name:
        return {name: Shuffled(load, name, settings.seed) for name, load in lesions.items()}
    if control == BLANKED.name:
        gap, width = settings.gap, settings.surroundings
        return {name: Blanked(load, gap, width) for name, load in lesions.items()}
    if control != MOVED.name:
        raise ValueError(f"{control} changes no image")
    find = partial(_place, gap=settings.gap)
    places = spread(find, lesions.values(), "places of healthy tissue")
    return {
        name: Moved(load, place, settings.gap)
        for (name, load), place in zip(lesions.items(), places, strict=True)
        if place is not None
    }


def _place(load: LesionLoader, gap: float) -> tuple[int, int] | None:
    lesion = load()
    return healthy_place(lesion.image, np.asarray(lesion.mask, dtype=bool), gap)
