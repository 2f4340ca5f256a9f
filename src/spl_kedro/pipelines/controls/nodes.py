"""Nodes of the negative controls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.imaging import Lesion
from spl_kedro.pipelines.controls.parameters import ControlParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.radiomics.nodes import feature_cache
from spl_kedro.pipelines.types import FittedStudy, StudyTable
from spl_kedro.schemas import is_simulated


def run_controls(
    table: StudyTable,
    fitted: FittedStudy,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    acquisition: pd.DataFrame,
    lesions: Mapping[str, Callable[[], Lesion]],
    networks: Mapping[str, Any],
    radiomics: RadiomicsParameters,
    deep: DeepSettings,
    modeling: ModelingParameters,
    parameters: ControlParameters,
) -> pd.DataFrame:
    """Cross-fit every control on the study's training lesions and judge it."""
    from spl_kedro.features.deep import FROZEN
    from spl_kedro.provenance import development_key
    from spl_kedro.sceptic.controls.inputs import ControlInputs
    from spl_kedro.sceptic.controls.judging import judge_controls
    from spl_kedro.sceptic.controls.scoring import score_controls

    state = networks.get(FROZEN) if deep.frozen else None
    inputs = ControlInputs(
        table=table,
        fitted=fitted,
        cohort=cohort,
        acquisition=acquisition,
        lesions=lesions,
        modeling=modeling,
        evaluation=modeling.evaluation,
        radiomics=radiomics,
        deep=deep,
        settings=parameters,
        networks={} if state is None else {FROZEN: state() if callable(state) else state},
        cache=feature_cache(radiomics),
    )
    judged = judge_controls(score_controls(inputs), inputs)
    return judged.assign(study=development_key(predictions))


def draw_controls(controls: pd.DataFrame, cohort: pd.DataFrame) -> Drawing:
    """Draw the forest plot."""
    from spl_kedro.sceptic.controls.figure import controls_figure

    return Drawing(controls_figure, controls, simulated=is_simulated(cohort))
