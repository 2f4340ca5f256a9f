"""Scores of patients: pooled from images by stated rules, or by models learnt from patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.bags.settings import BagParameters
from spl_kedro.bags.table import MARK, bag_table, has_bags
from spl_kedro.bags.witness import WitnessSignature
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.evaluation.settings import Pooling
from spl_kedro.modeling.evaluation.units import scored_units
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.folds import Splits
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.protocol import run_models
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable

PROTOCOL = "leak_free"
#: Ways from a patient's images to one score: two rules, and two models that are learnt.
RULES: tuple[Pooling, ...] = ("mean", "max")
EMBEDDING, WITNESS = "embedding", "witness"
SELECTED_COLUMNS = ("model", "statistic", "features")


class Bags(NamedTuple):
    """What was found of patients as bags.

    Attributes
    ----------
    scores : DataFrame
        As `spl_kedro.schemas.Predictions`, of patients; `model` is ``<model>_<way>``. Empty where
        every training patient has one image.
    selected : DataFrame
        Of the models fitted on all training patients: model, statistic, how many features of it
        the embedding kept.
    """

    scores: pd.DataFrame
    selected: pd.DataFrame


def run_bags(
    table: StudyTable,
    predictions: pd.DataFrame,
    settings: SignatureSettings,
    parameters: BagParameters,
) -> Bags:
    """Score every patient by rules and by models that learn from patients.

    All in the folds and repeats of the study, in which the images of a patient are together.

    Parameters
    ----------
    table : StudyTable
        Of images, of the leak-free protocol.
    predictions : DataFrame
        The study's scores of images, as `spl_kedro.schemas.Predictions`.
    settings : SignatureSettings
    parameters : BagParameters

    Returns
    -------
    Bags

    Raises
    ------
    UnusableStudyError
        If the study has no scores of a model asked for, or it has no image features.
    """
    own = predictions[predictions["protocol"] == PROTOCOL]
    own = own[own["model"].isin(parameters.models)]
    if not has_bags(table):
        return Bags(own.iloc[:0], pd.DataFrame(columns=list(SELECTED_COLUMNS)))
    rules = settings.protocols[PROTOCOL]
    images = study_models(table, settings, rules, parameters.models).models
    _refuse_others(parameters, images, set(own["model"]))
    parts = [scored_units(own, rule) for rule in RULES]
    parts = [
        part.assign(model=part["model"] + f"_{rule}")
        for part, rule in zip(parts, RULES, strict=True)
    ]
    bags = bag_table(table, parameters.statistics)
    models = study_models(bags, settings, rules, parameters.models).models
    named = {f"{name}_{EMBEDDING}": model for name, model in models.items()}
    folds = patient_splits(own, bags)
    fitted = run_models(named, {}, bags, settings, rules, folds)
    parts.append(fitted.predictions)
    if parameters.witness:
        witness: dict[str, Signature] = {
            f"{name}_{WITNESS}": WitnessSignature(images[name], parameters.rounds)
            for name in parameters.witness
        }
        found = run_models(witness, {}, table, settings, rules).predictions
        parts.append(scored_units(found, "max"))
    return Bags(pd.concat(parts, ignore_index=True), _selected(fitted.models))


def ways(parameters: BagParameters) -> dict[str, list[str]]:
    """Return the names of the scores of each model, the mean first."""
    return {
        name: [
            *(f"{name}_{rule}" for rule in RULES),
            f"{name}_{EMBEDDING}",
            *([f"{name}_{WITNESS}"] if name in parameters.witness else []),
        ]
        for name in parameters.models
    }


def patient_splits(predictions: pd.DataFrame, bags: StudyTable) -> list[Splits]:
    """Return the study's folds by patients, each repeat's as row positions of training patients.

    Parameters
    ----------
    predictions : DataFrame
        Scores of images; those of one model are read.
    bags : StudyTable
        Of patients.
    """
    patients = bags.lesions("training")
    rows = predictions[predictions["cohort"] == "training"]
    rows = rows[rows["model"] == rows["model"].iloc[0]].drop_duplicates(["patient_id", "repeat"])
    everyone = np.arange(len(patients))
    repeats = []
    for _, own in rows.groupby("repeat", sort=True):
        fold = own.set_index("patient_id")["fold"].loc[patients].to_numpy()
        parts = (np.flatnonzero(fold == k) for k in np.unique(fold))
        repeats.append([(np.setdiff1d(everyone, test), test) for test in parts])
    return repeats


def _refuse_others(
    parameters: BagParameters, images: dict[str, Signature], scored: set[str]
) -> None:
    """Refuse models that the study does not have, or that have no image features."""
    for name in parameters.models:
        model = images.get(name)
        if name not in scored or not isinstance(model, FeatureSignature | FusionSignature):
            raise UnusableStudyError(
                "models of image features that learn from patients",
                f"multiple_instance.models names '{name}', which the study does not fit on image "
                "features.",
                "Name models of modeling.models that have sources, or the score of one that has.",
            )
    for name in parameters.witness:
        if not isinstance(images[name], FeatureSignature):
            raise UnusableStudyError(
                "a model of image features alone that learns from single images",
                f"multiple_instance.witness names '{name}', which is no model of sources.",
                "Name a model of modeling.models that has sources.",
            )


def _selected(models: Mapping[str, Signature]) -> pd.DataFrame:
    """Count the features of each statistic that the image models kept."""
    rows = []
    for name, model in models.items():
        if isinstance(model, FeatureSignature):
            kept = pd.Series(model.selected_features_, dtype="str")
            components = {name for source in _components(model) for name in source}
            statistic = pd.Series([_statistic(feature, components) for feature in kept])
            for told, count in statistic.value_counts(sort=False).items():
                rows.append({"model": name, "statistic": told, "features": int(count)})
    return pd.DataFrame(rows, columns=list(SELECTED_COLUMNS))


def _components(model: FeatureSignature) -> list[list[str]]:
    reduction = model.reduction_
    if reduction is None:
        return []
    names = reduction.names
    return [
        [f"{names[source]}{k:03d}" for k in range(reducer.n_components_)]
        for source, reducer in reduction.reducers_.items()
    ]


def _statistic(feature: str, components: set[str]) -> str:
    if feature in components:
        return "components of all"
    return feature.rpartition(MARK)[2] if MARK in feature else "mean"
