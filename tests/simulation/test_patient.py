import numpy as np
import pytest
from scipy import ndimage

from spl_kedro.simulation import ScannerSettings, TraitSettings
from spl_kedro.simulation.lesion_shape import lesion_shape
from spl_kedro.simulation.outlines import draw_outline
from spl_kedro.simulation.patient import render
from spl_kedro.simulation.scanner import raster

SCANNER = ScannerSettings()
DEPTH = 100.0
PLEURA = (20.0, 0.0, 0.001)
TYPICAL = {
    "size_mm": 38.0,
    "contact_angle_deg": 85.0,
    "irregularity": 0.05,
    "echogenicity_db": -9.0,
    "heterogeneity_db": 1.0,
    "necrosis_fraction": 0.0,
    "air_bronchograms": 0.0,
    "attenuation_db_cm_mhz": 0.6,
    "pleural_interruption": 0.0,
}


def look(seed=0, **changes):
    """Image and true outline of a typical lesion with some traits changed."""
    traits = TYPICAL | changes
    shape = lesion_shape(np.random.default_rng(seed), traits, PLEURA, 0.0)
    image = render(np.random.default_rng(seed + 100), SCANNER, shape, traits, DEPTH)
    pixels = raster(SCANNER, DEPTH)
    mask = draw_outline(np.random.default_rng(0), shape, pixels, 0.0) > 0
    return image.astype(float), mask, pixels


def inside(image, mask):
    return image[ndimage.binary_erosion(mask, iterations=6)].mean()


def behind(image, mask):
    """Mean grey within 12 mm behind the middle of the lesion."""
    columns = np.flatnonzero(mask.any(axis=0))
    middle = columns[len(columns) // 3 : 2 * len(columns) // 3]
    bottom = mask.shape[0] - 1 - np.argmax(mask[::-1], axis=0)
    return np.mean([image[bottom[column] + 8 : bottom[column] + 50, column] for column in middle])


def pleura_over(image, mask):
    """Mean over the lesion's columns of the brightest grey about its upper edge."""
    top = np.argmax(mask, axis=0)
    columns = np.flatnonzero(mask.any(axis=0))
    columns = columns[len(columns) // 5 : -len(columns) // 5]
    return np.mean([image[top[column] - 8 : top[column] + 3, column].max() for column in columns])


def blotches(image, mask):
    return ndimage.gaussian_filter(image, 7)[ndimage.binary_erosion(mask, iterations=10)].std()


def sparkle(image, mask):
    return np.percentile(image[ndimage.binary_erosion(mask, iterations=6)], 99)


@pytest.mark.parametrize(
    ("measure", "trait", "less", "more"),
    [
        (inside, "echogenicity_db", -14.0, -4.0),
        (behind, "attenuation_db_cm_mhz", 1.0, 0.3),
        (pleura_over, "pleural_interruption", 0.8, 0.0),
        (blotches, "heterogeneity_db", 0.3, 4.0),
        (blotches, "necrosis_fraction", 0.0, 0.3),
        (sparkle, "air_bronchograms", 0.0, 6.0),
    ],
)
def test_each_trait_shows_in_the_image(measure, trait, less, more):
    low = [measure(*look(seed, **{trait: less})[:2]) for seed in range(4)]
    high = [measure(*look(seed, **{trait: more})[:2]) for seed in range(4)]
    assert np.mean(high) > np.mean(low) + 0.5 * np.std(low)
    assert sum(b > a for a, b in zip(low, high, strict=True)) >= 3


def test_the_image_is_grey_in_the_sector_black_outside_and_neither_empty_nor_saturated():
    image, _, pixels = look()
    assert np.all(image[~pixels.sector] == 0)
    shown = image[pixels.sector]
    assert 40 < np.median(shown) < 140
    assert np.mean(shown == 255) < 0.03
    assert np.mean(shown == 0) < 0.2


def test_the_pleural_line_is_the_brightest_structure_beside_the_lesion():
    rows = []
    for seed in range(5):
        image, mask, pixels = look(seed)
        free = (np.abs(pixels.x) < 32) & ~ndimage.binary_dilation(mask.any(axis=0), iterations=8)
        profile = np.median(image[:, free], axis=1)
        start = int(np.searchsorted(pixels.y, 12.0))
        rows.append(pixels.y[start + int(np.argmax(profile[start:]))])
    assert np.median(rows) == pytest.approx(PLEURA[0] + 0.5, abs=1.5)


def test_a_usual_lesion_is_darker_than_the_lung_around_it():
    differences = []
    for seed in range(5):
        image, mask, _ = look(seed)
        ring = ndimage.binary_dilation(mask, iterations=25) & ~ndimage.binary_dilation(
            mask, iterations=6
        )
        ring[: np.flatnonzero(mask.any(axis=1))[0]] = False
        differences.append(image[ring & (image > 0)].mean() - inside(image, mask))
    assert np.mean(differences) > 10
    assert min(differences) > 0


def test_the_traits_used_here_are_traits():
    assert set(TYPICAL) <= set(TraitSettings.model_fields)
