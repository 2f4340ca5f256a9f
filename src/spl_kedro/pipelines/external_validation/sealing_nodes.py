"""Nodes that log each look at the patients of an external validation that is sealed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.pipelines.external_validation.parameters import ExternalValidationParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import FrozenStudy
from spl_kedro.sealing.settings import SealingSettings

#: A frozen study has nothing to decide any more: to score a cohort is to look at it.
KIND = "external validation"


def state_plan(
    frozen: FrozenStudy,
    cohort: pd.DataFrame,
    cohort_settings: CohortSettings,
    modeling: ModelingParameters,
    validation: ExternalValidationParameters,
    sealing: SealingSettings,
) -> dict[str, Any]:
    """Return what will be done with the cohort: before any of its lesions is scored."""
    import spl_kedro
    from spl_kedro.provenance import code_version, now
    from spl_kedro.sealing.plan import validation_plan

    groups = {
        "data_processing": cohort_settings,
        "modeling.evaluation": modeling.evaluation,
        "external_validation.compare_with": {"cohorts": list(validation.compare_with)},
    }
    code = code_version(Path(spl_kedro.__file__).parent)
    return validation_plan(cohort, frozen.study_id, frozen.models, groups, sealing, code, now())


def log_look(
    plan: Mapping[str, Any],
    current: Mapping[str, Any],
    cohort: pd.DataFrame,
    sealing: SealingSettings,
) -> list[dict[str, Any]]:
    """Return the look about to be taken, where the environment seals; none elsewhere."""
    from spl_kedro.sealing.state import new_look

    if not plan:
        return []
    return [new_look(KIND, dict(plan), dict(current), cohort, sealing.reason)]
