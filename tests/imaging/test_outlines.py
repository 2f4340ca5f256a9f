import numpy as np
import pytest

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.outlines import check_outline, outline_warnings, unite

IMAGE = np.arange(100.0).reshape(10, 10)


def square(start, stop):
    mask = np.zeros((10, 10), bool)
    mask[start:stop, start:stop] = True
    return mask


def test_several_outlines_become_their_union():
    assert unite([square(0, 3), square(6, 9)]).sum() == 18


def test_outlines_of_different_sizes_are_refused():
    with pytest.raises(UnusableLesionError, match="outlines of one size"):
        unite([square(0, 3), np.zeros((4, 4), bool)])


@pytest.mark.parametrize(
    ("mask", "image", "rule"),
    [
        (square(0, 0), IMAGE, "an outline that is not empty"),
        (square(0, 1), IMAGE, "a lesion large enough to measure"),
        (square(0, 10), IMAGE, "an outline inside the image"),
        (square(0, 5), np.ones((10, 10)), "a lesion with more than one grey value"),
        (square(0, 5), np.ones((12, 10)), "outline and image of one size"),
        (square(0, 5) & (np.arange(10) == 3), IMAGE, "an outline in both directions"),
    ],
)
def test_an_outline_that_cannot_be_measured_is_refused(mask, image, rule):
    with pytest.raises(UnusableLesionError) as caught:
        check_outline(mask, image, minimum_pixels=4)
    assert caught.value.rule == rule


def test_a_sound_outline_passes():
    assert check_outline(square(2, 6), IMAGE, minimum_pixels=4) is None


def test_shadow_behind_a_lesion_is_no_reason_to_doubt_its_outline():
    image = np.full((60, 60), 90.0)
    image[:, :5] = 0  # not scanned
    image[40:, 20:30] = 0  # a shadow that reaches the border
    mask = np.zeros((60, 60), bool)
    mask[20:44, 18:34] = True
    assert outline_warnings(mask, image) == []
    mask[:] = False
    mask[10:30, 0:10] = True
    (warning,) = outline_warnings(mask, image)
    assert warning.rule == "an outline inside the scanned sector"


@pytest.mark.parametrize("width", [1, 2, 3, 5])
def test_a_contour_of_any_width_is_no_lesion(width):
    rows, columns = np.indices((120, 120))
    distance = np.hypot(rows - 60, columns - 60)
    drawn = np.abs(distance - 40) < width / 2 + 0.5
    image = np.arange(14400.0).reshape(120, 120)
    for mask in (drawn, drawn & (rows > 60)):
        with pytest.raises(UnusableLesionError) as caught:
            check_outline(mask, image, minimum_pixels=16)
        assert caught.value.rule == "a filled outline"


def test_small_round_and_slender_lesions_are_no_contours():
    image = np.arange(14400.0).reshape(120, 120)
    small, slender, two = (np.zeros((120, 120), bool) for _ in range(3))
    small[10:15, 10:15] = True
    slender[50:54, 20:100] = True
    two[10:16, 10:16], two[90:96, 90:96] = True, True
    for mask in (small, slender, two):
        check_outline(mask, image, minimum_pixels=16)
