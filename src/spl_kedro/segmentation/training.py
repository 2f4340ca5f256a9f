"""The training of one network on the squares of its lesions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from spl_kedro.features.deep.machine import derive_seed
from spl_kedro.segmentation.network import OutlineNetwork, network_input
from spl_kedro.segmentation.settings import NetworkSettings

_WEIGHT_DECAY = 0.01


@dataclass(frozen=True)
class Squares:
    """What networks learn from.

    Attributes
    ----------
    lesion_ids : tuple of str
    pixels : ndarray of uint8, shape (n, views, 2, size, size)
        Grey values, and the prompt from 0 to 255.
    targets : ndarray of uint8, shape (n, views, size, size)
        How much of each pixel lies inside the reader's outline, 0 to 255.
    """

    lesion_ids: tuple[str, ...]
    pixels: np.ndarray
    targets: np.ndarray


def train(
    squares: Squares,
    rows: np.ndarray,
    name: str,
    seed: int,
    settings: NetworkSettings,
    device: torch.device,
    after_epoch: Callable[[], object],
) -> dict[str, Tensor]:
    """Train one network; its randomness depends on seed, name and epoch alone.

    The loss is the mean of cross entropy and one less the soft Dice of each square. Squares are
    mirrored at random; each epoch takes the next of a lesion's prompts.

    Parameters
    ----------
    squares : Squares
    rows : ndarray of int
        The lesions it may learn from.
    name : str
    seed : int
    settings : NetworkSettings
    device : torch.device
    after_epoch : callable
        Told of each epoch.

    Returns
    -------
    dict of str to Tensor
        Weights, on the processor.

    Raises
    ------
    FloatingPointError
        If the loss is no longer finite.
    """
    torch.manual_seed(derive_seed(seed, name, "weights"))
    network = OutlineNetwork(settings.width).to(device).train()
    batch = min(settings.batch_size, len(rows))
    steps = len(rows) // batch
    optimizer = torch.optim.AdamW(
        network.parameters(), settings.learning_rate, weight_decay=_WEIGHT_DECAY
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.learning_rate, total_steps=max(2, steps * settings.epochs)
    )
    for epoch in range(settings.epochs):
        torch.manual_seed(derive_seed(seed, name, "epoch", epoch))
        order = rows[torch.randperm(len(rows)).numpy()]
        view = epoch % squares.pixels.shape[1]
        for place in range(0, steps * batch, batch):
            own = order[place : place + batch]
            loss = _loss(network, squares.pixels[own, view], squares.targets[own, view], device)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            reached = float(loss.detach())
            if not np.isfinite(reached):
                raise FloatingPointError(
                    f"{name}: the loss is {reached} in epoch {epoch}. Lower "
                    "assisted_outlines.network.learning_rate."
                )
        after_epoch()
    return {key: value.detach().cpu().clone() for key, value in network.state_dict().items()}


def _loss(
    network: OutlineNetwork, pixels: np.ndarray, targets: np.ndarray, device: torch.device
) -> Tensor:
    mirrored = torch.rand(len(pixels)) < 0.5
    images, wanted = torch.from_numpy(pixels), torch.from_numpy(targets)
    images = torch.where(mirrored[:, None, None, None], images.flip(-1), images).to(device)
    wanted = torch.where(mirrored[:, None, None], wanted.flip(-1), wanted).to(device).float() / 255
    logits = network(network_input(images))
    found = torch.sigmoid(logits)
    both = (found * wanted).sum(dim=(1, 2))
    dice = (2 * both + 1) / (found.sum(dim=(1, 2)) + wanted.sum(dim=(1, 2)) + 1)
    return (binary_cross_entropy_with_logits(logits, wanted) + 1 - dice.mean()) / 2
