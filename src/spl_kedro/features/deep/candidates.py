"""Frozen backbones that are compared with each other, under one study's settings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import pandas as pd
from pydantic import Field

from spl_kedro.features.deep.backbones import (
    WeightsError,
    backbone_facts,
    require_weights,
    views_line,
)
from spl_kedro.features.deep.settings import DeepSettings, ViewSettings
from spl_kedro.parameters import Settings

if TYPE_CHECKING:
    from spl_kedro.imaging.crops import LesionCrops


class Candidate(Settings):
    """A frozen backbone to compare; what it does not name is as in ``deep_features``."""

    architecture: str = Field(
        min_length=1, description="efficientnet_lite0, efficientnet_lite2, or a torchvision one"
    )
    weights: str = Field(
        min_length=1, description="packaged, imagenet (from the cache alone), none, or a file"
    )
    pooling: Literal["last", "depths"] = Field(
        "depths", description="mean over the last block's map, or over every block's"
    )
    views: tuple[ViewSettings, ...] | None = Field(
        None, description="crops that are embedded; null: as in deep_features"
    )
    view_pooling: Literal["mean", "concatenate"] | None = Field(
        None, description="what becomes of their embeddings; null: as in deep_features"
    )

    def settings(self, study: DeepSettings) -> DeepSettings:
        """Return the study's settings with this backbone, frozen.

        What identifies or renames a file of weights is kept for the study's own file alone.
        """
        chosen = self.model_dump(exclude_none=True) | {"trained_blocks": 0}
        if self.weights != study.weights:
            chosen |= {"weights_sha256": None, "weights_keys": {}}
        return DeepSettings.model_validate(study.model_dump() | chosen)


def why_unavailable(settings: DeepSettings) -> str | None:
    """Say why the weights of some settings cannot be had here, without downloading any.

    Parameters
    ----------
    settings : DeepSettings

    Returns
    -------
    str or None
        The fault and its remedy; None where the weights are at hand.
    """
    try:
        if settings.weights == "imagenet":
            from spl_kedro.features.deep.weights import imagenet_weights_path

            path, url = imagenet_weights_path(settings.architecture)
            if not path.is_file():
                return (
                    f"{path.name} is not in torchvision's cache. Remedy: fetch {url} into the "
                    "folder hub/checkpoints of TORCH_HOME."
                )
        else:
            require_weights(settings)
    except WeightsError as error:
        return f"{error.message} Remedy: {error.remedy}"
    return None


def candidate_facts(settings: DeepSettings) -> dict[str, str]:
    """Return backbone, weights, pooling, views and, where a file holds them, the SHA-256."""
    try:
        facts = backbone_facts(settings)
    except WeightsError:  # no package holds any
        facts = {"weights": settings.weights, "sha256": ""}
    return {
        "backbone": settings.architecture,
        "weights": facts["weights"],
        "pooling": settings.pooling,
        "views": views_line(settings),
        "sha256": facts["sha256"],
    }


def margins_of_all(study: DeepSettings, candidates: Sequence[DeepSettings]) -> DeepSettings:
    """Return the study's settings with every margin that a candidate's views ask for."""
    margins = {margin for chosen in candidates for margin, _ in chosen.views_taken}
    views = [{"margin": margin} for margin in sorted(margins)]
    return DeepSettings.model_validate(study.model_dump() | {"views": views, "trained_blocks": 0})


def timed_embedding(
    crops: LesionCrops, cohort: pd.DataFrame, settings: DeepSettings
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Embed lesions with a frozen network and take the time.

    Parameters
    ----------
    crops : LesionCrops
        Lesions to embed.
    cohort : DataFrame
        Index lesion_id; column cohort.
    settings : DeepSettings
        Of a frozen network.

    Returns
    -------
    embeddings : DataFrame of float32, shape (lesions, width)
    seconds : dict of str to float
        A lesion's share, without making the network and the crop: ``seconds_per_lesion`` by the
        clock, ``cpu_seconds_per_lesion`` of all threads' processor time.
    """
    from spl_kedro.features.deep.frozen import embed_frozen, frozen_network

    network = frozen_network(crops, cohort, settings)
    started, worked = time.perf_counter(), time.process_time()
    embeddings = embed_frozen(crops, cohort, network, settings)
    return embeddings, {
        "seconds_per_lesion": (time.perf_counter() - started) / len(embeddings),
        "cpu_seconds_per_lesion": (time.process_time() - worked) / len(embeddings),
    }
