"""Steps from the study's table of images to scores of patients, their tables and their section."""

from __future__ import annotations

import pandas as pd

from spl_kedro.bags.settings import BagParameters
from spl_kedro.drawing import Drawing
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import StudyTable
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.reporting.parts import AddedSections
from spl_kedro.schemas import is_simulated


def learn_from_patients(
    table: StudyTable,
    predictions: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: BagParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return scores of patients by every way, and what the models learnt from patients keep."""
    from spl_kedro.bags.board import run_bags

    return tuple(run_bags(table, predictions, modeling, parameters))


def judge_bags(
    scores: pd.DataFrame,
    cohort: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: BagParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, Drawing]:
    """Return how good each way is, the ways compared, and the forest plot."""
    from spl_kedro.bags.board import ways
    from spl_kedro.bags.judging import judge_bags
    from spl_kedro.bags.section import bags_drawing

    named = ways(parameters)
    measures, differences = judge_bags(scores, named, modeling.evaluation)
    return measures, differences, bags_drawing(measures, named, simulated=is_simulated(cohort))


def write_section(
    measures: pd.DataFrame,
    differences: pd.DataFrame,
    selected: pd.DataFrame,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: BagParameters,
) -> AddedSections:
    """Return the part of the report that is about patients with several images."""
    from spl_kedro.bags.board import ways
    from spl_kedro.bags.section import bags_section

    named, simulated = ways(parameters), is_simulated(cohort)
    section = bags_section(measures, differences, selected, named, simulated=simulated)
    return AddedSections(development_key(predictions), (section,), cohort_checksum(cohort))
