"""The rings of a whole cohort: jobs out, rows back, and which rings count as missing."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spl_kedro.features.measurement import (
    ExecutionSettings,
    FeatureCache,
    RadiomicsSettings,
)
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.measurement.stock import require_engine
from spl_kedro.features.rings.cases import Missing, beside_each
from spl_kedro.features.rings.distances import RingDistances
from spl_kedro.features.rings.jobs import MeasuredRings, RingJob, died, measure_job
from spl_kedro.features.rings.names import ring_schema
from spl_kedro.features.rings.settings import RingParameters
from spl_kedro.parallel import surviving
from spl_kedro.rules import FINDING_COLUMNS, ActionTaken

logger = logging.getLogger(__name__)
STAGE = "rings"


@dataclass(frozen=True)
class RingResult:
    """The rings of a cohort.

    Attributes
    ----------
    features : DataFrame
        Index `lesion_id`, sorted, with every lesion; one float64 column per feature of a ring, as
        :func:`.names.ring_schema` names them; NaN in all columns of a ring that counts as missing.
    in_view : DataFrame
        ``schemas.RingsInView``: a row for each lesion and ring.
    findings : DataFrame
        ``schemas.Findings``: every ring that counts as missing, and why. The lesion stays.
    """

    features: pd.DataFrame
    in_view: pd.DataFrame
    findings: pd.DataFrame


def measure_rings(
    lesions: Mapping[str, LesionLoader],
    in_one_image: Iterable[Iterable[str]],
    distances: RingDistances,
    parameters: RingParameters,
    settings: RadiomicsSettings,
    execution: ExecutionSettings,
    cache: FeatureCache | None = None,
    *,
    outlined: Mapping[str, LesionLoader] | None = None,
    description: str = "rings",
) -> RingResult:
    """Measure the rings of every lesion of a cohort.

    The tables depend on the lesions and the settings alone, not on where it is done or in which
    order.

    Parameters
    ----------
    lesions : mapping of str to callable
        Lesion identifier to a function that reads the lesion; picklable.
    in_one_image : iterable of iterable of str
        Lesions that were outlined in one image: each lies in no ring of the others.
    distances : RingDistances
        From :func:`.distances.decide_distances`.
    parameters : RingParameters
    settings : RadiomicsSettings
        How lesions are measured; rings are measured alike.
    execution : ExecutionSettings
    cache : FeatureCache, optional
    outlined : mapping of str to callable, optional
        The lesions whose rings are measured, where their outlines are others than those of
        `lesions`: a second reader's, or perturbed ones.
    description : str
        Label of the progress bar.

    Returns
    -------
    RingResult

    Raises
    ------
    MissingDependencyError
        When a library is missing without which features would silently disappear.
    UnusableStudyError
        When the settings name ``engine: stock`` where pyradiomics is not installed.
    """
    require_engine(settings)
    beside = beside_each(lesions, in_one_image)
    wanted = lesions if outlined is None else outlined
    jobs = [
        RingJob(name, wanted[name], beside.get(name, ()), distances, parameters, settings, cache)
        for name in sorted(wanted)
    ]
    outcomes = surviving(measure_job, jobs, description, killed=died, **execution.model_dump())
    found = sorted(outcomes, key=lambda rings: rings.lesion_id)
    return RingResult(
        _features(found, list(ring_schema(settings.preset, distances).index)),
        _in_view(found, distances),
        _findings(found),
    )


def _features(found: list[MeasuredRings], columns: list[str]) -> pd.DataFrame:
    names = pd.Index([rings.lesion_id for rings in found], name="lesion_id", dtype="str")
    values = [rings.table.ravel() for rings in found]
    table = np.stack(values) if values else np.empty((0, len(columns)))
    return pd.DataFrame(table, index=names, columns=columns)


def _in_view(found: list[MeasuredRings], distances: RingDistances) -> pd.DataFrame:
    rows = [
        (
            *(rings.lesion_id, place + 1, inner, outer, distances.unit),
            *(int(rings.pixels[place]), float(rings.in_view[place])),
            bool(np.isfinite(rings.table[place]).all()),
        )
        for rings in found
        for place, (inner, outer) in enumerate(distances.pairs)
    ]
    names = ["lesion_id", "ring", "inner", "outer", "unit", "pixels", "in_view", "measured"]
    return pd.DataFrame(rows, columns=names)


def _findings(found: list[MeasuredRings]) -> pd.DataFrame:
    lesions = sum(bool(rings.missing) for rings in found)
    if lesions:
        logger.warning(
            "Rings of %d of %d lesions are missing, see the findings.", lesions, len(found)
        )
    return missing_rings({rings.lesion_id: rings.missing for rings in found})


def missing_rings(found: Mapping[str, Sequence[Missing]]) -> pd.DataFrame:
    """Return as ``schemas.Findings`` what is missing of lesions that stay."""
    rows = [
        (name, STAGE, str(rule), str(ActionTaken.LEFT_OUT), message, remedy)
        for name, reasons in found.items()
        for rule, message, remedy in reasons
    ]
    return pd.DataFrame(rows, columns=FINDING_COLUMNS).astype("str")
