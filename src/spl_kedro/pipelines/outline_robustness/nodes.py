"""Nodes of the outline_robustness pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.modeling.signatures.declaration import titled
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.outline_robustness.parameters import OutlineParameters
from spl_kedro.pipelines.radiomics.nodes import Lesions, feature_cache
from spl_kedro.pipelines.types import FittedStudy, LesionCrops, StudyTable
from spl_kedro.provenance import development_key
from spl_kedro.schemas import is_simulated

OtherOutlines = Mapping[str, Mapping[str, Callable[[], Any]]]


def examine_outlines(
    table: StudyTable,
    fitted: FittedStudy,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    lesions: Lesions,
    reader2_lesions: Lesions,
    other_outlines: OtherOutlines,
    networks: Mapping[str, Any],
    crops: LesionCrops,
    folds: pd.DataFrame,
    radiomics: RadiomicsParameters,
    deep: DeepSettings,
    parameters: OutlineParameters,
    *made: Any,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Measure and score the lesions under other outlines: features, scores, outlines.

    What was made before is an input for the order alone: files that `other_outlines` reads.
    """
    from spl_kedro.features.deep import unseen_axes
    from spl_kedro.sceptic.outlines.inputs import OutlineInputs
    from spl_kedro.sceptic.outlines.study import examine_outlines
    from spl_kedro.store import ContentStore

    states = {name: own() if callable(own) else own for name, own in networks.items()}
    inputs = OutlineInputs(
        table=table,
        fitted=fitted,
        cohort=cohort,
        lesions=lesions,
        reader2=reader2_lesions,
        radiomics=radiomics,
        deep=deep,
        settings=parameters,
        others=other_outlines,
        networks=states,
        axes=unseen_axes(crops, cohort, folds, states, deep),
        cache=feature_cache(radiomics),
        store=ContentStore(parameters.checkpoints),
    )
    found = examine_outlines(inputs)
    key = development_key(predictions)
    return (
        found.features.assign(study=key),
        found.scores.assign(study=key),
        found.outlines.assign(study=key),
    )


def judge_outlines(
    features: pd.DataFrame,
    scores: pd.DataFrame,
    outlines: pd.DataFrame,
    modeling: ModelingParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the spread of each lesion's scores, the AUCs, and how many features survive."""
    from spl_kedro.sceptic.outlines import tables

    key = scores["study"].iloc[0]
    found = (
        tables.spread_table(scores),
        tables.auc_table(scores, outlines, modeling.evaluation),
        tables.feature_summary(features),
    )
    spread, auc, summary = (table.assign(study=key) for table in found)
    return spread, auc, summary


def draw_outlines(
    spread: pd.DataFrame,
    auc: pd.DataFrame,
    summary: pd.DataFrame,
    cohort: pd.DataFrame,
    modeling: ModelingParameters,
) -> tuple[Drawing, Drawing, Drawing]:
    """Draw AUC against the error of outlines, the spread of scores, and surviving features."""
    from spl_kedro.sceptic.outlines import figures

    simulated = is_simulated(cohort)
    auc, spread = (titled(table, modeling.models) for table in (auc, spread))
    return (
        Drawing(figures.auc_figure, auc, simulated=simulated),
        Drawing(figures.spread_figure, spread, simulated=simulated),
        Drawing(figures.survival_figure, summary, simulated=simulated),
    )
