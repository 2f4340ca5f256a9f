import numpy as np
import pytest
import SimpleITK as sitk

from spl_kedro.imaging import UnusableLesionError, read_image, read_outline
from spl_kedro.imaging.grid import Grid, bring_to_image

SHAPE = (40, 50)


def blob():
    rows, columns = np.indices(SHAPE)
    return (rows - 18) ** 2 / 60 + (columns - 27) ** 2 / 90 < 1


@pytest.mark.parametrize("seed", range(6))
def test_outlines_on_any_grid_lie_where_simpleitk_places_them(tmp_path, seed):
    rng = np.random.default_rng(seed)
    image = sitk.GetImageFromArray(rng.integers(0, 256, SHAPE, dtype=np.uint8))
    image.SetSpacing(rng.uniform(0.05, 0.3, 2).tolist())
    image.SetOrigin(rng.uniform(-20, 20, 2).tolist())
    angle = rng.uniform(-np.pi, np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    image.SetDirection(turn.ravel().tolist())
    # The outline's grid covers the image, finer or coarser, flipped, and turned a little.
    outline = sitk.GetImageFromArray(np.zeros((90, 80), np.uint8))
    little = rng.uniform(-0.2, 0.2)
    flip = np.diag([rng.choice([-1, 1]), rng.choice([-1, 1])])
    tilt = np.array([[np.cos(little), -np.sin(little)], [np.sin(little), np.cos(little)]])
    outline.SetDirection((turn @ tilt @ flip).ravel().tolist())
    outline.SetSpacing((np.array(image.GetSpacing()) * rng.uniform(0.8, 1.3, 2)).tolist())
    middle = np.array(image.TransformContinuousIndexToPhysicalPoint((24.6, 19.7)))
    offset = np.array(outline.TransformContinuousIndexToPhysicalPoint((39.3, 44.8)))
    outline.SetOrigin((middle - offset + np.array(outline.GetOrigin())).tolist())
    truth = sitk.GetImageFromArray(blob().astype(np.uint8))
    truth.CopyInformation(image)
    drawn = sitk.Resample(truth, outline, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    sitk.WriteImage(image, tmp_path / "image.nrrd")
    sitk.WriteImage(drawn, tmp_path / "outline.nrrd")
    expected = sitk.Resample(drawn, image, sitk.Transform(), sitk.sitkNearestNeighbor, 0)
    read, mask = read_image(tmp_path / "image.nrrd"), read_outline(tmp_path / "outline.nrrd")
    placed = bring_to_image(mask.mask, mask.grid, read.shape, read.grid)
    assert placed.sum() > 100
    np.testing.assert_array_equal(placed, sitk.GetArrayFromImage(expected).astype(bool))


def grid(origin=(0, 0, 0), rows=(0, 0.1, 0), columns=(0.1, 0, 0), **more):
    return Grid(*(np.array(v, float) for v in (origin, rows, columns)), **more)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (None, grid()),
        (grid(), None),
        (None, None),
        (grid(rows=(0, 1, 0), columns=(1, 0, 0)), grid()),
    ],
)
def test_without_places_on_both_sides_pixels_are_taken_in_file_order(one, other):
    np.testing.assert_array_equal(bring_to_image(blob(), one, SHAPE, other), blob())


def test_two_headers_without_a_size_still_tell_where_a_cropped_outline_lies():
    unit = {"rows": (0, 1, 0), "columns": (1, 0, 0)}
    part = blob()[8:30, 10:40]
    placed = bring_to_image(part, grid((10, 8, 0), **unit), SHAPE, grid(**unit))
    np.testing.assert_array_equal(placed, blob())


@pytest.mark.parametrize(
    ("outline", "rule"),
    [
        (grid((2.5, 0, 0)), "an outline inside the image"),
        (grid((0, 0, 3), planar=False), "outline and image in one plane"),
        (grid(rows=(0, 0, 0.1)), "outline and image in one plane"),
        (grid(rows=(0, -1, 0), columns=(1, 0, 0)), "outline and image of one orientation"),
    ],
)
def test_an_outline_that_does_not_lie_in_its_image_is_refused(outline, rule):
    with pytest.raises(UnusableLesionError) as caught:
        bring_to_image(blob(), outline, SHAPE, grid(planar=False))
    assert caught.value.rule == rule


def test_a_header_rounded_to_a_thousandth_of_a_pixel_moves_nothing():
    moved = grid((0.00004, -0.00004, 0), rows=(0, 0.100001, 0))
    np.testing.assert_array_equal(bring_to_image(blob(), moved, SHAPE, grid()), blob())
