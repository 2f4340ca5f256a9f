"""Steps that give machine outlines back to the study, and compare what it finds by them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Drawing
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.outline_comparison.parameters import OutlineComparisonParameters
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.reporting.parts import AddedSections
from spl_kedro.schemas import is_simulated

log = logging.getLogger(__name__)


def hand_back(
    reader_cohort_table: pd.DataFrame,
    reader_cohort: pd.DataFrame,
    machine_outline_files: pd.DataFrame,
    lesion_masks: Mapping[str, Callable[[], Any]],
    settings: CohortSettings,
    parameters: OutlineComparisonParameters,
) -> pd.DataFrame:
    """Return the hospital's table with the reader study's cohorts and the machine's outlines."""
    from spl_kedro.segmentation import handed_back

    files = list(lesion_masks)
    table = handed_back(reader_cohort_table, reader_cohort, machine_outline_files, files, settings)
    log.info(
        "%d of the %d lesions of the readers' study have an outline in %s.",
        *(int(table["machine_outline"].ne("").sum()), len(reader_cohort)),
        "the folder given" if parameters.outlines else "the folder of machine outlines",
    )
    return table


def compare_outlines(
    reader_predictions: pd.DataFrame,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    modeling: ModelingParameters,
) -> tuple[pd.DataFrame, Drawing]:
    """Compare each model's AUC on readers' and on machine outlines of the same lesions."""
    from spl_kedro.segmentation import compare_outlines, comparison_figure

    table = compare_outlines(reader_predictions, predictions, modeling.evaluation)
    return table, Drawing(comparison_figure, table, simulated=is_simulated(cohort))


def write_section(
    comparison: pd.DataFrame, predictions: pd.DataFrame, cohort: pd.DataFrame
) -> AddedSections:
    """Return the part of the report that is about the study on readers' outlines."""
    from spl_kedro.pipelines.outline_comparison.section import comparison_section

    section = comparison_section(comparison, simulated=is_simulated(cohort))
    return AddedSections(development_key(predictions), (section,), cohort_checksum(cohort))
