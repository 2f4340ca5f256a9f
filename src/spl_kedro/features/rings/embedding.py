"""Deep features of the rings of a cohort: one frozen network, its maps averaged over each ring."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.embedding import batch_size, over_batches
from spl_kedro.features.deep.machine import choose_device, reproducible, torch_threads
from spl_kedro.features.deep.network import build_network
from spl_kedro.features.deep.preprocessing import to_input, to_unit
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.rings.cases import Missing, RingCase, beside_each
from spl_kedro.features.rings.crops import RingCrop, crop_rings
from spl_kedro.features.rings.distances import RingDistances
from spl_kedro.features.rings.extraction import missing_rings
from spl_kedro.features.rings.names import deep_ring_schema
from spl_kedro.features.rings.pooling import RingPooling
from spl_kedro.features.rings.settings import RingParameters
from spl_kedro.parallel import spread

logger = logging.getLogger(__name__)

#: Lesions whose crops lie in memory together.
BLOCK = 256


@dataclass(frozen=True)
class EmbeddedRings:
    """The rings' deep features.

    Attributes
    ----------
    features : DataFrame of float32
        Index `lesion_id`, sorted, with every lesion; columns ``ring1_deep_0000``, ...; NaN in all
        columns of a ring that counts as missing.
    schema : DataFrame
        From :func:`.names.deep_ring_schema`.
    findings : DataFrame
        ``schemas.Findings``: every ring that counts as missing, and why. The lesion stays.
    """

    features: pd.DataFrame
    schema: pd.DataFrame
    findings: pd.DataFrame


def ring_network_settings(settings: DeepSettings) -> DeepSettings:
    """Return the study's settings of its backbone, for rings.

    The network is frozen at the weights it comes with, also where the study trains some: one that
    has seen a lesion's label would tell it of the ring. An outline that blacks out what lies
    around the lesion is ignored, for that is the ring.

    Parameters
    ----------
    settings : DeepSettings

    Raises
    ------
    UnusableStudyError
        If its weights are random ones: their statistics would be those of the cohort's images.
    """
    if settings.weights == "none":
        raise UnusableStudyError(
            "weights that come with the network",
            "rings.deep is enabled and deep_features.weights is none: random weights take "
            "statistics from the cohort's images.",
            "Set rings.deep.enabled to false, or deep_features.weights to packaged, imagenet or a "
            "file.",
        )
    outline = "ignore" if settings.outline == "background" else settings.outline
    own = {"trained_blocks": 0, "views": (), "outline": outline}
    return DeepSettings.model_validate(settings.model_dump() | own)


def embed_rings(
    lesions: Mapping[str, LesionLoader],
    in_one_image: Iterable[Iterable[str]],
    distances: RingDistances,
    parameters: RingParameters,
    settings: DeepSettings,
    *,
    outlined: Mapping[str, LesionLoader] | None = None,
    description: str = "rings, deep",
) -> EmbeddedRings:
    """Embed the rings of every lesion of a cohort.

    A lesion's features depend on that lesion and the settings alone. No label is read.

    Parameters
    ----------
    lesions, in_one_image, distances, parameters, outlined
        As for :func:`.extraction.measure_rings`.
    settings : DeepSettings
        The study's: backbone, weights, size of the crop, pooling and machine are used.
    description : str
        Label of the progress bars.

    Returns
    -------
    EmbeddedRings

    Raises
    ------
    UnusableStudyError
        If the weights are random, cannot be had, or the architecture's blocks are not known.
    """
    wanted = lesions if outlined is None else outlined
    if not parameters.deep.enabled:
        names = pd.Index(sorted(wanted), name="lesion_id", dtype="str")
        none = pd.DataFrame(index=names)
        return EmbeddedRings(none, deep_ring_schema([], distances), missing_rings({}))
    settings = ring_network_settings(settings)
    beside = beside_each(lesions, in_one_image)
    cases = [
        RingCase(name, wanted[name], beside.get(name, ()), distances, parameters)
        for name in sorted(wanted)
    ]
    with reproducible(settings, spare_cores=True):
        device = choose_device(settings)
        network = build_network(settings).to(device).eval()
        work = _RingEmbedding(network, device, settings)
        blocks = work.blocks(len(distances.pairs))
        parts = [np.empty((0, len(distances.pairs), len(blocks)), np.float32)]
        found: dict[str, list[Missing]] = {}
        for start in range(0, len(cases), BLOCK):
            crops = _cropped(cases[start : start + BLOCK], settings, description)
            found |= {crop.lesion_id: crop.missing for crop in crops}
            parts.append(_embedded(work, crops, len(blocks), description))
    schema = deep_ring_schema(blocks, distances)
    names = pd.Index([case.lesion_id for case in cases], name="lesion_id", dtype="str")
    values = np.concatenate(parts).reshape(len(cases), -1)
    features = pd.DataFrame(values, index=names, columns=schema.index.to_list())
    return EmbeddedRings(features, schema, missing_rings(found))


def _cropped(cases: Sequence[RingCase], settings: DeepSettings, description: str) -> list[RingCrop]:
    crop = partial(crop_rings, size=settings.image_size)
    with torch_threads(1):
        return list(spread(crop, cases, f"{description}, crops", name=attrgetter("lesion_id")))


def _embedded(
    work: _RingEmbedding, crops: Sequence[RingCrop], width: int, description: str
) -> np.ndarray:
    """Return the means over each lesion's rings, shape (lesions, rings, width)."""
    values = np.full((len(crops), len(crops[0].shares), width), np.nan, np.float32)
    rows = np.array([row for row, crop in enumerate(crops) if crop.pixels is not None], np.int64)
    if not len(rows):
        return values
    batches = [
        (
            np.stack([crop.pixels for row in part if (crop := crops[row]).pixels is not None]),
            np.stack([crops[row].shares for row in part]),
        )
        for part in np.split(rows, range(work.size, len(rows), work.size))
    ]
    done = over_batches(work, work.pool, batches, description, work.device)
    values[rows] = torch.cat(done).numpy()
    return values


class _RingEmbedding:
    """What embeds the rings of a batch of crops; it travels to a worker with its network."""

    def __init__(self, network: nn.Module, device: torch.device, settings: DeepSettings) -> None:
        self.network, self.device, self.settings = network, device, settings
        self.size = batch_size(device)
        self.pool = RingPooling(network, settings.pooling)

    def __reduce__(self) -> tuple:
        return _arrived, (self.network, self.device, self.settings)

    def blocks(self, rings: int) -> list[str]:
        """Return the block of each column, by an empty crop."""
        edge = self.settings.image_size
        with self.pool:
            return self._run(torch.zeros(1, 2, edge, edge), torch.ones(1, rings, edge, edge))[1]

    def __call__(self, batch: tuple[np.ndarray, np.ndarray]) -> Tensor:
        pixels, shares = (torch.from_numpy(part) for part in batch)
        n = len(pixels)
        # A batch is always of the same size, so that no lesion depends on the others in it.
        filled = [
            torch.cat([part, part.new_zeros((self.size - n, *part.shape[1:]))])
            for part in (pixels, shares)
        ]
        return self._run(*filled)[0][:n].cpu()

    def _run(self, pixels: Tensor, shares: Tensor) -> tuple[Tensor, list[str]]:
        with torch.no_grad():  # it counts for the thread that says it
            images = to_input(to_unit(pixels.to(self.device)), self.settings)
            return self.pool(images, shares.to(self.device))


def _arrived(network: nn.Module, device: torch.device, settings: DeepSettings) -> _RingEmbedding:
    """Return what embeds in a worker, one batch on one thread."""
    torch.set_num_threads(1)
    embedding = _RingEmbedding(network, device, settings)
    embedding.pool.__enter__()  # for as long as the network lives
    return embedding
