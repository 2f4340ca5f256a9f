"""Grad-CAM, Grad-CAM++ and guided Grad-CAM of a lesion network.

Grad-CAM (Selvaraju et al., ICCV 2017) and its guided form come from ``captum``; Grad-CAM++
(Chattopadhay et al., WACV 2018) is written here, since ``captum`` has none.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from captum.attr import GuidedGradCam, LayerGradCam
from torch import nn
from torch.nn import functional

from spl_kedro.explainability.signature_network import backbone_of

METHODS = ("gradcam", "gradcam++", "guided")
# What a network keeps for its gradients grows with them, 70 MB an image: 8 images of 224 pixels.
_PIXELS_AT_ONCE = 8 * 224**2


class EvidenceNetwork(nn.Module):
    """A network's evidence for benign and for malignant, as two opposite scores.

    A softmax over two classes depends on the difference of their logits alone, so each
    class's evidence is that difference; a single logit is taken as evidence for malignant.

    Parameters
    ----------
    network : Module
        Maps images (n, channels, height, width) to logits (n,), (n, 1) or (n, 2).
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Return the evidence, shape (n, 2): column 0 benign, column 1 malignant."""
        logits = self.network(images)
        logits = logits.reshape(len(images), -1)
        if logits.shape[1] > 2:
            raise ValueError(f"the network has {logits.shape[1]} outputs; expected 1 or 2")
        malignant = logits[:, 0] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]
        return torch.stack([-malignant, malignant], dim=1)


def saliency_maps(
    network: nn.Module,
    layer: str,
    images: torch.Tensor,
    targets: np.ndarray,
    *,
    method: str = "gradcam",
    batch_size: int | None = None,
) -> np.ndarray:
    """Return where each image holds evidence for a class.

    Parameters
    ----------
    network : Module
        Trained network; it is not changed.
    layer : str
        Name of the convolutional layer or block to map, such as ``"layer4"``.
    images : Tensor, shape (n, channels, height, width)
        Preprocessed as for training.
    targets : ndarray of int, shape (n,)
        Class whose evidence is mapped: 0 benign, 1 malignant.
    method : {"gradcam", "gradcam++", "guided"}
        Guided Grad-CAM shows pixels, the other two the coarse grid of the layer.
    batch_size : int, optional
        Images at once; by default up to 64, fewer where they are larger than 112 pixels.

    Returns
    -------
    ndarray of float64, shape (n, height, width)
        Non-negative evidence, bilinearly enlarged to the image; not scaled, all zero where
        nothing speaks for the class.

    Raises
    ------
    ValueError
        If the method or the layer does not exist.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is none of {', '.join(METHODS)}")
    evidence = EvidenceNetwork(_explainable_copy(network)).eval()
    block = find_layer(evidence.network, layer)
    explain = {"gradcam": _gradcam, "gradcam++": _gradcam_plus_plus, "guided": _guided}[method]
    maps = []
    if batch_size is None:
        height, width = images.shape[-2:]
        batch_size = int(np.clip(_PIXELS_AT_ONCE // (height * width), 1, 64))
    for start in range(0, len(images), batch_size):
        batch = images[start : start + batch_size].clone().requires_grad_(True)
        wanted = torch.tensor(np.array(targets[start : start + batch_size]), dtype=torch.int64)
        found = explain(evidence, block, batch, wanted).detach()
        if found.shape[-2:] != images.shape[-2:]:
            found = functional.interpolate(
                found, size=images.shape[-2:], mode="bilinear", align_corners=False
            )
        maps.append(found[:, 0].double().numpy())
    if not maps:
        return np.empty((0, *images.shape[-2:]))
    return np.concatenate(maps)


def mean_maps(
    networks: Sequence[nn.Module],
    layer: str,
    images: torch.Tensor,
    targets: np.ndarray,
    *,
    method: str = "gradcam",
) -> np.ndarray:
    """Return the maps of lesions that several networks embed together.

    Parameters
    ----------
    networks : sequence of Module
        Those whose embeddings of the lesions are averaged, or the only one.
    layer, images, targets, method
        As in :func:`saliency_maps`.

    Returns
    -------
    ndarray of float64, shape (n, height, width)
        One network's map as it is; of several, the mean of their maps, each scaled to a sum of 1
        so that no network counts for more by the size of its logits.
    """
    found = [saliency_maps(network, layer, images, targets, method=method) for network in networks]
    if len(found) == 1:
        return found[0]
    mean: np.ndarray = np.mean([_shares(maps) for maps in found], axis=0)
    return mean


def _shares(maps: np.ndarray) -> np.ndarray:
    """Scale each map to a sum of 1; an empty map stays empty."""
    total = maps.sum(axis=(1, 2), keepdims=True)
    shares: np.ndarray = maps / np.where(total > 0, total, 1.0)
    return shares


def find_layer(network: nn.Module, layer: str) -> nn.Module:
    """Return the block of that name; of a signature's network, a block of its backbone.

    Raises
    ------
    ValueError
        If there is none; the message lists the blocks at the top of the network.
    """
    backbone = backbone_of(network)
    try:
        return backbone.get_submodule(layer)
    except AttributeError:
        known = ", ".join(name for name, _ in backbone.named_children())
        raise ValueError(f"the network has no layer {layer!r}; it has {known}") from None


def _gradcam(
    evidence: nn.Module, block: nn.Module, batch: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    cam: Any = LayerGradCam(evidence, block).attribute(batch, targets, relu_attributions=True)
    return cam


def _guided(
    evidence: nn.Module, block: nn.Module, batch: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    found: Any = GuidedGradCam(evidence, block).attribute(
        batch, targets, interpolate_mode="bilinear"
    )
    return functional.relu(found).sum(dim=1, keepdim=True)


def _gradcam_plus_plus(
    evidence: nn.Module, block: nn.Module, batch: torch.Tensor, targets: torch.Tensor
) -> torch.Tensor:
    """Weigh each channel by the pixels that raise the score (equations 10 and 19)."""
    kept: list[torch.Tensor] = []
    handle = block.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    try:
        scores = evidence(batch)
    finally:
        handle.remove()
    activation = kept[0]
    chosen = scores.gather(1, targets[:, None]).sum()
    (gradient,) = torch.autograd.grad(chosen, activation)
    squared, cubed = gradient**2, gradient**3
    denominator = 2 * squared + activation.sum(dim=(2, 3), keepdim=True) * cubed
    alpha = torch.where(denominator != 0, squared / denominator, torch.zeros_like(squared))
    weights = (alpha * functional.relu(gradient)).sum(dim=(2, 3), keepdim=True)
    return functional.relu((weights * activation).sum(dim=1, keepdim=True))


def _explainable_copy(network: nn.Module) -> nn.Module:
    """Return a copy whose ReLUs do not overwrite their input, which gradient hooks need."""
    clone = copy.deepcopy(network).cpu().eval()
    for module in clone.modules():
        if isinstance(module, nn.ReLU | nn.Hardtanh):
            module.inplace = False
    for parameter in clone.parameters():
        parameter.requires_grad_(True)
    return clone
