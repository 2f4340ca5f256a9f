"""What a worker does with one lesion: map it, and draw pixels of it or measure its habitats."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.habitats.clustering import Clustering
from spl_kedro.features.habitats.measures import measure_parts
from spl_kedro.features.habitats.names import habitat_columns
from spl_kedro.features.habitats.settings import HabitatParameters
from spl_kedro.features.measurement import FeatureCache, RadiomicsSettings
from spl_kedro.features.measurement.cache import lesion_key
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.measurement.maps import lesion_maps
from spl_kedro.features.radiomics import MissingDependencyError, UnmeasurableError
from spl_kedro.features.radiomics.maps import FeatureMaps
from spl_kedro.imaging import Lesion
from spl_kedro.rules import Rule, rule_of_extraction
from spl_kedro.store import ContentStore, content_key

#: Raised whenever a map or a habitat can become another.
VERSION = "2"
#: Rule, message and remedy of what is missing.
Missing = tuple[Rule, str, str]
Made = TypeVar("Made")


@dataclass(frozen=True)
class HabitatJob:
    """One lesion, light enough to travel to a worker.

    Attributes
    ----------
    lesion_id : str
    load : callable
        Reads the lesion.
    parameters : HabitatParameters
    settings : RadiomicsSettings
    cache : FeatureCache or None
    clusterings : tuple of Clustering
        Those by which its habitats are measured; none where pixels are drawn.
    """

    lesion_id: str
    load: LesionLoader
    parameters: HabitatParameters
    settings: RadiomicsSettings
    cache: FeatureCache | None = None
    clusterings: tuple[Clustering, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a lesion.

    Attributes
    ----------
    lesion_id : str
    table : ndarray of float64 or None
        Pixels drawn, shape (n, n_maps); or habitats, shape (n_clusterings, n_columns).
    missing : Missing or None
        Why there are none.
    """

    lesion_id: str
    table: np.ndarray | None
    missing: Missing | None = None


def map_lesion(
    lesion: Lesion, parameters: HabitatParameters, settings: RadiomicsSettings
) -> FeatureMaps:
    """Map the features by which a lesion's pixels are grouped."""
    return lesion_maps(
        lesion,
        parameters.features,
        settings,
        radius=parameters.kernel_radius,
        masked=parameters.masked_kernel,
    )


def died(job: HabitatJob, attempts: int) -> Outcome:
    """Return a lesion whose worker died every time."""
    rule = Rule.PROCESS_SURVIVES
    message = f"the process mapping its features died {attempts} times"
    return Outcome(job.lesion_id, None, (rule, message, rule.remedy))


def draw_pixels(job: HabitatJob) -> Outcome:
    """Draw pixels of a lesion, with the values of all maps; a bad lesion never stops the others."""
    return _survived(job, "pixels", len(job.parameters.features), _drawn)


def measure_job(job: HabitatJob) -> Outcome:
    """Measure a lesion's habitats by each clustering; a bad lesion never stops the others."""
    return _survived(job, "habitats", len(habitat_columns(job.parameters)), _measured)


def _drawn(job: HabitatJob, maps: FeatureMaps) -> np.ndarray:
    known = maps.values[:, np.isfinite(maps.values).all(axis=0)].T
    digest = hashlib.sha256(f"{job.parameters.seed} {job.lesion_id}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    size = min(len(known), job.parameters.pixels_per_lesion)
    return known[np.sort(rng.choice(len(known), size, replace=False))]


def _measured(job: HabitatJob, maps: FeatureMaps) -> np.ndarray:
    most = job.parameters.most
    return np.stack([measure_parts(maps, one.assign(maps.values), most) for one in job.clusterings])


def _survived(
    job: HabitatJob,
    what: str,
    width: int,
    work: Callable[[HabitatJob, FeatureMaps], np.ndarray],
) -> Outcome:
    """Look a lesion up, or map and measure it and keep what is found."""

    def without(rule: Rule, message: str, remedy: str | None = None) -> Outcome:
        return Outcome(job.lesion_id, None, (rule, message, remedy or rule.remedy))

    try:
        lesion = job.load()
    except Exception as error:  # whatever a file reader raises
        return without(Rule.READABLE, f"{type(error).__name__}: {error}")
    try:
        store, key = _entry(job, lesion, what)
        content = store.load(key) if store else None
        if content is not None and len(content) % (8 * width) == 0:
            return Outcome(job.lesion_id, np.frombuffer(content, "<f8").reshape(-1, width).copy())
        maps = map_lesion(lesion, job.parameters, job.settings)
        known = int(np.isfinite(maps.values).all(axis=0).sum())
        if known < job.parameters.min_pixels:
            return without(
                Rule.HABITAT_PIXELS,
                f"{known} pixels have a value in every map, {job.parameters.min_pixels} needed "
                "(habitats.min_pixels)",
            )
        values = work(job, maps)
        if store:
            store.save(key, np.ascontiguousarray(values, "<f8").tobytes())
        return Outcome(job.lesion_id, values)
    except UnmeasurableError as error:
        return without(rule_of_extraction(error.rule), error.message, error.remedy)
    except (MissingDependencyError, UnusableStudyError):
        raise
    except Exception as error:  # a defect met by one lesion must not cost the others
        return without(Rule.NO_DEFECT, f"{type(error).__name__}: {error}")


def _entry(job: HabitatJob, lesion: Lesion, what: str) -> tuple[ContentStore | None, str]:
    """Return where a lesion's values are kept, and under which key."""
    if job.cache is None:
        return None, ""
    p = job.parameters
    parts: list[object] = [
        lesion_key(lesion, job.settings),
        [*p.features],
        [p.kernel_radius, p.masked_kernel, p.min_pixels],
    ]
    if what == "pixels":
        parts.append([job.lesion_id, p.seed, p.pixels_per_lesion])
    else:
        parts += [p.most, [one.key() for one in job.clusterings]]
    return ContentStore(job.cache.directory), content_key(f"{what} {VERSION}", *parts)
