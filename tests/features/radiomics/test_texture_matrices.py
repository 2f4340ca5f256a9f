"""The fused pass against the matrices of pyradiomics' C extension, on every kind of outline."""

import numpy as np
import pytest

from spl_kedro.features.radiomics.texture_formulas import allocate_cells
from spl_kedro.features.radiomics.texture_matrices import lines_with_two_pixels
from spl_kedro.features.radiomics.zones import allocate_zones, label_zones, zone_cells

from .lesions import ellipse
from .matrices import count_matrices, flat_map

SHAPES = {
    "ellipse": ellipse(15, 18, (7, 9), (6, 8)),
    "whole box": np.ones((9, 12), bool),
    "ring": ellipse(15, 18, (7, 9), (7, 8)) & ~ellipse(15, 18, (7, 9), (3, 3)),
    "diagonal": np.eye(9, dtype=bool),
    "scattered": np.random.default_rng(5).random((14, 11)) < 0.4,
}


def _levels(mask, n_levels, seed=0):
    levels = np.random.default_rng(seed).integers(1, n_levels + 1, mask.shape)
    levels[tuple(np.argwhere(mask)[0])] = n_levels
    return np.where(mask, levels, 0).astype(np.int32)


def _volumes(levels, mask):
    # Copies: the C extension divides by the strides, and a new axis alone has stride 0.
    return levels[None].copy(), mask[None].copy()


def _offset_order(angles):
    """Position of each of our directions (1, 1), (1, 0), (1, -1), (0, 1) among stock's."""
    found = [tuple(int(x) for x in angle[1:]) for angle in angles]
    ours = [(1, 1), (1, 0), (1, -1), (0, 1)]
    return [next(k for k, f in enumerate(found) if f in (o, (-o[0], -o[1]))) for o in ours]


@pytest.mark.parametrize("n_levels", [1, 2, 7])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_counts_are_those_of_pyradiomics(pyradiomics, shape, n_levels):
    mask = SHAPES[shape]
    levels = _levels(mask, n_levels)
    (volume, inside), one = _volumes(levels, mask), np.array([1])
    glcm, runs, gldm, ngtdm = count_matrices(levels, levels, n_levels)

    theirs, angles = pyradiomics.cMatrices.calculate_glcm(volume, inside, one, n_levels, False, 0)
    pairs = theirs[0].transpose(2, 0, 1)[_offset_order(angles)]
    assert np.array_equal(glcm, pairs + pairs.transpose(0, 2, 1))

    longest = max(mask.shape)
    theirs, angles = pyradiomics.cMatrices.calculate_glrlm(
        volume, inside, n_levels, longest, False, 0
    )
    order = _offset_order(angles)
    # Stock leaves a direction empty whose every line meets the outline once.
    kept = lines_with_two_pixels(mask)[:, None, None]
    assert np.array_equal(runs * kept, theirs[0].transpose(2, 0, 1)[order])

    theirs = pyradiomics.cMatrices.calculate_gldm(volume, inside, one, n_levels, 0, False, 0)[0]
    width = min(theirs.shape[1], gldm.shape[1])
    assert np.array_equal(gldm[:, :width], theirs[:, :width])
    assert theirs.sum() == gldm.sum() == mask.sum()

    theirs = pyradiomics.cMatrices.calculate_ngtdm(volume, inside, one, n_levels, False, 0)[0]
    assert np.array_equal(ngtdm, theirs[:, 1])


@pytest.mark.parametrize("n_levels", [1, 2, 7])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_zones_are_those_of_pyradiomics(pyradiomics, shape, n_levels):
    mask = SHAPES[shape]
    levels = _levels(mask, n_levels)
    count = int(mask.sum())
    theirs = pyradiomics.cMatrices.calculate_glszm(
        *_volumes(levels, mask), n_levels, count, False, 0
    )[0]
    ranks, places, (height, width) = flat_map(levels)
    found, cells = allocate_zones(height * width, count), allocate_cells(count, n_levels)
    grey = np.arange(1.0, n_levels + 1)
    n_zones = label_zones(ranks, places, width, found)
    n_cells = zone_cells(found, n_zones, n_levels, grey, cells)
    ours = np.zeros_like(theirs)
    ours[cells.grey[:n_cells] - 1, cells.size[:n_cells] - 1] = cells.number[:n_cells]
    assert np.array_equal(ours, theirs)


def test_a_direction_whose_every_line_has_one_pixel_is_found():
    diagonal = np.eye(5, dtype=bool)
    assert lines_with_two_pixels(diagonal).tolist() == [True, False, False, False]
    assert lines_with_two_pixels(np.ones((2, 2), bool)).all()
