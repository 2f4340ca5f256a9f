"""Nodes that log a look, and then give the sealed lesions their diagnoses."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.sealing.nodes import state_plan
from spl_kedro.pipelines.types import FittedStudy, LesionCrops, LookLog
from spl_kedro.sealing.settings import SealingSettings

log = logging.getLogger(__name__)

UNSEAL = "unseal"
_RULE = "a sealed study to unseal"


def log_look(
    plan: Mapping[str, Any],
    fitted_by: Mapping[str, Any],
    fitted: FittedStudy,
    further_features: Mapping[str, Mapping[str, pd.DataFrame]],
    divided: pd.DataFrame,
    cohort_settings: CohortSettings,
    radiomics: RadiomicsParameters,
    deep: DeepSettings,
    modeling: ModelingParameters,
    explainability: ExplainabilityParameters,
    sealing: SealingSettings,
) -> list[dict[str, Any]]:
    """Return the look that is about to be taken; the dataset adds it to the log.

    Parameters
    ----------
    plan : mapping
        The first that was stored.
    fitted_by : mapping
        That of the last run: its parameters must be those in force.
    fitted : FittedStudy
        The stored models: they too.
    further_features : mapping of str to mapping of str to DataFrame
        Tables that were brought along, by source: they must hold the sealed lesions.
    divided : DataFrame
        Every usable lesion with its cohort.
    cohort_settings, radiomics, deep, modeling, explainability, sealing
        All parameters in force.

    Raises
    ------
    UnusableStudyError
        If nothing is sealed, no plan is stored, a source of features has none of the sealed
        lesions, or the models were fitted with other parameters.
    """
    from spl_kedro.sealing.changes import CODE, plan_changes
    from spl_kedro.sealing.plan import comparable
    from spl_kedro.sealing.state import new_look

    if not sealing.sealed:
        raise UnusableStudyError(
            _RULE,
            "sealing.sealed is false.",
            "Nothing is to be done: every run scores all lesions.",
        )
    if not plan or not fitted_by:
        raise UnusableStudyError(
            _RULE,
            "no analysis plan is stored.",
            "Run the study first; it reports training alone and stores the plan.",
        )
    if (divided["cohort"] == "training").all():
        raise UnusableStudyError(
            _RULE,
            "every lesion is in the training cohort.",
            "Name a split in data_processing.split or data_processing.columns.cohort.",
        )
    _refuse_missing_features(further_features, divided)
    current = state_plan(
        divided, cohort_settings, radiomics, deep, modeling, explainability, sealing
    )
    differs = plan_changes(comparable(dict(fitted_by)), comparable(current))
    # Code may be mended between fit and look; the log says which code looked.
    changed = [change for change in differs if change.key != CODE]
    if changed:
        more = f" and {len(changed) - 3} more" if len(changed) > 3 else ""
        raise UnusableStudyError(
            "the parameters and the split that the stored models were fitted with",
            f"changed since: {'; '.join(map(str, changed[:3]))}{more}.",
            "Run the study with the new ones, then unseal it; or set them back.",
        )
    if fitted.plan != current["hashes"]["parameters"]:
        raise UnusableStudyError(
            "models fitted as the plan of the last run says",
            "the stored models were fitted by another run.",
            "Run the study as a whole (kedro run --pipelines cdlr), then unseal it.",
        )
    looking = {**fitted_by, "stored": current["stored"]}
    look = new_look(UNSEAL, dict(plan), looking, divided, sealing.reason)
    return [look | {"code": current["code"]}]


def _refuse_missing_features(
    further_features: Mapping[str, Mapping[str, pd.DataFrame]], divided: pd.DataFrame
) -> None:
    """Raise if a source brought along was measured while the lesions to open were sealed.

    The models could score none of them, and the look would be spent.
    """
    sealed = divided.index[divided["cohort"] != "training"]
    for name, tables in further_features.items():
        if not tables["features"].index.isin(sealed).any():
            raise UnusableStudyError(
                "features of the sealed lesions from every source",
                f"the table of '{name}' (further_features) has none of the {len(sealed)} sealed "
                "lesions, so that no model which reads it can score them.",
                "Measure them too and bring them along in that table; it needs no diagnosis.",
            )


def embed_unsealed_nested(
    stored: pd.DataFrame,
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    networks: Mapping[str, Any],
    settings: DeepSettings,
) -> pd.DataFrame:
    """Add the unsealed lesions to the embeddings of nested networks; nothing is trained."""
    from spl_kedro.features.deep import embed_unsealed

    if not settings.nests:
        return stored
    states = {name: state() if callable(state) else state for name, state in networks.items()}
    return embed_unsealed(stored, crops, cohort, folds, states, settings)


def open_cohort(
    divided: pd.DataFrame,
    cohort_table: pd.DataFrame,
    duplicates: pd.DataFrame,
    looks: LookLog,
    settings: CohortSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the sealed diagnoses, once the look stands in the log.

    Returns
    -------
    cohort : DataFrame
        ``schemas.Cohort``, training lesions as the models learnt from them.
    labels_findings : DataFrame
        Sealed lesions that turn out to have no diagnosis, or one that a copy of their image
        contradicts.
    """
    from spl_kedro.cohort.sealed import open_rows

    look = looks.looks[-1]
    log.warning(
        "Look %d at %s.",
        look["number"],
        ", ".join(f"{sizes['lesions']} {name} lesions" for name, sizes in look["scored"].items()),
    )
    if look["same_as"]:
        log.warning("The same analysis was looked at before: look %s.", look["same_as"])
    return open_rows(divided, cohort_table, settings, duplicates)
