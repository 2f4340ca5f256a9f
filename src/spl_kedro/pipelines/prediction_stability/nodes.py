"""Nodes of the prediction_stability pipeline."""

from __future__ import annotations

import pandas as pd

from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.prediction_stability.parameters import PredictionStabilityParameters
from spl_kedro.pipelines.types import FittedStudy, StudyTable
from spl_kedro.provenance import development_key


def refit_study(
    fitted: FittedStudy,
    table: StudyTable,
    modeling: ModelingParameters,
    parameters: PredictionStabilityParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return scores, samples and weights of the refits, each with the development's key."""
    from spl_kedro.sceptic.stability.refits import refit_study as refit
    from spl_kedro.store import ContentStore

    found = refit(
        fitted,
        table,
        modeling,
        refits=parameters.refits,
        seed=parameters.seed,
        n_jobs=parameters.n_jobs,
        only=parameters.models,
        store=ContentStore(parameters.checkpoints),
    )
    return _of(fitted, *found)


def judge_refits(
    fitted: FittedStudy, table: StudyTable, scores: pd.DataFrame, draws: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return what the refits say of each lesion and of each model, and the figures' tables."""
    from spl_kedro.sceptic.stability import measures

    own = fitted.thresholds[fitted.thresholds["protocol"] == fitted.protocol]
    lesions = measures.lesion_table(scores, draws, own)
    return _of(
        fitted,
        lesions,
        measures.summary_table(lesions),
        measures.cell_table(scores),
        measures.curve_table(scores, table.label),
    )


def _of(fitted: FittedStudy, *tables: pd.DataFrame) -> tuple[pd.DataFrame, ...]:
    """Mark tables as those of a development."""
    key = development_key(fitted.predictions)
    return tuple(table.assign(study=key) for table in tables)
