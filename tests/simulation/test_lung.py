import numpy as np
import pytest

from spl_kedro.simulation import ScannerSettings, TraitSettings
from spl_kedro.simulation.anatomy import chest_wall, tissue_maps
from spl_kedro.simulation.lesion_shape import lesion_shape
from spl_kedro.simulation.lung import LungAir, artefacts
from spl_kedro.simulation.scanner import polar_grid

QUIET = -80.0


def fill(air, seed=1):
    """Artefacts of a flat, rib-free patient whose chest wall is the pleura alone."""
    rng = np.random.default_rng(seed)
    grid = polar_grid(ScannerSettings(), 100.0)
    traits = TraitSettings().draw(rng, False) | {"size_mm": 20.0}
    shape = lesion_shape(rng, traits, (21.0, 0.0, 0.0), 0.0)
    wall = chest_wall(rng, grid, shape)
    wall.ribs.clear()
    tissue = tissue_maps(rng, grid, wall, shape, traits, air.attenuation)
    field = np.zeros(grid.shape, np.complex64)
    row = (wall.pleura_depth / grid.step + 0.5).astype(int)
    field[row, np.arange(grid.shape[1])] = 10.0
    return artefacts(rng, field, grid, wall, tissue, air), grid, wall, tissue


def test_a_lines_lie_at_multiples_of_the_pleural_depth_and_grow_weaker():
    result, grid, wall, tissue = fill(LungAir(0.8, QUIET, -10.0, ()))
    beam = 30
    assert not tissue.lesion[:, beam].any()
    peaks = np.flatnonzero(np.abs(result[:, beam]) > 0.5)
    depths = grid.depth[peaks] / wall.pleura_depth[beam]
    assert np.round(depths).tolist() == [2, 3]
    assert depths == pytest.approx([2, 3], abs=0.02)
    strengths = 20 * np.log10(np.abs(result[peaks, beam]))
    assert strengths[0] - strengths[1] == pytest.approx(10, abs=0.5)


def test_a_b_line_is_a_bright_ray_from_the_pleura_to_the_edge_of_the_image():
    angle = -0.35
    result, grid, _, _ = fill(LungAir(0.8, -5.0, -60.0, ((angle, 0.015, 9.0),)))
    line, beside = (int(np.argmin(np.abs(grid.theta - a))) for a in (angle, angle - 0.12))
    for top in (30, 60, 85):
        rows = (grid.depth > top) & (grid.depth < top + 14)
        power = [np.mean(np.abs(result[rows, beam - 1 : beam + 2]) ** 2) for beam in (line, beside)]
        assert 10 * np.log10(power[0] / power[1]) > 3


def test_artefacts_fill_the_aerated_lung_and_nothing_else():
    result, _, _, tissue = fill(LungAir(0.8, -3.0, -12.0, ()))
    assert np.all(result[~tissue.lung] == 0)
    assert np.mean(np.abs(result[tissue.lung]) > 0) > 0.99
