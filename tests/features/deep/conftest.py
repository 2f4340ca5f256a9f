import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep import DeepSettings, assign_folds, crop_all
from spl_kedro.imaging.lesion import Lesion

SIZE = 48


def make_lesion(lesion_id: str, brightness: float, rng: np.random.Generator) -> Lesion:
    rows, columns = np.mgrid[:SIZE, :SIZE]
    mask = (rows - SIZE / 2) ** 2 + (columns - SIZE / 2) ** 2 < 14**2
    image = rng.rayleigh(1, (SIZE, SIZE)) * np.where(mask, brightness, 80)
    return Lesion(lesion_id, np.clip(image, 0, 255), mask)


def make_cohort(training: int, others: int, seed: int = 4) -> tuple[dict, pd.DataFrame]:
    """Lesions whose brightness tells the classes apart, one patient each."""
    rng = np.random.default_rng(seed)
    count = training + 2 * others
    ids = [f"SPL{i:04d}" for i in range(count)]
    labels = np.arange(count) % 2
    lesions = {}
    for lesion_id, label in zip(ids, labels, strict=True):
        made = make_lesion(lesion_id, 40 + 80 * label, rng)
        lesions[lesion_id] = lambda made=made: made
    cohorts = ["training"] * training + ["validation"] * others + ["external"] * others
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{i:04d}" for i in range(count)],
            "label": labels,
            "cohort": cohorts,
            "simulated": True,
        },
        index=pd.Index(ids, name="lesion_id"),
    )
    return lesions, cohort


@pytest.fixture(scope="session")
def tiny() -> DeepSettings:
    """Settings of a network that trains in a second; one thread, so that tests can share cores."""
    return DeepSettings(
        architecture="resnet18",
        image_size=32,
        epochs=2,
        batch_size=8,
        folds=2,
        components=4,
        threads=1,
        device="cpu",
    )


@pytest.fixture(scope="session")
def study(tiny):
    """(crops, cohort, folds) of 24 training, 4 validation and 4 external lesions."""
    lesions, cohort = make_cohort(training=24, others=4)
    crops, _ = crop_all(lesions, tiny)
    return crops, cohort, assign_folds(cohort, tiny.folds, tiny.seed)
