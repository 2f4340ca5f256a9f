import numpy as np
import pytest

from spl_kedro.simulation import ScannerSettings
from spl_kedro.simulation.scanner import polar_grid, raster


@pytest.fixture(scope="module")
def scanner():
    return ScannerSettings()


def test_an_echo_at_one_depth_becomes_an_arc_at_that_depth_in_millimetres(scanner):
    grid, pixels = polar_grid(scanner, 100.0), raster(scanner, 100.0)
    beams = np.broadcast_to(np.exp(-(((grid.depth - 50) / 0.6) ** 2))[:, None], grid.shape)
    image = pixels.convert(np.ascontiguousarray(beams, np.float32))
    for column in (150, 288, 420):
        row = int(np.argmax(image[:, column]))
        radius = np.hypot(pixels.x[column], pixels.y[row] + scanner.radius_mm)
        assert radius - scanner.radius_mm == pytest.approx(50, abs=pixels.pixel_mm)


def test_a_smooth_picture_survives_scan_conversion(scanner):
    grid, pixels = polar_grid(scanner, 100.0), raster(scanner, 100.0)
    image = pixels.convert(np.ascontiguousarray(0.02 * grid.x + 0.01 * grid.y))
    expected = 0.02 * pixels.x[None, :] + 0.01 * pixels.y[:, None]
    assert np.abs(image - expected)[pixels.sector].max() < 2e-3


def test_outside_the_sector_the_image_is_black_and_the_sector_fits_the_image(scanner):
    for depth in scanner.depths_mm:
        pixels = raster(scanner, depth)
        image = pixels.convert(np.ones(polar_grid(scanner, depth).shape, np.float32))
        assert image.shape == (scanner.image_height, scanner.image_width)
        assert np.all(image[~pixels.sector] == 0)
        assert not pixels.sector[[0, -1]].any()
        assert not pixels.sector[:, [0, -1]].any()


def test_a_deeper_image_has_larger_pixels(scanner):
    sizes = [raster(scanner, depth).pixel_mm for depth in scanner.depths_mm]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
