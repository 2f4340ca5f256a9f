"""The embedding network as an ONNX file, for programs without torch."""

from __future__ import annotations

import warnings
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.pooling import pool_batch
from spl_kedro.features.deep.preprocessing import to_input, to_unit
from spl_kedro.features.deep.settings import DeepSettings

#: Names of the file's one input and its one output.
INPUT, OUTPUT = "crops", "embedding"
_OPSET = 17
# What a caller has to know to make crops that fit, and what the network is.
_DESCRIBING = (
    "architecture", "weights", "pooling", "image_size", "margin", "outline", "seed",
)  # fmt: skip


class EmbeddingNetwork(nn.Module):
    """From crops as they are stored to the pooled embedding, normalisation included.

    Parameters
    ----------
    network : Module
        From ``load_network`` or ``frozen_network``.
    settings : DeepSettings
        Outline channel, normalisation and pooling.
    """

    def __init__(self, network: nn.Module, settings: DeepSettings) -> None:
        super().__init__()
        self.network = network
        self.settings = settings

    def forward(self, crops: Tensor) -> Tensor:
        """Return the embedding of crops of bytes, shape (n, width), float32."""
        images = to_input(to_unit(crops), self.settings)
        return pool_batch(self.network, images, self.settings.pooling)[0]


def export_onnx(network: nn.Module, settings: DeepSettings, path: str | Path) -> Path:
    """Write the network as an ONNX file that embeds any number of crops.

    Input ``crops``: uint8, shape (n, 2, image_size, image_size), as
    :func:`spl_kedro.imaging.crops.crop_lesion` makes them: grey values 0 to 255, and the share of
    each pixel inside the outline, 0 to 255. Scaling to 0 to 1, the outline's treatment and the
    normalisation that belongs to the weights are part of the file. Output ``embedding``: float32,
    shape (n, width), what the rows of ``deep_embeddings`` hold of a frozen network.

    The file's metadata name architecture, weights, pooling, image size, margin, outline and seed.

    Parameters
    ----------
    network : Module
        In the architecture of the settings; left on the CPU in evaluation mode.
    settings : DeepSettings
    path : str or Path
        Written whole or not at all; its folder is made.

    Returns
    -------
    Path

    Raises
    ------
    UnusableStudyError
        If the package ``onnx`` is not installed, or the settings name several views: the file
        embeds one crop.
    """
    if settings.views:
        raise UnusableStudyError(
            "one view in an ONNX file",
            "deep_features.views names views of a lesion; the file embeds one crop.",
            "Export with views: [], and average or concatenate the embeddings of the views.",
        )
    if find_spec("onnx") is None:
        raise UnusableStudyError(
            "a package that writes ONNX files",
            "the network cannot be exported: the package onnx is not installed.",
            "Install the extra serving: pip install 'spl_kedro[serving]'.",
        )
    import onnx

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    size = settings.image_size
    example = torch.zeros((2, 2, size, size), dtype=torch.uint8)
    model = EmbeddingNetwork(network.cpu().eval(), settings).eval()
    try:
        with warnings.catch_warnings(), torch.no_grad():
            # It needs no further package; sizes that it holds constant are those of the crops.
            warnings.simplefilter("ignore", DeprecationWarning)
            warnings.simplefilter("ignore", torch.jit.TracerWarning)
            torch.onnx.export(
                model,
                (example,),
                str(unfinished),
                input_names=[INPUT],
                output_names=[OUTPUT],
                dynamic_axes={INPUT: {0: "n"}, OUTPUT: {0: "n"}},
                opset_version=_OPSET,
                dynamo=False,
            )
        made = onnx.load(unfinished)
        told = settings.model_dump(include=set(_DESCRIBING))
        if settings.weights not in ("none", "packaged", "imagenet"):
            told["weights"] = Path(settings.weights).name  # a folder may name a person
        onnx.helper.set_model_props(made, {name: str(told[name]) for name in _DESCRIBING})
        onnx.checker.check_model(made)
        onnx.save(made, unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path
