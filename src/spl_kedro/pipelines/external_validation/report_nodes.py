"""Nodes that write the report of an external validation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.reporting.nodes import plain_parameters, versions, with_pictures
from spl_kedro.pipelines.types import FrozenStudy
from spl_kedro.provenance import cohort_checksum
from spl_kedro.reporting import ReportSettings, StudyResults
from spl_kedro.reporting.evidence import VALIDATION
from spl_kedro.sealing.state import SealState

#: Groups of parameters that shape a validation's numbers; what is the study's own comes from it.
OWN_PARAMETERS = ("data_processing", VALIDATION, "reporting")


def gather_results(
    cohort: pd.DataFrame,
    frozen: FrozenStudy,
    parameters: Mapping[str, Any],
    modeling: ModelingParameters,
    durations: Mapping[str, Mapping[str, float]],
    seal: Mapping[str, Any] | None = None,
    **parts: Any,
) -> StudyResults:
    """Put everything the validation found into one object.

    Parameters
    ----------
    cohort : DataFrame
        ``schemas.Cohort``.
    frozen : FrozenStudy
    parameters : mapping of str to Any
        All parameters, by pipeline.
    modeling : ModelingParameters
        Of which the evaluation counts.
    durations : mapping of str to mapping of str to float
        Seconds by node and phase; those of other pipelines are left out.
    seal : mapping, optional
        Where the validation stands by its plan; empty where nothing is sealed.
    **parts
        The other attributes of `StudyResults` by name; pictures by ``picture_<name>``.

    Returns
    -------
    StudyResults
    """
    told = plain_parameters(parameters, OWN_PARAMETERS)
    # Of the models' parameters those of the evaluation alone; the models were not fitted by them.
    evaluated = {"modeling.evaluation": modeling.evaluation.model_dump(mode="json")}
    made = {f"study: {name}": made for name, made in frozen.versions.items()}
    return StudyResults(
        cohort=cohort,
        frozen=frozen,
        seal=SealState.of(seal or {}),
        parameters=told | evaluated | dict(frozen.settings),
        durations={
            name: seconds for name, seconds in durations.items() if name.startswith(VALIDATION)
        },
        versions={
            "study_id": frozen.study_id, **made, **versions(),
            "data_sha256": cohort_checksum(cohort),
        },
        **with_pictures(parts),
    )  # fmt: skip


def write_documents(results: StudyResults, settings: ReportSettings) -> tuple[str, pd.DataFrame]:
    """Write the data sheet and the filled checklist."""
    from spl_kedro.reporting import (
        VALIDATION_CHECKLISTS,
        checklist_table,
        data_sheet,
        fill_checklist,
    )

    filled = [fill_checklist(key, results, settings) for key in VALIDATION_CHECKLISTS]
    sheet = data_sheet(results, settings).markdown()
    return sheet, checklist_table(filled, simulated=results.simulated)
