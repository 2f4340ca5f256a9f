import numpy as np
import pytest

from spl_kedro.imaging.crops import LesionCrops, Window, crop_lesion, cut, lesion_window
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.lesion import Lesion


def lesion(shape=(60, 80), rows=slice(20, 40), columns=slice(30, 40)):
    image = np.add.outer(np.arange(shape[0]), np.arange(shape[1])).astype(float)
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return Lesion("SPL0001", image, mask)


def test_the_window_is_a_square_centred_on_the_box_and_widened_by_the_margin():
    window = lesion_window(lesion().mask, margin=0.25)
    assert window == Window(top=15, left=20, side=30)


def test_a_lesion_fills_the_same_share_of_the_crop_whatever_its_size():
    small = crop_lesion(lesion((50, 50), slice(20, 30), slice(20, 30)), size=32, margin=0.3)
    large = crop_lesion(lesion((500, 500), slice(200, 300), slice(200, 300)), size=32, margin=0.3)
    shares = [crop[1].mean() / 255 for crop in (small, large)]
    assert shares == pytest.approx([1 / 1.6**2] * 2, abs=0.01)


def test_the_aspect_of_a_lesion_is_kept():
    mask = crop_lesion(lesion(), size=64, margin=0.2)[1] > 127
    height, width = mask.any(axis=1).sum(), mask.any(axis=0).sum()
    assert height / width == pytest.approx(2, rel=0.05)


def test_without_resizing_the_grey_values_are_those_of_the_image():
    subject = lesion()
    crop = crop_lesion(subject, size=20, margin=0.0)
    assert np.array_equal(crop[0], subject.image[20:40, 25:45])


def test_what_lies_outside_the_image_is_black():
    image = np.full((10, 10), 7.0)
    piece = cut(image, Window(top=-2, left=6, side=6))
    assert piece[:2].sum() == 0
    assert piece[:, 4:].sum() == 0
    assert (piece[2:, :4] == 7).all()


def test_an_outline_touching_the_edge_is_cropped_without_error():
    crop = crop_lesion(lesion(rows=slice(0, 60), columns=slice(0, 5)), size=16, margin=0.5)
    assert crop.shape == (2, 16, 16)
    assert crop[1].max() > 0


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (Lesion("A7", np.zeros((5, 5)), np.zeros((5, 5), bool)), "an outline that is not empty"),
        (Lesion("A7", np.zeros((5, 5)), np.ones((5, 6), bool)), "outline and image of one size"),
        (Lesion("A7", np.full((5, 5), np.nan), np.ones((5, 5), bool)), "finite grey values"),
    ],
)
def test_a_lesion_that_cannot_be_cropped_is_named_with_the_rule(broken, rule):
    with pytest.raises(UnusableLesionError, match="A7") as caught:
        crop_lesion(broken, size=8, margin=0.1)
    assert caught.value.rule == rule
    assert caught.value.remedy


def test_crops_are_selected_in_the_order_asked_for():
    crops = LesionCrops(("a", "b", "c"), np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1))
    chosen = crops.select(["c", "a"])
    assert chosen.lesion_ids == ("c", "a")
    assert chosen.pixels.ravel().tolist() == [2, 0]
