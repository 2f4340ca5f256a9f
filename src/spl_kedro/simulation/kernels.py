"""Loops over scatterers, lung and pixels, compiled by numba.

They add, multiply and look up only, in single precision where not said otherwise, so that every
processor gives the same bits; sines and powers are left to numpy.
"""

from __future__ import annotations

import numba
import numpy as np


@numba.njit(cache=True, nogil=True, error_model="numpy")
def keep_scatterers(
    position: np.ndarray,
    across: np.ndarray,
    chance: np.ndarray,
    density: np.ndarray,
    inner_mm: np.float32,
    span_mm2: np.float32,
    step_mm: np.float32,
) -> np.ndarray:
    """Place points in a sector and keep them with the probability of their cell.

    Parameters
    ----------
    position : ndarray of float32, shape (points,)
        Share of the sector's area nearer than a point, 0 to 1. Overwritten: it starts with the
        depths of the points that are kept, in mm.
    across, chance : ndarray of float32, shape (points,)
        Share of the sector's angle, and what decides whether a point is kept, 0 to 1.
    density : ndarray of float32, shape (samples, beams)
        Probability of being kept.
    inner_mm, span_mm2, step_mm : float32
        Radius of the probe face, difference of the squared outer and inner radius, and sample
        spacing.

    Returns
    -------
    ndarray of int32, shape (kept,)
        Each kept point's cell: row x beams + column.
    """
    samples, beams = np.int32(density.shape[0]), np.int32(density.shape[1])
    width, half, nearest = np.float32(beams), np.float32(0.5), inner_mm * inner_mm
    cells = np.empty(len(position), np.int32)
    # Two loops: the first one is the same for every point and runs on several at once.
    for point in range(len(position)):
        depth = np.sqrt(position[point] * span_mm2 + nearest) - inner_mm
        row = min(np.int32(depth / step_mm + half), samples - np.int32(1))
        column = min(np.int32(across[point] * width), beams - np.int32(1))
        position[point], cells[point] = depth, row * beams + column
    flat = density.ravel()
    kept = 0
    for point in range(len(position)):
        depth, cell = position[point], cells[point]
        # Written in any case: a branch that cannot be foreseen takes longer.
        position[kept], cells[kept] = depth, cell
        kept += chance[point] < flat[cell]
    return cells[:kept].copy()


@numba.njit(cache=True, nogil=True, error_model="numpy")
def add_echoes(
    cells: np.ndarray,
    signs: np.ndarray,
    cosine: np.ndarray,
    sine: np.ndarray,
    amplitude: np.ndarray,
) -> np.ndarray:
    """Add up the echoes of point scatterers by cell, in double precision.

    Parameters
    ----------
    cells : ndarray of int32, shape (points,)
        Where each lies.
    signs : ndarray of int8, shape (points,)
        0 where the echo is inverted, 1 otherwise.
    cosine, sine : ndarray of float32, shape (points,)
        Of the echo's phase.
    amplitude : ndarray of float32, shape (samples, beams)
        Amplitude of a scatterer by cell.

    Returns
    -------
    ndarray of complex64, shape (samples, beams)
    """
    flat = amplitude.ravel()
    total = np.zeros((flat.size, 2))
    for point in range(len(cells)):
        cell = cells[point]
        strength = flat[cell] if signs[point] else -flat[cell]
        total[cell, 0] += strength * cosine[point]
        total[cell, 1] += strength * sine[point]
    return total.astype(np.float32).view(np.complex64).reshape(amplitude.shape)


@numba.njit(cache=True, nogil=True, error_model="numpy")
def lung_level(
    lung: np.ndarray,
    onset: np.ndarray,
    fading: np.ndarray,
    uneven: np.ndarray,
    across: np.ndarray,
    along: np.ndarray,
    profiles: np.ndarray,
) -> np.ndarray:
    """Return the level of haze and B-lines in the aerated lung, in dB.

    Parameters
    ----------
    lung : ndarray of bool, shape (samples, beams)
        The aerated lung.
    onset : ndarray of int64, shape (beams,)
        Row at which the haze begins.
    fading : ndarray of float64, shape (samples,)
        Level by number of rows behind the onset.
    uneven, across : ndarray of float32, shapes (samples, beams) and (beams,)
        Added to it.
    along, profiles : ndarray of float32, shapes (lines, samples) and (lines, beams)
        Strength of the B-lines by row, and their profiles.

    Returns
    -------
    ndarray of float32, shape (count of lung,)
        In the order of the rows.
    """
    samples, beams = lung.shape
    level = np.empty(samples * beams, np.float32)
    count = 0
    for row in range(samples):
        for beam in range(beams):
            if lung[row, beam]:
                value = fading[max(row - onset[beam], 0)] + uneven[row, beam] + across[beam]
                for line in range(len(along)):
                    value += along[line, row] * profiles[line, beam]
                level[count] = value
                count += 1
    return level[:count].copy()


@numba.njit(cache=True, nogil=True, error_model="numpy")
def fill_lung(
    lung: np.ndarray,
    noise: np.ndarray,
    strength: np.ndarray,
    ring: np.ndarray,
    share: np.ndarray,
    rest: np.ndarray,
    field: np.ndarray,
    start: np.ndarray,
    mirror: np.ndarray,
) -> np.ndarray:
    """Return haze, ring-down and reverberation in the aerated lung.

    Parameters
    ----------
    lung : ndarray of bool, shape (samples, beams)
        The aerated lung.
    noise : ndarray of complex64, shape (samples, beams)
        Of unit power.
    strength : ndarray of float32, shape (count of lung,)
        Amplitude of haze and ring-down.
    ring : ndarray of complex64, shape (samples,)
        Noise that is coherent across the beams.
    share, rest : ndarray of float32, shape (beams,)
        Factors on ring and noise.
    field : ndarray of complex64, shape (samples, beams)
        Echoes of the chest wall, which lie above ``start`` + 4 rows.
    start : ndarray of int32, shape (beams,)
        Row of the pleura.
    mirror : ndarray of float32, shape (trips, beams)
        Amplitude of the chest wall's image after each further round trip.

    Returns
    -------
    ndarray of complex64, shape (samples, beams)
        0 outside the aerated lung.
    """
    samples, beams = lung.shape
    result = np.zeros((samples, beams), np.complex64)
    count = 0
    for row in range(samples):
        for beam in range(beams):
            if not lung[row, beam]:
                continue
            factor = strength[count]
            count += 1
            haze, coherent = noise[row, beam], ring[row]
            real = (haze.real * rest[beam] + coherent.real * share[beam]) * factor
            imaginary = (haze.imag * rest[beam] + coherent.imag * share[beam]) * factor
            for trip in range(len(mirror)):
                source = row - (trip + 1) * start[beam]
                if 0 <= source <= start[beam] + 3:
                    echo = field[source, beam]
                    real += echo.real * mirror[trip, beam]
                    imaginary += echo.imag * mirror[trip, beam]
            result[row, beam] = complex(real, imaginary)
    return result


@numba.njit(cache=True, nogil=True, error_model="numpy")
def accumulate(coefficient: np.ndarray, per_sample: np.float32, weights: np.ndarray) -> np.ndarray:
    """Add up a coefficient along the beams, then average across them.

    Parameters
    ----------
    coefficient : ndarray of float32, shape (samples, beams)
        What every sample contributes.
    per_sample : float32
        Factor on the sum.
    weights : ndarray of float64, shape (2 x reach + 1,)
        Of the beams averaged, the same from both ends. Beyond the outer beams their values go on.

    Returns
    -------
    ndarray of float32, shape (samples, beams)
        Averaged in double precision, from the outermost weights to the inner ones after the
        middle one, as :func:`scipy.ndimage.correlate1d` does.
    """
    samples, beams = coefficient.shape
    reach = len(weights) // 2
    line, mean = np.empty(beams + 2 * reach), np.empty(beams)
    total = np.zeros(beams, np.float32)
    result = np.empty((samples, beams), np.float32)
    for row in range(samples):
        for beam in range(beams):
            total[beam] += coefficient[row, beam]
            line[reach + beam] = total[beam] * per_sample
        line[:reach], line[reach + beams :] = line[reach], line[reach + beams - 1]
        for beam in range(beams):
            mean[beam] = line[beam + reach] * weights[reach]
        for step in range(reach):
            other = 2 * reach - step
            for beam in range(beams):
                mean[beam] += (line[beam + step] + line[beam + other]) * weights[step]
        result[row] = mean
    return result


@numba.njit(cache=True, nogil=True, error_model="numpy")
def interpolate(
    beams: np.ndarray, corner: np.ndarray, down: np.ndarray, across: np.ndarray
) -> np.ndarray:
    """Interpolate bilinearly between four neighbouring samples.

    Parameters
    ----------
    beams : ndarray of float32, shape (samples, beams)
        Data on the polar grid.
    corner : ndarray of int32, shape (pixels,)
        Each pixel's upper left sample: row x beams + column.
    down, across : ndarray of float32, shape (pixels,)
        Position between the samples, 0 to 1.

    Returns
    -------
    ndarray of float32, shape (pixels,)
    """
    flat, width, one = beams.ravel(), beams.shape[1], np.float32(1)
    result = np.empty(len(corner), np.float32)
    for pixel in range(len(corner)):
        upper, right = corner[pixel], across[pixel]
        lower, left = upper + width, one - right
        above = flat[upper] * left + flat[upper + 1] * right
        below = flat[lower] * left + flat[lower + 1] * right
        result[pixel] = above * (one - down[pixel]) + below * down[pixel]
    return result
