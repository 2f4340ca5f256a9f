"""Embeddings by a network that is used as its weights come.

It has seen no label of any lesion, so there is nothing to cross-fit: one pass embeds everybody,
and one table serves both protocols.
"""

from __future__ import annotations

import pandas as pd
from torch import nn

from spl_kedro.features.deep.crossfit import common_start
from spl_kedro.features.deep.embedding import embed
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.imaging.crops import LesionCrops

FROZEN = "frozen"


def frozen_network(crops: LesionCrops, cohort: pd.DataFrame, settings: DeepSettings) -> nn.Module:
    """Return the network that embeds all lesions.

    Random weights get the batch-normalisation statistics of the training lesions' images;
    others come with their own.

    Parameters
    ----------
    crops : LesionCrops
        All lesions that could be cropped.
    cohort : DataFrame
        Index lesion_id; column cohort.
    settings : DeepSettings
        Architecture, weights and seed.

    Raises
    ------
    WeightsError
        If the weights cannot be had or do not fit.
    """
    training = cohort.index[cohort["cohort"] == "training"]
    own = training[training.isin(crops.lesion_ids)].sort_values()
    with reproducible(settings):
        return common_start(crops.select(own), settings).eval()


def embed_frozen(
    crops: LesionCrops, cohort: pd.DataFrame, network: nn.Module, settings: DeepSettings
) -> pd.DataFrame:
    """Embed every lesion in one pass.

    Parameters
    ----------
    crops : LesionCrops
        All lesions that could be cropped.
    cohort : DataFrame
        Index lesion_id.
    network : Module
        From :func:`frozen_network`.
    settings : DeepSettings
        Outline channel, normalisation, pooling and machine.

    Returns
    -------
    DataFrame of float32, shape (lesions, width)
        By lesion id; columns deep_0000, deep_0001, ...
    """
    index = cohort.index[cohort.index.isin(crops.lesion_ids)].sort_values()
    with reproducible(settings, spare_cores=True):
        values, _ = embed(network, crops.select(index).pixels, settings)
    columns = [f"deep_{i:04d}" for i in range(values.shape[1])]
    return pd.DataFrame(values.astype("float32"), index=index, columns=columns)
