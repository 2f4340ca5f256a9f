"""What a network makes of the pixels of rings: its maps, averaged over each ring."""

from __future__ import annotations

from math import isqrt
from threading import get_ident

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d
from torch.utils.hooks import RemovableHandle

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.pooling import depth_blocks


def ring_means(values: Tensor, shares: Tensor) -> Tensor:
    """Return the mean of a map over each ring.

    A cell of the map counts by the share of it that lies in the ring, so that a ring thinner than
    a cell still counts.

    Parameters
    ----------
    values : Tensor, shape (n, channels, h, w) or (n, tokens, channels)
        Of tokens, those before the h x w of the image's patches are passed over.
    shares : Tensor of float32, shape (n, rings, size, size)
        Which share of each pixel of the crop lies in each ring.

    Returns
    -------
    Tensor, shape (n, rings, channels)
        NaN of a ring that no pixel lies in.
    """
    if values.ndim == 3:
        side = isqrt(values.shape[1])
        cells, shape = values[:, -side * side :], (side, side)
    else:
        cells = values.permute(0, 2, 3, 1).flatten(1, 2)
        shape = (values.shape[2], values.shape[3])
    weights = adaptive_avg_pool2d(shares, shape).flatten(2)
    return torch.bmm(weights / weights.sum(dim=2, keepdim=True), cells.contiguous())


class RingPooling:
    """Averages a network's maps over rings, in as many threads as one likes; a context manager.

    Parameters
    ----------
    network : Module
    pooling : {"last", "depths"}
        ``last``: the last block's map; ``depths``: every block's.

    Raises
    ------
    UnusableStudyError
        If the architecture's blocks are not known.
    """

    def __init__(self, network: nn.Module, pooling: str) -> None:
        try:
            blocks = depth_blocks(network)
        except UnusableStudyError as error:
            raise UnusableStudyError(
                error.rule,
                f"rings.deep: the blocks of {type(network).__name__} are not known.",
                "Set rings.deep.enabled to false, or another deep_features.architecture.",
            ) from error
        self._network = network
        self._blocks = blocks if pooling == "depths" else blocks[-1:]
        # Of each thread.
        self._shares: dict[int, Tensor] = {}
        self._pooled: dict[int, list[tuple[str, Tensor]]] = {}
        self._handles: list[RemovableHandle] = []

    def __enter__(self) -> RingPooling:
        for name, block in self._blocks:

            def pool(_module: nn.Module, _inputs: object, output: Tensor, name: str = name) -> None:
                # At once: a later layer may overwrite its input.
                thread = get_ident()
                means = ring_means(output, self._shares[thread])
                self._pooled[thread].append((name, means))

            self._handles.append(block.register_forward_hook(pool))
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def __call__(self, images: Tensor, shares: Tensor) -> tuple[Tensor, list[str]]:
        """Run a batch.

        Parameters
        ----------
        images : Tensor, shape (n, 3, size, size)
        shares : Tensor of float32, shape (n, rings, size, size)

        Returns
        -------
        means : Tensor, shape (n, rings, width)
        blocks : list of str, length width
            The block of each column.
        """
        thread = get_ident()
        self._shares[thread], self._pooled[thread] = shares, []
        self._network(images)
        del self._shares[thread]
        pooled = self._pooled.pop(thread)
        blocks = [name for name, means in pooled for _ in range(means.shape[2])]
        return torch.cat([means for _, means in pooled], dim=2), blocks
