"""Round dark lesions on speckle, which both ways can find."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from spl_kedro.imaging import Lesion
from spl_kedro.segmentation import AssistedOutlinesParameters

SMALL = AssistedOutlinesParameters(
    seed=7,
    classical={"size": 48},
    network={"size": 32, "width": 2, "folds": 2, "views": 2, "epochs": 2, "batch_size": 4},
    n_bootstrap=100,
)


def make_lesion(name="L0", centre=(40, 45), radius=12, shape=(80, 90), spacing=(0.5, 0.5), seed=0):
    rng = np.random.default_rng(seed)
    image = ndimage.gaussian_filter(rng.rayleigh(60, shape), 0.7)
    y, x = np.ogrid[: shape[0], : shape[1]]
    mask = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2
    image[mask] *= 0.3
    return Lesion(name, np.round(image.clip(5, 255)), mask, spacing)


def make_lesions():
    """Return twelve lesions of six patients."""
    return {
        f"L{k:02d}": partial(make_lesion, f"L{k:02d}", (36 + k % 5, 40 + k), 9 + k % 4, seed=k)
        for k in range(12)
    }


def make_cohort():
    """Return their table: the last two patients are of validation."""
    return pd.DataFrame(
        {
            "patient_id": [f"P{k // 2}" for k in range(12)],
            "site": "A",
            "label": [k // 2 % 2 for k in range(12)],
            "cohort": ["training"] * 8 + ["validation"] * 4,
            "spacing_row_mm": 0.5,
            "spacing_col_mm": 0.5,
            "image_sha256": [f"{k:064d}" for k in range(12)],
            "simulated": True,
        },
        index=pd.Index(sorted(make_lesions()), name="lesion_id"),
    )


@pytest.fixture(scope="session")
def lesions():
    return make_lesions()


@pytest.fixture(scope="session")
def cohort():
    return make_cohort()
