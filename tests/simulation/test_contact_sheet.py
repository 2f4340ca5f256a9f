import numpy as np
import pytest

from spl_kedro.simulation import contact_sheet


def test_the_sheet_says_that_the_patients_are_simulated_and_shows_each_once():
    images = {f"SPL{n:04d}.png": np.full((30, 40), n, np.uint8) for n in range(5)}
    figure = contact_sheet(images, columns=3, captions={"SPL0001.png": "benign"})
    assert figure.get_suptitle() == "Simulated patients"
    titles = [axis.get_title() for axis in figure.axes if axis.get_images()]
    assert titles == ["SPL0000", "SPL0001  benign", "SPL0002", "SPL0003", "SPL0004"]


def test_outlines_are_drawn_only_where_there_is_a_mask():
    images = {name: np.zeros((30, 40), np.uint8) for name in ("a.png", "b.png")}
    mask = np.zeros((30, 40), np.uint8)
    mask[10:20, 10:20] = 255
    figure = contact_sheet(images, {"b.png": mask})
    assert [len(axis.collections) for axis in figure.axes] == [0, 1]


def test_a_sheet_without_images_is_refused():
    with pytest.raises(ValueError, match="no image to show"):
        contact_sheet({})
