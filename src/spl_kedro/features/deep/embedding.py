"""Pooled features and logits of many lesions from one network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from spl_kedro.features.deep.machine import choose_device, torch_threads
from spl_kedro.features.deep.pooling import Pooling
from spl_kedro.features.deep.preprocessing import to_input, to_unit
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.parallel import in_threads, scheduler, spread

# In float32 whatever the training's precision, and every batch of the same size, so that a
# lesion's features do not depend on the lesions that share its batch. A processor's caches hold
# the maps of a small one.
PROCESSOR_BATCH, GPU_BATCH = 16, 64
NORMALISATION_BATCH = 64

Batch = TypeVar("Batch")
Embedded = TypeVar("Embedded")


def embed(
    network: nn.Module, pixels: np.ndarray, settings: DeepSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Embed crops with a network in evaluation mode.

    On a cluster's processors where there is one, unless this machine has a graphics processor.

    Parameters
    ----------
    network : Module
        From ``load_network``; it is left on the training device.
    pixels : ndarray of uint8, shape (n, 2, size, size)
        Crops.
    settings : DeepSettings
        Outline channel, normalisation, pooling and device.

    Returns
    -------
    embedding : ndarray of float64, shape (n, width)
    margin : ndarray of float64, shape (n,)
        Logit of malignant minus logit of benign: above 0 the network says malignant.
    """
    if not len(pixels):
        raise ValueError("deep features: there is no crop to embed.")
    device = choose_device(settings)
    size = batch_size(device)
    batches = np.split(pixels, range(size, len(pixels), size))
    on_device = _Embedding(network.to(device).eval(), device, size, settings)
    done = over_batches(on_device, on_device.pool, batches, "embeddings", device)
    embeddings, margins = (torch.cat(values).double().numpy() for values in zip(*done, strict=True))
    return embeddings, margins


def batch_size(device: torch.device) -> int:
    """Return how many crops a device embeds together."""
    return GPU_BATCH if device.type == "cuda" else PROCESSOR_BATCH


def over_batches(
    embedding: Callable[[Batch], Embedded],
    pool: AbstractContextManager[Any],
    batches: Sequence[Batch],
    description: str,
    device: torch.device,
) -> list[Embedded]:
    """Embed batches: on a cluster's processors, else in threads here, on one where it is a GPU.

    Parameters
    ----------
    embedding : function of a batch
        On a cluster it enters its pool itself.
    pool : context manager
        What its network needs.
    batches : sequence
    description : str
        Of the progress bar.
    device : torch.device

    Returns
    -------
    list
        What became of each batch, in their order.
    """
    gpu = device.type == "cuda"
    if scheduler() is not None and not gpu:
        return list(spread(embedding, batches, description, "batch"))
    # A batch each instead of one in common: on small maps threads would mostly wait for each
    # other.
    workers = 1 if gpu else min(torch.get_num_threads(), len(batches))
    with pool, torch_threads(1):
        return list(in_threads(embedding, batches, description, "batch", workers))


class _Embedding:
    """What embeds a batch of crops; it travels to a worker, where its network is its own."""

    def __init__(
        self, network: nn.Module, device: torch.device, size: int, settings: DeepSettings
    ) -> None:
        self.network, self.device, self.size, self.settings = network, device, size, settings
        self.pool = Pooling(network, settings.pooling)

    def __reduce__(self) -> tuple:
        return _arrived, (self.network, self.device, self.size, self.settings)

    def __call__(self, batch: np.ndarray) -> tuple[Tensor, Tensor]:
        part = torch.from_numpy(batch)
        filled = torch.cat([part, part.new_zeros((self.size - len(part), *part.shape[1:]))])
        with torch.no_grad():  # it counts for the thread that says it
            images = to_input(to_unit(filled.to(self.device)), self.settings)
            pooled, logits = self.pool(images)
        margin = logits[:, 1] - logits[:, 0]
        return pooled[: len(part)].cpu(), margin[: len(part)].cpu()


def _arrived(
    network: nn.Module, device: torch.device, size: int, settings: DeepSettings
) -> _Embedding:
    """Return what embeds in a worker, one batch on one thread."""
    torch.set_num_threads(1)
    embedding = _Embedding(network, device, size, settings)
    embedding.pool.__enter__()  # for as long as the network lives
    return embedding


@torch.no_grad()
def calibrate_normalisation(network: nn.Module, pixels: np.ndarray, settings: DeepSettings) -> None:
    """Set batch-normalisation statistics to those of these crops; labels are not used.

    A network with random weights has the statistics of no image at all, and its activations
    grow from block to block; as a reference or a frozen trunk it would be useless.
    """
    layers = [m for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    if not layers:
        return
    device = choose_device(settings)
    momenta = [layer.momentum for layer in layers]
    network.to(device).eval()
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None  # cumulative mean over the batches
        layer.train()
    for part in torch.from_numpy(pixels).split(NORMALISATION_BATCH):
        if len(part) > 1:
            network(to_input(to_unit(part.to(device)), settings))
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    network.cpu().train()
