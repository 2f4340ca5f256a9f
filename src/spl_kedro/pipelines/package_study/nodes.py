"""The step that packages a study."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.package_study.parameters import PackageParameters
from spl_kedro.pipelines.radiomics.nodes import Lesions
from spl_kedro.pipelines.types import FittedStudy, LesionCrops, PackagedStudy, StudyTable
from spl_kedro.provenance import development_key
from spl_kedro.reporting.settings import ReportSettings

log = logging.getLogger(__name__)


def package_study(
    fitted: FittedStudy,
    table: StudyTable,
    cohort: pd.DataFrame,
    lesions: Lesions,
    networks: Mapping[str, Any],
    crops: LesionCrops,
    folds: pd.DataFrame,
    performance: pd.DataFrame,
    model_card: str,
    refits: pd.DataFrame,
    seal_state: Mapping[str, Any],
    cohort_settings: CohortSettings,
    radiomics: RadiomicsParameters,
    deep: DeepSettings,
    explainability: ExplainabilityParameters,
    reporting: ReportSettings,
    parameters: PackageParameters,
) -> PackagedStudy:
    """Gather what scoring a new patient needs, and nothing of the patients learnt from."""
    from spl_kedro.deployment.pack import pack_study
    from spl_kedro.deployment.typical import grey_levels
    from spl_kedro.features.deep import unseen_axes

    training = table.lesions("training")
    states = {name: own() if callable(own) else own for name, own in networks.items()}
    return pack_study(
        fitted,
        table,
        cohort,
        states,
        unseen_axes(crops, cohort, folds, states, deep),
        performance,
        {
            "model_card": model_card,
            "intended_use": reporting.intended_use,
            **seal_texts(seal_state),
        },
        (cohort_settings, radiomics.extraction, deep),
        stated_coverage=1 - explainability.conformal.alpha,
        levels=grey_levels({name: lesions[name] for name in training}).values(),
        refits=_own_refits(refits, fitted) if parameters.refits else None,
    )


def _own_refits(refits: pd.DataFrame, fitted: FittedStudy) -> pd.DataFrame | None:
    """Return the refits of these models; None where there are none, or those of other models."""
    if not len(refits):
        return None
    if not refits["study"].eq(development_key(fitted.predictions)).all():
        log.warning("The refits are of other models than these, and are left out of the package.")
        return None
    return refits.drop(columns="study")


def seal_texts(state: Mapping[str, Any]) -> dict[str, str]:
    """Return the analysis plan and the looks as texts of the package; none of a study without."""
    if not state:
        return {}
    looks = {name: state[name] for name in ("count", "head", "looks", "findings", "since_look")}
    texts = {"analysis_plan": state["plan"], "looks": looks}
    return {name: json.dumps(own, indent=1, ensure_ascii=False) for name, own in texts.items()}
