"""First-order and texture features of all derived images of a lesion at once.

A lesion of a few thousand pixels takes longer to describe in Python than to measure. So one
compiled pass goes over its derived images, in memory that all of them share; NumPy sorts and
takes logarithms of all images in one call each.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.discretise import assign_levels, bin_edges, rank_levels
from spl_kedro.features.radiomics.first_order import first_order_features
from spl_kedro.features.radiomics.glcm_formulas import glcm_features
from spl_kedro.features.radiomics.glcm_pairs import Pairs, allocate_pairs, collect_pairs
from spl_kedro.features.radiomics.roi import Roi, UnmeasurableError
from spl_kedro.features.radiomics.texture_formulas import (
    NGTDM_COUNT,
    SIZE_COUNT,
    allocate_cells,
    dependence_features,
    ngtdm_features,
    run_features,
    size_features,
)
from spl_kedro.features.radiomics.texture_matrices import (
    allocate_counts,
    count_neighbourhoods,
    longest_run,
)
from spl_kedro.features.radiomics.zones import allocate_zones, label_zones, zone_cells

#: Columns of texture_formulas.size_features in pyradiomics' (alphabetical) order.
RUN_ORDER = np.array([2, 3, 7, 11, 1, 15, 14, 10, 9, 4, 5, 6, 8, 0, 13, 12])
ZONE_ORDER = np.array([2, 3, 7, 11, 1, 15, 14, 10, 4, 5, 0, 13, 12, 9, 6, 8])
DEPENDENCE_ORDER = np.array([9, 4, 5, 8, 2, 7, 11, 1, 15, 14, 10, 0, 13, 12])

# Levels squared that images measured together may have between them: a matrix has as many cells.
_MOST_CELLS = 1_000_000


@compiled
def _count_images(
    values: np.ndarray,
    chosen: np.ndarray,
    edges: np.ndarray,
    edge_starts: np.ndarray,
    places: np.ndarray,
    size: tuple[int, int],
    runs_kept: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, Pairs]:
    """Levels and matrices of chosen images, and the features that need no logarithm of NumPy's.

    Parameters
    ----------
    values : ndarray of float64, shape (images, n)
    chosen : ndarray of int64, shape (m,)
        Those to be measured.
    edges : ndarray of float64
        Bin edges of all images, one after another.
    edge_starts : ndarray of int64, shape (images + 1,)
    places : ndarray of uint32, shape (n,)
        The outline's pixels on the map.
    size : tuple of int
        Height and width of the map.
    runs_kept : ndarray of bool, shape (4,)

    Returns
    -------
    features : ndarray, shape (m, 53)
        Three times the sixteen of runs, zones and dependencies, and the five of differences.
    grey, pixels : ndarray
        Grey levels that occur and their pixels, one image after another.
    starts, n_levels : ndarray of int64, shape (m,)
        Where an image's levels start, and their number.
    pairs : Pairs
    """
    images, n = len(chosen), values.shape[1]
    height, width = size
    n_edges = np.diff(edge_starts)
    most = n_edges.max()
    longest = longest_run(height, width)
    levels, ranks = np.zeros(height * width, np.int32), np.zeros(height * width, np.int32)
    histogram = np.empty(most + 1, np.int64)
    counts = allocate_counts(places, height, width, min(most, n))
    zones, cells = allocate_zones(height * width, n), allocate_cells(n, most)
    pairs = allocate_pairs(n_edges[chosen], n)
    grey, pixels = np.empty(len(edges)), np.empty(len(edges), np.int64)
    starts, n_levels = np.zeros(images, np.int64), np.zeros(images, np.int64)
    features = np.empty((images, 3 * SIZE_COUNT + NGTDM_COUNT))
    start = 0
    for k in range(images):
        image = chosen[k]
        own = edges[edge_starts[image] : edge_starts[image + 1]]
        assign_levels(values[image], own, places, levels, histogram[: len(own) + 1])
        m = rank_levels(
            levels, histogram[: len(own) + 1], places, ranks, grey[start:], pixels[start:]
        )
        starts[k], n_levels[k] = start, m
        own_grey, own_pixels = grey[start : start + m], pixels[start : start + m]
        count_neighbourhoods(ranks, levels, places, width, m, counts)
        collect_pairs(counts.glcm, m, k, start, pairs)
        out = features[k]
        run_features(
            counts.glrlm, longest, own_grey, own_pixels, runs_kept, cells, out[:SIZE_COUNT]
        )
        n_cells = zone_cells(zones, label_zones(ranks, places, width, zones), m, own_grey, cells)
        size_features(cells, n_cells, out[SIZE_COUNT : 2 * SIZE_COUNT])
        dependence_features(counts.gldm, own_grey, cells, out[2 * SIZE_COUNT : 3 * SIZE_COUNT])
        ngtdm_features(own_pixels, counts.ngtdm[1:], own_grey, out[3 * SIZE_COUNT :])
        start += m
    return features, grey[:start], pixels[:start], starts, n_levels, pairs


def texture_features(
    images: Mapping[str, np.ndarray],
    roi: Roi,
    runs_kept: np.ndarray,
    bin_width: float,
    voxel_volume: float,
) -> np.ndarray:
    """First-order and texture features of derived images (91 values each).

    Parameters
    ----------
    images : mapping of str to ndarray of float64 or float32, shape (n,)
        Image types and their values inside the outline, row by row.
    roi : Roi
    runs_kept : ndarray of bool, shape (4,)
        Directions whose run lengths count.
    bin_width : float
    voxel_volume : float

    Returns
    -------
    ndarray of float64, shape (images, 91)
        In the order of the presets.

    Raises
    ------
    UnmeasurableError
        When an image has undefined values.
    """
    values = np.array(list(images.values()), np.float64)
    kinds = {name: image.dtype.type for name, image in images.items()}
    return stacked_features(values, kinds, roi, runs_kept, bin_width, voxel_volume)


def stacked_features(
    values: np.ndarray,
    kinds: Mapping[str, type[np.floating]],
    roi: Roi,
    runs_kept: np.ndarray,
    bin_width: float,
    voxel_volume: float,
) -> np.ndarray:
    """Do as :func:`texture_features` with the values of all images in one array.

    Parameters
    ----------
    values : ndarray of float64, shape (images, n)
        Inside the outline, row by row.
    kinds : mapping of str to type
        Image types and the precision they were made in, float64 or float32.
    roi, runs_kept, bin_width, voxel_volume
        As there.

    Returns
    -------
    ndarray of float64, shape (images, 91)

    Raises
    ------
    UnmeasurableError
        As there.
    """
    ordered = np.sort(values, axis=1)
    # What is not finite is sorted to an end.
    finite = np.isfinite(ordered[:, [0, -1]]).all(axis=1)
    if not finite.all():
        name = list(kinds)[finite.argmin()]
        raise UnmeasurableError(
            "derived_images_finite",
            f"the image type {name} is undefined inside the outline",
            "The outline lies on black far from any echo: draw it on the lesion.",
        )
    edges = [
        bin_edges(kind(row[0]), kind(row[-1]), bin_width)
        for kind, row in zip(kinds.values(), ordered, strict=True)
    ]
    n_edges = np.array([len(own) for own in edges])
    if len(kinds) > 1 and (n_edges.astype(float) ** 2).sum() > _MOST_CELLS:
        return np.concatenate(
            [
                stacked_features(row[None], {name: kind}, roi, runs_kept, bin_width, voxel_volume)
                for row, (name, kind) in zip(values, kinds.items(), strict=True)
            ]
        )
    # All images of a single level are alike: the first of them is measured for all.
    flat = np.flatnonzero([row[-1] < own[1] for row, own in zip(ordered, edges, strict=True)])
    measured = np.ones(len(kinds), dtype=bool)
    measured[flat[1:]] = False
    source = np.cumsum(measured) - 1
    source[flat] = source[flat[:1]]
    height, width = roi.outline.shape
    features, grey, pixels, starts, n_levels, pairs = _count_images(
        values,
        np.flatnonzero(measured),
        np.concatenate(edges),
        np.concatenate([[0], np.cumsum(n_edges)]),
        ((roi.rows + 1) * (width + 2) + roi.columns + 1).astype(np.uint32),
        (height + 2, width + 2),
        runs_kept,
    )
    runs, zones, dependencies, differences = np.split(features, [16, 32, 48], axis=1)
    texture = np.concatenate(
        [
            glcm_features(pairs, grey, starts, n_levels),
            runs[:, RUN_ORDER],
            zones[:, ZONE_ORDER],
            dependencies[:, DEPENDENCE_ORDER],
            differences,
        ],
        axis=1,
    )
    first_order = first_order_features(
        values, ordered, pixels, starts[source], n_levels[source], voxel_volume
    )
    return np.concatenate([first_order, texture[source]], axis=1)
