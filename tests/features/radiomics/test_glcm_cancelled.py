"""The expressions for cancelled values against pyradiomics' class, bit for bit."""

import numpy as np
import pytest
import SimpleITK as sitk

from spl_kedro.features.radiomics.glcm_cancelled import glcm_in_numpy
from spl_kedro.features.radiomics.presets import GLCM

from .matrices import count_matrices


@pytest.mark.parametrize("levels", [2, 5, 19])
@pytest.mark.parametrize("shape", [(9, 12), (2, 40), (3, 2)])
def test_every_feature_has_the_bits_of_pyradiomics(pyradiomics, shape, levels):
    rng = np.random.default_rng([levels, *shape])
    image = np.minimum(rng.integers(1, levels + 1, shape), 3 + rng.integers(0, 2, shape) * levels)
    image = image.astype(float)
    mask = rng.random(shape) < 0.8
    mask[0, 0] = mask[-1, -1] = True
    glcm_class = pyradiomics.getFeatureClasses()["glcm"]
    nodes = [sitk.GetImageFromArray(a[None]) for a in (image, mask.astype(np.uint8))]
    stock = glcm_class(*nodes, binWidth=1)
    stock.disableAllFeatures()
    for name in GLCM:
        stock.enableFeatureByName(name)
    theirs = stock.execute()

    # Aligned bins of width 1 give the level of a whole number by its distance from the smallest.
    ranks = np.where(mask, image - image[mask].min() + 1, 0).astype(np.int32)
    grey, dense = np.unique(ranks[mask], return_inverse=True)
    packed = np.zeros_like(ranks)
    packed[mask] = dense + 1
    counts, *_ = count_matrices(packed, ranks, len(grey))
    ours = glcm_in_numpy(counts, grey.astype(float))
    expected = np.array([float(theirs[name]) for name in GLCM])
    assert np.array_equal(ours, expected)
