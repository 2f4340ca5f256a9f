"""Shape of one slice: pyradiomics' marching-cubes mesh and diameters without the pair loop.

pyradiomics pads the mask, walks a marching cube (3D) or square (2D) over it, sums
the facets, and takes diameters as the largest distance over *all pairs* of mesh
vertices, which on one slice is quadratic in the lesion's pixels.

Why the shortcuts are exact
---------------------------
*Mesh.* A one-slice mask makes a closed mesh half a slice thick on either side. What a
cube contributes depends only on the 2 x 2 pixels it sees and on the side it looks
from, and every contribution is one of five planar facets (see :func:`_facets`). So
counting the sixteen 2 x 2 patterns gives volume and surface: the volume is a sum of
forty-eighths of a voxel, exact in binary arithmetic; the surface is the same sum in
another order (differences of 1e-15).

*Diameters.* The two ends of a largest distance are vertices of the convex hull of the
vertices in their planes. The mesh has three planes: pixel centres half a slice above
and below, and pixel-edge midpoints in the slice itself. Comparing hull vertices alone
finds the same pair, and the distance is computed by the same expression.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from spl_kedro.features.radiomics.compiled import compiled
from spl_kedro.features.radiomics.moments import principal_moments

# Neighbouring pixels of a pattern: bit 0 (y, x), bit 1 (y, x+1), bit 2 (y+1, x+1), bit 3 (y+1, x).
_SINGLES = (1, 2, 4, 8)
_TRIPLES = (7, 11, 13, 14)
_DIAGONALS = (5, 10)
_ROWS = (3, 12)  # two pixels side by side
_COLUMNS = (6, 9)  # two pixels on top of each other


@compiled
def count_patterns(padded: np.ndarray) -> np.ndarray:
    """Count each of the sixteen 2 x 2 patterns in a padded mask.

    Parameters
    ----------
    padded : ndarray of bool, shape (h + 2, w + 2)
        Mask with a margin of one pixel of False.

    Returns
    -------
    ndarray of int64, shape (16,)
        Occurrences of each pattern.
    """
    counts = np.zeros(16, np.int64)
    for y in range(padded.shape[0] - 1):
        for x in range(padded.shape[1] - 1):
            pattern = 0
            if padded[y, x]:
                pattern |= 1
            if padded[y, x + 1]:
                pattern |= 2
            if padded[y + 1, x + 1]:
                pattern |= 4
            if padded[y + 1, x]:
                pattern |= 8
            counts[pattern] += 1
    return counts


@lru_cache(maxsize=64)
def _facets(z: float, y: float, x: float) -> tuple[np.ndarray, np.ndarray]:
    """Area of a cube's facets, and forty-eighths of a voxel under them, per side and pattern.

    A single pixel cuts off a corner (1/48 of the voxel); two side by side make a ramp
    (1/8); three leave a trapezium (17/48); four a plate (1/2). Two on a diagonal are two
    corners, except bits 1 and 3 seen from above: pyradiomics looks that cube up by its
    complement, which joins them by two trapezia. The solid under them is 10/48, but the mesh
    is left open there, and the cone from the origin to the gap (half a pixel, one slice up)
    takes 8/48 off the signed volume.
    """
    corner = 0.5 * np.sqrt((0.25 * z * y) ** 2 + (0.25 * z * x) ** 2 + (0.25 * y * x) ** 2)
    # Trapezium: parallel sides along the pixel diagonal (whole and half), half a slice apart.
    diagonal = np.hypot(y, x)
    height = np.hypot(0.5 * z, 0.5 * y * x / diagonal)
    trapezium = 0.75 * diagonal * height
    area = np.zeros((2, 16))
    volume = np.zeros((2, 16), np.int64)
    for side in (0, 1):
        area[side, list(_SINGLES)], volume[side, list(_SINGLES)] = corner, 1
        area[side, list(_ROWS)] = x * np.hypot(0.5 * z, 0.5 * y)
        area[side, list(_COLUMNS)] = y * np.hypot(0.5 * z, 0.5 * x)
        volume[side, list(_ROWS + _COLUMNS)] = 6
        area[side, list(_DIAGONALS)], volume[side, list(_DIAGONALS)] = 2 * corner, 2
        area[side, list(_TRIPLES)] = trapezium + 0.5 * y * x
        volume[side, list(_TRIPLES)] = 17
        area[side, 15], volume[side, 15] = y * x, 24
    area[0, 10], volume[0, 10] = 2 * trapezium, 2
    return area, volume


def mesh_3d(padded: np.ndarray, spacing: np.ndarray) -> tuple[float, float]:
    """Surface and volume of pyradiomics' marching-cubes mesh of a one-slice mask.

    Parameters
    ----------
    padded : ndarray of bool, shape (h + 2, w + 2)
        Mask with a margin of one pixel of False.
    spacing : ndarray, shape (3,)
        Voxel size (slice, row, column).

    Returns
    -------
    surface, volume : float
        In squared and cubed units of `spacing`.
    """
    counts = count_patterns(padded)
    area, volume = _facets(*spacing.tolist())
    surface = float((counts * (area[0] + area[1])).sum())
    eighths = int((counts * (volume[0] + volume[1])).sum())
    return surface, eighths * float(np.prod(spacing)) / 48.0


def mesh_2d(padded: np.ndarray, spacing: np.ndarray) -> tuple[float, float]:
    """Perimeter and surface of pyradiomics' marching-squares contour.

    Parameters
    ----------
    padded : ndarray of bool, shape (h + 2, w + 2)
        Mask with a margin of one pixel of False.
    spacing : ndarray, shape (2,)
        Pixel size (row, column).

    Returns
    -------
    perimeter, surface : float
        In units and squared units of `spacing`.
    """
    counts = count_patterns(padded)
    y, x = (float(value) for value in spacing)
    slant = 0.5 * np.hypot(y, x)
    length = np.zeros(16)
    eighths = np.zeros(16, np.int64)
    length[list(_SINGLES + _TRIPLES)] = slant
    length[list(_DIAGONALS)] = 2 * slant
    length[list(_ROWS)], length[list(_COLUMNS)] = x, y
    eighths[list(_SINGLES)], eighths[list(_DIAGONALS)] = 1, 2
    eighths[list(_ROWS + _COLUMNS)], eighths[list(_TRIPLES)], eighths[15] = 4, 7, 8
    return float((counts * length).sum()), int((counts * eighths).sum()) * y * x / 8.0


@compiled
def _row_extremes(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last column of the mask in every row; -1 where the row is empty."""
    first = np.full(mask.shape[0], -1, np.int64)
    last = np.full(mask.shape[0], -1, np.int64)
    for y in range(mask.shape[0]):
        for x in range(mask.shape[1]):
            if mask[y, x]:
                if first[y] < 0:
                    first[y] = x
                last[y] = x
    return first, last


@compiled
def _difference_extremes(padded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First and last column where row y and row y + 1 differ; -1 where they never do."""
    first = np.full(padded.shape[0] - 1, -1, np.int64)
    last = np.full(padded.shape[0] - 1, -1, np.int64)
    for y in range(padded.shape[0] - 1):
        for x in range(padded.shape[1]):
            if padded[y, x] != padded[y + 1, x]:
                if first[y] < 0:
                    first[y] = x
                last[y] = x
    return first, last


@compiled
def _hull(points: np.ndarray) -> np.ndarray:
    """Convex hull of points sorted by row then column (monotone chain), exact in halves."""
    n = len(points)
    if n < 3:
        return points.copy()
    hull = np.empty((2 * n + 2, 2))
    k = 0
    for sweep in range(2):
        start = k
        for step in range(n):
            p = points[step] if sweep == 0 else points[n - 1 - step]
            while k - start >= 2 and (
                (hull[k - 1, 0] - hull[k - 2, 0]) * (p[1] - hull[k - 2, 1])
                - (hull[k - 1, 1] - hull[k - 2, 1]) * (p[0] - hull[k - 2, 0])
                <= 0
            ):
                k -= 1
            hull[k] = p
            k += 1
        k -= 1  # the last point of a sweep is the first of the next
    return hull[: max(k, 1)].copy()


@compiled
def _largest(a: np.ndarray, b: np.ndarray, dz: float, y_size: float, x_size: float) -> float:
    """Largest squared distance between two planes' points, `dz` apart."""
    best = 0.0
    for i in range(len(a)):
        for j in range(len(b)):
            dy = a[i, 0] * y_size - b[j, 0] * y_size
            dx = a[i, 1] * x_size - b[j, 1] * x_size
            distance = dz * dz + dy * dy + dx * dx
            if distance > best:
                best = distance
    return best


@compiled
def _add_ends(points: np.ndarray, n: int, first: int, last: int, row: float, column: float) -> int:
    """Add both ends of a row, `column` pixels outside; the number of points after that."""
    if first < 0:
        return n
    points[n, 0] = points[n + 1, 0] = row
    points[n, 1], points[n + 1, 1] = first - column, last + column
    return n + 2


@compiled
def _hulls(padded: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Convex hulls of pixel centres, and of edge midpoints in the slice's own plane."""
    first, last = _row_extremes(padded)
    first_between, last_between = _difference_extremes(padded)
    height = len(first)
    centres, midpoints = np.empty((2 * height, 2)), np.empty((4 * height, 2))
    n = m = 0
    for y in range(height):
        n = _add_ends(centres, n, first[y], last[y], y, 0.0)
        # The outermost column-edge midpoint of a row lies half a pixel outside its end pixels.
        m = _add_ends(midpoints, m, first[y], last[y], y, 0.5)
        if y + 1 < height:
            m = _add_ends(midpoints, m, first_between[y], last_between[y], y + 0.5, 0.0)
    return _hull(centres[:n]), _hull(midpoints[:m])


@compiled
def _widths(padded: np.ndarray) -> tuple[int, int]:
    """Most pixels between two of a row, and between two edge midpoints below a row."""
    first, last = _row_extremes(padded)
    first_between, last_between = _difference_extremes(padded)
    return (last - first).max(), (last_between - first_between).max()


def _aligned(padded: np.ndarray, dz: float, size: float) -> float:
    """Largest squared distance between two vertices in one row of the padded mask."""
    width, between = (float(value) for value in _widths(padded))
    slanted, half = width * size, (width + 0.5) * size
    return max(
        ((width + 1) * size) ** 2,
        dz * dz + slanted * slanted,
        (0.5 * dz) ** 2 + half * half,
        (between * size) ** 2,
    )


def diameters_3d(padded: np.ndarray, spacing: np.ndarray) -> tuple[float, float, float, float]:
    """Largest distances between mesh vertices: in a slice, a row, a column, and overall.

    Parameters
    ----------
    padded : ndarray of bool, shape (h + 2, w + 2)
        Mask with a margin of one pixel of False.
    spacing : ndarray, shape (3,)
        Voxel size (slice, row, column).

    Returns
    -------
    tuple of float
        pyradiomics' Maximum2DDiameterSlice, -Column (same row), -Row (same column) and
        Maximum3DDiameter.
    """
    z, y, x = (float(value) for value in spacing)
    centres, midpoints = _hulls(padded)
    in_slice = max(_largest(centres, centres, 0.0, y, x), _largest(midpoints, midpoints, 0.0, y, x))
    overall = max(
        in_slice,
        _largest(centres, centres, z, y, x),
        _largest(centres, midpoints, 0.5 * z, y, x),
    )
    same_row = _aligned(padded, z, x)
    same_column = _aligned(np.ascontiguousarray(padded.T), z, y)
    return tuple(np.sqrt([in_slice, same_row, same_column, overall]).tolist())


def diameter_2d(padded: np.ndarray, spacing: np.ndarray) -> float:
    """Largest distance between two vertices of the marching-squares contour."""
    y, x = (float(value) for value in spacing)
    _, hull = _hulls(padded)
    return float(np.sqrt(_largest(hull, hull, 0.0, y, x)))


def _padded(mask: np.ndarray) -> np.ndarray:
    """Mask with a margin of one pixel of False."""
    padded = np.zeros((mask.shape[0] + 2, mask.shape[1] + 2), dtype=bool)
    padded[1:-1, 1:-1] = mask
    return padded


def _root(value: float) -> float:
    return float(np.sqrt(value)) if value >= 0 else float("nan")


def shape_features_3d(mask: np.ndarray, spacing: np.ndarray) -> list[float]:
    """Pyradiomics' fourteen shape features of a one-slice mask, in its column order.

    Parameters
    ----------
    mask : ndarray of bool, shape (h, w)
        The lesion in its bounding box.
    spacing : ndarray, shape (3,)
        Voxel size (slice, row, column).

    Returns
    -------
    list of float, length 14
    """
    padded = _padded(mask)
    surface, volume = mesh_3d(padded, spacing)
    in_slice, same_row, same_column, overall = diameters_3d(padded, spacing)
    least, minor, major = principal_moments(padded, spacing)
    z, y, x = spacing
    return [
        _root(minor / major) if minor >= 0 else float("nan"),
        _root(least / major) if least >= 0 else float("nan"),
        _root(least) * 4,
        _root(major) * 4,
        same_row,
        same_column,
        in_slice,
        overall,
        volume,
        _root(minor) * 4,
        (36 * np.pi * volume**2) ** (1.0 / 3.0) / surface,
        surface,
        surface / volume,
        float(mask.sum() * (z * x * y)),
    ]


def shape_features_2d(mask: np.ndarray, spacing: np.ndarray) -> list[float]:
    """Pyradiomics' nine two-dimensional shape features, in its column order.

    Parameters
    ----------
    mask : ndarray of bool, shape (h, w)
        The lesion in its bounding box.
    spacing : ndarray, shape (2,)
        Pixel size (row, column).

    Returns
    -------
    list of float, length 9
    """
    padded = _padded(mask)
    perimeter, surface = mesh_2d(padded, spacing)
    minor, major = principal_moments(padded, spacing)
    y, x = spacing
    return [
        _root(minor / major) if minor >= 0 else float("nan"),
        _root(major) * 4,
        diameter_2d(padded, spacing),
        surface,
        _root(minor) * 4,
        perimeter,
        perimeter / surface,
        float(mask.sum() * (x * y)),
        2 * float(np.sqrt(np.pi * surface)) / perimeter,
    ]
