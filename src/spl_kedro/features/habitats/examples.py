"""Lesions with their maps and habitats, to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spl_kedro.features.habitats.clustering import Clustering
from spl_kedro.features.habitats.jobs import map_lesion
from spl_kedro.features.habitats.measures import lay_out
from spl_kedro.features.habitats.settings import HabitatParameters
from spl_kedro.features.measurement import RadiomicsSettings
from spl_kedro.features.measurement.jobs import LesionLoader
from spl_kedro.features.radiomics.maps import FeatureMaps


@dataclass(frozen=True)
class HabitatExample:
    """One lesion to look at.

    Attributes
    ----------
    lesion_id : str
    maps : FeatureMaps
    habitats : ndarray of int64, shape (H, W)
        From 1; 0 outside the outline.
    """

    lesion_id: str
    maps: FeatureMaps
    habitats: np.ndarray

    def cut(self, margin: int) -> HabitatExample:
        """Return the lesion and `margin` pixels around it, without the values of the maps."""
        rows, columns = np.nonzero(self.maps.mask)
        window = (
            slice(max(rows.min() - margin, 0), rows.max() + 1 + margin),
            slice(max(columns.min() - margin, 0), columns.max() + 1 + margin),
        )
        image, mask = self.maps.image[window].copy(), self.maps.mask[window].copy()
        maps = FeatureMaps((), np.empty((0, len(rows))), image, mask, self.maps.radius)
        return HabitatExample(self.lesion_id, maps, self.habitats[window].copy())


def choose_examples(
    cohort: pd.DataFrame, measured: pd.Index, parameters: HabitatParameters
) -> list[str]:
    """Draw training lesions to look at, as many of each diagnosis, by the seed alone.

    Parameters
    ----------
    cohort : DataFrame
        Index `lesion_id`; columns label and cohort.
    measured : Index
        Lesions that have habitats.
    parameters : HabitatParameters

    Returns
    -------
    list of str
        Benign ones first; fewer where there are fewer.
    """
    rng = np.random.default_rng(parameters.seed)
    training = cohort[(cohort["cohort"] == "training") & cohort.index.isin(measured)]
    chosen = []
    for label, wanted in ((0, parameters.examples // 2), (1, -(-parameters.examples // 2))):
        names = sorted(training.index[training["label"] == label])
        chosen += sorted(rng.permutation(names)[:wanted].tolist())
    return chosen


def habitat_examples(
    names: Sequence[str],
    lesions: Mapping[str, LesionLoader],
    clustering: Clustering,
    parameters: HabitatParameters,
    settings: RadiomicsSettings,
) -> list[HabitatExample]:
    """Map lesions and say where their habitats lie.

    Parameters
    ----------
    names : sequence of str
        Lesions that have habitats.
    lesions : mapping of str to callable
    clustering : Clustering
    parameters : HabitatParameters
    settings : RadiomicsSettings

    Returns
    -------
    list of HabitatExample
    """
    found = []
    for name in names:
        maps = map_lesion(lesions[name](), parameters, settings)
        found.append(HabitatExample(name, maps, lay_out(clustering.assign(maps.values), maps.mask)))
    return found
