"""Pooled features and logits of many lesions from one network."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from spl_kedro.features.deep.machine import choose_device
from spl_kedro.features.deep.pooling import pool_batch
from spl_kedro.features.deep.preprocessing import to_input, to_unit
from spl_kedro.features.deep.settings import DeepSettings

# In float32 whatever the training's precision, so that a lesion's features do not depend on
# the lesions that share its batch.
EMBEDDING_BATCH = 64


@torch.no_grad()
def embed(
    network: nn.Module, pixels: np.ndarray, settings: DeepSettings
) -> tuple[np.ndarray, np.ndarray]:
    """Embed crops with a network in evaluation mode.

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
    device = choose_device(settings)
    network = network.to(device).eval()
    crops = torch.from_numpy(pixels)
    embeddings, margins = [], []
    for part in crops.split(EMBEDDING_BATCH):
        images = to_input(to_unit(part.to(device)), settings)
        pooled, logits = pool_batch(network, images, settings.pooling)
        embeddings.append(pooled.cpu())
        margins.append((logits[:, 1] - logits[:, 0]).cpu())
    if not embeddings:
        raise ValueError("deep features: there is no crop to embed.")
    return torch.cat(embeddings).double().numpy(), torch.cat(margins).double().numpy()


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
    for part in torch.from_numpy(pixels).split(EMBEDDING_BATCH):
        if len(part) > 1:
            network(to_input(to_unit(part.to(device)), settings))
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    network.cpu().train()
