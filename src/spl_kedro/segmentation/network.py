"""The network: a small U-Net of a grey square and a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from spl_kedro.segmentation.settings import NetworkSettings


def _block(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class OutlineNetwork(nn.Module):
    """A U-Net on half the square's resolution, which its last layer brings back.

    Parameters
    ----------
    width : int
        Maps of the first level; each of the three below it has twice as many.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        maps = [width, 2 * width, 4 * width, 8 * width]
        self.stem = nn.Conv2d(2, width, 3, stride=2, padding=1)
        self.down = nn.ModuleList(
            [_block(width, width), *(_block(a, b) for a, b in pairwise(maps))]
        )
        self.up = nn.ModuleList([nn.ConvTranspose2d(b, a, 2, stride=2) for a, b in pairwise(maps)])
        self.join = nn.ModuleList([_block(2 * a, a) for a in maps[:-1]])
        self.head = nn.ConvTranspose2d(width, 1, 2, stride=2)

    def forward(self, squares: Tensor) -> Tensor:
        """Return logits, shape (n, size, size), of squares, shape (n, 2, size, size)."""
        found = self.stem(squares)
        levels = []
        for depth, block in enumerate(self.down):
            found = block(found if depth == 0 else nn.functional.max_pool2d(found, 2))
            levels.append(found)
        for depth in reversed(range(len(self.up))):
            found = torch.cat([levels[depth], self.up[depth](found)], dim=1)
            found = self.join[depth](found)
        return self.head(found)[:, 0]


def network_input(squares: Tensor) -> Tensor:
    """Turn squares into what the network sees: each one's grey values in its own deviations.

    Parameters
    ----------
    squares : Tensor of uint8, shape (n, 2, size, size)
        Grey values, and the prompt from 0 to 255.

    Returns
    -------
    Tensor of float32, of the same shape
    """
    values = squares.float()
    grey, prompt = values[:, :1], values[:, 1:] / 255
    mean = grey.mean(dim=(2, 3), keepdim=True)
    deviation = grey.std(dim=(2, 3), keepdim=True).clamp_min(1.0)
    return torch.cat([(grey - mean) / deviation, prompt], dim=1)


def load_network(state: Mapping[str, Tensor], settings: NetworkSettings) -> OutlineNetwork:
    """Return a network with weights, ready to outline."""
    network = OutlineNetwork(settings.width)
    network.load_state_dict(dict(state))
    return network.eval()


@torch.no_grad()
def probabilities(network: OutlineNetwork, square: np.ndarray) -> np.ndarray:
    """Return how probably each pixel of one square is lesion.

    Parameters
    ----------
    network : OutlineNetwork
    square : ndarray of uint8, shape (2, size, size)

    Returns
    -------
    ndarray of float32, shape (size, size)
    """
    device = next(network.parameters()).device
    logits = network(network_input(torch.from_numpy(square)[None].to(device)))
    return torch.sigmoid(logits)[0].cpu().numpy()
