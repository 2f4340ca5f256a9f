import numpy as np
import pytest
from pycocotools import mask as packed
from tests.drawn import corners

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.annotations.run_lengths import RunLengths
from spl_kedro.imaging.annotations.shapes import (
    DrawnOutline,
    Ellipse,
    Polygon,
    mask_of,
    rectangle,
)
from spl_kedro.imaging.outline import ImagePlace

SIZE = (60, 80)


def blob() -> np.ndarray:
    y, x = np.indices(SIZE)
    return ((x - 41) / 20) ** 2 + ((y - 28) / 13) ** 2 + 0.3 * np.sin(x / 3) < 1


def test_a_rectangle_at_whole_numbers_holds_exactly_its_pixels():
    mask = rectangle(10, 5, 20, 4).on(SIZE)
    assert mask.sum() == 80
    assert mask[5:9, 10:30].all()


def test_a_polygon_around_the_pixels_of_a_mask_gives_the_mask_back():
    np.testing.assert_array_equal(Polygon(tuple(map(tuple, corners(blob())))).on(SIZE), blob())


def test_the_area_of_a_polygon_is_that_of_the_shoelace_formula_but_for_its_line():
    points = ((10.3, 8.1), (70.2, 12.7), (61.9, 49.4), (30.0, 55.5))
    x, y = np.array(points).T
    area = abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2
    length = np.hypot(*(np.array(points) - np.roll(points, -1, axis=0)).T).sum()
    # Centres of pixels in place of areas: wrong by a share of the pixels on the line alone.
    assert abs(Polygon(points).on(SIZE).sum() - area) < 0.25 * length
    # Without a shift of half a pixel.
    rows, columns = np.nonzero(Polygon(((20, 10), (40, 10), (40, 30), (20, 30))).on(SIZE))
    assert (rows.mean() + 0.5, columns.mean() + 0.5) == (20, 30)


def test_a_line_that_crosses_itself_leaves_out_what_it_encloses_twice():
    outer = (0, 0), (40, 0), (40, 40), (0, 40), (0, 0)
    inner = (10, 10), (30, 10), (30, 30), (10, 30), (10, 10)
    mask = Polygon((*outer, *inner)).on(SIZE)
    assert not mask[15:25, 15:25].any()
    assert mask[2:8, 2:8].all()


@pytest.mark.parametrize("angle", [0.0, 0.5, -0.7, 2.9])
def test_an_ellipse_holds_the_pixels_of_its_equation(angle):
    y, x = np.indices(SIZE) + 0.5
    along = (x - 40) * np.cos(angle) + (y - 30) * np.sin(angle)
    across = (y - 30) * np.cos(angle) - (x - 40) * np.sin(angle)
    expected = (along / 21.3) ** 2 + (across / 9.2) ** 2 < 1
    found = Ellipse(40, 30, 21.3, 9.2, angle)
    np.testing.assert_array_equal(found.on(SIZE), expected)
    left, top, right, below = found.ends
    columns, rows = np.flatnonzero(expected.any(axis=0)), np.flatnonzero(expected.any(axis=1))
    assert np.allclose([left, right], [columns[0] + 0.5, columns[-1] + 0.5], atol=1.5)
    assert np.allclose([top, below], [rows[0] + 0.5, rows[-1] + 0.5], atol=1.5)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_packed_run_lengths_are_what_pycocotools_decodes():
    noise = np.random.default_rng(3).random((4, *SIZE)) < [[[0.5]], [[0.02]], [[0.98]], [[1.0]]]
    for mask in (*noise, blob(), ~blob(), blob() & False):
        encoded = packed.encode(np.asfortranarray(mask.astype(np.uint8)))
        found = RunLengths(encoded["counts"].decode(), SIZE).on(SIZE)
        np.testing.assert_array_equal(found, packed.decode(encoded) > 0)
        np.testing.assert_array_equal(found, mask)


def test_plain_run_lengths_give_the_mask_back():
    column = blob().ravel(order="F")
    ends = np.flatnonzero(np.diff(column)) + 1
    counts = np.diff([0, *ends, column.size]).tolist()
    np.testing.assert_array_equal(RunLengths(tuple(counts), SIZE).on(SIZE), blob())


def test_shapes_of_one_lesion_are_united_and_cut_at_the_image():
    mask = mask_of([rectangle(-0.4, 0, 3, 2), rectangle(50, 50, 30.5, 10)], SIZE)
    assert mask.sum() == 3 * 2 + 30 * 10


@pytest.mark.parametrize(
    ("outline", "rule"),
    [
        (
            DrawnOutline("a.json", (rectangle(1, 1, 9, 9),), (60, 81)),
            "outline and image of one size",
        ),
        (DrawnOutline("a.json", (rectangle(70, 1, 12, 9),)), "an outline inside the image"),
        (DrawnOutline("a.json", (Ellipse(40, 55, 9, 9),)), "an outline inside the image"),
        (DrawnOutline("a.json", (RunLengths((1,), (9, 9)),)), "outline and image of one size"),
        *(
            (DrawnOutline("a.json", (RunLengths(counts, SIZE),)), "readable file")
            for counts in ("zz", "0", "z" * 9 + "o", "\x00", (), (4801,), (4799,), (-1, 4801))
        ),
    ],
)
def test_shapes_of_another_image_are_refused(outline, rule):
    with pytest.raises(UnusableLesionError) as caught:
        outline.on(ImagePlace(SIZE))
    assert caught.value.rule == rule


def test_an_outline_without_a_size_takes_that_of_its_image():
    outline = DrawnOutline("a.json", (rectangle(1, 1, 9, 9),))
    assert outline.on(ImagePlace(SIZE)).shape == SIZE
    assert outline.mask.sum() == outline.on(ImagePlace(SIZE)).sum() == 81
