"""Where tissue was scanned, and where an outline may go."""

import numpy as np
import pytest

from spl_kedro.sceptic.controls.places import grown, healthy_place, moved, ring, scanned


@pytest.fixture
def image():
    """A lit sector of speckle from column 20 to 180, a caption beside it, dark speckle inside."""
    rng = np.random.default_rng(3)
    grey = np.zeros((120, 200))
    grey[10:110, 20:180] = rng.integers(0, 200, (100, 160))
    grey[2:7, 186:198] = 255
    return grey


def box(shape, top, left, height, width):
    mask = np.zeros(shape, dtype=bool)
    mask[top : top + height, left : left + width] = True
    return mask


def test_the_sector_is_whole_and_a_caption_is_not_part_of_it(image):
    found = scanned(image)
    inner = np.zeros_like(found)
    inner[14:106, 24:176] = True
    assert found[inner].all()
    assert not found[:8].any()
    assert not found[:, 183:].any()


def test_a_black_image_has_no_scanned_tissue():
    assert not scanned(np.zeros((30, 40))).any()


def test_an_outline_moves_to_the_side_at_its_own_depth_clear_of_the_lesion(image):
    mask = box(image.shape, 40, 30, 20, 30)
    down, right = healthy_place(image, mask, gap=0.1)
    assert down == 0
    elsewhere = moved(mask, (down, right))
    assert elsewhere.sum() == mask.sum()
    assert (elsewhere & ~scanned(image)).sum() == 0
    # The gap is a tenth of the radius of the disc of its area, 1.4 pixels.
    assert not (grown(mask, 1.3) & elsewhere).any()


def test_an_outline_goes_to_another_depth_before_it_goes_behind_the_lesion(image):
    # Fault: a control that reads the lesion's own shadow. At the lesion's depth there is no room.
    image[40:70, 100:] = 0
    mask = box(image.shape, 40, 30, 20, 40)
    down, right = healthy_place(image, mask, gap=0.1)
    assert down != 0
    assert not (moved(mask, (down, right)) & np.logical_or.accumulate(mask, axis=0)).any()


def test_an_outline_as_large_as_the_sector_finds_no_place(image):
    assert healthy_place(image, box(image.shape, 20, 40, 60, 120), gap=0.1) is None


def test_the_ring_keeps_its_distance_and_ends_with_the_sector(image):
    mask = box(image.shape, 40, 22, 20, 30)
    around = ring(image, mask, gap=0.1, width=0.5)
    assert around.any()
    assert not (around & grown(mask, 1.3)).any()
    assert not (around & ~scanned(image)).any()
