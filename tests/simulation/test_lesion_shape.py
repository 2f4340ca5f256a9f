import numpy as np
import pytest

from spl_kedro.simulation.lesion_shape import lesion_shape

PLEURA = (22.0, 0.0, 0.0)


def visible(angle, size=36.0, irregularity=0.012, seed=0):
    """Mask of a lesion on a grid of 0.25 mm, with the shape."""
    traits = {"size_mm": size, "contact_angle_deg": angle, "irregularity": irregularity}
    shape = lesion_shape(np.random.default_rng(seed), traits, PLEURA, 0.0)
    x, y = np.arange(-60, 60, 0.25)[None, :], np.arange(0, 90, 0.25)[:, None]
    return (shape.depth_inside(x, y) > 0) & (y > shape.pleura_at(x)), shape


@pytest.mark.parametrize("angle", [60, 90, 115])
def test_the_lesion_is_about_as_wide_as_its_size_trait_whatever_its_angle(angle):
    widths = [visible(angle, seed=seed)[0].any(axis=0).sum() * 0.25 for seed in range(12)]
    assert np.mean(widths) == pytest.approx(36, rel=0.08)


def test_an_acute_lesion_is_widest_in_the_lung_and_an_obtuse_one_at_the_pleura():
    def widest(angle, seed):
        return np.argmax(visible(angle, seed=seed)[0].sum(axis=1)) * 0.25 - PLEURA[0]

    assert np.mean([widest(60, seed) for seed in range(10)]) > 4
    assert np.mean([widest(115, seed) for seed in range(10)]) < 1


def test_a_lesion_with_a_more_obtuse_angle_is_flatter():
    heights = [visible(angle)[0].any(axis=1).sum() for angle in (60, 90, 115)]
    assert heights == sorted(heights, reverse=True)


def test_irregularity_lengthens_the_contour():
    def edge(mask):
        return np.abs(np.diff(mask.astype(int), axis=0)).sum() + (
            np.abs(np.diff(mask.astype(int), axis=1)).sum()
        )

    smooth = np.mean([edge(visible(85, irregularity=0.015, seed=seed)[0]) for seed in range(8)])
    rough = np.mean([edge(visible(85, irregularity=0.15, seed=seed)[0]) for seed in range(8)])
    assert rough > 1.1 * smooth


def test_a_displaced_contour_lies_outside_the_first_by_the_displacement():
    _, shape = visible(80)
    x, y = np.array([shape.x]), np.array([shape.bottom])
    moved = shape.depth_inside(x, y, np.full(720, 2.0)) - shape.depth_inside(x, y)
    assert moved[0] == pytest.approx(2.0, abs=1e-3)


@pytest.mark.parametrize("displacement", [None, 3.0, -30.0])
def test_points_inside_are_those_whose_depth_inside_is_positive(displacement):
    _, shape = visible(80, irregularity=0.2, seed=4)
    moved = None if displacement is None else np.linspace(-1, 1, 720) * displacement
    x, y = np.arange(-60, 60, 0.25)[None, :], np.arange(0, 90, 0.25)[:, None]
    inside = shape.contains(x, y, moved)
    assert np.array_equal(inside, shape.depth_inside(x, y, moved) > 0)
    across, down = shape.reach(moved)
    rows, columns = np.nonzero(inside)
    assert np.abs(x[0, columns] - shape.x).max() <= across
    assert np.abs(y[rows, 0] - shape.y).max() <= down
