"""Train a network on freshly simulated lesions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from spl_kedro.features.deep import PretrainingSettings
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.tracking import TrainingRecord


def pretrain_network(
    simulation: SimulationParameters, settings: PretrainingSettings
) -> tuple[dict[str, Any], list[TrainingRecord]]:
    """Train the chosen network on simulated lesions that are in no cohort.

    Parameters
    ----------
    simulation : SimulationParameters
        The phantom; ``simulate_lesions`` draws from another branch of its seed than the cohort.
    settings : PretrainingSettings
        How many lesions, which network.

    Returns
    -------
    state : dict of str to Tensor
        Weights for ``deep_features.weights``.
    records : list of TrainingRecord
        One.
    """
    from spl_kedro.features.deep import crop_labelled, pretrain
    from spl_kedro.simulation import simulate_lesions

    def labelled() -> Iterator[tuple[Lesion, bool]]:
        count = settings.lesions + settings.test_lesions
        for number, made in enumerate(simulate_lesions(simulation, count, progress=True)):
            lesion = Lesion(f"simulated {number}", made.image.astype(float), made.mask > 127)
            yield lesion, made.malignant

    crops, labels = crop_labelled(labelled(), settings.network)
    network, record = pretrain(crops, labels, settings.test_lesions, settings.network)
    return network.state, [record]
