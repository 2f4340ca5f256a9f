"""Grad-CAM maps of a cohort, each from a network that did not learn from the lesion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional

from spl_kedro.bars import bar
from spl_kedro.explainability.energy import energy_shares
from spl_kedro.explainability.gradcam import find_layer, mean_maps
from spl_kedro.explainability.lesion_map import LesionMap
from spl_kedro.explainability.map_sources import MapSource
from spl_kedro.explainability.settings import GradCamSettings
from spl_kedro.explainability.signature_network import backbone_of
from spl_kedro.features.deep.network import block_sequence, last_convolution
from spl_kedro.features.deep.preprocessing import network_input
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.imaging.crops import cut, lesion_window
from spl_kedro.imaging.lesion import Lesion

# Lesions held in memory, and mapped, together.
_LESIONS_AT_ONCE = 64


def choose_layer(network: nn.Module, settings: GradCamSettings, image_size: int) -> str:
    """Return the block to map.

    A map of the last block of a residual network on a small crop has four cells, too coarse to
    tell lesion from rim; ``auto`` goes back to the deepest block whose grid is fine enough, and
    to the finest there is if none is.

    Parameters
    ----------
    network : Module
    settings : GradCamSettings
        `layer` and `min_grid` are used.
    image_size : int
        Edge of the network's input.

    Raises
    ------
    ValueError
        If the layer named does not exist or the network has no spatial map.
    """
    if settings.layer != "auto":
        find_layer(network, settings.layer)
        return settings.layer
    network = backbone_of(network)
    last_convolution(network)
    blocks = [name for name, _ in block_sequence(network) if name not in ("stem", "head")]
    grids: dict[str, int] = {}
    handles = [
        find_layer(network, name).register_forward_hook(
            lambda _module, _inputs, output, name=name: grids.__setitem__(
                name, min(output.shape[2:])
            )
        )
        for name in blocks
    ]
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, 3, image_size, image_size))
    finally:
        for handle in handles:
            handle.remove()
    fine = [name for name in blocks if grids[name] >= settings.min_grid]
    return fine[-1] if fine else max(blocks, key=lambda name: (grids[name], blocks.index(name)))


def map_lesions(
    lesions: Mapping[str, Callable[[], Lesion]],
    targets: pd.Series,
    source: MapSource,
    deep: DeepSettings,
    settings: GradCamSettings,
) -> list[LesionMap]:
    """Map every lesion with the networks that embed it, none of which learnt from it.

    Where several do, their maps, each scaled to a sum of 1, are averaged, as their embeddings
    are.

    Parameters
    ----------
    lesions : mapping of str to callable
        Loads a lesion on call.
    targets : Series of int
        Class mapped, by lesion id; these lesions are mapped, in this order.
    source : MapSource
        The networks.
    deep : DeepSettings
        How they see a lesion.
    settings : GradCamSettings

    Returns
    -------
    list of LesionMap
        In the order of `targets`.
    """
    together: dict[tuple[str, ...], list[str]] = {}
    for lesion_id in targets.index:
        names = source.names(str(lesion_id))
        together.setdefault(names, []).append(str(lesion_id))
    mapped: dict[str, LesionMap] = {}
    progress = bar(total=len(targets), desc="Grad-CAM", unit="lesion", leave=False)
    for names, lesion_ids in together.items():
        trained = [source.load(name) for name in names]
        layer = choose_layer(trained[0], settings, deep.image_size)
        for part in _chunks(lesion_ids, _LESIONS_AT_ONCE):
            loaded = [lesions[lesion_id]() for lesion_id in part]
            images = torch.cat([network_input(lesion, deep) for lesion in loaded])
            wanted = targets.loc[part].to_numpy(dtype=int)
            maps = mean_maps(trained, layer, images, wanted, method=settings.method)
            for key, lesion, saliency, target in zip(part, loaded, maps, wanted, strict=True):
                mapped[key] = _on_image(lesion, saliency, " + ".join(names), int(target), deep)
            progress.update(len(part))
    progress.close()
    return [mapped[str(lesion_id)] for lesion_id in targets.index]


def energy_table(maps: Iterable[LesionMap], settings: GradCamSettings) -> pd.DataFrame:
    """Return where each map's energy lies.

    Parameters
    ----------
    maps : iterable of LesionMap
    settings : GradCamSettings
        `rim_mm` and `rim_fraction` are used.

    Returns
    -------
    DataFrame
        Index ``lesion_id``; ``network``, ``target``, the shares ``inside``, ``rim`` and
        ``outside`` of the energy, the same zones' shares of the crop's area, ``rim_px``, and
        ``inside_enrichment`` (energy share over area share; 1 is an even map).
    """
    rows = {}
    for lesion in maps:
        shares = energy_shares(
            lesion.saliency,
            lesion.mask,
            spacing_mm=lesion.spacing_mm,
            rim_mm=settings.rim_mm,
            rim_fraction=settings.rim_fraction,
        )
        rows[lesion.lesion_id] = {
            "network": lesion.network,
            "target": lesion.target,
            **vars(shares),
            "inside_enrichment": shares.inside / shares.inside_area,
        }
    table = pd.DataFrame.from_dict(rows, orient="index")
    return table.rename_axis("lesion_id")


def _on_image(
    lesion: Lesion, saliency: np.ndarray, name: str, target: int, deep: DeepSettings
) -> LesionMap:
    """Bring a map from the network's input to the pixels of the image."""
    window = lesion_window(lesion.mask, deep.margin)
    enlarged = functional.interpolate(
        torch.from_numpy(saliency)[None, None],
        size=(window.side, window.side),
        mode="bilinear",
        align_corners=False,
    )[0, 0].numpy()
    return LesionMap(
        lesion_id=lesion.lesion_id,
        image=cut(lesion.image, window),
        mask=cut(lesion.mask, window),
        saliency=np.maximum(enlarged, 0.0),
        spacing_mm=lesion.spacing_mm,
        network=name,
        target=target,
    )


def _chunks(items: list[str], size: int) -> Iterable[list[str]]:
    return (items[start : start + size] for start in range(0, len(items), size))
