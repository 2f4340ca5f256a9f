"""Weights to start from: torchvision's ImageNet ones or a file of the user's."""

from __future__ import annotations

import pickle
from pathlib import Path
from urllib.error import URLError

import torch
import torchvision
from torch import Tensor


class WeightsError(ValueError):
    """Weights that cannot be had or do not fit; says which, and what to do."""


def load_weights_file(path: str | Path) -> dict[str, Tensor]:
    """Read a state dict, without running any code the file may hold.

    Parameters
    ----------
    path : str or Path
        File written by ``torch.save(network.state_dict(), path)``.

    Raises
    ------
    WeightsError
        If the file is missing, damaged, or holds anything but named tensors.
    """
    path = Path(path)
    expected = "Expected: a file written by torch.save(network.state_dict(), path)."
    if not path.is_file():
        raise WeightsError(f"weights file {path} does not exist. {expected}")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, pickle.UnpicklingError, OSError, ValueError, KeyError) as error:
        # PyTorch's own message advises to switch the protection off: it is not repeated.
        raise WeightsError(
            f"weights file {path} cannot be read: it is damaged, or holds more than tensors. "
            f"{expected}"
        ) from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise WeightsError(f"weights file {path} holds no state dict of tensors. {expected}")
    return state


def imagenet_weights_path(architecture: str) -> tuple[Path, str]:
    """Return where torchvision caches an architecture's ImageNet weights, and their address."""
    url = torchvision.models.get_model_weights(architecture).DEFAULT.url
    return Path(torch.hub.get_dir()) / "checkpoints" / url.rsplit("/", 1)[-1], url


def load_imagenet_weights(architecture: str) -> dict[str, Tensor]:
    """Read ImageNet weights from torchvision's cache, downloading them if need be.

    Raises
    ------
    WeightsError
        If the architecture has none, or they are neither cached nor can be downloaded; the
        message names the file to put in place.
    """
    try:
        path, url = imagenet_weights_path(architecture)
    except (ValueError, AttributeError) as error:
        raise WeightsError(f"torchvision has no ImageNet weights for {architecture}.") from error
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        # torchvision names its files <model>-<first digits of the SHA-256>.pth.
        prefix = path.stem.rsplit("-", 1)[-1]
        try:
            torch.hub.download_url_to_file(url, str(path), hash_prefix=prefix)
        except (URLError, OSError, RuntimeError) as error:
            raise WeightsError(
                f"weights: imagenet for {architecture} are not cached and cannot be downloaded "
                f"({error}). On a machine with network fetch {url} and put the file at {path}, "
                "or set TORCH_HOME to a folder that holds hub/checkpoints/"
                f"{path.name}, or give the file's own path as weights, or use weights: none."
            ) from error
    return load_weights_file(path)


def insert_weights(network: torch.nn.Module, state: dict[str, Tensor], head: str, source: str):
    """Load weights into a network, leaving its head as it is where the classes differ.

    Parameters
    ----------
    network : Module
        Classifier whose head has been replaced.
    state : dict of str to Tensor
        Weights with torchvision's names.
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
        if name in state and state[name].shape != own[name].shape:
            state[name] = own[name]
    missing = sorted(own.keys() - state.keys())
    surplus = sorted(state.keys() - own.keys())
    shapes = sorted(n for n in own.keys() & state.keys() if own[n].shape != state[n].shape)
    if missing or surplus or shapes:
        first = next(iter(missing + surplus + shapes))
        raise WeightsError(
            f"weights {source} do not fit the architecture {type(network).__name__} asked for: "
            f"{len(missing)} tensors missing, {len(surplus)} unknown, {len(shapes)} of another "
            f"shape (first: {first}). Set architecture and image_size to those the file was "
            "made with."
        )
    network.load_state_dict(state)
