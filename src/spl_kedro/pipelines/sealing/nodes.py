"""Nodes that state the plan, keep the first one, and judge a run by it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import LookLog
from spl_kedro.sealing.settings import SealingSettings

log = logging.getLogger(__name__)

#: A run with its seal switched off, of a study that has a plan.
OPEN_RUN = "open run"


def state_plan(
    divided: pd.DataFrame,
    cohort_settings: CohortSettings,
    radiomics: RadiomicsParameters,
    deep: DeepSettings,
    modeling: ModelingParameters,
    explainability: ExplainabilityParameters,
    sealing: SealingSettings,
) -> dict[str, Any]:
    """Return the plan of this run: before anything is fitted."""
    import spl_kedro
    from spl_kedro.provenance import code_version, now
    from spl_kedro.sealing.plan import analysis_plan

    groups = {
        "data_processing": cohort_settings,
        "radiomics": radiomics,
        "deep_features": deep,
        "modeling": modeling,
        "explainability": explainability,
    }
    code = code_version(Path(spl_kedro.__file__).parent)
    return analysis_plan(divided, groups, sealing, code, now())


def keep_first_plan(current: Mapping[str, Any]) -> dict[str, Any]:
    """Hand a sealed run's plan to the dataset that keeps the first; an open run states none."""
    return dict(current) if current["sealed"] else {}


def note_open_run(
    plan: Mapping[str, Any],
    current: Mapping[str, Any],
    divided: pd.DataFrame,
    sealing: SealingSettings,
) -> list[dict[str, Any]]:
    """Return a look where a study that has a plan is run with its seal switched off.

    The dataset that these looks go to adds them to its log.
    """
    if not plan or sealing.sealed:
        return []
    from spl_kedro.sealing.state import new_look

    return [new_look(OPEN_RUN, dict(plan), dict(current), divided, sealing.reason)]


def judge_seal(
    plan: Mapping[str, Any],
    current: Mapping[str, Any],
    looks: LookLog,
    divided: pd.DataFrame,
) -> dict[str, Any]:
    """Return where the study stands; of an open study without a plan there is nothing to say."""
    from spl_kedro.sealing.looks import REMEDY, RULE
    from spl_kedro.sealing.state import judge_seal

    for finding in looks.findings:
        log.warning("%s: %s Remedy: %s", RULE, finding, REMEDY)
    if not plan:
        return {}
    state = judge_seal(dict(plan), dict(current), looks, divided)
    if state.post_hoc:
        changed = "; ".join(map(str, state.since_look[:3]))
        log.warning("POST HOC: changed after %d looks at validation: %s", state.count, changed)
    return state.stored()
