"""Fits the learners in the study's own folds and scores every lesion."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.learners.classifier import TableClassifier
from spl_kedro.learners.inputs import TableInputs
from spl_kedro.learners.settings import LearnerParameters
from spl_kedro.learners.signature import TableSignature
from spl_kedro.learners.weights import why_not
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.protocol import run_models
from spl_kedro.modeling.signatures.selection import SelectionSequence
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable

logger = logging.getLogger(__name__)

PROTOCOL = "leak_free"
#: Chooses among the learners inside every fit.
BEST_INSIDE = "best_inside"
#: The learner that needs a file.
NEEDS_WEIGHTS = "tabicl"
#: Steps of the selection that leave the repeatable features that vary.
REPEATABLE = ("stability", "variance")


class Board(NamedTuple):
    """What the learners gave.

    Attributes
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`; `model` is the learner.
    choices : DataFrame
        One row per fit whose settings are kept: learner, fit ("fold 0" ... of the first repeat,
        "all training lesions"), inputs (how many), chosen (the learner), settings, inner_auc,
        fallback.
    not_run : DataFrame
        learner, reason.
    """

    predictions: pd.DataFrame
    choices: pd.DataFrame
    not_run: pd.DataFrame


def run_learners(
    table: StudyTable, settings: SignatureSettings, parameters: LearnerParameters
) -> Board:
    """Fit every learner on training lesions and score all lesions.

    Training lesions are scored in the folds and repeats of the study, by fits that chose inputs
    and settings without them; other cohorts once, by the fits on all training lesions.

    Parameters
    ----------
    table : StudyTable
        Of the leak-free protocol.
    settings : SignatureSettings
        The study's.
    parameters : LearnerParameters

    Returns
    -------
    Board

    Raises
    ------
    UnusableStudyError
        If the study has no model of the name in ``beside``, or one without image features.
    """
    absent = reasons(parameters)
    models = unfitted_learners(table, settings, parameters, absent)
    for learner, reason in absent.items():
        logger.warning("%s: %s", learner, reason)
    fitted = run_models(models, {}, table, settings, settings.protocols[PROTOCOL])
    return Board(fitted.predictions, _choices(fitted), _not_run(absent))


def reasons(parameters: LearnerParameters) -> dict[str, str]:
    """Return why learners are not run, by learner."""
    absent: dict[str, str] = {}
    if NEEDS_WEIGHTS in parameters.learners:
        why = why_not(parameters.tabicl.weights)
        absent |= {NEEDS_WEIGHTS: why} if why else {}
    single = [kind for kind in parameters.learners if kind not in (BEST_INSIDE, *absent)]
    if BEST_INSIDE in parameters.learners and len(single) < 2:
        absent[BEST_INSIDE] = "not run: fewer than two learners to choose from"
    return absent


def unfitted_learners(
    table: StudyTable,
    settings: SignatureSettings,
    parameters: LearnerParameters,
    absent: Mapping[str, str],
) -> dict[str, Signature]:
    """Return the unfitted learners that can be run, in the order of the parameters.

    Parameters
    ----------
    table : StudyTable
    settings : SignatureSettings
    parameters : LearnerParameters
    absent : mapping of str to str
        Learners that cannot be run.
    """
    inputs = _inputs(table, settings, parameters)
    asked = [kind for kind in parameters.learners if kind not in absent]
    single = {
        kind: _classifier(kind, settings, parameters) for kind in asked if kind != BEST_INSIDE
    }
    folds = settings.classifier.calibration_folds
    models: dict[str, Signature] = {}
    for kind in asked:
        candidates = single.values() if kind == BEST_INSIDE else [single[kind]]
        models[kind] = TableSignature(inputs, tuple(candidates), folds, settings.seed)
    return models


def _classifier(
    kind: str, settings: SignatureSettings, parameters: LearnerParameters
) -> TableClassifier:
    needed = kind == NEEDS_WEIGHTS
    return TableClassifier(
        kind,
        C=settings.classifier.C,
        tune=bool(TableClassifier.grids[kind]),
        cv=settings.classifier.calibration_folds,
        random_state=settings.seed,
        weights=parameters.tabicl.weights if needed else None,
        estimators=parameters.tabicl.estimators,
    )


def _inputs(
    table: StudyTable, settings: SignatureSettings, parameters: LearnerParameters
) -> TableInputs:
    """Return what the learners are given: what the model beside them is, before its own choice."""
    name = parameters.beside
    rules = settings.protocols[PROTOCOL]
    model = study_models(table, settings, rules, [name]).models.get(name)
    image = model.image if isinstance(model, FusionSignature) else model
    if not isinstance(image, FeatureSignature):
        raise UnusableStudyError(
            "a model of image features beside which learners stand",
            f"tabular_learners.beside names '{name}', which the study does not fit on image "
            "features.",
            "Name one of modeling.models that has sources, or the score of one that has.",
        )
    if parameters.inputs == "repeatable":
        steps = [] if image.selection is None else image.selection.steps
        kept = [step for step in steps if step[0] in REPEATABLE]
        image = image.set_params(selection=SelectionSequence(kept))
    clinical = model.clinical if isinstance(model, FusionSignature) else None
    if not isinstance(clinical, ClinicalSignature) or not clinical.columns:
        return TableInputs(image)
    return TableInputs(image, list(clinical.columns), clinical.min_missing, clinical.min_level)


def _choices(fitted: FittedStudy) -> pd.DataFrame:
    """Return what inner folds chose, of the first repeat's fits and of the last fit."""
    rows = []
    for learner, last in fitted.models.items():
        fits = list(fitted.cross_fits[learner].models)
        names = [f"fold {k}" for k in range(len(fits))]
        for fit, model in zip([*names, "all training lesions"], [*fits, last], strict=True):
            chosen = dict(model.chosen_)
            rows.append(
                {
                    "learner": learner,
                    "fit": fit,
                    "inputs": len(model.selected_features_),
                    "chosen": chosen.pop("learner", ""),
                    "settings": ", ".join(f"{key} {value}" for key, value in chosen.items()),
                    "inner_auc": model.inner_auc_,
                    "fallback": model.fallback_ or "",
                }
            )
    columns = ["learner", "fit", "inputs", "chosen", "settings", "inner_auc", "fallback"]
    return pd.DataFrame(rows, columns=columns)


def _not_run(absent: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({"learner": list(absent), "reason": list(absent.values())}, dtype="str")
