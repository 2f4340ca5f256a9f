"""Scatterers: random points and reflecting sheets put on the beams' grid as baseband echoes."""

from __future__ import annotations

import numpy as np

from spl_kedro.simulation import kernels
from spl_kedro.simulation.anatomy import Sheet, Tissue
from spl_kedro.simulation.lesion_shape import LesionShape
from spl_kedro.simulation.scanner import PolarGrid

# Scatterers per square millimetre where the relative density is 1: about twenty in the
# smallest resolution cell of the default scanner, enough for fully developed speckle. All are
# equally strong within a tissue, harder or softer than their surroundings (either sign).
DENSITY_PER_MM2 = 40.0


def scatter(
    rng: np.random.Generator, grid: PolarGrid, tissue: Tissue, wavelength_mm: float
) -> np.ndarray:
    """Strew point scatterers over the tissue and return their baseband echo.

    Points lie anywhere (uniform by area), not on the grid; a point's phase is that of its
    true two-way distance. Denser tissue has more points, and echogenicity sets the mean
    power whatever the density.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    grid : PolarGrid
        Where the echoes are collected.
    tissue : Tissue
        Density and echogenicity.
    wavelength_mm : float
        Wavelength of the centre frequency.

    Returns
    -------
    ndarray of complex64, shape (samples, beams)
        Mean power 1 per sample in tissue of 0 dB.
    """
    inner, outer = grid.radius_mm, grid.radius_mm + float(grid.depth[-1])
    spread = float(grid.theta[-1] - grid.theta[0])
    area = spread / 2 * (outer**2 - inner**2)
    count = int(rng.poisson(DENSITY_PER_MM2 * area))
    position, across, chance = (rng.random(count, np.float32) for _ in range(3))
    cells = kernels.keep_scatterers(
        position,
        across,
        chance,
        tissue.density,
        np.float32(inner),
        np.float32(outer**2 - inner**2),
        np.float32(grid.step),
    )
    signs = rng.integers(0, 2, len(cells), np.int8)
    phase = position[: len(cells)] * np.float32(-4 * np.pi / wavelength_mm)
    return kernels.add_echoes(cells, signs, np.cos(phase), np.sin(phase), _amplitude(grid, tissue))


def _amplitude(grid: PolarGrid, tissue: Tissue) -> np.ndarray:
    """Return the amplitude of a scatterer in each cell, whose density sets how many share it."""
    amplitude = np.zeros(grid.shape, np.float32)
    tissues = tissue.density > 0
    # Expected scatterers in a cell: a cell's area grows with its distance.
    per_cell = DENSITY_PER_MM2 * grid.step * grid.pitch * (grid.radius_mm + grid.depth)
    expected = tissue.density * per_cell.astype(np.float32)[:, None]
    level = np.power(np.float32(10), tissue.echogenicity_db[tissues] / 20)
    amplitude[tissues] = level / np.sqrt(expected[tissues])
    return amplitude


def reflect(
    rng: np.random.Generator,
    field: np.ndarray,
    grid: PolarGrid,
    sheets: list[Sheet],
    wavelength_mm: float,
) -> None:
    """Add reflecting sheets to a baseband field in place.

    A sheet is partly a mirror, whose echoes add up where it lies across the beam, and
    partly rough, which makes it show at every angle with speckle.
    """
    samples, beams = field.shape
    layers = [(sheet, layer) for sheet in sheets for layer in range(sheet.layers)]
    depths = [sheet.depth + 0.32 * layer for sheet, layer in layers]
    row = np.stack([np.round(depth / grid.step).astype(int) for depth in depths])
    phase = np.exp(-4j * np.pi / wavelength_mm * np.stack(depths).astype(np.float64))
    rough = rng.standard_normal((len(layers), 2, beams))
    echo = 0.75 * phase + 0.6 * (rough[:, 0] + 1j * rough[:, 1])
    strength_db = np.stack([sheet.strength_db - 2.5 * layer for sheet, layer in layers])
    echo = echo * 10 ** (strength_db / 20)
    seen = (row >= 0) & (row < samples)
    column = np.broadcast_to(np.arange(beams), row.shape)
    np.add.at(field, (row[seen], column[seen]), echo[seen].astype(np.complex64))


def bronchograms(
    rng: np.random.Generator,
    field: np.ndarray,
    grid: PolarGrid,
    lesion: np.ndarray,
    shape: LesionShape,
    count: int,
    strength_db: float,
) -> None:
    """Add air-filled bronchi to the lesion in place: bright, broken, branching lines.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    field : ndarray of complex64, shape (samples, beams)
        Baseband field to add to.
    grid : PolarGrid
        The field's grid.
    lesion : ndarray of bool, shape (samples, beams)
        Only echoes inside the lesion are kept.
    shape : LesionShape
        Where the lesion lies.
    count : int
        Number of bronchi.
    strength_db : float
        Strength relative to muscle.
    """
    xs = ys = np.zeros(0)
    for _ in range(count):
        x = shape.x + rng.uniform(-0.5, 0.5) * shape.half_width
        y = max(shape.y, float(shape.pleura_at(np.array(x))))
        y += rng.uniform(0.1, 0.6) * shape.half_height
        if len(xs) and rng.random() < 0.5:  # a branch of the bronchus before
            fork = int(rng.integers(len(xs)))
            x, y = float(xs[fork]), float(ys[fork])
        length = int(rng.uniform(0.4, 0.9) * shape.radius / 0.25)
        heading = rng.normal(-np.pi / 2, 0.7) + np.cumsum(rng.normal(0, 0.06, length))
        xs, ys = x + 0.25 * np.cumsum(np.cos(heading)), y + 0.25 * np.cumsum(np.sin(heading))
        gaps = np.sin(np.arange(length) * rng.uniform(0.15, 0.5) + rng.uniform(0, 6)) > -0.3
        radius = np.hypot(xs, ys + grid.radius_mm)
        row = np.round((radius - grid.radius_mm) / grid.step).astype(int)
        column = np.round(
            (np.arctan2(xs, ys + grid.radius_mm) - grid.theta[0]) / grid.pitch
        ).astype(int)
        strength = 10 ** (strength_db / 20) * gaps
        echo = strength * (rng.standard_normal(length) + 1j * rng.standard_normal(length))
        seen = (row >= 0) & (row < field.shape[0]) & (column >= 0) & (column < field.shape[1])
        seen[seen] = lesion[row[seen], column[seen]]
        np.add.at(field, (row[seen], column[seen]), echo[seen].astype(np.complex64))
