"""Lesions of a dark and a bright part, whose habitats can be told by hand."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.habitats import HabitatParameters
from spl_kedro.features.measurement import ExecutionSettings, RadiomicsSettings
from spl_kedro.imaging import Lesion

HERE = ExecutionSettings(backend="threads", workers=1, progress=False)
SETTINGS = RadiomicsSettings()
SMALL = HabitatParameters(
    features=("original_firstorder_Mean", "original_firstorder_Median"),
    kernel_radius=1,
    number=2,
    pixels_per_lesion=40,
)


def two_parts(name="L0", seed=0, bright=0.5, shape=(30, 32)):
    """A square lesion whose left part is dark, and right part bright."""
    rng = np.random.default_rng(seed)
    image = rng.uniform(20, 40, shape)
    image[:, 6 + round(20 * (1 - bright)) :] += 120
    mask = np.zeros(shape, dtype=bool)
    mask[5:25, 6:26] = True
    return Lesion(name, np.round(image), mask, None)


class Load:
    """Reads a made lesion."""

    def __init__(self, name, seed, bright=0.5):
        self.name, self.seed, self.bright = name, seed, bright

    def __call__(self):
        return two_parts(self.name, self.seed, self.bright)


@pytest.fixture
def lesions():
    return {f"L{k}": Load(f"L{k}", k) for k in range(6)}


@pytest.fixture
def folds():
    """Two folds of the first four lesions, once."""
    index = pd.Index([f"L{k}" for k in range(4)], name="lesion_id")
    return pd.DataFrame({"repeat": 0, "fold": [0, 0, 1, 1]}, index=index)


TRAINING = [f"L{k}" for k in range(4)]
