"""A Grad-CAM picture of each trained network, kept with its run."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import nn

from spl_kedro.drawing import Drawing
from spl_kedro.explainability.figures_cam import (
    OUTCOMES,
    gradcam_panel,
    outcome,
    spread_over_scores,
)
from spl_kedro.explainability.gradcam import saliency_maps
from spl_kedro.explainability.lesion_map import LesionMap
from spl_kedro.explainability.lesion_maps import choose_layer
from spl_kedro.explainability.settings import GradCamSettings
from spl_kedro.features.deep import DeepSettings, embed
from spl_kedro.features.deep.machine import reproducible
from spl_kedro.features.deep.preprocessing import to_input, to_unit
from spl_kedro.imaging.crops import LesionCrops
from spl_kedro.schemas import is_simulated


def network_panel(
    name: str, network: nn.Module, crops: LesionCrops, cohort: pd.DataFrame, settings: DeepSettings
) -> Drawing | None:
    """Draw what a network looks at in lesions it has not seen.

    Parameters
    ----------
    name : str
        Name of the network, for the title.
    network : Module
        Trained.
    crops : LesionCrops
        Lesions it did not learn from.
    cohort : DataFrame
        Index lesion_id; columns label and simulated.
    settings : DeepSettings
        How the network was made.

    Returns
    -------
    Drawing or None
        Four lesions of each outcome, at even steps of the network's own score; None where there
        are no lesions, or the architecture has no spatial map (vision transformers).
    """
    if not len(crops):
        return None
    chosen = GradCamSettings()
    network = network.cpu()
    try:
        layer = choose_layer(network, chosen, settings.image_size)
    except ValueError:
        return None
    on_cpu = settings.model_copy(update={"device": "cpu"})
    with reproducible(on_cpu):
        _, margin = embed(network, crops.pixels, on_cpu)
        score = pd.Series(1 / (1 + np.exp(-margin)), list(crops.lesion_ids))
        called = (score > 0.5).astype(int)
        label = cohort.loc[score.index, "label"]
        outcomes = pd.Series(
            [outcome(*pair) for pair in zip(label, called, strict=True)], score.index
        )
        rows = {}
        for kind in OUTCOMES:
            shown = spread_over_scores(score[outcomes == kind], chosen.per_outcome)
            maps = _maps(name, network, layer, crops, called[shown], settings)
            rows[kind] = [(lesion, float(score[lesion.lesion_id])) for lesion in maps]
    return Drawing(
        gradcam_panel,
        rows,
        title=f"Grad-CAM: where {name} finds evidence",
        subtitle=f"{len(crops)} lesions it has not seen; its own decisions; block {layer}",
        simulated=is_simulated(cohort),
        columns=chosen.per_outcome,
    )


def _maps(
    name: str,
    network: nn.Module,
    layer: str,
    crops: LesionCrops,
    called: pd.Series,
    settings: DeepSettings,
) -> list[LesionMap]:
    """Map the evidence for what was called, on the crops as the network sees them."""
    if called.empty:
        return []
    pixels = crops.select(called.index).pixels
    images = to_input(to_unit(torch.from_numpy(pixels)), settings)
    maps = saliency_maps(network, layer, images, called.to_numpy())
    return [
        LesionMap(str(lesion_id), crop[0], crop[1] > 127, saliency, None, name, int(target))
        for (lesion_id, target), crop, saliency in zip(called.items(), pixels, maps, strict=True)
    ]
