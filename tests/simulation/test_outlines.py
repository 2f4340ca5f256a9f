import numpy as np
import pytest
from scipy import ndimage

from spl_kedro.simulation import ScannerSettings, TraitSettings
from spl_kedro.simulation.lesion_shape import lesion_shape
from spl_kedro.simulation.outlines import dice, draw_outline
from spl_kedro.simulation.scanner import raster


def case(seed=0, x=0.0):
    rng = np.random.default_rng(seed)
    traits = TraitSettings().draw(rng, bool(seed % 2))
    shape = lesion_shape(rng, traits, (20.0, 0.03, 0.001), x)
    return shape, raster(ScannerSettings(), 120.0)


@pytest.mark.parametrize("seed", range(6))
def test_an_outline_is_one_piece_without_holes_below_the_pleura_and_in_the_sector(seed, rng):
    shape, pixels = case(seed)
    mask = draw_outline(rng, shape, pixels, 0.08, 0.05)
    assert set(np.unique(mask)) == {0, 255}
    assert ndimage.label(mask)[1] == 1
    assert np.array_equal(ndimage.binary_fill_holes(mask), mask > 0)
    rows, columns = np.nonzero(mask)
    assert np.all(pixels.y[rows] > shape.pleura_at(pixels.x[columns]))
    assert np.all(pixels.sector[rows, columns])


def test_readers_without_noise_draw_the_same(rng):
    shape, pixels = case()
    first, second = (draw_outline(rng, shape, pixels, 0.0) for _ in range(2))
    assert dice(first, second) == 1.0


def test_more_noise_means_less_agreement():
    agreement = []
    for noise in (0.02, 0.07, 0.2):
        scores = []
        for seed in range(10):
            shape, pixels = case(seed)
            rng = np.random.default_rng(seed)
            truth = draw_outline(rng, shape, pixels, 0.0)
            scores.append(dice(truth, draw_outline(rng, shape, pixels, noise)))
        agreement.append(np.mean(scores))
    assert agreement[0] > agreement[1] > agreement[2]


def test_a_reader_with_an_outward_bias_draws_larger(rng):
    shape, pixels = case()
    large, small = (draw_outline(rng, shape, pixels, 0.0, bias) for bias in (0.1, -0.1))
    assert np.all(large[small > 0] == 255)
    assert np.count_nonzero(large) > 1.2 * np.count_nonzero(small)


def test_a_lesion_outside_the_sector_is_an_error_that_says_what_to_change(rng):
    shape, pixels = case(x=400.0)
    with pytest.raises(ValueError, match="outside the sector: enlarge field_of_view_deg"):
        draw_outline(rng, shape, pixels, 0.02)


def test_dice_of_half_overlapping_squares_is_one_half():
    first, second = np.zeros((4, 6)), np.zeros((4, 6))
    first[:, :4], second[:, 2:] = 1, 1
    assert dice(first, second) == 0.5
