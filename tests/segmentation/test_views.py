"""Squares around prompts, and outlines put back into their images."""

import numpy as np
import pytest
from tests.segmentation.conftest import SMALL, make_lesion

from spl_kedro.segmentation import ClassicalSettings, Prompt, agreement
from spl_kedro.segmentation.classical import random_walk
from spl_kedro.segmentation.settings import ViewSettings
from spl_kedro.segmentation.views import marked, put_back, view_of, window_of

VIEW = ViewSettings()


def test_an_outline_cut_out_and_put_back_is_nearly_itself():
    lesion = make_lesion(radius=20, centre=(30, 70))  # at the image's border
    window = window_of(Prompt(50, 10, 40, 40), lesion.mask.shape, VIEW)
    back = put_back(view_of(lesion.mask, window, 128), window, lesion.mask.shape)
    assert agreement(back, lesion.mask).dice > 0.99


def test_a_square_that_reaches_beyond_the_image_is_black_there():
    lesion = make_lesion()
    window = window_of(Prompt(0, 0, 20, 20), lesion.mask.shape, VIEW)
    assert window.top < 0
    square = view_of(lesion.image, window, window.side)
    assert (square[: -window.top] == 0).all()
    np.testing.assert_allclose(
        square[-window.top, -window.left :], lesion.image[0, : window.side + window.left]
    )


def test_of_several_areas_the_largest_is_kept_and_its_holes_are_filled():
    found = np.zeros((32, 32), dtype=np.float32)
    found[4:20, 4:20], found[10:12, 10:12], found[25:28, 25:28] = 1, 0, 1
    window = window_of(Prompt(8, 8, 20, 20), (64, 64), ViewSettings(border=0.3))
    assert window.side == 32
    mask = put_back(found, window, (64, 64))
    assert mask.sum() == 16 * 16


def test_the_box_in_its_square_is_where_it_is_in_the_image():
    prompt = Prompt(20, 30, 16, 8)
    window = window_of(prompt, (80, 90), ViewSettings(border=0.5))
    drawn = np.zeros((80, 90), dtype=np.float32)
    drawn[30:38, 20:36] = 1
    np.testing.assert_allclose(
        marked(prompt, window, window.side), view_of(drawn, window, window.side)
    )


@pytest.mark.parametrize("prompt", [Prompt(31, 26, 28, 28), Prompt(45, 40)])
def test_a_walker_finds_a_dark_disc(prompt):
    lesion = make_lesion()
    window = window_of(prompt, lesion.mask.shape, VIEW)
    walked = random_walk(lesion.image, prompt, window, SMALL.classical)
    mask = put_back(walked, window, lesion.mask.shape)
    assert agreement(mask, lesion.mask).dice > 0.8


def test_a_walker_in_a_grey_square_keeps_to_the_core():
    prompt = Prompt(20, 20, 20, 20)
    window = window_of(prompt, (60, 60), VIEW)
    walked = random_walk(np.full((60, 60), 7.0), prompt, window, ClassicalSettings(size=48))
    share = walked.sum() / 48**2 * window.side**2
    assert share == pytest.approx(np.pi / 4 * 8**2, rel=0.15)
