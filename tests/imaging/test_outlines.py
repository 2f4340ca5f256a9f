import numpy as np
import pytest

from spl_kedro.imaging import UnusableCaseError
from spl_kedro.imaging.outlines import check_outline, unite

IMAGE = np.arange(100.0).reshape(10, 10)


def square(start, stop):
    mask = np.zeros((10, 10), bool)
    mask[start:stop, start:stop] = True
    return mask


def test_several_outlines_become_their_union():
    assert unite([square(0, 3), square(6, 9)]).sum() == 18


def test_outlines_of_different_sizes_are_refused():
    with pytest.raises(UnusableCaseError, match="outlines of one size"):
        unite([square(0, 3), np.zeros((4, 4), bool)])


@pytest.mark.parametrize(
    ("mask", "image", "rule"),
    [
        (square(0, 0), IMAGE, "an outline that is not empty"),
        (square(0, 1), IMAGE, "a lesion large enough to measure"),
        (square(0, 10), IMAGE, "an outline inside the image"),
        (square(0, 5), np.ones((10, 10)), "a lesion with more than one grey value"),
        (square(0, 5), np.ones((12, 10)), "outline and image of one size"),
    ],
)
def test_an_outline_that_cannot_be_measured_is_refused(mask, image, rule):
    with pytest.raises(UnusableCaseError) as caught:
        check_outline(mask, image, minimum_pixels=4)
    assert caught.value.rule == rule


def test_a_sound_outline_passes():
    assert check_outline(square(2, 6), IMAGE, minimum_pixels=4) is None
