"""What an embedding is the mean of: the last block's map, or every block's."""

from __future__ import annotations

from threading import get_ident

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.network import block_sequence, head_name


def depth_blocks(network: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return the blocks whose outputs are pooled at every depth, from input to output.

    They are the blocks of :func:`~spl_kedro.features.deep.network.block_sequence` without the
    head; a stage that is a plain sequence of blocks counts by
    these, a convolution with its normalisation as one.

    Raises
    ------
    UnusableStudyError
        If the architecture's blocks are not known, or are no modules.
    """
    try:
        sequence = block_sequence(network)[:-1]
    except ValueError as error:
        raise UnusableStudyError(
            "blocks that are known",
            f"deep_features.pooling: the blocks of {type(network).__name__} are not known.",
            "Set pooling to last.",
        ) from error
    blocks: list[tuple[str, nn.Module]] = []
    for name, block in sequence:
        if not isinstance(block, nn.Module):
            continue  # a transformer's patches, before any layer
        if name == "stem":
            # Gathered from the network's layers: the last of them gives its output.
            blocks.append((name, list(block.children())[-1]))
        elif type(block) is nn.Sequential and not isinstance(block[0], nn.Conv2d):
            blocks += [(f"{name}.{i}", part) for i, part in block.named_children()]
        else:
            blocks.append((name, block))
    return blocks


def global_mean(values: Tensor) -> Tensor:
    """Return the mean over all places: of a map (n, c, h, w) or of tokens (n, t, c)."""
    return values.mean(dim=(2, 3)) if values.ndim == 4 else values.mean(dim=1)


class Pooling:
    """Embeds batches with a network, in as many threads as one likes; a context manager.

    Parameters
    ----------
    network : Module
    pooling : {"last", "depths"}
        ``last``: what the head is given; ``depths``: the mean of every block's output, and then
        what the head is given where that is another.
    """

    def __init__(self, network: nn.Module, pooling: str) -> None:
        self._network = network
        self._depths = pooling == "depths"
        # Of each thread.
        self._pooled: dict[int, list[Tensor]] = {}
        self._last: dict[int, Tensor] = {}
        self._handles: list[RemovableHandle] = []

    def __enter__(self) -> Pooling:
        head = self._network.get_submodule(head_name(self._network))
        self._handles.append(head.register_forward_pre_hook(self._keep))
        if self._depths:
            self._handles += [
                block.register_forward_hook(self._pool) for _, block in depth_blocks(self._network)
            ]
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _keep(self, _module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        self._last[get_ident()] = inputs[0]

    def _pool(self, _module: nn.Module, _inputs: object, output: Tensor) -> None:
        # At once: a later layer may overwrite its input.
        self._pooled[get_ident()].append(global_mean(output))

    def __call__(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Run a batch and return its embedding and the logits.

        Parameters
        ----------
        images : Tensor, shape (n, 3, size, size)

        Returns
        -------
        embedding : Tensor, shape (n, width)
        logits : Tensor, shape (n, 2)
        """
        pooled = self._pooled[get_ident()] = []
        logits = self._network(images)
        last = self._last.pop(get_ident())
        if not self._depths:
            return last, logits
        if not _head_takes_the_mean(self._network):
            pooled.append(last)
        return torch.cat(pooled, dim=1), logits


def pool_batch(network: nn.Module, images: Tensor, pooling: str) -> tuple[Tensor, Tensor]:
    """Run one batch and return its embedding and the logits, see :class:`Pooling`."""
    with Pooling(network, pooling) as pool:
        return pool(images)


def _head_takes_the_mean(network: nn.Module) -> bool:
    """Whether the head is given nothing but the last block's mean, which is pooled already."""
    _, head = block_sequence(network)[-1]
    assert isinstance(head, nn.Module)
    layers = [part for part in head.modules() if not list(part.children())]
    plain = (nn.AdaptiveAvgPool2d, nn.Flatten, nn.Dropout, nn.Linear)
    return (
        all(isinstance(layer, plain) for layer in layers)
        and sum(isinstance(layer, nn.Linear) for layer in layers) == 1
        and isinstance(layers[0], nn.AdaptiveAvgPool2d)
    )
