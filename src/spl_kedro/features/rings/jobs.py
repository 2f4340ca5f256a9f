"""What a worker does with one lesion: find its rings, look them up, measure them, keep them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.measurement import FeatureCache, RadiomicsSettings
from spl_kedro.features.measurement.cache import lesion_key
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.radiomics import MissingDependencyError, UnmeasurableError
from spl_kedro.features.rings.distances import RingDistances
from spl_kedro.features.rings.geometry import Ring, rings_of
from spl_kedro.features.rings.names import ring_features
from spl_kedro.features.rings.settings import RingParameters
from spl_kedro.features.rings.texture import texture_of
from spl_kedro.imaging import Lesion
from spl_kedro.rules import Rule, rule_of_extraction
from spl_kedro.store import content_key

#: Raised whenever a ring can become another.
VERSION = "1"


@dataclass(frozen=True)
class RingJob:
    """One lesion whose rings are measured, light enough to travel to a worker.

    Attributes
    ----------
    lesion_id : str
    load : callable
        Reads the lesion.
    others : tuple of callable
        Read the other lesions in the same image.
    distances : RingDistances
    parameters : RingParameters
    settings : RadiomicsSettings
    cache : FeatureCache or None
    """

    lesion_id: str
    load: LesionLoader
    others: tuple[LesionLoader, ...]
    distances: RingDistances
    parameters: RingParameters
    settings: RadiomicsSettings
    cache: FeatureCache | None = None


@dataclass(frozen=True)
class MeasuredRings:
    """What became of a lesion's rings.

    Attributes
    ----------
    lesion_id : str
    table : ndarray of float64, shape (rings, features)
        NaN in the row of a ring that counts as missing.
    pixels : ndarray of int64, shape (rings,)
        In view.
    in_view : ndarray of float64, shape (rings,)
        Share of the ring's area in view; NaN where it is not known where the ring lies.
    missing : list of (Rule, str, str)
        Rule, message and remedy of what is missing.
    """

    lesion_id: str
    table: np.ndarray
    pixels: np.ndarray
    in_view: np.ndarray
    missing: list[tuple[Rule, str, str]] = field(default_factory=list)


def none_measured(
    job: RingJob, rule: Rule, message: str, remedy: str | None = None
) -> MeasuredRings:
    """Return a lesion without a ring."""
    n = len(job.distances.pairs)
    return MeasuredRings(
        job.lesion_id,
        np.full((n, len(ring_features(job.settings.preset))), np.nan),
        np.zeros(n, dtype=np.int64),
        np.full(n, np.nan),
        [(rule, message, rule.remedy if remedy is None else remedy)],
    )


def died(job: RingJob, attempts: int) -> MeasuredRings:
    """Return a lesion whose worker died every time."""
    message = f"the process measuring its rings died {attempts} times"
    return none_measured(job, Rule.PROCESS_SURVIVES, message)


def measure_job(job: RingJob) -> MeasuredRings:
    """Measure the rings of one lesion; a bad one never stops the others.

    Parameters
    ----------
    job : RingJob

    Returns
    -------
    MeasuredRings

    Raises
    ------
    MissingDependencyError, UnusableStudyError
        A missing library concerns every lesion.
    """
    try:
        lesion = job.load()
        others = [np.asarray(load().mask, dtype=bool) for load in job.others]
    except Exception as error:  # whatever a file reader raises
        return none_measured(job, Rule.READABLE, f"{type(error).__name__}: {error}")
    others = [mask for mask in others if mask.shape == lesion.mask.shape]
    try:
        rings = rings_of(lesion, job.distances, others)
        if rings is None:
            message = "its pixel size is unknown, and the rings are in millimetres"
            return none_measured(job, Rule.RING_PIXEL_SIZE, message)
        return _measured(job, lesion, rings)
    except UnmeasurableError as error:
        return none_measured(job, rule_of_extraction(error.rule), error.message, error.remedy)
    except (MissingDependencyError, UnusableStudyError):
        raise
    except Exception as error:  # a defect met by one lesion must not cost the others
        return none_measured(job, Rule.NO_DEFECT, f"{type(error).__name__}: {error}")


def _measured(job: RingJob, lesion: Lesion, rings: list[Ring]) -> MeasuredRings:
    found = none_measured(job, Rule.RING_IN_VIEW, "")
    found.missing.clear()
    found.pixels[:] = [ring.pixels for ring in rings]
    found.in_view[:] = [ring.in_view for ring in rings]
    wanted = []
    for place, ring in enumerate(rings):
        why = _out_of_view(ring, job.parameters)
        if why:
            message = f"{job.distances.words(place)}: {why}"
            found.missing.append((Rule.RING_IN_VIEW, message, Rule.RING_IN_VIEW.remedy))
        else:
            wanted.append(place)
    stored = _Kept(job, lesion, [rings[place].mask for place in wanted])
    values = stored.load()
    if values is None:
        measured = texture_of(lesion, [rings[place].mask for place in wanted], job.settings)
        good = [value for value in measured if isinstance(value, np.ndarray)]
        if len(good) == len(measured):
            stored.save(good)
        values = measured
    for place, value in zip(wanted, values, strict=True):
        if isinstance(value, UnmeasurableError):
            rule = rule_of_extraction(value.rule)
            message = f"{job.distances.words(place)}: {value.message}"
            found.missing.append((rule, message, value.remedy))
        else:
            found.table[place] = value
    return found


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


class _Kept:
    """The rings of one lesion in the cache, where there is one."""

    def __init__(self, job: RingJob, lesion: Lesion, masks: list[np.ndarray]) -> None:
        self._cache = job.cache
        self._shape = (len(masks), len(ring_features(job.settings.preset)))
        self._key = ""
        if self._cache is not None and masks:
            own = [np.packbits(mask) for mask in masks]
            self._key = content_key(f"rings {VERSION}", lesion_key(lesion, job.settings), own)

    def load(self) -> list[np.ndarray | UnmeasurableError] | None:
        """Return the values of every ring, or None."""
        if self._cache is None or not self._key:
            return None
        values = self._cache.load(self._key, self._shape[0] * self._shape[1])
        return None if values is None else list(values.reshape(self._shape))

    def save(self, values: list[np.ndarray]) -> None:
        """Keep the values of every ring."""
        if self._cache is not None and self._key:
            self._cache.store(self._key, np.concatenate(values))
