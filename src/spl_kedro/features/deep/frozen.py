"""Embeddings by a network that is used as its weights come.

It has seen no label of any lesion, so there is nothing to cross-fit: one pass embeds everybody,
and one table serves both protocols.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from torch import nn

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.crossfit import common_start
from spl_kedro.features.deep.embedding import embed
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.features.deep.nesting import embedding_columns
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
    """Embed every lesion in one pass, in each of its views.

    Parameters
    ----------
    crops : LesionCrops
        All lesions that could be cropped.
    cohort : DataFrame
        Index lesion_id.
    network : Module
        From :func:`frozen_network`.
    settings : DeepSettings
        Outline channel, normalisation, pooling, views and machine.

    Returns
    -------
    DataFrame of float32, shape (lesions, width)
        By lesion id; columns deep_0000, deep_0001, ...; the views' mean, or one view's columns
        after another's.
    """
    index = cohort.index[cohort.index.isin(crops.lesion_ids)].sort_values()
    with reproducible(settings, spare_cores=True):
        values = embed_views(network, crops.select(index), settings)
    columns = embedding_columns(values.shape[1])
    return pd.DataFrame(values.astype("float32"), index=index, columns=columns)


def embed_views(network: nn.Module, crops: LesionCrops, settings: DeepSettings) -> np.ndarray:
    """Embed each view of the lesions, and average or concatenate the embeddings.

    Parameters
    ----------
    network : Module
    crops : LesionCrops
        At the margin of the settings and at those of the views.
    settings : DeepSettings

    Returns
    -------
    ndarray of float64, shape (lesions, width)
    """
    at = {settings.margin: crops.pixels, **dict(crops.further)}
    embedded = []
    for margin, flip in settings.views_taken:
        if margin not in at:
            raise UnusableStudyError(
                "crops at the margin of every view",
                f"deep_features.views names margin {margin:g}; the stored crops (deep_crops) have "
                f"{', '.join(f'{known:g}' for known in at)}.",
                "Crop the lesions again: kedro run --pipelines deep_features.",
            )
        pixels = np.ascontiguousarray(at[margin][..., ::-1]) if flip else at[margin]
        embedded.append(embed(network, pixels, settings)[0])
    if len(embedded) == 1:
        return embedded[0]
    if settings.view_pooling == "concatenate":
        return np.concatenate(embedded, axis=1)
    return np.mean(embedded, axis=0)
