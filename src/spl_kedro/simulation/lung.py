"""Aerated lung: no tissue echo, only reverberation (A-lines), ring-down (B-lines), haze."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.simulation.anatomy import ChestWall, Tissue
from spl_kedro.simulation.noise import complex_noise, smooth_curve, smooth_field
from spl_kedro.simulation.scanner import PolarGrid


@dataclass(frozen=True)
class LungAir:
    """How one patient's aerated lung looks; unrelated to the lesion's class.

    Attributes
    ----------
    attenuation : float
        Effective fading with depth in dB/cm/MHz.
    haze_db : float
        Level of diffuse multiple scattering just below the pleura, to muscle.
    reverberation_db : float
        Loss at each further round trip between probe and pleura.
    b_lines : tuple of tuple of float
        Angle (radians), width (radians) and strength (dB) of each B-line.
    """

    attenuation: float
    haze_db: float
    reverberation_db: float
    b_lines: tuple[tuple[float, float, float], ...]


def draw_lung(rng: np.random.Generator, grid_half_angle: float, tgc: float) -> LungAir:
    """Draw a patient's lung artefacts; ``tgc`` is the gain's nominal dB/cm/MHz."""
    count = min(int(rng.poisson(0.9)), 5)
    lines = tuple(
        (
            float(rng.uniform(-0.8, 0.8) * grid_half_angle),
            float(rng.uniform(0.006, 0.022)),
            float(rng.uniform(2, 9)),
        )
        for _ in range(count)
    )
    return LungAir(
        attenuation=float(tgc + rng.uniform(0.05, 0.5)),
        haze_db=float(rng.normal(-2.5, 2.5)),
        reverberation_db=float(rng.uniform(-22, -7)),
        b_lines=lines,
    )


def artefacts(
    rng: np.random.Generator,
    field: np.ndarray,
    grid: PolarGrid,
    wall: ChestWall,
    tissue: Tissue,
    air: LungAir,
) -> np.ndarray:
    """Return the artefact field that fills the aerated lung.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    field : ndarray of complex64, shape (samples, beams)
        Echoes of chest wall and pleura, without attenuation.
    grid : PolarGrid
        The field's grid.
    wall, tissue, air : ChestWall, Tissue, LungAir
        The patient.

    Returns
    -------
    ndarray of complex64, shape (samples, beams)
        Zero outside the aerated lung. Attenuation is still to be applied.
    """
    samples, beams = grid.shape
    rows, columns = np.nonzero(tissue.lung)
    start = (wall.pleura_depth / grid.step + 0.5).astype(np.int32)
    # Where the lung begins: at the pleura, or behind the lesion.
    last = samples - 1 - np.argmax(tissue.lesion[::-1], axis=0)
    behind = tissue.lesion.any(axis=0)
    onset = np.where(behind, last, start)
    # Strong just below the surface, then a slow decay; uneven across, as the surface is.
    since = np.arange(samples) * np.float32(grid.step)
    fading = air.haze_db + 4 * np.exp(-since / np.float32(7.0)) - np.float32(0.03) * since
    level = fading[np.maximum(rows - onset[columns], 0)]
    level += (1.6 * smooth_field(rng, grid.shape, (140.0, 6.0)))[tissue.lung]
    level += (2.2 * smooth_curve(rng, beams, 16))[columns]
    profiles = [
        np.exp(-0.5 * ((grid.theta - angle) / width) ** 2) for angle, width, _ in air.b_lines
    ]
    for profile, (_, _, strength) in zip(profiles, air.b_lines, strict=True):
        along = strength + 1.5 * smooth_curve(rng, samples, 20)
        level += along[rows] * profile[columns]
    noise = complex_noise(rng, grid.shape)[tissue.lung]
    if profiles:
        # Ring-down repeats along the beam and is coherent across its width.
        ring = complex_noise(rng, (samples, 1))[:, 0]
        share = np.minimum(sum(profiles), 1) * np.float32(0.8)
        noise = noise * np.sqrt(1 - share**2)[columns] + ring[rows] * share[columns]
    result = np.zeros(grid.shape, np.complex64)
    result[tissue.lung] = noise * np.power(np.float32(10), level.astype(np.float32) / 20)
    _reverberate(result, field, start, np.where(behind, 0.15, 1.0), tissue.lung, air)
    return result


def _reverberate(
    result: np.ndarray,
    field: np.ndarray,
    start: np.ndarray,
    mirror: np.ndarray,
    lung: np.ndarray,
    air: LungAir,
) -> None:
    """Show the chest wall once more in the lung for every round trip between probe and pleura."""
    samples, beams = field.shape
    rows, columns = np.nonzero(np.arange(min(start.max() + 4, samples))[:, None] <= start + 3)
    echo, source = field[rows, columns], rows * beams + columns
    for trip in (1, 2, 3):
        strength = mirror.astype(np.float32) * np.float32(10 ** (trip * air.reverberation_db / 20))
        target = source + (trip * beams * start)[columns]
        shown = np.flatnonzero(target < lung.size)
        shown = shown[lung.ravel()[target[shown]]]
        result.ravel()[target[shown]] += echo[shown] * strength[columns[shown]]
