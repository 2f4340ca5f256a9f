"""What a worker does with one lesion: find its rings, look them up, measure them, keep them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.measurement import FeatureCache, RadiomicsSettings
from spl_kedro.features.measurement.cache import lesion_key
from spl_kedro.features.radiomics import MissingDependencyError, UnmeasurableError
from spl_kedro.features.rings.cases import Missing, RingCase
from spl_kedro.features.rings.geometry import Ring
from spl_kedro.features.rings.names import ring_features
from spl_kedro.features.rings.texture import texture_of
from spl_kedro.imaging import Lesion
from spl_kedro.rules import Rule, rule_of_extraction
from spl_kedro.store import content_key

#: Raised whenever a ring can become another.
VERSION = "1"


@dataclass(frozen=True)
class RingJob(RingCase):
    """One lesion whose rings are measured.

    Attributes
    ----------
    settings : RadiomicsSettings
    cache : FeatureCache or None
    """

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
    missing : list of Missing
        Of what is missing.
    """

    lesion_id: str
    table: np.ndarray
    pixels: np.ndarray
    in_view: np.ndarray
    missing: list[Missing] = field(default_factory=list)


def none_measured(job: RingJob, why: Missing | None = None) -> MeasuredRings:
    """Return a lesion without a ring."""
    n = len(job.distances.pairs)
    return MeasuredRings(
        job.lesion_id,
        np.full((n, len(ring_features(job.settings.preset))), np.nan),
        np.zeros(n, dtype=np.int64),
        np.full(n, np.nan),
        [] if why is None else [why],
    )


def died(job: RingJob, attempts: int) -> MeasuredRings:
    """Return a lesion whose worker died every time."""
    rule = Rule.PROCESS_SURVIVES
    message = f"the process measuring its rings died {attempts} times"
    return none_measured(job, Missing(rule, message, rule.remedy))


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
    read = job.read()
    if isinstance(read, Missing):
        return none_measured(job, read)
    try:
        rings = job.rings(*read)
        if isinstance(rings, Missing):
            return none_measured(job, rings)
        return _measured(job, read[0], rings)
    except UnmeasurableError as error:
        return none_measured(job, _of_engine(error, ""))
    except (MissingDependencyError, UnusableStudyError):
        raise
    except Exception as error:  # a defect met by one lesion must not cost the others
        rule = Rule.NO_DEFECT
        return none_measured(job, Missing(rule, f"{type(error).__name__}: {error}", rule.remedy))


def _measured(job: RingJob, lesion: Lesion, rings: list[Ring]) -> MeasuredRings:
    found = none_measured(job)
    found.pixels[:] = [ring.pixels for ring in rings]
    found.in_view[:] = [ring.in_view for ring in rings]
    hidden = job.out_of_view(rings)
    found.missing.extend(hidden.values())
    wanted = [place for place in range(len(rings)) if place not in hidden]
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
            found.missing.append(_of_engine(value, f"{job.distances.words(place)}: "))
        else:
            found.table[place] = value
    return found


def _of_engine(error: UnmeasurableError, where: str) -> Missing:
    rule = rule_of_extraction(error.rule)
    return Missing(rule, f"{where}{error.message}", error.remedy)


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
