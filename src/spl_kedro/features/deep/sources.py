"""Where the training loop gets its batches from."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from spl_kedro.bars import bar
from spl_kedro.features.deep.checkpoints import CheckpointStore
from spl_kedro.features.deep.machine import autocast, choose_device, derive_seed
from spl_kedro.features.deep.network import block_sequence
from spl_kedro.features.deep.preprocessing import to_input, to_unit
from spl_kedro.features.deep.settings import DeepSettings


class AugmentedCrops:
    """Crops held in memory on the training device, augmented anew for each batch.

    The whole cohort is a few megabytes, so there is no loader process to feed.

    Parameters
    ----------
    pixels : Tensor of uint8, shape (n, 2, size, size)
        Crops on the training device.
    settings : DeepSettings
        Augmentation and outline channel.
    """

    def __init__(self, pixels: Tensor, settings: DeepSettings) -> None:
        # With torchvision, which takes a second, and which frozen networks need not.
        from spl_kedro.features.deep.augmentation import build_augmentation

        self._pixels = pixels
        self._settings = settings
        self._augment = build_augmentation(settings.augmentation)

    def batch(self, rows: Tensor, epoch: int) -> Tensor:
        """Return augmented network input of these lesions, drawn from the global generator."""
        return to_input(self._augment(to_unit(self._pixels[rows])), self._settings)

    def clean(self, rows: Tensor) -> Tensor:
        """Return network input without augmentation."""
        return to_input(to_unit(self._pixels[rows]), self._settings)


class CachedActivations:
    """What the frozen lower blocks make of the crops, computed once for all networks.

    Parameters
    ----------
    clean : Tensor, shape (n, ...)
        Activations of the crops as they are.
    views : Tensor, shape (views, n, ...)
        Activations of augmented crops; epochs take them in turn.
    """

    def __init__(self, clean: Tensor, views: Tensor) -> None:
        self._clean, self._views = clean, views

    def batch(self, rows: Tensor, epoch: int) -> Tensor:
        """Return one augmented view's activations of these lesions."""
        return self._views[epoch % len(self._views), rows].float()

    def clean(self, rows: Tensor) -> Tensor:
        """Return the activations without augmentation."""
        return self._clean[rows].float()


BatchSource = AugmentedCrops | CachedActivations


def frozen_count(network: nn.Module, settings: DeepSettings) -> int:
    """Return how many lower blocks stay frozen."""
    if settings.trained_blocks == "all":
        return 0
    return max(0, len(block_sequence(network)) - 1 - settings.trained_blocks)


def split_network(
    network: nn.Module, settings: DeepSettings
) -> tuple[Callable[[Tensor], Tensor] | None, nn.Module]:
    """Freeze the lower blocks and return (frozen part or None, trained part).

    Frozen blocks get no gradient and stay in evaluation mode: the trained part alone is what
    the loop switches to training mode.
    """
    frozen = frozen_count(network, settings)
    if frozen == 0:
        return None, network
    blocks = [block for _, block in block_sequence(network)]
    trained = nn.Sequential(*blocks[frozen:])
    network.requires_grad_(False)
    network.eval()
    trained.requires_grad_(True)

    def lower(images: Tensor) -> Tensor:
        for block in blocks[:frozen]:
            images = block(images)
        return images

    return lower, trained


def build_source(
    network: nn.Module,
    pixels: Tensor,
    settings: DeepSettings,
    store: CheckpointStore,
    name: str = "all networks",
) -> BatchSource:
    """Return augmented crops, or the frozen blocks' activations where blocks are frozen.

    Parameters
    ----------
    network : Module
        The common start of all networks, or that of one.
    pixels : Tensor of uint8, shape (n, 2, size, size)
        Crops of all training lesions.
    settings : DeepSettings
        Which blocks are frozen and how many views are cached.
    store : CheckpointStore
        Keeps the activations, so that a resumed training need not compute them again.
    name : str
        Whose activations they are.
    """
    device = choose_device(settings)
    crops = AugmentedCrops(pixels.to(device), settings)
    lower, _ = split_network(network, settings)
    if lower is None:
        return crops
    key = f"activations of {name}"
    kept = store.load(key)
    if kept is None:
        network.to(device)

        @torch.no_grad()
        def run(make_batch, title: str) -> Tensor:
            parts = torch.arange(len(pixels), device=device).split(64)
            with autocast(device, settings):
                done = [
                    lower(make_batch(rows)).to(torch.bfloat16)
                    for rows in bar(parts, desc=title, unit="batch", leave=False)
                ]
            return torch.cat(done)

        views = []
        for view in range(settings.cached_views):
            torch.manual_seed(derive_seed(settings.seed, "cached view", view))
            views.append(run(lambda rows: crops.batch(rows, 0), f"frozen blocks, view {view}"))
        kept = {"clean": run(crops.clean, "frozen blocks"), "views": torch.stack(views)}
        store.save(key, {name: tensor.cpu() for name, tensor in kept.items()})
        network.cpu()
    return CachedActivations(kept["clean"].to(device), kept["views"].to(device))
