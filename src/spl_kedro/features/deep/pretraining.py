"""A starting point made of simulated lesions, for where ImageNet's weights cannot be had."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import roc_auc_score

from spl_kedro.bars import bar
from spl_kedro.features.deep.checkpoints import CheckpointStore, content_key
from spl_kedro.features.deep.crossfit import common_start
from spl_kedro.features.deep.embedding import embed
from spl_kedro.features.deep.folds import check_trainable
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.features.deep.network import load_network
from spl_kedro.features.deep.records import network_record
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.deep.sources import build_source
from spl_kedro.features.deep.training import NetworkTrainer, TrainedNetwork, train_network
from spl_kedro.imaging.crops import LesionCrops, crop_lesion
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.tracking import TrainingRecord


def crop_labelled(
    lesions: Iterable[tuple[Lesion, bool]], settings: DeepSettings
) -> tuple[LesionCrops, np.ndarray]:
    """Crop a stream of lesions one at a time, so that their images need not fit in memory.

    Parameters
    ----------
    lesions : iterable of (Lesion, bool)
        Lesion and whether it is malignant; one that cannot be cropped is skipped.
    settings : DeepSettings
        Size and margin.

    Returns
    -------
    crops : LesionCrops
    labels : ndarray of int, shape (n,)
    """
    ids, pixels, labels = [], [], []
    for lesion, malignant in lesions:
        try:
            pixels.append(crop_lesion(lesion, settings.image_size, settings.margin))
        except UnusableLesionError:
            continue
        ids.append(lesion.lesion_id)
        labels.append(int(malignant))
    if not ids:
        raise ValueError("pretraining: none of the simulated lesions could be cropped.")
    return LesionCrops(tuple(ids), np.stack(pixels)), np.array(labels, dtype=np.int64)


def pretrain(
    crops: LesionCrops, labels: np.ndarray, test_lesions: int, settings: DeepSettings
) -> tuple[TrainedNetwork, TrainingRecord]:
    """Train one network on all but the last lesions, and score it on those.

    Parameters
    ----------
    crops : LesionCrops
        Simulated lesions, one per patient.
    labels : ndarray of int, shape (n,)
        0 benign, 1 malignant.
    test_lesions : int
        How many at the end are only tested on.
    settings : DeepSettings
        How to train; `checkpoints` lets an interrupted training go on.

    Returns
    -------
    network : TrainedNetwork
        Its state, saved to a file, is what ``weights: <file>`` takes.
    record : TrainingRecord
        Curves, speed and the AUC on the lesions held back.

    Raises
    ------
    ValueError
        If the lesions trained on are of one class.
    """
    count = len(crops) - test_lesions
    if count < 2:
        raise ValueError(
            f"pretraining: {len(crops)} lesions leave none to train on beside {test_lesions} "
            "test lesions. Raise pretraining.lesions."
        )
    patients = np.array(crops.lesion_ids)
    check_trainable(pd.Series(labels[:count]), pd.Series(patients[:count]), 1)
    learnt = LesionCrops(crops.lesion_ids[:count], crops.pixels[:count])
    store = CheckpointStore(
        settings.checkpoints, content_key(settings, learnt.pixels, labels[:count])
    )
    with (
        reproducible(settings),
        bar(total=settings.epochs, desc="pretraining", unit="epoch") as progress,
    ):
        start = common_start(learnt, settings)
        source = build_source(start, torch.from_numpy(learnt.pixels), settings, store)
        rows = np.arange(count)
        trainer = NetworkTrainer(
            "pretraining", start, source, labels[:count], patients[:count], rows, settings
        )
        network = train_network(trainer, store, progress)
        model = load_network(network.state, settings)
        _, margin = embed(model, crops.pixels[count:], settings)
    metrics = {}
    if len(np.unique(labels[count:])) == 2:
        metrics["simulated_test.auc"] = float(roc_auc_score(labels[count:], margin))
    store.clear()
    return network, network_record(network, model, metrics, settings)
