import numpy as np
import pytest

from spl_kedro.simulation import ScannerSettings, TraitSettings, acoustics
from spl_kedro.simulation.anatomy import chest_wall, tissue_maps
from spl_kedro.simulation.lesion_shape import lesion_shape
from spl_kedro.simulation.scanner import polar_grid
from spl_kedro.simulation.scatterers import scatter

PLEURA = (21.0, 0.04, 0.001)


@pytest.fixture(scope="module")
def patient():
    rng = np.random.default_rng(5)
    scanner = ScannerSettings()
    grid = polar_grid(scanner, 100.0)
    traits = TraitSettings().draw(rng, True)
    shape = lesion_shape(rng, traits, PLEURA, 2.0)
    wall = chest_wall(rng, grid, shape)
    wall.ribs[:] = [(-30.0, float(shape.pleura_at(np.array(-30.0))) - 6, 6.0, 4.0)]
    return scanner, grid, shape, wall, tissue_maps(rng, grid, wall, shape, traits, 0.8), traits


def test_skin_fat_muscle_and_pleura_follow_one_another_in_every_beam(patient):
    _, _, _, wall, _, _ = patient
    assert np.all(wall.skin_depth > 0.5)
    assert np.all(wall.fat_depth >= wall.skin_depth + 0.9)
    assert np.all(wall.pleura_depth >= wall.fat_depth + 4.9)


def test_the_pleura_in_the_beams_is_the_pleura_in_space(patient):
    _, grid, shape, wall, _, _ = patient
    radius = grid.radius_mm + wall.pleura_depth
    x, y = radius * np.sin(grid.theta), radius * np.cos(grid.theta) - grid.radius_mm
    assert np.abs(y - shape.pleura_at(x)).max() < 1.5


def test_air_scatters_nothing_and_the_lesion_lies_below_the_pleura(patient):
    scanner, grid, _, wall, tissue, _ = patient
    echo = scatter(np.random.default_rng(0), grid, tissue, scanner.wavelength_mm)
    assert np.all(echo[tissue.lung & (tissue.density == 0)] == 0)
    assert np.all(
        grid.depth[np.nonzero(tissue.lesion)[0]] >= wall.pleura_depth[np.nonzero(tissue.lesion)[1]]
    )


def test_a_rib_casts_a_shadow(patient):
    scanner, grid, _, wall, tissue, _ = patient
    loss = acoustics.attenuation_db(tissue.attenuation, scanner, grid, 3.0)
    row = int(40 / grid.step)
    shadowed = int(np.argmin(np.abs(grid.x[row] - wall.ribs[0][0] * 1.2)))
    free = int(np.argmin(np.abs(grid.x[row] - 25)))
    assert loss[row, shadowed] - loss[row, free] > 20


def test_inside_the_lesion_the_tissue_has_the_traits_values(patient):
    _, grid, shape, _, tissue, traits = patient
    core = tissue.lesion & (shape.depth_inside(grid.x, grid.y) > 3) & (tissue.density == 0.9)
    core &= tissue.attenuation != 8.0
    echo = tissue.echogenicity_db[core.astype(bool)]
    assert np.mean(echo) == pytest.approx(traits["echogenicity_db"], abs=2.5)
    assert np.allclose(tissue.attenuation[core], traits["attenuation_db_cm_mhz"])


def test_the_stated_share_of_the_lesion_is_necrotic():
    rng = np.random.default_rng(2)
    grid = polar_grid(ScannerSettings(), 100.0)
    traits = TraitSettings().draw(rng, True) | {"necrosis_fraction": 0.3}
    shape = lesion_shape(rng, traits, PLEURA, 0.0)
    wall = chest_wall(rng, grid, shape)
    wall.ribs.clear()
    tissue = tissue_maps(rng, grid, wall, shape, traits, 0.8)
    assert np.mean(tissue.density[tissue.lesion] < 0.5) == pytest.approx(0.3, abs=0.02)
