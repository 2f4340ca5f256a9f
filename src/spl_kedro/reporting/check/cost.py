"""About how long a whole run takes and how much memory it needs, by what the study asks for."""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np

from spl_kedro.features.deep import DeepSettings
from spl_kedro.modeling.signatures.settings import SignatureSettings

#: Lesions of the cohorts that were measured on two idle cores (docs/scale.md): simulated, images
#: of 192 x 144 pixels, three repeats of five folds, a frozen network.
SIZES = (500, 2000, 8000)
#: Seconds of `leak_free.fit_models`, which made `FITS` fits of each model.
FITTING, FITS = (18.7, 63.0, 212.1), 16
#: Seconds of the steps that judge each repeat, for `REPEATS` of them.
JUDGING, REPEATS = (15.7, 49.0, 188.4), 3
#: Seconds of all other steps and of the start.
OTHER = (78.4, 123.7, 294.9)
#: GB at the peak.
MEMORY = (2.6, 3.0, 3.9)
MEGAPIXELS = 192 * 144 / 1e6
#: Seconds that a lesion takes for each further million pixels of its image.
SECONDS_PER_MEGAPIXEL = 0.03
#: Processes on which was measured.
_PROCESSES = 2


class ExpectedCost(NamedTuple):
    """What a whole run is expected to take.

    Attributes
    ----------
    minutes, memory_gb : float
    networks : int
        Networks that are trained, whose time is not in the minutes.
    assumes : tuple of str
        What the figures rest on, in sentences.
    """

    minutes: float
    memory_gb: float
    networks: int
    assumes: tuple[str, ...]


def expected_cost(
    lesions: int,
    megapixels: float,
    modeling: SignatureSettings,
    deep: DeepSettings,
    cores: int | None = None,
) -> ExpectedCost:
    """Estimate time and memory of a whole run from what was measured on simulated cohorts.

    Parameters
    ----------
    lesions : int
        Usable ones.
    megapixels : float
        Of an image, in the mean.
    modeling : SignatureSettings
        Folds, repeats and processes count.
    deep : DeepSettings
        Whether networks are trained, and how many.
    cores : int, optional
        Of this machine, by default those it has.

    Returns
    -------
    ExpectedCost
    """
    protocol = modeling.protocol
    folds, repeats = protocol.n_splits, protocol.n_repeats
    pooled = protocol.nested_cohorts != ("training",)
    fits = 1 + folds * repeats * (2 if pooled else 1)
    there = cores or os.cpu_count() or 1
    processes = there if modeling.n_jobs < 1 else min(there, modeling.n_jobs)
    seconds = _at(lesions, FITTING) * fits / FITS
    seconds += _at(lesions, JUDGING) * _judged(repeats)
    seconds += _at(lesions, OTHER)
    seconds += lesions * max(0.0, megapixels - MEGAPIXELS) * SECONDS_PER_MEGAPIXEL
    # The larger half of the work is divided among processes.
    seconds *= 0.5 + 0.5 * _PROCESSES / processes
    networks = _networks(modeling, deep)
    told = _assumes(lesions, megapixels, modeling, fits, processes)
    return ExpectedCost(
        round(seconds / 60, 1),
        round(_at(lesions, MEMORY), 1),
        networks,
        (*told, *_of_networks(networks, deep)),
    )


def _at(lesions: int, measured: tuple[float, float, float]) -> float:
    """Return what was measured of so many lesions; outside the sizes the nearest line goes on."""
    slopes = np.diff(measured) / np.diff(SIZES)
    before = min(0, lesions - SIZES[0]) * slopes[0]
    beyond = max(0, lesions - SIZES[-1]) * slopes[-1]
    return float(np.interp(lesions, SIZES, measured) + before + beyond)


def _judged(repeats: int) -> float:
    """Return how much longer judging takes than of `REPEATS`: training lesions alone have them.

    Processor time of ten repeats of the default study's scores was 2.1 times that of three.
    """
    return 0.55 + 0.45 * repeats / REPEATS


def _networks(modeling: SignatureSettings, deep: DeepSettings) -> int:
    if deep.frozen:
        return 0
    protocol = modeling.protocol
    nested = protocol.n_splits * protocol.n_repeats * deep.folds if deep.nests else 0
    return deep.folds + 1 + nested


def _assumes(
    lesions: int, megapixels: float, modeling: SignatureSettings, fits: int, processes: int
) -> tuple[str, ...]:
    protocol = modeling.protocol
    anew = f", {protocol.n_repeats} times anew" if protocol.n_repeats > 1 else ""
    divided = "process" if processes == 1 else "processes"
    return (
        "Minutes and memory are estimated from runs on simulated cohorts of "
        f"{SIZES[0]:,} to {SIZES[-1]:,} lesions on two idle cores (docs/scale.md). Another machine "
        "may take half as long or twice.",
        f"Counted are {lesions:,} usable lesions, {megapixels:.2g} million pixels an image, "
        f"{protocol.n_splits} folds{anew}, so {fits} fits of each model, and {processes} {divided} "
        "(modeling.protocol, modeling.n_jobs). Additions and the pipeline sceptic come on top.",
    )


def _of_networks(networks: int, deep: DeepSettings) -> tuple[str, ...]:
    if not networks:
        return ("The network is used as it comes, and none is trained.",)
    return (
        f"{networks} networks ({deep.architecture}, {deep.epochs} epochs) are trained besides: "
        "how long that takes depends on the processor, and is not in the minutes.",
    )
