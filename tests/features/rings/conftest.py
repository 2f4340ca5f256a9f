"""Lesions whose rings can be counted by hand."""

import numpy as np
import pytest
from scipy import ndimage

from spl_kedro.features.measurement import ExecutionSettings
from spl_kedro.imaging import Lesion

HERE = ExecutionSettings(backend="threads", workers=1, progress=False)


def make_lesion(name="L0", centre=(40, 45), radius=12, shape=(80, 90), spacing=(0.5, 0.5), seed=0):
    """A round lesion on speckle that is nowhere black."""
    rng = np.random.default_rng(seed)
    image = np.round(ndimage.gaussian_filter(rng.rayleigh(60, shape), 0.7).clip(5, 255))
    y, x = np.ogrid[: shape[0], : shape[1]]
    mask = (y - centre[0]) ** 2 + (x - centre[1]) ** 2 <= radius**2
    return Lesion(name, image, mask, spacing)


@pytest.fixture
def lesion():
    return make_lesion()
