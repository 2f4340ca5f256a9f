"""What a worker does with one lesion: read it, look it up, measure it, keep it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.measurement.cache import FeatureCache, lesion_key
from spl_kedro.features.measurement.lesion import lesion_features
from spl_kedro.features.measurement.settings import RadiomicsSettings
from spl_kedro.features.radiomics import (
    MissingDependencyError,
    UnmeasurableError,
    feature_names,
)
from spl_kedro.imaging import Lesion

LesionLoader = Callable[[], Lesion]


@dataclass(frozen=True)
class Job:
    """One lesion to measure, light enough to travel to a worker.

    Attributes
    ----------
    lesion_id : str
    load : callable
        Reads the lesion; called in the worker, so it must be picklable.
    settings : RadiomicsSettings
    cache : FeatureCache or None
    """

    lesion_id: str
    load: LesionLoader
    settings: RadiomicsSettings
    cache: FeatureCache | None


@dataclass(frozen=True)
class Outcome:
    """What became of a lesion: its values, or why there are none.

    Attributes
    ----------
    lesion_id : str
    features : ndarray of float64 or None
    rule, message, remedy : str
        Why the lesion is quarantined; empty where `features` are given.
    key : str
        Cache key; empty where nothing was computed.
    reused : bool
        Whether the values were found in the cache.
    """

    lesion_id: str
    features: np.ndarray | None = None
    rule: str = ""
    message: str = ""
    remedy: str = ""
    key: str = ""
    reused: bool = False


def died(job: Job, attempts: int) -> Outcome:
    """Outcome of a lesion whose worker died every time."""
    return Outcome(
        job.lesion_id,
        rule="worker_survives",
        message=f"the process measuring it died {attempts} times",
        remedy="Often memory: look at the size of the image, or give the workers more.",
    )


def measure(job: Job) -> Outcome:
    """Measure one lesion; a bad one never stops the others.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Outcome

    Raises
    ------
    MissingDependencyError, UnusableStudyError
        A missing library concerns every lesion: the whole extraction stops.
    """
    try:
        lesion = job.load()
    except Exception as error:  # whatever a file reader raises
        return Outcome(
            job.lesion_id,
            rule="lesion_readable",
            message=f"{type(error).__name__}: {error}",
            remedy="Check that the stored image and outline can be opened.",
        )
    try:
        key = lesion_key(lesion, job.settings)
        values = None
        if job.cache is not None:
            values = job.cache.load(key, len(feature_names(job.settings.preset)))
        if values is not None:
            return Outcome(job.lesion_id, values, key=key, reused=True)
        values = lesion_features(lesion, job.settings)
    except UnmeasurableError as error:
        return Outcome(job.lesion_id, rule=error.rule, message=error.message, remedy=error.remedy)
    except (MissingDependencyError, UnusableStudyError):
        raise
    except Exception as error:  # a defect met by one lesion must not cost the others
        return Outcome(
            job.lesion_id,
            rule="extraction_succeeds",
            message=f"{type(error).__name__}: {error}",
            remedy="Please report it with the image; extraction goes on without it.",
        )
    if job.cache is not None:
        job.cache.store(key, values)
    return Outcome(job.lesion_id, values, key=key)
