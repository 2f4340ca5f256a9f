"""What each training leaves for the tracker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score
from torch import nn

from spl_kedro.features.deep.backbones import backbone_facts
from spl_kedro.features.deep.crossfit import REFIT, fold_name
from spl_kedro.features.deep.embedding import embed
from spl_kedro.features.deep.frozen import FROZEN
from spl_kedro.features.deep.machine import choose_device, reproducible
from spl_kedro.features.deep.network import load_network
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.deep.training import TrainedNetwork
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.parameters import flatten
from spl_kedro.tracking import TrainingRecord


def training_records(
    trained: Sequence[TrainedNetwork],
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    settings: DeepSettings,
) -> list[TrainingRecord]:
    """Describe each network: resolved settings, epoch curves, speed and unseen-lesion AUC.

    A fold's network is scored on its held-out fold, the refit on the validation and external
    lesions. These scores are for reading; nothing is chosen by them.

    Parameters
    ----------
    trained : sequence of TrainedNetwork
        From ``train_networks``.
    crops, cohort, folds, settings
        What they were trained with.

    Returns
    -------
    list of TrainingRecord
    """
    unseen = unseen_lesions(crops, cohort, folds)
    records = []
    for network in trained:
        model = load_network(network.state, settings)
        metrics = {}
        for part, lesion_ids in unseen[network.name].items():
            labels = cohort.loc[lesion_ids, "label"]
            if labels.nunique() == 2:
                metrics[f"{part}.auc"] = _auc(model, crops.select(lesion_ids), labels, settings)
        records.append(network_record(network, model, metrics, settings))
    return records


def frozen_record(settings: DeepSettings) -> TrainingRecord:
    """Describe a network that is used as it comes: what it is, and under which licence.

    Parameters
    ----------
    settings : DeepSettings
        Of a frozen network.

    Returns
    -------
    TrainingRecord
        Without curves, scores and model: nothing was learnt.
    """
    return TrainingRecord(
        name=f"{settings.architecture} frozen",
        params=_settings_and_facts(settings) | {"device": str(choose_device(settings))},
        tags={"model": "deep", "network": FROZEN, "protocol": "leak_free and as_published"},
    )


def _settings_and_facts(settings: DeepSettings) -> dict[str, object]:
    """Return the settings, and what is known of the network's weights under ``backbone.``."""
    facts = {f"backbone.{name}": said for name, said in backbone_facts(settings).items() if said}
    return flatten(settings.model_dump(exclude={"checkpoints"})) | facts


def unseen_lesions(
    crops: LesionCrops, cohort: pd.DataFrame, folds: pd.DataFrame
) -> dict[str, dict[str, pd.Index]]:
    """Return the lesions each network has not seen, by the part of the study they belong to."""
    cohort = cohort.loc[cohort.index.isin(crops.lesion_ids)]
    unseen = {
        fold_name(int(str(number))): {"held_out": part.index[part.index.isin(cohort.index)]}
        for number, part in folds.groupby("fold")
    }
    unseen[REFIT] = {
        name: cohort.index[cohort["cohort"] == name] for name in ("validation", "external")
    }
    return unseen


def network_record(
    network: TrainedNetwork,
    model: nn.Module,
    metrics: Mapping[str, float],
    settings: DeepSettings,
) -> TrainingRecord:
    """Describe one training.

    Parameters
    ----------
    network : TrainedNetwork
        What came out of it.
    model : Module
        The network itself, loaded from its state.
    metrics : mapping of str to float
        Scores on lesions it never saw.
    settings : DeepSettings
        What it was trained with.
    """
    size = settings.image_size
    example = np.random.default_rng(0).normal(size=(2, 3, size, size)).astype(np.float32)
    speed = {
        "training.seconds": network.seconds,
        "training.images_per_second": network.images_per_second,
    }
    resolved = {"batch_size": network.batch_size, "device": str(choose_device(settings))}
    return TrainingRecord(
        name=f"{settings.architecture} {network.name.replace('_', ' ')}",
        params=_settings_and_facts(settings) | resolved,
        metrics=speed | dict(metrics),
        curves=network.curves,
        tags={"model": "deep", "network": network.name, "protocol": _protocol(network)},
        model=model.cpu(),
        model_name=f"{settings.architecture} {network.name.replace('_', ' ')}",
        model_flavour="pytorch",
        input_example=example,
    )


def _protocol(network: TrainedNetwork) -> str:
    return "leak_free and as_published" if network.name == REFIT else "leak_free"


def _auc(model, crops: LesionCrops, labels: pd.Series, settings: DeepSettings) -> float:
    with reproducible(settings):
        _, margin = embed(model, crops.pixels, settings)
    return float(roc_auc_score(labels, margin))
