"""Whole cohorts of simulated patients: two hospitals, and fresh lesions without end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import joblib
import numpy as np
import pandas as pd

from spl_kedro.bars import bar
from spl_kedro.parallel import one_thread
from spl_kedro.simulation.clinical import CLINICAL_COLUMNS
from spl_kedro.simulation.follow_up import FOLLOW_UP_COLUMNS
from spl_kedro.simulation.patient import SimulatedLesion, simulate_patient
from spl_kedro.simulation.settings import CentreSettings, PhantomSettings

COLUMNS = (
    "case_id",
    "patient_id",
    "centre",
    "image_file",
    "outline_file",
    "pixel_size_mm",
    "pathology",
    "histology",
    *CLINICAL_COLUMNS,
)

# First number of a seed sequence's branch, one per use, so that no two uses share a patient.
_TRAINING, _EXTERNAL, _COHORT, _FRESH = 0, 1, 2, 3


@dataclass(frozen=True)
class _Case:
    """What one worker needs to make one patient, whoever made the ones before."""

    key: tuple[int, ...]
    centre: CentreSettings
    malignant: bool
    second_reader: bool
    images: int = 1


@dataclass(frozen=True)
class SimulatedCohort:
    """What the two hospitals hand over.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per image, all columns text (see :data:`COLUMNS`; with follow-up also
        :data:`spl_kedro.simulation.follow_up.FOLLOW_UP_COLUMNS`).
    images, masks, reader2_masks : dict of str to ndarray of uint8
        By file name; masks hold 0 and 255.
    traits : pandas.DataFrame
        The latent truth by case_id, for checks only.
    """

    table: pd.DataFrame
    images: dict[str, np.ndarray]
    masks: dict[str, np.ndarray]
    reader2_masks: dict[str, np.ndarray]
    traits: pd.DataFrame


def _generator(seed: int, key: tuple[int, ...]) -> np.random.Generator:
    return np.random.default_rng(np.random.SeedSequence([seed, *key]))


@lru_cache(maxsize=1)
def _keep_memory() -> None:
    """Have this process reuse the memory it frees, once called.

    By default glibc returns blocks of a patient's size to the system, which clears every page
    anew: a third of the time. It keeps blocks up to the largest one that was ever freed, of 32
    MiB at most; other C libraries are left as they are.
    """
    np.empty(31 << 20, np.uint8)


def _simulate(settings: PhantomSettings, case: _Case) -> SimulatedLesion:
    _keep_memory()
    rng = _generator(settings.seed, case.key)
    # One thread: how a matrix product is shared between threads may change its last bit.
    with one_thread():
        return simulate_patient(
            settings, case.centre, rng, case.malignant, case.second_reader, case.images
        )


def _run(
    settings: PhantomSettings, cases: list[_Case], label: str, progress: bool
) -> Iterator[SimulatedLesion]:
    """Yield the patients in order, made by as many processes as the settings allow."""
    if settings.workers == 1 or len(cases) < 8:
        lesions = (_simulate(settings, case) for case in cases)
    else:
        lesions = joblib.Parallel(n_jobs=settings.workers, batch_size=4, return_as="generator")(
            joblib.delayed(_simulate)(settings, case) for case in cases
        )
    yield from bar(lesions, total=len(cases), desc=label, disable=not progress, unit="patient")


def _classes(settings: PhantomSettings, site: int, centre: CentreSettings) -> np.ndarray:
    """Return which patients of a hospital are malignant: an exact share, in random order."""
    malignant = np.arange(centre.patients) < round(
        centre.patients * centre.case_mix.malignant_fraction
    )
    return _generator(settings.seed, (_COHORT, site)).permutation(malignant)


def _images(settings: PhantomSettings, site: int, patients: int) -> np.ndarray:
    """Return how many images each patient of a hospital has."""
    low, high = settings.images_per_patient
    return _generator(settings.seed, (_COHORT, 6, site)).integers(low, high + 1, patients)


def simulate_cohort(settings: PhantomSettings, progress: bool = False) -> SimulatedCohort:
    """Simulate the patients of both hospitals.

    Every patient's generator depends on the seed, the hospital and the patient's number
    alone, so neither the number of workers nor their order changes a byte.

    Parameters
    ----------
    settings : PhantomSettings
        The study.
    progress : bool
        Show a progress bar.

    Returns
    -------
    SimulatedCohort
    """
    cases: list[_Case] = []
    for site, centre in (
        (_TRAINING, settings.training_centre),
        (_EXTERNAL, settings.external_centre),
    ):
        twice: set[int] = set()
        if site == _TRAINING and settings.readers.second_lesions:
            order = _generator(settings.seed, (_COHORT, 9)).permutation(centre.patients)
            twice = set(order[: settings.readers.second_lesions].tolist())
        counts = _images(settings, site, centre.patients)
        cases += [
            _Case((site, index), centre, bool(malignant), index in twice, int(counts[index]))
            for index, malignant in enumerate(_classes(settings, site, centre))
        ]
    numbers = _generator(settings.seed, (_COHORT, 8)).permutation(90_000)[: len(cases)] + 10_000
    rows, traits = [], {}
    images: dict[str, np.ndarray] = {}
    masks: dict[str, np.ndarray] = {}
    second: dict[str, np.ndarray] = {}
    lesions = _run(settings, cases, "simulating patients", progress)
    for number, (case, lesion) in enumerate(zip(cases, lesions, strict=True), start=1):
        views = (lesion, *lesion.further)
        for view, name in zip(views, _names(settings, number, len(views)), strict=True):
            file = f"{name}.png"
            images[file], masks[file] = view.image, view.mask
            if view.mask_reader2 is not None:
                second[file] = view.mask_reader2
            traits[name] = {"malignant": float(view.malignant), **view.traits}
            rows.append(
                {
                    "case_id": name,
                    "patient_id": f"P{numbers[number - 1]}",
                    "centre": case.centre.name,
                    "image_file": file,
                    "outline_file": file,
                    "pixel_size_mm": f"{view.pixel_mm:.4f}",
                    **view.row,
                }
            )
    columns = [*COLUMNS, *(FOLLOW_UP_COLUMNS if settings.follow_up.enabled else ())]
    table = pd.DataFrame(rows, columns=columns, dtype=str)
    truth = pd.DataFrame.from_dict(traits, orient="index").rename_axis("case_id")
    return SimulatedCohort(table, images, masks, second, truth)


def _names(settings: PhantomSettings, number: int, images: int) -> list[str]:
    """Return the names of a patient's images; numbered where patients may have several."""
    name = f"SPL{number:04d}"
    if settings.images_per_patient == (1, 1):
        return [name]
    return [f"{name}_{view}" for view in range(1, images + 1)]


def simulate_lesions(
    settings: PhantomSettings, count: int, seed_offset: int = 0, progress: bool = False
) -> Iterator[SimulatedLesion]:
    """Simulate lesions that are in no cohort, as many as wanted, say for pre-training.

    Their seeds branch off elsewhere than the cohort's, whatever the offset. Scanner and case
    mix are the training centre's; each lesion's class is drawn at its malignant fraction.

    Parameters
    ----------
    settings : PhantomSettings
        The study.
    count : int
        Number of lesions, 0 or more.
    seed_offset : int
        Number of the first lesion, 0 or more: offset 100 continues after 100 lesions.
    progress : bool
        Show a progress bar.

    Yields
    ------
    SimulatedLesion
        In order of their number.

    Raises
    ------
    ValueError
        If ``count`` or ``seed_offset`` is negative.
    """
    if count < 0 or seed_offset < 0:
        raise ValueError(f"count {count} and seed_offset {seed_offset} must be 0 or more")
    centre = settings.training_centre
    share = centre.case_mix.malignant_fraction
    cases = [
        _Case(
            (_FRESH, index),
            centre,
            bool(_generator(settings.seed, (_COHORT, 7, index)).random() < share),
            False,
        )
        for index in range(seed_offset, seed_offset + count)
    ]
    yield from _run(settings, cases, "simulating lesions", progress)
