"""Nodes of the reader study."""

from __future__ import annotations

import logging

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Drawing
from spl_kedro.pipelines.readers.parameters import ReadersParameters

log = logging.getLogger(__name__)


def check_readings(
    reader_scores: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: ReadersParameters,
    settings: CohortSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the lesions that every reader scored with every modality.

    Returns
    -------
    readings : DataFrame
        See :func:`spl_kedro.cohort.reader_table.crossed_readings`.
    findings : DataFrame
        Every lesion left out (``schemas.Findings``).
    """
    from spl_kedro.cohort.pseudonyms import Pseudonyms, rename_rows
    from spl_kedro.cohort.reader_table import crossed_readings
    from spl_kedro.tabular import counted

    if settings.pseudonyms is not None:
        keys = (parameters.columns.lesion_id, parameters.columns.patient_id)
        own = [key for key in keys if key is not None and key in reader_scores]
        names = Pseudonyms.from_variable(settings.pseudonyms)
        reader_scores = rename_rows(reader_scores, own, names, settings)
    readings, quarantined = crossed_readings(reader_scores, cohort, parameters)
    findings = quarantined.table()
    log.info(
        "%d lesions were read by all %d readers with all of: %s.",
        readings["lesion_id"].nunique(),
        readings["reader"].nunique(),
        ", ".join(parameters.modalities),
    )
    if len(findings):
        counts = findings["rule"].value_counts()
        log.warning("Left out, rules broken (see the findings): %s.", counted(counts))
    return readings, findings


def compare_readers(
    readings: pd.DataFrame, parameters: ReadersParameters
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the readers' AUCs, comparison, variance components, reclassification, ROC curves."""
    from spl_kedro.modeling import evaluation

    return (
        evaluation.reader_performance_table(readings, parameters),
        evaluation.reader_comparison_table(readings, parameters),
        evaluation.reader_variance_table(readings, parameters),
        evaluation.reader_reclassification_table(readings, parameters),
        evaluation.reader_roc_table(readings),
    )


def draw_readers(
    readings: pd.DataFrame,
    reader_roc_curves: pd.DataFrame,
    reader_performance: pd.DataFrame,
    reader_comparison: pd.DataFrame,
) -> tuple[Drawing, Drawing]:
    """Return the figures of the ROC curves by reader and of the differences."""
    from spl_kedro.modeling.evaluation import figures
    from spl_kedro.schemas import is_simulated

    simulated = is_simulated(readings)
    return (
        Drawing(
            figures.reader_roc_figure, reader_roc_curves, reader_performance, simulated=simulated
        ),
        Drawing(figures.reader_difference_figure, reader_comparison, simulated=simulated),
    )
