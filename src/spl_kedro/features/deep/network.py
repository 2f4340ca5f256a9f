"""Any backbone as a benign/malignant network with a readable embedding."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.efficientnet_lite import SCALES, EfficientNetLite
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.deep.weights import (
    insert_weights,
    load_imagenet_weights,
    load_packaged_weights,
    load_weights_file,
    rename_keys,
)

# Their forward pass returns auxiliary outputs or has no linear head.
UNSUPPORTED = ("googlenet", "inception_v3", "squeezenet1_0", "squeezenet1_1")

CLASSES = 2


def architectures() -> list[str]:
    """Return the names of the classifiers that can be used."""
    import torchvision

    names = torchvision.models.list_models(module=torchvision.models)
    return [*SCALES, *(name for name in names if name not in UNSUPPORTED)]


def head_name(network: nn.Module) -> str:
    """Return the name of the last linear layer: what it is given is the embedding."""
    return [name for name, module in network.named_modules() if isinstance(module, nn.Linear)][-1]


def _bare_network(settings: DeepSettings) -> nn.Module:
    """Return the architecture with a two-class head and random weights drawn from the seed."""
    name = settings.architecture
    if name not in SCALES and name not in architectures():
        close = difflib.get_close_matches(name, architectures(), n=3)
        raise UnusableStudyError(
            "a network that exists",
            f"deep_features.architecture: {name!r} is no classifier that can be used"
            + (f"; did you mean {', '.join(close)}?" if close else "."),
            f"Name {', '.join(SCALES)} or a torchvision classifier such as resnet50.",
        )
    options = {"image_size": settings.image_size} if name.startswith("vit_") else {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        try:
            known = name in SCALES
            network = EfficientNetLite(SCALES[name]) if known else _of_torchvision(name, options)
        except AssertionError as error:
            raise UnusableStudyError(
                "an image size the network takes",
                f"deep_features.image_size: {settings.image_size} does not fit {name} ({error}).",
                "Set a multiple of its patch size.",
            ) from error
        head = head_name(network)
        parent, _, leaf = head.rpartition(".")
        width = network.get_submodule(head).in_features
        setattr(network.get_submodule(parent), leaf, nn.Linear(width, CLASSES))
    return network.to(memory_format=torch.channels_last)


def _of_torchvision(name: str, options: Mapping[str, int]) -> nn.Module:
    # It takes a second to be imported, in every process; the embedded default needs none of it.
    import torchvision

    network: nn.Module = torchvision.models.get_model(name, weights=None, **options)
    return network


def build_network(settings: DeepSettings) -> nn.Module:
    """Return the network every training starts from.

    The same settings give the same weights, so all folds share one start: that is what makes
    their axes comparable later.

    Parameters
    ----------
    settings : DeepSettings
        `architecture`, `weights`, `image_size` and `seed` are used.

    Returns
    -------
    Module
        On the CPU, in training mode; outputs two logits (benign, malignant).

    Raises
    ------
    WeightsError
        If the weights cannot be had or do not fit.
    ValueError
        If the architecture is unknown or cannot take the image size.
    """
    network = _bare_network(settings)
    if settings.weights == "none":
        return network
    if settings.weights == "imagenet":
        state = load_imagenet_weights(settings.architecture)
    elif settings.weights == "packaged":
        state = load_packaged_weights(settings.architecture)
    else:
        state = load_weights_file(settings.weights, settings.weights_sha256)
        state = rename_keys(state, settings.weights_keys)
    insert_weights(network, state, head_name(network), settings.weights)
    return network


def load_network(state: Mapping[str, Tensor], settings: DeepSettings) -> nn.Module:
    """Return a trained network from its state dict, on the CPU and in evaluation mode.

    Parameters
    ----------
    state : mapping of str to Tensor
        One entry of the catalog's ``deep_networks``.
    settings : DeepSettings
        The settings it was trained with.

    Raises
    ------
    WeightsError
        If the state belongs to another architecture.
    """
    network = _bare_network(settings)
    insert_weights(network, dict(state), head_name(network), "of the trained network")
    return network.eval()


def embed_batch(network: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Run a batch and return both the pooled embedding and the logits.

    Parameters
    ----------
    network : Module
        From :func:`build_network` or :func:`load_network`.
    images : Tensor, shape (n, 3, size, size)
        From :func:`spl_kedro.features.deep.preprocessing.to_input`.

    Returns
    -------
    embedding : Tensor, shape (n, width)
    logits : Tensor, shape (n, 2)
    """
    seen: list[Tensor] = []
    head = network.get_submodule(head_name(network))
    hook = head.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    try:
        logits = network(images)
    finally:
        hook.remove()
    return seen[0], logits


def last_convolution(network: nn.Module) -> str:
    """Return the name of the layer whose output is the last spatial map, for Grad-CAM.

    Raises
    ------
    ValueError
        If the architecture has no such map (vision transformers).
    """
    for name in ("layer4", "features"):
        if hasattr(network, name):
            return name
    names = [name for name, m in network.named_modules() if isinstance(m, nn.Conv2d)]
    if hasattr(network, "encoder") or not names:
        raise ValueError(f"{type(network).__name__} has no last convolution to explain.")
    return names[-1]


def block_sequence(network: nn.Module) -> list[tuple[str, Callable[[Tensor], Tensor]]]:
    """Return the blocks whose composition is the network's forward pass.

    The last entry holds pooling and head; the others, from input to output, can be frozen.

    Raises
    ------
    ValueError
        If the architecture's blocks are not known.
    """
    if hasattr(network, "layer4"):
        stem = nn.Sequential(network.conv1, network.bn1, network.relu, network.maxpool)
        blocks = [("stem", stem)]
        blocks += [(f"layer{i}", getattr(network, f"layer{i}")) for i in range(1, 5)]
        return [*blocks, ("head", nn.Sequential(network.avgpool, nn.Flatten(1), network.fc))]
    if isinstance(network, EfficientNetLite):
        return _feature_blocks(network, nn.Sequential(network.avgpool, nn.Flatten(1)))
    import torchvision

    if isinstance(network, torchvision.models.VisionTransformer):
        return _transformer_blocks(network)
    if hasattr(network, "features") and hasattr(network, "classifier"):
        if isinstance(network, torchvision.models.DenseNet):
            pool = nn.Sequential(nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
        elif isinstance(network, torchvision.models.ConvNeXt):
            pool = network.avgpool
        elif hasattr(network, "avgpool"):
            pool = nn.Sequential(network.avgpool, nn.Flatten(1))
        else:
            pool = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(1))
        return _feature_blocks(network, pool)
    raise ValueError(
        f"deep_features.trained_blocks: the blocks of {type(network).__name__} are not known; "
        'set it to "all".'
    )


def _feature_blocks(
    network: nn.Module, pool: nn.Module
) -> list[tuple[str, Callable[[Tensor], Tensor]]]:
    """Return the blocks of a network that is made of features, pooling and a classifier."""
    named = network.get_submodule("features").named_children()
    blocks: list[tuple[str, Callable[[Tensor], Tensor]]] = [
        (f"features.{name}", block) for name, block in named
    ]
    return [*blocks, ("head", nn.Sequential(pool, network.get_submodule("classifier")))]


def _transformer_blocks(network: nn.Module) -> list[tuple[str, Callable[[Tensor], Tensor]]]:
    """Return a vision transformer's patch embedding, encoder layers and head."""

    def patches(images: Tensor) -> Tensor:
        tokens = network._process_input(images)
        first = network.class_token.expand(len(tokens), -1, -1)
        tokens = torch.cat([first, tokens], dim=1) + network.encoder.pos_embedding
        return network.encoder.dropout(tokens)

    layers = list(network.encoder.layers.named_children())
    head = nn.Sequential(network.encoder.ln, _ClassToken(), network.heads)
    return [("patches", patches), *layers, ("head", head)]


class _ClassToken(nn.Module):
    """Keep the first token, which stands for the whole image."""

    def forward(self, tokens: Tensor) -> Tensor:
        return tokens[:, 0]
