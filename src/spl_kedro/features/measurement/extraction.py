"""Features of a whole cohort: jobs out, rows back, and what was left out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spl_kedro.features.measurement.cache import FeatureCache
from spl_kedro.features.measurement.jobs import Job, LesionLoader, died, measure
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
    reused = 0
    outcomes = surviving(measure, jobs, description, killed=died, **execution.model_dump())
    for outcome in outcomes:
        if outcome.features is None:
            rule = rule_of_extraction(outcome.rule)
            why = (rule, ActionTaken.QUARANTINED, outcome.message, outcome.remedy)
            left_out.append((outcome.lesion_id, "radiomics", *why))
            logger.warning("A lesion is left out, see the findings: %s.", rule)
            continue
        rows[outcome.lesion_id] = outcome.features
        reused += outcome.reused
        # A worker on another machine may not see this machine's cache.
        if cache is not None and cache.load(outcome.key, len(outcome.features)) is None:
            cache.store(outcome.key, outcome.features)
    note_reuse(description, reused, len(jobs))
    names = sorted(rows)
    columns = feature_names(settings.preset)
    values = np.stack([rows[name] for name in names]) if names else np.empty((0, len(columns)))
    features = pd.DataFrame(
        values, index=pd.Index(names, name="lesion_id", dtype="str"), columns=list(columns)
    )
    quarantine = pd.DataFrame(sorted(left_out), columns=FINDING_COLUMNS).astype("str")
    return ExtractionResult(features, quarantine)
