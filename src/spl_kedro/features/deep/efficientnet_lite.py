"""EfficientNet-Lite: a small ImageNet classifier without squeeze-and-excitation.

The architecture is that of TensorFlow's ``efficientnet_lite_builder.py`` (EfficientNet, Tan and
Le, ICML 2019, arXiv 1905.11946, with ReLU6 instead of swish and no squeeze-and-excitation),
expressed with torch's and torchvision's blocks. It computes what the package that the weights
were published for computes; a test holds the two together.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from torch import Tensor, nn
from torch.nn import functional

# Kernel, stride, expansion, channels and repetitions of the stages of Lite0.
_STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
_STEM, _HEAD, _DIVISOR = 32, 1280, 8
# TensorFlow's momentum of 0.99 is torch's 0.01.
_norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)


@dataclass(frozen=True)
class LiteScale:
    """How a member of the family differs from Lite0.

    Attributes
    ----------
    width, depth : float
        Multiply the channels and the repetitions of the stages between first and last.
    dropout : float
        Before the linear head.
    """

    width: float
    depth: float
    dropout: float


SCALES = {
    "efficientnet_lite0": LiteScale(1.0, 1.0, 0.2),
    "efficientnet_lite2": LiteScale(1.1, 1.2, 0.3),
}


def _round_channels(channels: int, width: float) -> int:
    """Return the scaled number of channels, a multiple of 8 and at least 90 % of it."""
    scaled = channels * width
    rounded = max(_DIVISOR, int(scaled + _DIVISOR / 2) // _DIVISOR * _DIVISOR)
    return rounded + _DIVISOR if rounded < 0.9 * scaled else rounded


class SamePadConv2d(nn.Conv2d):
    """A convolution padded as TensorFlow does: ceil(size / stride) outputs, the surplus after."""

    def forward(self, input: Tensor) -> Tensor:
        """Pad by what this input needs, then convolve."""
        pads: list[int] = []
        for size, kernel, stride in zip(
            reversed(input.shape[-2:]),
            reversed(self.kernel_size),
            reversed(self.stride),
            strict=True,
        ):
            needed = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
            pads += [needed // 2, needed - needed // 2]
        left, right, top, bottom = pads
        if (left, top) == (right, bottom):
            return functional.conv2d(
                input, self.weight, self.bias, self.stride, (top, left), groups=self.groups
            )
        return self._conv_forward(functional.pad(input, pads), self.weight, self.bias)


def _layer(
    given: int, made: int, kernel: int, stride: int = 1, groups: int = 1, *, active: bool = True
) -> nn.Sequential:
    """Return convolution, batch normalisation and, where wanted, ReLU6."""
    layers: list[nn.Module] = [
        SamePadConv2d(given, made, kernel, stride, groups=groups, bias=False),
        _norm(made),
    ]
    return nn.Sequential(*layers, nn.ReLU6(inplace=True)) if active else nn.Sequential(*layers)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; add the input where the shapes agree.

    Parameters
    ----------
    given, made : int
        Channels of input and output.
    kernel, stride, expansion : int
        Of the depthwise convolution, and how many times wider it is than the input.
    """

    def __init__(self, given: int, made: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = given * expansion
        self.expand = _layer(given, wide, 1) if expansion > 1 else nn.Identity()
        self.depthwise = _layer(wide, wide, kernel, stride, groups=wide)
        self.project = _layer(wide, made, 1, active=False)
        self.adds = stride == 1 and given == made

    def forward(self, images: Tensor) -> Tensor:
        """Return the block's output, shape (n, made, height, width)."""
        out: Tensor = self.project(self.depthwise(self.expand(images)))
        return out + images if self.adds else out


class EfficientNetLite(nn.Module):
    """The classifier, with torchvision's names for its parts: features, avgpool, classifier.

    Parameters
    ----------
    scale : LiteScale
        Which member of the family.
    classes : int, default=1000
        Outputs.
    """

    def __init__(self, scale: LiteScale, classes: int = 1000) -> None:
        super().__init__()
        blocks: list[nn.Module] = [_layer(3, _STEM, 3, stride=2)]
        given = _STEM
        for number, (kernel, stride, expansion, channels, repeats) in enumerate(_STAGES):
            made = _round_channels(channels, scale.width)
            inside = 0 < number < len(_STAGES) - 1
            for repeat in range(math.ceil(scale.depth * repeats) if inside else repeats):
                step = stride if repeat == 0 else 1
                blocks.append(InvertedResidual(given, made, kernel, step, expansion))
                given = made
        blocks.append(_layer(given, _HEAD, 1))
        self.features = nn.Sequential(*blocks)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Sequential(nn.Dropout(scale.dropout), nn.Linear(_HEAD, classes))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits, shape (n, classes)."""
        pooled = self.avgpool(self.features(images)).flatten(1)
        logits: Tensor = self.classifier(pooled)
        return logits


_IN_BLOCK = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}
_OUTSIDE = {
    "_conv_stem": "features.0.0",
    "_bn0": "features.0.1",
    "_conv_head": "features.{last}.0",
    "_bn1": "features.{last}.1",
    "_fc": "classifier.1",
}


def from_published_names(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the published state dict under the names of :class:`EfficientNetLite`.

    Parameters
    ----------
    state : mapping of str to Tensor
        With names such as ``_blocks.3._bn1.weight``.
    """
    last = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("_blocks.")) + 1
    renamed = {}
    for name, tensor in state.items():
        if name.startswith("_blocks."):
            _, number, part, leaf = name.split(".")
            renamed[f"features.{int(number) + 1}.{_IN_BLOCK[part]}.{leaf}"] = tensor
        else:
            part, leaf = name.split(".")
            renamed[f"{_OUTSIDE[part].format(last=last)}.{leaf}"] = tensor
    return renamed
