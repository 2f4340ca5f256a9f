"""One lesion of a cohort with what lies around it: its rings, and which of them are missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.rings.distances import RingDistances
from spl_kedro.features.rings.geometry import Ring, rings_of
from spl_kedro.features.rings.settings import RingParameters
from spl_kedro.imaging import Lesion
from spl_kedro.rules import Rule


class Missing(NamedTuple):
    """Why a ring, or all of a lesion's, cannot be measured."""

    rule: str
    message: str
    remedy: str


@dataclass(frozen=True)
class RingCase:
    """One lesion whose rings are wanted, light enough to travel to a worker.

    Attributes
    ----------
    lesion_id : str
    load : callable
        Reads the lesion.
    others : tuple of callable
        Read the other lesions in the same image.
    distances : RingDistances
    parameters : RingParameters
    """

    lesion_id: str
    load: LesionLoader
    others: tuple[LesionLoader, ...]
    distances: RingDistances
    parameters: RingParameters

    def read(self) -> tuple[Lesion, list[np.ndarray]] | Missing:
        """Return the lesion and the outlines of the others in its image, or why there are none."""
        try:
            lesion = self.load()
            others = [np.asarray(load().mask, dtype=bool) for load in self.others]
        except Exception as error:  # whatever a file reader raises
            return Missing(Rule.READABLE, f"{type(error).__name__}: {error}", Rule.READABLE.remedy)
        return lesion, [mask for mask in others if mask.shape == lesion.mask.shape]

    def rings(self, lesion: Lesion, others: Sequence[np.ndarray]) -> list[Ring] | Missing:
        """Return the lesion's rings, or why they are not known."""
        found = rings_of(lesion, self.distances, others)
        if found is None:
            rule = Rule.RING_PIXEL_SIZE
            message = "its pixel size is unknown, and the rings are in millimetres"
            return Missing(rule, message, rule.remedy)
        return found

    def out_of_view(self, rings: Sequence[Ring]) -> dict[int, Missing]:
        """Return which rings count as missing because too little of them is in view, and why."""
        rule = Rule.RING_IN_VIEW
        return {
            place: Missing(rule, f"{self.distances.words(place)}: {why}", rule.remedy)
            for place, ring in enumerate(rings)
            if (why := _out_of_view(ring, self.parameters))
        }


def beside_each(
    lesions: Mapping[str, LesionLoader], in_one_image: Iterable[Iterable[str]]
) -> dict[str, tuple[LesionLoader, ...]]:
    """Return what reads the other lesions of a lesion's image, of those that have others.

    Parameters
    ----------
    lesions : mapping of str to callable
    in_one_image : iterable of iterable of str
        Lesions that were outlined in one image.
    """
    return {
        name: tuple(lesions[other] for other in group if other != name and other in lesions)
        for group in map(tuple, in_one_image)
        for name in group
    }


def _out_of_view(ring: Ring, parameters: RingParameters) -> str:
    """Say why a ring counts as missing; nothing where it does not."""
    if ring.in_view < parameters.min_in_view:
        return (
            f"{ring.in_view:.0%} of it is in view, {parameters.min_in_view:.0%} are needed "
            "(rings.min_in_view)"
        )
    if ring.pixels < parameters.min_pixels:
        return (
            f"{ring.pixels} pixels are in view, {parameters.min_pixels} needed (rings.min_pixels)"
        )
    return ""
