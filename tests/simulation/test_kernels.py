import numpy as np
import pytest
from scipy import ndimage

from spl_kedro.simulation import kernels


def test_points_are_kept_with_the_density_of_the_cell_they_lie_in(rng):
    inner, outer, step, count = 50.0, 80.0, 0.5, 40_000
    density = rng.random((61, 32), np.float32)
    position, across, chance = rng.random((3, count), np.float32)
    depth = np.sqrt(position * np.float32(outer**2 - inner**2) + np.float32(inner**2))
    depth -= np.float32(inner)
    row = np.minimum((depth / np.float32(step) + np.float32(0.5)).astype(int), 60)
    cell = row * 32 + np.minimum((across * np.float32(32)).astype(int), 31)
    kept = chance < density.ravel()[cell]
    span = np.float32(outer**2 - inner**2)
    cells = kernels.keep_scatterers(
        position, across, chance, density, np.float32(inner), span, np.float32(step)
    )
    assert np.array_equal(cells, cell[kept])
    assert np.array_equal(position[: len(cells)], depth[kept])


def test_echoes_add_up_in_their_cells(rng):
    count, amplitude = 500, rng.random((6, 5), np.float32)
    cells, signs = rng.integers(0, 30, count, np.int32), rng.integers(0, 2, count, np.int8)
    cosine, sine = rng.random((2, count), np.float32)
    echo = kernels.add_echoes(cells, signs, cosine, sine, amplitude)
    strength = amplitude.ravel()[cells] * (2 * signs - 1)
    for part, factor in ((echo.real, cosine), (echo.imag, sine)):
        total = np.bincount(cells, strength * factor, 30).astype(np.float32)
        assert np.array_equal(part.ravel(), total)


@pytest.mark.parametrize("sigma", [0.8, 3.0])
def test_loss_is_accumulated_and_averaged_as_scipy_does_it(rng, sigma):
    coefficient = rng.random((40, 50), np.float32)
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 / sigma**2 * np.arange(-reach, reach + 1) ** 2)
    loss = kernels.accumulate(coefficient, np.float32(0.1), weights / weights.sum())
    total = np.cumsum(coefficient, axis=0) * np.float32(0.1)
    expected = ndimage.gaussian_filter1d(total, sigma, axis=1, mode="nearest")
    assert np.allclose(loss, expected, rtol=1e-6, atol=0)


def test_interpolation_between_beams_is_bilinear(rng):
    beams = rng.random((20, 30), np.float32)
    row, column = rng.uniform(0, 18, 100), rng.uniform(0, 28, 100)
    values = kernels.interpolate(
        beams,
        row.astype(np.int32) * np.int32(30) + column.astype(np.int32),
        (row % 1).astype(np.float32),
        (column % 1).astype(np.float32),
    )
    expected = ndimage.map_coordinates(beams, (row, column), order=1)
    assert values == pytest.approx(expected, abs=1e-5)
