"""Kernels that move against kernels measured by themselves, where outlines are awkward."""

import numpy as np
import pytest

from spl_kedro.features.radiomics.discretise import bin_edges
from spl_kedro.features.radiomics.maps import map_features
from spl_kedro.features.radiomics.maps.dependences import dependence_maps
from spl_kedro.features.radiomics.maps.first_order import first_order_maps
from spl_kedro.features.radiomics.maps.glcm import glcm_maps
from spl_kedro.features.radiomics.maps.grid import alike_neighbours, make_grid
from spl_kedro.features.radiomics.maps.ngtdm import difference_maps
from spl_kedro.features.radiomics.maps.ordered import sorting_network
from spl_kedro.features.radiomics.maps.runs import run_maps
from spl_kedro.features.radiomics.maps.zones import zone_maps
from spl_kedro.features.radiomics.presets import TEXTURE

from .by_definition import kernel_features

NAMES = [f"original_{kind}_{name}" for kind in TEXTURE for name in TEXTURE[kind]]
SHAPE = (14, 17)


def outline(rows, columns):
    mask = np.zeros(SHAPE, dtype=bool)
    mask[rows, columns] = True
    return mask


def pieces():
    """Two pieces in one row, farther apart than a kernel is wide, and a third below them."""
    mask = outline(slice(2, 4), slice(0, 3)) | outline(2, slice(14, 17))
    return mask | outline(12, slice(5, 9))


MASKS = {
    "ragged": np.random.default_rng(5).random(SHAPE) < 0.4,
    "hardly a neighbour": np.random.default_rng(6).random(SHAPE) < 0.1,
    "the image's corner": outline(slice(-4, None), slice(-5, None)),
    "a diagonal": np.eye(*SHAPE, dtype=bool),
    "pieces": pieces(),
    "smaller than the kernel": outline(slice(6, 8), slice(7, 10)),
    "the whole image": np.ones(SHAPE, dtype=bool),
}


def image(kind, seed=0):
    rng = np.random.default_rng(seed)
    made = {
        "speckle": np.round(rng.rayleigh(12, SHAPE) + 40),
        "fractions": rng.random(SHAPE) * 200,
        "smooth": np.add.outer(np.arange(SHAPE[0]), np.arange(SHAPE[1])) // 3 * 5.0,
        "flat": np.full(SHAPE, 37.0),
    }
    return made[kind]


def assert_by_definition(picture, mask, radius, masked, bin_width=5.0):
    maps = map_features(
        picture, mask, NAMES, radius=radius, masked=masked, bin_width=bin_width
    ).values
    top, left = np.argwhere(mask).min(axis=0)
    bottom, right = np.argwhere(mask).max(axis=0)
    reached = np.zeros_like(mask)
    reached[
        max(top - radius, 0) : bottom + radius + 1, max(left - radius, 0) : right + radius + 1
    ] = True
    counted = mask if masked else reached
    inside = picture[counted]
    levels = np.zeros(SHAPE, int)
    levels[counted] = np.digitize(inside, bin_edges(inside.min(), inside.max(), bin_width))
    levels, values = np.pad(levels, radius), np.pad(picture, radius)
    expected = np.full_like(maps, np.nan)
    for k, (y, x) in enumerate(np.argwhere(mask)):
        here = np.s_[y : y + 2 * radius + 1, x : x + 2 * radius + 1]
        own = kernel_features(values[here], levels[here], levels.max(), 1.0)
        for place, name in enumerate(NAMES):
            _, kind, feature = name.split("_")
            if own[kind]:
                expected[place, k] = own[kind][feature]
    for name, ours, by_definition in zip(NAMES, maps, expected, strict=True):
        loose = 1e-6 if name.endswith(("Imc1", "Imc2")) else 1e-9
        scale = np.nanmax(np.abs(by_definition), initial=1e-3)
        np.testing.assert_allclose(ours, by_definition, 1e-9, loose * scale, err_msg=name)


@pytest.mark.parametrize("masked", [True, False])
@pytest.mark.parametrize("name", MASKS)
def test_every_kernel_has_the_values_of_its_definition(name, masked):
    for kind, radius in (("speckle", 1), ("smooth", 2), ("fractions", 3)):
        if name != "the whole image" or (masked and radius == 2):
            assert_by_definition(image(kind), MASKS[name], radius, masked)


def test_a_kernel_of_one_grey_level_has_the_values_of_its_definition():
    assert_by_definition(image("flat"), MASKS["ragged"], 2, masked=True)


def test_thousands_of_grey_levels_lose_no_precision():
    picture = image("fractions")
    picture[0, 0], picture[0, 1] = 0.0, 255.0
    assert_by_definition(picture, MASKS["ragged"] | outline(0, slice(2)), 1, True, bin_width=0.1)


def every_class(grid):
    alike = alike_neighbours(grid.ranks)
    return {
        "firstorder": first_order_maps(grid, 1.0, set(range(18))),
        "glcm": glcm_maps(grid, entropies=True),
        "glrlm": run_maps(grid),
        "glszm": zone_maps(grid, alike),
        "gldm": dependence_maps(grid, alike),
        "ngtdm": difference_maps(grid),
    }


@pytest.mark.parametrize("kind", ["speckle", "fractions"])
def test_a_pixels_values_hang_on_no_other_kernel_to_the_last_bit(kind):
    counted = np.random.default_rng(7).random(SHAPE) < 0.8
    values = image(kind)[counted]
    whole = every_class(make_grid(values, counted, counted, 5.0, 2))
    for chosen in (0.5, 0.05):
        some = counted & (np.random.default_rng(8).random(SHAPE) < chosen)
        part = every_class(make_grid(values, counted, some, 5.0, 2))
        for name, table in part.items():
            np.testing.assert_array_equal(table, whole[name][some[counted]], err_msg=name)


@pytest.mark.parametrize("name", [name for name in NAMES if "firstorder" in name])
def test_a_first_order_feature_asked_for_alone_is_the_same_as_among_others(name):
    mask = MASKS["ragged"]
    for kind in ("fractions", "flat"):
        whole = map_features(image(kind), mask, NAMES, radius=2).picture(name)
        alone = map_features(image(kind), mask, [name], radius=2).picture(name)
        np.testing.assert_array_equal(alone, whole)


def test_the_network_sorts_any_number_of_values():
    rng = np.random.default_rng(0)
    for n in (1, 2, 3, 9, 25, 49, 81, 961):
        values = np.round(rng.normal(size=(n, 20)), 1)
        places = sorting_network(n)
        ordered = values.copy()
        for one, other in places:
            ordered[[one, other]] = np.sort(ordered[[one, other]], axis=0)
        np.testing.assert_array_equal(ordered, np.sort(values, axis=0))
