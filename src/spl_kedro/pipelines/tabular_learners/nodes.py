"""Steps from the study's table to the learners' scores, their table and its section."""

from __future__ import annotations

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.learners.settings import LearnerParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import StudyTable
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.reporting.parts import AddedSections
from spl_kedro.schemas import is_simulated


def fit_learners(
    table: StudyTable, modeling: ModelingParameters, parameters: LearnerParameters
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the learners' scores, what their inner folds chose, and which were not run."""
    from spl_kedro.learners.board import run_learners

    return tuple(run_learners(table, modeling, parameters))


def judge_learners(
    scores: pd.DataFrame,
    not_run: pd.DataFrame,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: LearnerParameters,
) -> tuple[pd.DataFrame, Drawing]:
    """Return how good each learner is beside the study's own model, and the forest plot."""
    from spl_kedro.learners.judging import learner_table
    from spl_kedro.learners.section import learners_drawing

    table = learner_table(scores, predictions, not_run, parameters.beside, modeling.evaluation)
    return table, learners_drawing(table, simulated=is_simulated(cohort))


def write_section(
    table: pd.DataFrame,
    choices: pd.DataFrame,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: LearnerParameters,
) -> AddedSections:
    """Return the part of the report that is about the learners."""
    from spl_kedro.learners.section import learner_section

    section = learner_section(table, choices, parameters.inputs, simulated=is_simulated(cohort))
    return AddedSections(development_key(predictions), (section,), cohort_checksum(cohort))
