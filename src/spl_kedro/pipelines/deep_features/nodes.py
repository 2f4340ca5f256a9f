"""Steps from lesions to cross-fitted deep features."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from spl_kedro.features.deep import DeepSettings
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import LesionCrops, TrainedNetwork
from spl_kedro.rules import FINDING_COLUMNS
from spl_kedro.tracking import TrainingRecord


def crop_lesions(
    lesions: Mapping[str, Callable[[], Lesion]], cohort: pd.DataFrame, settings: DeepSettings
) -> tuple[LesionCrops, pd.DataFrame]:
    """Crop the cohort's lesions; those that cannot be cropped are listed instead."""
    from spl_kedro.features.deep import crop_all

    wanted = {lesion_id: lesions[lesion_id] for lesion_id in cohort.index if lesion_id in lesions}
    crops, failures = crop_all(wanted, settings)
    return crops, pd.DataFrame(failures, columns=FINDING_COLUMNS, dtype="str")


def assign_deep_folds(cohort: pd.DataFrame, settings: DeepSettings) -> pd.DataFrame:
    """Decide which network never sees which training lesion; a frozen network sees all or none."""
    if settings.frozen:
        nobody = pd.Index([], name="lesion_id", dtype=cohort.index.dtype)
        return pd.DataFrame({"fold": pd.Series(dtype="int64")}, index=nobody)
    from spl_kedro.features.deep import assign_folds

    return assign_folds(cohort, settings.folds, settings.seed)


def assign_outer_folds(
    cohort: pd.DataFrame, settings: DeepSettings, modeling: ModelingParameters
) -> pd.DataFrame:
    """Decide which training lesion is left out when, for networks to be trained without it.

    Without nested networks there is no need: the table is empty.
    """
    from spl_kedro.modeling.signatures.nested import no_folds, outer_folds

    return outer_folds(cohort, modeling) if settings.nests else no_folds()


def train_deep_networks(
    crops: LesionCrops, cohort: pd.DataFrame, folds: pd.DataFrame, settings: DeepSettings
) -> tuple[dict[str, dict[str, Any]], list[TrainedNetwork]]:
    """Train the folds' networks and the refit; their weights are stored, the rest is handed on.

    Of a frozen network there is one, and no training to tell of.
    """
    from spl_kedro.features.deep import FROZEN, frozen_network, train_networks

    if settings.frozen:
        return {FROZEN: frozen_network(crops, cohort, settings).state_dict()}, []

    trained = train_networks(crops, cohort, folds, settings)
    return {network.name: network.state for network in trained}, trained


def record_deep_networks(
    trained: Sequence[TrainedNetwork],
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    settings: DeepSettings,
) -> list[TrainingRecord]:
    """Describe each training for the tracker, with a picture of what the network looks at.

    Of a frozen network: what it is and where its weights come from.
    """
    from spl_kedro.features.deep import frozen_record, training_records, unseen_lesions

    if settings.frozen:
        return [frozen_record(settings)]
    from spl_kedro.explainability.network_panel import network_panel

    records = training_records(trained, crops, cohort, folds, settings)
    unseen = unseen_lesions(crops, cohort, folds)
    for network, record in zip(trained, records, strict=True):
        first = next(iter(unseen[network.name].values()))
        panel = network_panel(record.name, record.model, crops.select(first), cohort, settings)
        if panel is not None:
            record.figures["gradcam"] = panel
    return records


def embed_lesions(
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    networks: Mapping[str, Any],
    settings: DeepSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Embed every lesion, cross-fitted and as published; by a frozen network these are the same."""
    from spl_kedro.features.deep import FROZEN, embed_cohort, embed_frozen, load_network

    states = {name: state() if callable(state) else state for name, state in networks.items()}
    if settings.frozen:
        embeddings = embed_frozen(crops, cohort, load_network(states[FROZEN], settings), settings)
        return embeddings, embeddings
    return embed_cohort(crops, cohort, folds, states, settings)


def embed_lesions_nested(
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    outer_folds: pd.DataFrame,
    networks: Mapping[str, Any],
    settings: DeepSettings,
) -> pd.DataFrame:
    """Train networks inside every outer fold and embed with them; without nesting an empty table.

    The networks are not kept: those that embed new lesions are the final fit's.
    """
    from spl_kedro.features.deep import embed_nested, no_embeddings

    if not settings.nests:
        return no_embeddings()
    states = {name: state() if callable(state) else state for name, state in networks.items()}
    return embed_nested(crops, cohort, folds, outer_folds, states, settings)


def reduce_to_dtl(
    embeddings: pd.DataFrame,
    as_published: pd.DataFrame,
    cohort: pd.DataFrame,
    settings: DeepSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keep the principal components of the training lesions, for both kinds of embedding."""
    from spl_kedro.features.deep import reduce_embeddings

    training = cohort.index[cohort["cohort"] == "training"]
    features = reduce_embeddings(embeddings, training, settings.components)
    if settings.frozen:
        return features, features
    return features, reduce_embeddings(as_published, training, settings.components)
