"""What is found without looking at the whole image is what looking at it finds."""

import numpy as np
import pytest
from scipy import ndimage

from spl_kedro.features.rings.nearby import distances_to, unscanned_within
from spl_kedro.imaging.quality.views import DARK, unscanned


@pytest.mark.parametrize("seed", range(40))
def test_the_unscanned_part_is_that_of_the_whole_image(seed):
    # Fault: a dark cyst taken for the surround, or a surround that reaches the border outside of
    # the part taken for a cyst.
    rng = np.random.default_rng(seed)
    smooth = ndimage.gaussian_filter(rng.random(rng.integers(5, 60, 2)), rng.choice([0, 0.7, 1.5]))
    image = np.where(smooth < np.quantile(smooth, rng.uniform(0.1, 0.7)), DARK, 90.0)
    cuts = [sorted(rng.choice(n + 1, 2, replace=False).tolist()) for n in image.shape]
    window = tuple(slice(*cut) for cut in cuts)
    found = unscanned_within(image, window, DARK)
    np.testing.assert_array_equal(found, unscanned(image)[window])


@pytest.mark.parametrize("reach", [60, 101])
def test_distances_are_those_of_scipy(reach):
    rng = np.random.default_rng(0)
    for size in ([1.0, 1.0], [0.11, 0.37]):
        outline = rng.random((50, 60)) < 0.005
        expected = ndimage.distance_transform_edt(~outline, sampling=size)
        found = distances_to(outline, np.array(size), np.array([reach, reach]))
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_a_distance_within_reach_does_not_depend_on_it():
    outline = np.zeros((40, 50), dtype=bool)
    outline[18:22, 20:24] = True
    size = np.array([0.5, 0.25])
    near, far = (distances_to(outline, size, np.array([reach, reach])) for reach in (9, 60))
    within = far <= 9 * size.min()
    np.testing.assert_array_equal(near[within], far[within])
    assert (near >= far).all()
