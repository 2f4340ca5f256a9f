import numpy as np
import pytest
from tests.sceptic.realism.images import speckle

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.sceptic.realism.field import DEPTH, scaled


def on_a_screen(scan: np.ndarray, top: int, left: int, shape: tuple[int, int]) -> np.ndarray:
    """Return a scan on a background that is not quite black, as JPEG leaves it."""
    screen = np.full(shape, 16.0) + np.random.default_rng(0).normal(0, 0.4, shape)
    screen[top : top + scan.shape[0], left : left + scan.shape[1]] = scan
    return screen


def test_the_field_lies_in_the_middle_of_what_was_scanned_wherever_that_is():
    scan = speckle(np.random.default_rng(1), (DEPTH, 300))
    here = scaled(on_a_screen(scan, 40, 30, (400, 500)))
    there = scaled(on_a_screen(scan, 90, 150, (400, 500)))
    assert (here.top, here.middle) == (40, 180)
    np.testing.assert_array_equal(here.field, there.field)
    np.testing.assert_array_equal(here.field, scan[24:232, 102:198])


def test_an_image_shown_twice_as_large_has_the_same_field():
    scan = speckle(np.random.default_rng(2), (DEPTH, 300), size=(4, 6))
    large = np.kron(scan, np.ones((2, 2)))
    field = scaled(on_a_screen(large, 20, 20, (560, 680))).field
    same = scaled(on_a_screen(scan, 10, 10, (280, 340))).field
    assert field.shape == same.shape == (208, 96)
    # Averaging two by two pixels gives the image back, but for the soft edges of the filter.
    assert np.abs(field - same).mean() < 2.5
    assert np.corrcoef(field.ravel(), same.ravel())[0, 1] > 0.98


def test_the_outline_is_scaled_with_its_image():
    scan = speckle(np.random.default_rng(3), (2 * DEPTH, 600))
    mask = np.zeros(scan.shape, dtype=bool)
    mask[100:200, 200:300] = True
    image = scaled(scan, mask)
    assert image.mask.sum() == pytest.approx(50 * 50, rel=0.05)


@pytest.mark.parametrize("shape", [(40, 300), (400, 60)])
def test_an_image_too_small_to_compare_is_refused_with_its_size(shape):
    with pytest.raises(UnusableLesionError, match=f"{shape[0]} rows and {shape[1]} columns"):
        scaled(on_a_screen(speckle(np.random.default_rng(4), shape), 10, 10, (420, 320)))


def test_an_image_without_any_contrast_is_refused():
    with pytest.raises(UnusableLesionError, match="plausible image size"):
        scaled(np.full((300, 300), 80.0))
