"""Nodes of the check."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.features.deep import DeepSettings
from spl_kedro.pipelines.data_processing.nodes import CHECKED, check_cohort
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.sealing.settings import OPEN, SealingSettings


def show_cohort(
    cohort_table: pd.DataFrame,
    ultrasound_images: dict[str, Callable],
    lesion_masks: dict[str, Callable],
    reader2_masks: dict[str, Callable],
    settings: CohortSettings,
    report: ReportSettings,
    modeling: ModelingParameters,
    deep: DeepSettings,
    sealing: SealingSettings = OPEN,
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Check the cohort as the study would, and write the page; no lesion is stored.

    Returns
    -------
    checked : DataFrame, index `lesion_id`
        Usable lesions.
    findings : DataFrame
        ``schemas.Findings``.
    page : str
    """
    from spl_kedro.reporting.check.cost import expected_cost
    from spl_kedro.reporting.check.page import check_page

    found = check_cohort(
        cohort_table, ultrasound_images, lesion_masks, reader2_masks, settings, sealing
    )
    made = dict(zip(CHECKED, found, strict=True))
    checked, findings = made["checked_lesions"], made["checked_findings"]
    seen = made["acquisition"]
    megapixels = float((seen["height"] * seen["width"]).mean()) / 1e6
    cost = expected_cost(len(checked), megapixels, modeling, deep)
    page = check_page(
        cohort_table, checked, made["lesions"], findings, made["column_audit"], settings, report,
        cost, sealed=sealing.sealed,
    )  # fmt: skip
    return checked, findings, page
