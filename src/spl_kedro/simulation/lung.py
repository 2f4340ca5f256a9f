"""Aerated lung: no tissue echo, only reverberation (A-lines), ring-down (B-lines), haze."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.simulation import kernels
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
    start = (wall.pleura_depth / grid.step + 0.5).astype(np.int32)
    # Where the lung begins: at the pleura, or behind the lesion.
    last = samples - 1 - np.argmax(tissue.lesion[::-1], axis=0)
    behind = tissue.lesion.any(axis=0)
    onset = np.where(behind, last, start)
    # Strong just below the surface, then a slow decay; uneven across, as the surface is.
    since = np.arange(samples) * np.float32(grid.step)
    fading = air.haze_db + 4 * np.exp(-since / np.float32(7.0)) - np.float32(0.03) * since
    uneven = 1.6 * smooth_field(rng, grid.shape, (140.0, 6.0))
    across = 2.2 * smooth_curve(rng, beams, 16)
    along = np.empty((len(air.b_lines), samples), np.float32)
    profiles = np.empty((len(air.b_lines), beams), np.float32)
    for line, (angle, width, strength) in enumerate(air.b_lines):
        along[line] = strength + 1.5 * smooth_curve(rng, samples, 20)
        profiles[line] = np.exp(-0.5 * ((grid.theta - angle) / width) ** 2)
    level = kernels.lung_level(tissue.lung, onset, fading, uneven, across, along, profiles)
    noise = complex_noise(rng, grid.shape)
    # Ring-down repeats along the beam and is coherent across its width.
    ring = complex_noise(rng, (samples,)) if air.b_lines else np.zeros(samples, np.complex64)
    share = np.minimum(profiles.sum(axis=0), 1) * np.float32(0.8)
    # Every round trip between probe and pleura shows the chest wall once more.
    loss = [10 ** (trip * air.reverberation_db / 20) for trip in (1, 2, 3)]
    mirror = np.array(loss, np.float32)[:, None] * np.where(behind, 0.15, 1.0).astype(np.float32)
    return kernels.fill_lung(
        tissue.lung,
        noise,
        np.power(np.float32(10), level / 20),
        ring,
        share,
        np.sqrt(1 - share**2),
        field,
        start,
        mirror,
    )
