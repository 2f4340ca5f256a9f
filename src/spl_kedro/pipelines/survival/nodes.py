"""Steps from two columns of the hospital's table to how well the models foretell."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Drawing
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.declaration import titled
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import FittedStudy, StudyTable
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.reporting.parts import AddedSections
from spl_kedro.schemas import is_simulated
from spl_kedro.survival import SurvivalSettings

log = logging.getLogger(__name__)

TIME, EVENT = "survival.time", "survival.event"
#: What `write_section` takes, in its order.
TABLES = ("performance", "comparisons", "curves", "groups", "calibration")


def read_follow_up(
    cohort_table: pd.DataFrame,
    ultrasound_images: Mapping[str, Callable],
    table: StudyTable,
    settings: CohortSettings,
    parameters: SurvivalSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return time and event of each lesion of the study, and those left out.

    Returns
    -------
    follow_up : DataFrame
        Index lesion_id; columns time and event.
    findings : DataFrame
        ``schemas.Findings``.
    """
    from spl_kedro.cohort.outcome_cells import outcome_cells
    from spl_kedro.survival import lesion_follow_up
    from spl_kedro.tabular import counted

    if parameters.time is None or parameters.event is None:
        raise UnusableStudyError(
            "columns of time and event",
            f"{TIME} and {EVENT} are null.",
            "Name the columns of the hospital's table (docs/survival.md).",
        )
    columns = {TIME: parameters.time, EVENT: parameters.event}
    cells = outcome_cells(cohort_table, list(ultrasound_images), columns, settings)
    cells = cells.rename(columns={TIME: "time", EVENT: "event"})
    follow_up, found = lesion_follow_up(cells, table.patient_id, parameters)
    by_cohort = follow_up["event"].groupby(table.cohort.reindex(follow_up.index))
    counts = by_cohort.agg(["size", "sum"]).set_axis(["followed up", "with the event"], axis=1)
    log.info("Lesions. %s", counted(counts))
    if len(found):
        lost = len(table.X) - len(follow_up)
        log.warning("Left out for want of a usable follow-up: %d, see the findings.", lost)
    return follow_up, found.table()


def fit_survival(
    table: StudyTable,
    fitted: FittedStudy,
    follow_up: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: SurvivalSettings,
) -> tuple[Any, pd.DataFrame]:
    """Fit the Cox models; return them and the scores of all patients.

    See :func:`spl_kedro.survival.fit_survival`.
    """
    from spl_kedro.survival import fit_survival

    told: dict[str, Any] = {"seed": modeling.seed, "n_jobs": modeling.n_jobs}
    return fit_survival(table, fitted, follow_up, parameters, **told)


def measure_survival(
    survival_predictions: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: SurvivalSettings,
) -> tuple[pd.DataFrame, ...]:
    """Return performance, comparisons, curves of risk groups, the groups, calibration."""
    from spl_kedro.survival import calibration_by_group, risk_group_curves, survival_tables

    confidence = modeling.evaluation.confidence
    return (
        *survival_tables(survival_predictions, parameters, modeling.evaluation),
        *risk_group_curves(survival_predictions, parameters, confidence),
        calibration_by_group(survival_predictions, parameters, confidence),
    )


def draw_survival(
    performance: pd.DataFrame,
    curves: pd.DataFrame,
    groups: pd.DataFrame,
    calibration: pd.DataFrame,
    cohort: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: SurvivalSettings,
) -> tuple[Drawing, Drawing]:
    """Return the figures of the last model in the validation cohort, sealed in the training one."""
    from spl_kedro.survival import risk_group_figure, survival_figure

    shown = "validation" if "validation" in set(performance["cohort"]) else "training"
    given = (performance, curves, groups, calibration)
    performance, curves, groups, calibration = (titled(table, modeling.models) for table in given)
    model = list(dict.fromkeys(performance["model"]))[-1]
    told: dict[str, Any] = {"unit": parameters.unit, "simulated": is_simulated(cohort)}
    event: dict[str, Any] = {"event_name": parameters.event_name}
    return (
        Drawing(risk_group_figure, curves, groups, model, shown, **told, **event),
        Drawing(survival_figure, performance, calibration, model, shown, **told),
    )


def write_section(
    performance: pd.DataFrame,
    comparisons: pd.DataFrame,
    curves: pd.DataFrame,
    groups: pd.DataFrame,
    calibration: pd.DataFrame,
    findings: pd.DataFrame,
    cohort: pd.DataFrame,
    fitted: FittedStudy,
    parameters: SurvivalSettings,
) -> AddedSections:
    """Return the part of the report that is about the time to the event."""
    from spl_kedro.survival import survival_section

    given = (performance, comparisons, curves, groups, calibration)
    found = (titled(table, fitted.declared) for table in given)
    section = survival_section(
        dict(zip(TABLES, found, strict=True)),
        findings,
        parameters,
        simulated=is_simulated(cohort),
    )
    return AddedSections(development_key(fitted.predictions), (section,), cohort_checksum(cohort))
