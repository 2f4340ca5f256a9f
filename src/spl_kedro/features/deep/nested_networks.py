"""Trained networks, nested: for every outer fold of the signatures networks of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

from spl_kedro.bars import bar
from spl_kedro.features.deep.checkpoints import CheckpointStore, content_key
from spl_kedro.features.deep.crossfit import (
    PartTraining,
    axes_of,
    common_start,
    labels_and_patients,
)
from spl_kedro.features.deep.embedding import embed
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.features.deep.nesting import (
    ALL,
    Context,
    Embed,
    embed_context,
    embedding_rows,
    final_context,
    nested_contexts,
)
from spl_kedro.features.deep.network import load_network
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.deep.training import EPOCHS, TrainedNetwork, discard_training
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.reuse import note_reuse

logger = logging.getLogger(__name__)


def embed_nested(
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    outer_folds: pd.DataFrame,
    states: Mapping[str, Mapping[str, Tensor]],
    settings: DeepSettings,
) -> pd.DataFrame:
    """Train the networks of every outer fold, and embed with them and with those of the final fit.

    Parameters
    ----------
    crops : LesionCrops
        All lesions that could be cropped.
    cohort : DataFrame
        Index lesion_id; columns patient_id, label, cohort.
    folds : DataFrame
        From :func:`spl_kedro.features.deep.folds.assign_folds`: those of the final fit's networks.
    outer_folds : DataFrame
        Index lesion_id; columns repeat and fold: where each training lesion is left out.
    states : mapping of str to state dict
        The final fit's networks, ``fold_0``, ``fold_1``, ...
    settings : DeepSettings
        How to train.

    Returns
    -------
    DataFrame of float32
        Rows of :func:`spl_kedro.features.deep.nesting.embed_context`, of every outer fold and of
        the final fit.

    Raises
    ------
    ValueError
        If the lesions of a context cannot be cross-fitted.
    """
    cohort = cohort.loc[cohort.index.isin(crops.lesion_ids)].sort_index()
    training = cohort[cohort["cohort"] == "training"]
    selected = crops.select(training.index)
    contexts = nested_contexts(cohort, outer_folds, settings.folds, settings.seed)
    inner = [context.folds.reindex(training.index, fill_value=-1) for context in contexts]
    key = content_key(
        settings,
        selected.pixels,
        *labels_and_patients(training),
        training.index.to_numpy(dtype=str),
        *(fold.to_numpy(dtype=np.int64) for fold in inner),
    )
    networks = sum(len(context.networks()) for context in contexts)
    logger.info(
        "Nested networks: %d trainings (%d outer folds x %d networks) besides those of the final "
        "fit. deep_features.nested: false does without them; docs/deep_features.md says at "
        "which price.",
        networks,
        len(contexts),
        settings.folds,
    )
    store = CheckpointStore(settings.checkpoints, key)
    with (
        reproducible(settings),
        bar(total=networks * settings.epochs, desc="nested networks", unit="epoch") as progress,
    ):
        training_of = _ContextTraining(selected, training, settings, store, progress)
        parts = [_embedded(context, training_of, store, progress) for context in contexts]
        parts.append(_embedded_finally(crops, cohort, selected, folds, states, settings))
    store.clear()
    return pd.concat(parts)


def embed_unsealed(
    stored: pd.DataFrame,
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    states: Mapping[str, Mapping[str, Tensor]],
    settings: DeepSettings,
) -> pd.DataFrame:
    """Embed lesions that were sealed when the networks of the outer folds were trained.

    Parameters
    ----------
    stored : DataFrame
        From :func:`embed_nested`, without them.
    crops, cohort, folds, states, settings
        As for :func:`embed_nested`, with them.

    Returns
    -------
    DataFrame of float32
        What :func:`embed_nested` would have returned; nothing is trained.
    """
    cohort = cohort.loc[cohort.index.isin(crops.lesion_ids)].sort_index()
    selected = crops.select(cohort.index[cohort["cohort"] == "training"])
    with reproducible(settings):
        final = _embedded_finally(crops, cohort, selected, folds, states, settings)
    return pd.concat([stored[stored["context"] != ALL], final])


def _embedded_finally(
    crops: LesionCrops,
    cohort: pd.DataFrame,
    selected: LesionCrops,
    folds: pd.DataFrame,
    states: Mapping[str, Mapping[str, Tensor]],
    settings: DeepSettings,
) -> pd.DataFrame:
    """Embed by the networks of the final fit, and the lesions that no network has seen."""
    last = final_context(cohort, folds)
    start = common_start(selected, settings)

    def final(name: str, learnt: pd.Index) -> Embed:
        state = states[name.removeprefix(f"{last.name}_")]
        return aligned_network(state, start, crops, learnt, settings)

    return embed_context(last, final)


def aligned_network(
    state: Mapping[str, Tensor],
    start: nn.Module,
    crops: LesionCrops,
    learnt: pd.Index,
    settings: DeepSettings,
) -> Embed:
    """Return what embeds lesions with a trained network, on the axes of its start.

    Parameters
    ----------
    state : state dict
    start : Module
        From :func:`spl_kedro.features.deep.crossfit.common_start`.
    crops : LesionCrops
        Of all lesions that are to be embedded, and of those learnt from.
    learnt : Index
        Lesions the network has learnt from.
    settings : DeepSettings
    """
    network = load_network(state, settings)
    own = crops.select(learnt).pixels
    axes = axes_of(embed(network, own, settings)[0], start, own, settings)

    def embed_lesions(lesion_ids: pd.Index) -> np.ndarray:
        return axes.transform(embed(network, crops.select(lesion_ids).pixels, settings)[0])

    return embed_lesions


class _ContextTraining:
    """Trains a network on the lesions of these ids, and remembers which it has trained."""

    def __init__(
        self,
        crops: LesionCrops,
        training: pd.DataFrame,
        settings: DeepSettings,
        store: CheckpointStore,
        progress: tqdm,
    ) -> None:
        self.settings = settings
        self.trained: list[TrainedNetwork] = []
        self._crops, self._ids, self._progress = crops, training.index, progress
        self._training = PartTraining(crops, training, settings, store)

    def __call__(self, name: str, learnt: pd.Index) -> Embed:
        rows = self._ids.get_indexer(learnt)
        network = self._training(name, rows, self._progress)
        self.trained.append(network)
        start = self._training.start
        return aligned_network(network.state, start, self._crops, learnt, self.settings)


def _embedded(
    context: Context, training_of: _ContextTraining, store: CheckpointStore, progress: tqdm
) -> pd.DataFrame:
    """Return a context's embeddings: those stored, or by networks that are let go of afterwards."""
    settings = training_of.settings
    title = f"{context.name}-{settings.alignment}"
    kept = store.load(title)
    if kept is not None:
        epochs = len(context.networks()) * settings.epochs
        note_reuse(EPOCHS, epochs, epochs)
        progress.update(epochs)
        parts = zip(context.networks().items(), kept["values"], strict=True)
        rows = [
            embedding_rows(context.name, name, lesions, values.numpy())
            for (name, (_, lesions)), values in parts
        ]
        return pd.concat(rows)
    training_of.trained.clear()
    table = embed_context(context, training_of)
    values = table.drop(columns=["context", "network"])
    by_network = [part.to_numpy() for _, part in values.groupby(table["network"], sort=False)]
    store.save(title, {"values": [torch.tensor(part) for part in by_network]})
    for network in training_of.trained:
        discard_training(network, store)
    return table
