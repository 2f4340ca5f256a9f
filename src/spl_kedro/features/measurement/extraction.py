"""Features of a whole cohort: jobs out, rows back, and what was left out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spl_kedro.features.measurement.cache import FeatureCache
from spl_kedro.features.measurement.jobs import Job, LesionLoader, Outcome, died, measure
from spl_kedro.features.measurement.settings import ExecutionSettings, RadiomicsSettings
from spl_kedro.features.measurement.stock import require_engine
from spl_kedro.features.radiomics import feature_names
from spl_kedro.parallel import surviving
from spl_kedro.reuse import note_reuse
from spl_kedro.rules import FINDING_COLUMNS, ActionTaken, rule_of_extraction

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ExtractionResult:
    """Features of a cohort.

    Attributes
    ----------
    features : DataFrame
        Index `lesion_id`, sorted; one float64 column per feature; all finite.
    quarantine : DataFrame
        Lesions left out (``schemas.Findings``), by the stage ``radiomics``.
    """

    features: pd.DataFrame
    quarantine: pd.DataFrame


def extract_features(
    lesions: Mapping[str, LesionLoader],
    settings: RadiomicsSettings,
    execution: ExecutionSettings,
    cache: FeatureCache | None = None,
    description: str = "radiomics",
) -> ExtractionResult:
    """Measure every lesion of a cohort.

    The table depends on the lesions and `settings` alone: not on where it is done, the number
    of workers, the order they finish in, or what an earlier run left in the cache.

    Parameters
    ----------
    lesions : mapping of str to callable
        Lesion identifier to a function that reads the lesion. Processes and Dask workers
        call it themselves, so it must be picklable (a bound method of a dataset is).
    settings : RadiomicsSettings
        What is measured.
    execution : ExecutionSettings
        By what of this machine, where no cluster is used (:mod:`spl_kedro.parallel`).
    cache : FeatureCache, optional
        Where finished lesions are kept and looked up.
    description : str
        Label of the progress bar.

    Returns
    -------
    ExtractionResult

    Raises
    ------
    MissingDependencyError
        When a library is missing without which features would silently disappear.
    UnusableStudyError
        When the settings name ``engine: stock`` where pyradiomics is not installed.
    """
    require_engine(settings)
    if settings.engine == "stock":
        logger.info("engine: stock: pyradiomics itself measures, some hundred times slower")
    jobs = [Job(name, lesions[name], settings, cache) for name in sorted(lesions)]
    rows: dict[str, np.ndarray] = {}
    left_out = []
    for outcome in measured_outcomes(jobs, description, execution, cache):
        if outcome.features is None:
            rule = rule_of_extraction(outcome.rule)
            why = (rule, ActionTaken.QUARANTINED, outcome.message, outcome.remedy)
            left_out.append((outcome.lesion_id, "radiomics", *why))
            logger.warning("A lesion is left out, see the findings: %s.", rule)
            continue
        rows[outcome.lesion_id] = outcome.features
    names = sorted(rows)
    columns = feature_names(settings.preset)
    values = np.stack([rows[name] for name in names]) if names else np.empty((0, len(columns)))
    features = pd.DataFrame(
        values, index=pd.Index(names, name="lesion_id", dtype="str"), columns=list(columns)
    )
    quarantine = pd.DataFrame(sorted(left_out), columns=FINDING_COLUMNS).astype("str")
    return ExtractionResult(features, quarantine)


def measured_outcomes(
    jobs: Sequence[Job],
    description: str,
    execution: ExecutionSettings,
    cache: FeatureCache | None = None,
) -> Iterator[Outcome]:
    """Measure lesions side by side, in any order; what is measured is kept, what fails is said.

    Parameters
    ----------
    jobs : sequence of Job
    description : str
        Label of the progress bar, and of the line on what was reused.
    execution : ExecutionSettings
    cache : FeatureCache, optional
        That of the jobs.

    Yields
    ------
    Outcome
        One for each job.
    """
    reused = 0
    for outcome in surviving(measure, jobs, description, killed=died, **execution.model_dump()):
        reused += outcome.reused
        if cache is not None and outcome.features is not None:
            _keep(cache, outcome.key, outcome.features)
        yield outcome
    note_reuse(description, reused, len(jobs))


def _keep(cache: FeatureCache, key: str, features: np.ndarray) -> None:
    # A worker on another machine may not see this machine's cache.
    if cache.load(key, len(features)) is None:
        cache.store(key, features)
