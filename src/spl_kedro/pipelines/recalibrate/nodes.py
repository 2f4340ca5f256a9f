"""Steps from local cases with a diagnosis to a recalibrated study."""

from __future__ import annotations

import logging

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.errors import UnusableStudyError
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.recalibrate.parameters import RecalibrationParameters
from spl_kedro.pipelines.types import PackagedStudy
from spl_kedro.schemas import is_simulated

log = logging.getLogger(__name__)


def recalibrate(
    study: PackagedStudy,
    predictions: pd.DataFrame,
    cohort: pd.DataFrame,
    parameters: RecalibrationParameters,
    modeling: ModelingParameters,
) -> tuple[PackagedStudy, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Recalibrate each model on the external cases, and measure it before and after.

    Returns
    -------
    study : PackagedStudy
    performance, lines, curves : DataFrame
    """
    from spl_kedro.deployment.recalibrated import recalibrated_study
    from spl_kedro.deployment.recalibration import local_cases
    from spl_kedro.deployment.recalibration import recalibrate as fit
    from spl_kedro.deployment.recalibration_tables import curve_table, line_table, performance_table
    from spl_kedro.deployment.refit import fusion_cases

    if study.pooling != "none":
        raise UnusableStudyError(
            "a study of one score for each image",
            f"its thresholds are for patients' scores (pooling {study.pooling}), and what is "
            "recalibrated are the scores of images.",
            "Use the study as it is, or package one fitted with modeling.evaluation.pooling: none.",
        )
    own = predictions[
        (predictions["protocol"] == "leak_free") & (predictions["cohort"] == "external")
    ]
    wanted = list(parameters.models) or [n for n in study.models if n in set(own["model"])]
    unknown = [name for name in wanted if name not in study.models]
    if unknown or not wanted:
        raise UnusableStudyError(
            "external cases scored by a model of the study",
            f"the study has no model {', '.join(unknown)}." if unknown else "there are none.",
            f"Name some of {', '.join(study.models)} in recalibrate.models, and give the table of "
            "their scores in recalibrate.predictions.",
        )
    cases = {name: local_cases(own, name) for name in wanted}
    found = {
        name: fit(one, parameters, fusion_cases(study, name, own, cohort))
        for name, one in cases.items()
    }
    for name, one in found.items():
        log.info("%s: %s.", name, one.method.replace("_", " "))
    settings = modeling.evaluation
    return (
        recalibrated_study(
            study,
            cases,
            found,
            keep_decisions=parameters.keep_decisions,
            simulated=is_simulated(cohort),
        ),
        performance_table(cases, found, settings),
        line_table(cases, found, study.thresholds, settings),
        curve_table(cases, found, settings),
    )


def draw_recalibration(curves: pd.DataFrame, lines: pd.DataFrame, study: PackagedStudy) -> Drawing:
    """Return the figure of calibration before and after."""
    from spl_kedro.deployment.recalibration_figure import recalibration_figure

    return Drawing(recalibration_figure, curves, lines, simulated=study.simulated)
