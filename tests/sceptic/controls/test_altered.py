"""What the controls change in a lesion, and what they leave."""

import numpy as np
import pytest

from spl_kedro.imaging import Lesion
from spl_kedro.sceptic.controls.altered import Blanked, Moved, Shuffled, altered_lesions
from spl_kedro.sceptic.controls.places import grown
from spl_kedro.sceptic.controls.settings import ControlSettings

SETTINGS = ControlSettings()


@pytest.fixture
def lesion():
    rng = np.random.default_rng(5)
    image = np.zeros((120, 200))
    image[10:110, 20:180] = rng.integers(60, 120, (100, 160))
    mask = np.zeros(image.shape, dtype=bool)
    mask[40:60, 40:70] = True
    image[mask] = rng.integers(150, 250, int(mask.sum()))
    return Lesion("SPL0001", image, mask, (0.2, 0.2))


def test_shuffled_pixels_keep_outline_histogram_and_surroundings(lesion):
    changed = Shuffled(lambda: lesion, lesion.lesion_id, 7)()
    inside = lesion.mask
    np.testing.assert_array_equal(changed.mask, inside)
    np.testing.assert_array_equal(changed.image[~inside], lesion.image[~inside])
    np.testing.assert_array_equal(np.sort(changed.image[inside]), np.sort(lesion.image[inside]))
    assert (changed.image[inside] != lesion.image[inside]).mean() > 0.9


def test_the_shuffle_of_a_lesion_depends_on_seed_and_lesion_alone(lesion):
    def pixels(name, seed):
        return Shuffled(lambda: lesion, name, seed)().image

    np.testing.assert_array_equal(pixels("A", 7), pixels("A", 7))
    assert not np.array_equal(pixels("A", 7), pixels("B", 7))
    assert not np.array_equal(pixels("A", 7), pixels("A", 8))


def test_of_a_blanked_lesion_no_pixel_is_left(lesion):
    # Fault: a rim of the lesion in its surroundings, whose outline is not drawn to the pixel.
    changed = Blanked(lambda: lesion, 0.1, 0.5)()
    assert changed.image.max() < 150
    assert not (changed.mask & grown(lesion.mask, 1)).any()
    around = changed.mask
    np.testing.assert_array_equal(changed.image[around], lesion.image[around])
    assert len(np.unique(changed.image[lesion.mask])) == 1


def test_a_moved_outline_has_its_form_and_nothing_of_the_lesion(lesion):
    changed = Moved(lambda: lesion, (5, 60), 0.1)()
    assert changed.mask.sum() == lesion.mask.sum()
    np.testing.assert_array_equal(changed.mask[45:65, 100:130], lesion.mask[40:60, 40:70])
    assert changed.image.max() < 150


def test_lesions_without_healthy_tissue_of_their_size_are_left_out(lesion):
    large = np.zeros_like(lesion.mask)
    large[15:105, 30:170] = True
    lesions = {"A": lambda: lesion, "B": lambda: Lesion("B", lesion.image, large)}
    assert list(altered_lesions("moved", lesions, SETTINGS)) == ["A"]
    assert list(altered_lesions("blanked", lesions, SETTINGS)) == ["A", "B"]


def test_a_control_that_changes_no_image_has_no_changed_lesions(lesion):
    with pytest.raises(ValueError, match="size changes no image"):
        altered_lesions("size", {"A": lambda: lesion}, SETTINGS)
