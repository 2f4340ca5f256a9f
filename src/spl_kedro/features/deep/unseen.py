"""Embeddings of lesions that no network of a study has seen, long after it was fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.features.deep.alignment import Axes, fit_axes
from spl_kedro.features.deep.crossfit import REFIT, axes_of, common_start, training_lesions
from spl_kedro.features.deep.embedding import embed
from spl_kedro.features.deep.frozen import FROZEN, embed_views
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.features.deep.nesting import embedding_columns
from spl_kedro.features.deep.network import load_network
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.imaging.crops import LesionCrops

#: Lesions that are embedded without a look at what else the machine does.
FEW = 64


def names_of_unseen(networks: Mapping[str, Any], settings: DeepSettings) -> list[str]:
    """Return the stored networks that embed unseen lesions, in the order they are averaged in."""
    if settings.frozen:
        return [FROZEN]
    if settings.unseen_embedding == "refit" and not settings.nests:
        return [REFIT]
    return sorted(name for name in networks if name != REFIT)


def unseen_axes(
    crops: LesionCrops,
    cohort: pd.DataFrame,
    folds: pd.DataFrame,
    states: Mapping[str, Any],
    settings: DeepSettings,
) -> dict[str, Axes]:
    """Return where the networks of unseen lesions meet: each one's map onto the common axes.

    Parameters
    ----------
    crops, cohort, folds
        As for :func:`spl_kedro.features.deep.crossfit.train_networks`.
    states : mapping of str to state dict
        Trained networks by name.
    settings : DeepSettings

    Returns
    -------
    dict of str to Axes
        Empty for a frozen network, which has no others to meet.
    """
    if settings.frozen:
        return {}
    training = training_lesions(crops, cohort, folds)
    learnt, fold = crops.select(training.index), training["fold"].to_numpy()
    axes = {}
    with reproducible(settings):
        start = common_start(learnt, settings)
        for name in names_of_unseen(states, settings):
            own = fold != -1 if name == REFIT else np.array([f"fold_{k}" != name for k in fold])
            pixels = learnt.pixels[own]
            embedding = embed(load_network(states[name], settings), pixels, settings)[0]
            if name == REFIT:
                target, _ = embed(start, pixels, settings)
                axes[name] = fit_axes(embedding, target, settings.alignment)
            else:
                axes[name] = axes_of(embedding, start, pixels, settings)
    return axes


def embed_unseen(
    crops: LesionCrops,
    states: Mapping[str, Any],
    axes: Mapping[str, Axes],
    settings: DeepSettings,
) -> list[pd.DataFrame]:
    """Embed lesions as a study embeds those outside its training cohort.

    Parameters
    ----------
    crops : LesionCrops
    states : mapping of str to state dict
    axes : mapping of str to Axes
        From :func:`unseen_axes`.
    settings : DeepSettings

    Returns
    -------
    list of DataFrame, shape (lesions, width)
        Columns deep_0000, deep_0001, ...; one table, or one for each network where a study
        averages scores and not embeddings (nested networks).
    """
    # To look which cores are free takes as long as to embed a few lesions.
    many = settings.frozen and len(crops) > FEW
    with reproducible(settings, spare_cores=many):
        if settings.frozen:
            network = load_network(states[FROZEN], settings)
            found = [embed_views(network, crops, settings).astype("float32")]
        else:
            found = [
                axes[name].transform(
                    embed(load_network(states[name], settings), crops.pixels, settings)[0]
                )
                for name in names_of_unseen(states, settings)
            ]
            if settings.nests:
                found = [values.astype("float32").astype("float64") for values in found]
            else:
                found = [sum(found[1:], start=found[0]) / len(found)]
    index = pd.Index(crops.lesion_ids, name="lesion_id", dtype="str")
    return [
        pd.DataFrame(values, index=index, columns=embedding_columns(values.shape[1]))
        for values in found
    ]
