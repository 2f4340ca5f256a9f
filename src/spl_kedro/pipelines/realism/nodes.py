"""Nodes of the realism pipeline."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePath
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.errors import UnusableStudyError
from spl_kedro.pipelines.realism.parameters import RealismParameters
from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.sceptic.realism.settings import RealismSettings

log = logging.getLogger(__name__)

Files = Mapping[str, Callable[[], Any]]
#: What BrEaST adds to the name of an image to name its outline.
OUTLINE = "_tumor"


def measure_sets(
    lung_images: Files,
    breast_images: Files,
    breast_outlines: Files,
    simulation: SimulationParameters,
    parameters: RealismParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Simulate images, and measure them and the real ones.

    Returns
    -------
    features : DataFrame
        A row for each image, see :func:`spl_kedro.sceptic.realism.measures.measure_images`.
    findings : DataFrame
        Real images left out (``schemas.Findings``).

    Raises
    ------
    UnusableStudyError
        If there is no real image.
    """
    from spl_kedro.sceptic.realism.measures import BREAST, LESION, LUNG, SIMULATED, measure_images

    if not lung_images and not breast_images:
        raise UnusableStudyError(
            "real images to compare with",
            "neither images of the lung nor those of BrEaST were found.",
            "Name a folder of real images: export LUNG_DIR=/path/to/images, "
            "BREAST_DIR=/path/to/BrEaST, or both; see docs/simulation.md.",
        )
    pictures = {
        SIMULATED: simulated(simulation, parameters),
        LUNG: _real(lung_images, {}),
        BREAST: _real(breast_images, breast_outlines),
    }
    features, findings = measure_images(pictures, parameters, parameters.n_jobs)
    for name, rows in features.groupby("set", sort=False):
        outlined = rows.filter(like=LESION).notna().all(axis=1).sum()
        log.info("%s: %d images measured, %d with an outlined lesion", name, len(rows), outlined)
    if len(findings):
        log.warning("%d images are left out, see the findings.", len(findings))
    return features, findings


def compare_sets(
    features: pd.DataFrame, simulation: SimulationParameters, parameters: RealismParameters
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the distances between the sets with their intervals, and the sets' profiles."""
    from spl_kedro.sceptic.realism.profiles import profile_table
    from spl_kedro.sceptic.realism.tables import distance_table

    distances = distance_table(features, parameters, parameters.n_jobs).assign(
        seed=parameters.seed,
        simulation_seed=simulation.seed,
        dynamic_range_db=parameters.dynamic_range_db,
        n_resamples=parameters.n_resamples,
        n_splits=parameters.n_splits,
    )
    return distances, profile_table(features, parameters.confidence)


def draw_realism(distances: pd.DataFrame, profiles: pd.DataFrame) -> Drawing:
    """Return the figure of all distances."""
    from spl_kedro.sceptic.realism.figure import realism_figure

    return Drawing(realism_figure, distances, profiles)


def simulated(
    simulation: SimulationParameters, parameters: RealismSettings
) -> dict[str, Callable[[], Any]]:
    """Return the first patients of both centres as the study simulates them."""
    from spl_kedro.sceptic.realism.measures import simulated_picture
    from spl_kedro.simulation import simulate_cohort

    first, second = simulation.training_centre, simulation.external_centre
    few = simulation.model_copy(
        update={
            "training_centre": first.model_copy(update={"patients": parameters.first_centre}),
            "external_centre": second.model_copy(update={"patients": parameters.second_centre}),
            "readers": simulation.readers.model_copy(update={"second_lesions": 0}),
        }
    )
    cohort = simulate_cohort(few, progress=simulation.progress)
    return {
        name: partial(simulated_picture, image, cohort.masks[name])
        for name, image in cohort.images.items()
    }


def _real(images: Files, outlines: Files) -> dict[str, Callable[[], Any]]:
    """Return what reads each real image with its outline, where it has one."""
    from spl_kedro.sceptic.realism.measures import RealPicture

    found = {}
    for name, image in images.items():
        path = PurePath(name)
        found[name] = RealPicture(image, outlines.get(f"{path.stem}{OUTLINE}{path.suffix}"))
    return found
