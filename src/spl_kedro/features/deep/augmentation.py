"""Changes a scanner or an operator could have made to the same lesion.

The transforms are torchvision v2 transforms that draw separate values for every image of a
batch, so that a whole batch is augmented by a few tensor operations on the training device.
They draw from PyTorch's global generator, which the training loop seeds.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample
from torchvision.transforms import v2

from spl_kedro.features.deep.settings import AugmentationSettings


def _uniform(batch: Tensor, limit: float, *shape: int) -> Tensor:
    """Draw from [-limit, limit], one row per image."""
    drawn = torch.rand(len(batch), *shape) * 2 - 1
    return (drawn * limit).to(batch.device)


class BatchAffine(v2.Transform):
    """Mirror, rotate, scale and shift every image of a batch by its own amount.

    Parameters
    ----------
    settings : AugmentationSettings
        Limits of each change.
    """

    def __init__(self, settings: AugmentationSettings) -> None:
        super().__init__()
        self._settings = settings

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Draw one affine matrix per image, shape (n, 2, 3)."""
        batch, limits = flat_inputs[0], self._settings
        angle = _uniform(batch, math.radians(limits.rotation))
        zoom = 1 + _uniform(batch, limits.scale)
        mirror = (torch.rand(len(batch)) < limits.horizontal_flip).to(batch.device)
        sign = 1 - 2 * mirror.to(zoom.dtype)
        # affine_grid counts from -1 to 1, so a shift by a fraction of the crop is twice that.
        shift = _uniform(batch, 2 * limits.shift, 2)
        rows = [sign * angle.cos() * zoom, -angle.sin() * zoom, shift[:, 0]]
        columns = [sign * angle.sin() * zoom, angle.cos() * zoom, shift[:, 1]]
        return {"matrix": torch.stack([torch.stack(rows, 1), torch.stack(columns, 1)], 1)}

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Resample the batch, repeating the border where a window leaves the crop."""
        grid = affine_grid(params["matrix"], list(inpt.shape), align_corners=False)
        return grid_sample(inpt, grid, padding_mode="border", align_corners=False)


class BatchIntensity(v2.Transform):
    """Change contrast, gain and speckle of every image's grey channel by its own amount.

    Parameters
    ----------
    settings : AugmentationSettings
        Limits of each change; grey values are taken to lie in 0 to 1.
    """

    def __init__(self, settings: AugmentationSettings) -> None:
        super().__init__()
        self._settings = settings

    def make_params(self, flat_inputs: list[Any]) -> dict[str, Any]:
        """Draw contrast, gain and a field of speckle for each image."""
        batch, limits = flat_inputs[0], self._settings
        level = torch.rand(len(batch), 1, 1) * limits.speckle
        noise = torch.randn(len(batch), *batch.shape[-2:]) * level
        return {
            "contrast": 1 + _uniform(batch, limits.contrast, 1, 1),
            "gain": _uniform(batch, limits.gain, 1, 1),
            "speckle": 1 + noise.to(batch.device),
        }

    def transform(self, inpt: Any, params: dict[str, Any]) -> Any:
        """Apply them to channel 0; black stays black, as nothing returned from there."""
        grey = inpt[:, 0]
        middle = grey.mean(dim=(1, 2), keepdim=True)
        changed = (grey - middle) * params["contrast"] + middle + params["gain"]
        changed = torch.where(grey > 0, changed * params["speckle"], grey)
        return torch.cat([changed.clamp(0, 1)[:, None], inpt[:, 1:]], dim=1)


def build_augmentation(settings: AugmentationSettings) -> v2.Transform:
    """Return the augmentation of a batch of shape (n, 2, size, size) with values 0 to 1."""
    return v2.Compose([BatchAffine(settings), BatchIntensity(settings)])
