"""Cross-fitting: every training lesion is embedded by a network that never saw it."""

from __future__ import annotations

import copy
import logging
from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn
from tqdm import tqdm

from spl_kedro.bars import bar
from spl_kedro.features.deep.alignment import Axes, fit_axes
from spl_kedro.features.deep.checkpoints import CheckpointStore, content_key
from spl_kedro.features.deep.embedding import calibrate_normalisation, embed
from spl_kedro.features.deep.folds import check_trainable
from spl_kedro.features.deep.machine import is_out_of_memory, reproducible
from spl_kedro.features.deep.nesting import embedding_columns, fold_name
from spl_kedro.features.deep.network import build_network, load_network
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.deep.sources import build_source
from spl_kedro.features.deep.training import NetworkTrainer, TrainedNetwork, train_network
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.schemas import is_simulated

logger = logging.getLogger(__name__)

REFIT = "refit"


def training_lesions(crops: LesionCrops, cohort: pd.DataFrame, folds: pd.DataFrame) -> pd.DataFrame:
    """Return the training lesions that have a crop, with their fold, sorted by id."""
    training = cohort.join(folds["fold"], how="inner")
    training = training[training.index.isin(crops.lesion_ids)].sort_index()
    count = int(folds["fold"].max()) + 1
    check_trainable(training["label"], training["patient_id"], count)
    return training


def common_start(crops: LesionCrops, settings: DeepSettings) -> nn.Module:
    """Return the network all folds start from.

    With random weights its batch normalisation is calibrated on the given crops.

    Parameters
    ----------
    crops : LesionCrops
        Training lesions.
    settings : DeepSettings
        Architecture, weights and seed.
    """
    network = build_network(settings)
    if settings.weights == "none":
        calibrate_normalisation(network, crops.pixels, settings)
    return network


def start_without(start: nn.Module, pixels: np.ndarray, settings: DeepSettings) -> nn.Module:
    """Return the common start as one network may know it.

    With random weights the statistics of batch normalisation come from images. Those of a fold's
    network come from its own training lesions, none from the lesions it is to embed.

    Parameters
    ----------
    start : Module
        From :func:`common_start`; it is not changed.
    pixels : ndarray of uint8, shape (n, 2, size, size)
        Crops of the lesions the network learns from.
    settings : DeepSettings
        Weights, outline channel and device.
    """
    own = copy.deepcopy(start)
    if settings.weights == "none":
        calibrate_normalisation(own, pixels, settings)
    return own


def train_networks(
    crops: LesionCrops, cohort: pd.DataFrame, folds: pd.DataFrame, settings: DeepSettings
) -> list[TrainedNetwork]:
    """Train one network per fold on the other folds, and one on all training lesions.

    Parameters
    ----------
    crops : LesionCrops
        All lesions that could be cropped.
    cohort : DataFrame
        Index lesion_id; columns patient_id, label, cohort, simulated.
    folds : DataFrame
        From :func:`spl_kedro.features.deep.folds.assign_folds`.
    settings : DeepSettings
        How to train.

    Returns
    -------
    list of TrainedNetwork
        ``fold_0``, ``fold_1``, ..., ``refit``.

    Raises
    ------
    ValueError
        If the training lesions cannot be cross-fitted.
    WeightsError
        If the weights to start from cannot be had or do not fit.
    """
    training = training_lesions(crops, cohort, folds)
    if settings.weights == "none" and not is_simulated(cohort):
        logger.warning(
            "Deep features start from random weights on a cohort of real patients: expect "
            "weaker features than from pretrained ones. Set deep_features.weights to imagenet, "
            "or to a file made by the pretraining pipeline."
        )
    selected = crops.select(training.index)
    fold = training["fold"].to_numpy()
    rows = {fold_name(f): np.flatnonzero(fold != f) for f in np.unique(fold)}
    rows[REFIT] = np.arange(len(fold))

    store = CheckpointStore(
        settings.checkpoints,
        content_key(settings, selected.pixels, *labels_and_patients(training), fold),
    )
    with (
        reproducible(settings),
        bar(total=len(rows) * settings.epochs, desc="deep networks", unit="epoch") as progress,
    ):
        training_of = PartTraining(selected, training, settings, store)
        trained = [training_of(name, own_rows, progress) for name, own_rows in rows.items()]
    store.clear()
    return trained


def labels_and_patients(training: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return label and patient of each lesion as arrays, shape (n,)."""
    labels = training["label"].to_numpy(dtype=np.int64)
    return labels, training["patient_id"].to_numpy(dtype=str)


class PartTraining:
    """Trains networks on parts of the training lesions, all from one start.

    Parameters
    ----------
    crops : LesionCrops
        Of the training lesions.
    training : DataFrame
        Their labels and patients, in the same order; columns label, patient_id.
    settings : DeepSettings
        How to train. A batch that does not fit in memory is halved for the networks after it too.
    store : CheckpointStore
        Where an interrupted training goes on from.
    """

    def __init__(
        self,
        crops: LesionCrops,
        training: pd.DataFrame,
        settings: DeepSettings,
        store: CheckpointStore,
    ) -> None:
        self.settings, self._store, self._crops = settings, store, crops
        self._labels, self._patients = labels_and_patients(training)
        self.start, self._pixels = common_start(crops, settings), torch.from_numpy(crops.pixels)
        # Pretrained lower blocks, where they stay frozen, see the lesions once for all networks.
        shared = settings.weights != "none"
        self._source = build_source(self.start, self._pixels, settings, store) if shared else None

    def __call__(self, name: str, rows: np.ndarray, progress: tqdm) -> TrainedNetwork:
        """Return a network trained on the lesions at these rows."""
        start = start_without(self.start, self._crops.pixels[rows], self.settings)
        source = self._source
        if source is None:
            source = build_source(start, self._pixels, self.settings, self._store, name)
        arguments = (name, start, source, self._labels, self._patients, rows)
        try:
            trainer = NetworkTrainer(*arguments, self.settings)
            return train_network(trainer, self._store, progress)
        except (RuntimeError, MemoryError) as error:
            before = self.settings.batch_size
            if not is_out_of_memory(error) or before < 4:
                raise
            self.settings = self.settings.model_copy(update={"batch_size": before // 2})
            logger.warning(
                "Out of memory at batch size %d; %s starts again with %d, as do the networks "
                "after it.",
                before,
                name,
                before // 2,
            )
            trainer = NetworkTrainer(*arguments, self.settings)
            return train_network(trainer, self._store, progress)


def axes_of(
    embedding: np.ndarray, start: nn.Module, pixels: np.ndarray, settings: DeepSettings
) -> Axes:
    """Return the map of a network onto the axes of its start.

    Parameters
    ----------
    embedding : ndarray, shape (n, width)
        By the network, of the lesions it learnt from.
    start : Module
        From :func:`common_start`; it is not changed.
    pixels : ndarray of uint8, shape (n, 2, size, size)
        Crops of these lesions.
    settings : DeepSettings
    """
    known = start_without(start, pixels, settings)
    target, _ = embed(known, pixels, settings)
    return fit_axes(embedding, target, settings.alignment)


def embed_cohort(
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    states: Mapping[str, Mapping[str, Tensor]],
    settings: DeepSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Embed every lesion, cross-fitted and as published.

    Parameters
    ----------
    crops, cohort, folds
        As for :func:`train_networks`.
    states : mapping of str to state dict
        Trained networks by name.
    settings : DeepSettings
        The settings they were trained with.

    Returns
    -------
    cross_fitted : DataFrame, shape (lesions, width)
        Training lesions by the network that never saw them; the others by the refit, or the
        mean over folds (`unseen_embedding`); all on common axes.
    as_published : DataFrame, shape (lesions, width)
        Every lesion by the refit, which has seen all training lesions.
    """
    cohort = cohort.loc[cohort.index.isin(crops.lesion_ids)].sort_index()
    selected = crops.select(cohort.index)
    training = training_lesions(crops, cohort, folds)
    position = pd.Series(np.arange(len(cohort)), index=cohort.index)
    training_rows = position[training.index].to_numpy()
    fold = training["fold"].to_numpy()

    unseen = np.setdiff1d(np.arange(len(cohort)), training_rows)
    learnt = selected.pixels[training_rows]
    numbers = np.unique(fold)

    with reproducible(settings):
        start = common_start(selected.select(training.index), settings)
        start_embedding, _ = embed(copy.deepcopy(start), learnt, settings)

        def embed_with(name: str, pixels: np.ndarray) -> np.ndarray:
            return embed(load_network(states[name], settings), pixels, settings)[0]

        as_published = embed_with(REFIT, selected.pixels)
        refit = fit_axes(as_published[training_rows], start_embedding, settings.alignment)
        cross_fitted = refit.transform(as_published)
        total = np.zeros_like(cross_fitted[unseen])
        for number in bar(numbers, desc="deep embeddings", unit="fold", leave=False):
            own = embed_with(fold_name(number), learnt)
            others = fold != number
            axes = axes_of(own[others], start, learnt[others], settings)
            cross_fitted[training_rows[~others]] = axes.transform(own[~others])
            if settings.unseen_embedding == "mean" and len(unseen):
                embedding = embed_with(fold_name(number), selected.pixels[unseen])
                total += axes.transform(embedding)
        if settings.unseen_embedding == "mean":
            cross_fitted[unseen] = total / len(numbers)
    columns = embedding_columns(cross_fitted.shape[1])
    return (
        pd.DataFrame(cross_fitted, index=cohort.index, columns=columns),
        pd.DataFrame(as_published, index=cohort.index, columns=columns),
    )
