"""The habitats of a whole cohort: pixels drawn, grouped within each fit, lesions measured."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.nesting import ALL, context_name
from spl_kedro.features.habitats.clustering import Clustering, fit_clustering
from spl_kedro.features.habitats.jobs import HabitatJob, Outcome, died, draw_pixels, measure_job
from spl_kedro.features.habitats.names import habitat_columns
from spl_kedro.features.habitats.settings import HabitatParameters
from spl_kedro.features.measurement import ExecutionSettings, FeatureCache, RadiomicsSettings
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.radiomics import require_dependencies
from spl_kedro.features.radiomics.maps import map_features, mappable_features
from spl_kedro.parallel import in_parallel, surviving
from spl_kedro.rules import FINDING_COLUMNS, ActionTaken

logger = logging.getLogger(__name__)
STAGE = "habitats"


@dataclass(frozen=True)
class HabitatResult:
    """The habitats of a cohort.

    Attributes
    ----------
    features : DataFrame
        Index `lesion_id`, sorted, with every lesion; columns of :func:`.names.habitat_columns`, by
        the clustering of all training lesions. NaN where a lesion could not be measured, and in the
        means of a habitat that it lacks.
    nested : DataFrame
        The same of training lesions by the clustering of each outer fold, which pixels of the
        fold's left-out lesions have no part in: index `lesion_id`; columns ``context``, ``unseen``
        (whether the context leaves the lesion out) and those of `features`.
    clusters : DataFrame
        A row for each context and habitat: ``context``, ``habitat``, ``pixels`` grouped, the
        ``share`` of them, the ``criterion`` where a number was chosen, the centre by map.
    clustering : Clustering
        That of all training lesions.
    findings : DataFrame
        ``schemas.Findings``: every lesion without habitats, and why. It stays in the study.
    """

    features: pd.DataFrame
    nested: pd.DataFrame
    clusters: pd.DataFrame
    clustering: Clustering
    findings: pd.DataFrame


def measure_habitats(
    lesions: Mapping[str, LesionLoader],
    training: list[str],
    folds: pd.DataFrame,
    parameters: HabitatParameters,
    settings: RadiomicsSettings,
    execution: ExecutionSettings,
    cache: FeatureCache | None = None,
) -> HabitatResult:
    """Measure the habitats of every lesion of a cohort.

    The tables depend on the lesions and the settings alone, not on where it is done. No label is
    read, and no lesion outside of training has a part in any clustering.

    Parameters
    ----------
    lesions : mapping of str to callable
        Lesion identifier to a function that reads the lesion; picklable.
    training : list of str
        The training lesions.
    folds : DataFrame
        Index `lesion_id`; columns repeat and fold: where each training lesion is left out.
    parameters : HabitatParameters
    settings : RadiomicsSettings
        How lesions are measured; maps are made alike.
    execution : ExecutionSettings
    cache : FeatureCache, optional

    Returns
    -------
    HabitatResult

    Raises
    ------
    MissingDependencyError
        When a library is missing without which maps cannot be made.
    UnusableStudyError
        When a feature is none of the preset's, or too few pixels can be grouped.
    """
    require_dependencies(settings.preset)
    _check_features(parameters, settings)
    _compile(parameters, settings)
    there = [name for name in sorted(training) if name in lesions]
    jobs = [HabitatJob(name, lesions[name], parameters, settings, cache) for name in there]
    drawn = _of_each(draw_pixels, jobs, "pixels of habitats", execution)
    samples = {name: one.table for name, one in drawn.items() if one.table is not None}
    contexts = _contexts(there, folds)
    clusterings = _fitted(contexts, samples, parameters, execution)
    own = [
        HabitatJob(
            name,
            lesions[name],
            parameters,
            settings,
            cache,
            tuple(clusterings.values()) if name in set(there) else (clusterings[ALL],),
        )
        for name in sorted(lesions)
    ]
    found = _of_each(measure_job, own, "habitats", execution)
    columns = habitat_columns(parameters)
    return HabitatResult(
        habitat_table(found, columns),
        _nested(found, there, contexts, columns),
        _clusters(clusterings),
        clusterings[ALL],
        _findings(found),
    )


def habitat_table(found: Mapping[str, Outcome], columns: list[str]) -> pd.DataFrame:
    """Return lesions' habitats by the first of their clusterings, NaN where there are none."""
    nothing = np.full(len(columns), np.nan)
    rows = [nothing if one.table is None else one.table[0] for one in found.values()]
    names = pd.Index(list(found), name="lesion_id", dtype="str")
    table = np.stack(rows) if rows else np.empty((0, len(columns)))
    return pd.DataFrame(table, index=names, columns=columns)


def measure_again(
    lesions: Mapping[str, LesionLoader],
    clustering: Clustering,
    parameters: HabitatParameters,
    settings: RadiomicsSettings,
    execution: ExecutionSettings,
    cache: FeatureCache | None,
    description: str,
) -> pd.DataFrame:
    """Measure lesions' habitats by a clustering that is there; as :func:`habitat_table`."""
    jobs = [
        HabitatJob(name, lesions[name], parameters, settings, cache, (clustering,))
        for name in sorted(lesions)
    ]
    found = _of_each(measure_job, jobs, description, execution)
    return habitat_table(found, habitat_columns(parameters))


def _check_features(parameters: HabitatParameters, settings: RadiomicsSettings) -> None:
    known = set(mappable_features(settings.preset))
    for name in parameters.features:
        if name not in known:
            raise UnusableStudyError(
                "maps of features that there are",
                f"habitats.features names '{name}', of which preset {settings.preset} has no map.",
                "Name features as the columns of radiomics_features are named, without shape.",
            )


def _compile(parameters: HabitatParameters, settings: RadiomicsSettings) -> None:
    """Map noise, so that this process compiles what each worker would."""
    image = np.random.default_rng(0).integers(0, 256, (24, 24)).astype(float)
    mask = np.zeros(image.shape, dtype=bool)
    mask[6:18, 6:18] = True
    map_features(image, mask, parameters.features, preset=settings.preset)


def _of_each(
    work: Callable[[HabitatJob], Outcome],
    jobs: list[HabitatJob],
    description: str,
    execution: ExecutionSettings,
) -> dict[str, Outcome]:
    outcomes = surviving(work, jobs, description, killed=died, **execution.model_dump())
    found = {outcome.lesion_id: outcome for outcome in outcomes}
    return {name: found[name] for name in sorted(found)}


def _contexts(training: list[str], folds: pd.DataFrame) -> dict[str, list[str]]:
    """Return the training lesions that each fit learns from, that on all of them first."""
    contexts = {ALL: training}
    for key, part in folds.groupby(["repeat", "fold"], sort=True):
        repeat, fold = (int(str(number)) for number in key)  # type: ignore[misc]
        left_out = set(part.index)
        contexts[context_name(repeat, fold)] = [name for name in training if name not in left_out]
    return contexts


def _fitted(
    contexts: Mapping[str, list[str]],
    samples: Mapping[str, np.ndarray],
    parameters: HabitatParameters,
    execution: ExecutionSettings,
) -> dict[str, Clustering]:
    tasks = []
    for learnt in contexts.values():
        own = [samples[name] for name in learnt if name in samples]
        pixels = np.concatenate(own) if own else np.empty((0, len(parameters.features)))
        tasks.append(partial(fit_clustering, pixels, parameters))
    found = in_parallel(tasks, execution.workers or -1, "groups of pixels")
    return dict(zip(contexts, found, strict=True))


def _nested(
    found: Mapping[str, Outcome],
    training: list[str],
    contexts: Mapping[str, list[str]],
    columns: list[str],
) -> pd.DataFrame:
    parts = []
    for place, (context, learnt) in enumerate(contexts.items()):
        if context == ALL:
            continue
        rows = [found[name].table for name in training]
        values = [np.full(len(columns), np.nan) if row is None else row[place] for row in rows]
        index = pd.Index(training, name="lesion_id", dtype="str")
        part = pd.DataFrame(np.stack(values), index=index, columns=columns)
        part.insert(0, "context", pd.Series(context, index=index, dtype="str"))
        part.insert(1, "unseen", ~index.isin(learnt))
        parts.append(part)
    return pd.concat(parts) if parts else pd.DataFrame(columns=["context", "unseen", *columns])


def _clusters(clusterings: Mapping[str, Clustering]) -> pd.DataFrame:
    rows = [
        {
            "context": context,
            "habitat": habitat + 1,
            "pixels": one.pixels,
            "share": one.shares[habitat],
            "criterion": one.criterion.get(one.number, np.nan),
            **dict(zip(one.maps, centre, strict=True)),
        }
        for context, one in clusterings.items()
        for habitat, centre in enumerate(one.original_centres())
    ]
    return pd.DataFrame(rows).astype({"context": "str"})


def _findings(found: Mapping[str, Outcome]) -> pd.DataFrame:
    rows = [
        (one.lesion_id, STAGE, str(rule), str(ActionTaken.LEFT_OUT), message, remedy)
        for one in found.values()
        if one.missing is not None
        for rule, message, remedy in [one.missing]
    ]
    if rows:
        logger.warning(
            "Habitats of %d of %d lesions are missing, see the findings.", len(rows), len(found)
        )
    return pd.DataFrame(rows, columns=FINDING_COLUMNS).astype("str")
