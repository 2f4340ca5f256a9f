"""Geometry of a convex probe: the beams' polar grid and the scan conversion to pixels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from spl_kedro.simulation import kernels
from spl_kedro.simulation.settings import ScannerSettings

# Lines simulated beyond each edge of the sector, so that the beam there is complete.
MARGIN_LINES = 10


@dataclass(frozen=True)
class PolarGrid:
    """Samples along the beams of a convex probe.

    Lateral position x and depth y (mm) are measured from the middle of the probe face,
    y pointing into the patient; theta is a beam's angle from the middle beam.

    Attributes
    ----------
    depth : ndarray of float32, shape (samples,)
        Distance from the probe face along a beam in mm.
    theta : ndarray of float32, shape (beams,)
        Angle of each beam in radians, margins included.
    x, y : ndarray of float32, shape (samples, beams)
        Position of each sample in mm.
    radius_mm : float
        Radius of the probe face.
    """

    depth: np.ndarray
    theta: np.ndarray
    x: np.ndarray
    y: np.ndarray
    radius_mm: float

    @property
    def shape(self) -> tuple[int, int]:
        """Number of samples and beams."""
        return len(self.depth), len(self.theta)

    @property
    def step(self) -> float:
        """Sample spacing along a beam in mm."""
        return float(self.depth[1] - self.depth[0])

    @property
    def pitch(self) -> float:
        """Angle between two beams in radians."""
        return float(self.theta[1] - self.theta[0])


@dataclass(frozen=True)
class Raster:
    """Pixels of the exported image and where each lies.

    Attributes
    ----------
    pixel_mm : float
        Side of a square pixel in mm.
    x, y : ndarray of float32, shape (columns,) and (rows,)
        Position of the pixels in mm, as in :class:`PolarGrid`.
    sector : ndarray of bool, shape (rows, columns)
        True inside the scanned sector.
    """

    pixel_mm: float
    x: np.ndarray
    y: np.ndarray
    sector: np.ndarray
    _corner: np.ndarray
    _weights: tuple[np.ndarray, np.ndarray]

    def convert(self, beams: np.ndarray) -> np.ndarray:
        """Interpolate beam data bilinearly onto the pixels.

        Parameters
        ----------
        beams : ndarray of float32, shape (samples, beams)
            Detected, compressed data on the polar grid.

        Returns
        -------
        ndarray of float32, shape (rows, columns)
            The image; 0 outside the sector.
        """
        image = np.zeros(self.sector.shape, np.float32)
        image[self.sector] = kernels.interpolate(beams, self._corner, *self._weights)
        return image


@lru_cache(maxsize=32)
def polar_grid(scanner: ScannerSettings, depth_mm: float) -> PolarGrid:
    """Return the samples of a sector down to ``depth_mm``."""
    samples = int(np.ceil(depth_mm / scanner.axial_step_mm)) + 1
    depth = np.arange(samples, dtype=np.float32) * np.float32(scanner.axial_step_mm)
    half = np.deg2rad(scanner.field_of_view_deg) / 2
    pitch = 2 * half / (scanner.lines - 1)
    order = np.arange(scanner.lines + 2 * MARGIN_LINES) - MARGIN_LINES
    theta = (-half + pitch * order).astype(np.float32)
    radius = (scanner.radius_mm + depth)[:, None]
    x = (radius * np.sin(theta)).astype(np.float32)
    y = (radius * np.cos(theta) - scanner.radius_mm).astype(np.float32)
    return PolarGrid(depth, theta, x, y, scanner.radius_mm)


@lru_cache(maxsize=32)
def raster(scanner: ScannerSettings, depth_mm: float) -> Raster:
    """Return the pixels that show a sector of ``depth_mm`` as large as the image allows."""
    grid = polar_grid(scanner, depth_mm)
    half = np.deg2rad(scanner.field_of_view_deg) / 2
    outer = scanner.radius_mm + depth_mm
    top = scanner.radius_mm * (np.cos(half) - 1)
    border = 0.02
    pixel = max(
        2 * outer * np.sin(half) / (scanner.image_width * (1 - 2 * border)),
        (depth_mm - top) / (scanner.image_height * (1 - 2 * border)),
    )
    columns, rows = scanner.image_width, scanner.image_height
    x = ((np.arange(columns) - (columns - 1) / 2) * pixel).astype(np.float32)
    spare = rows * pixel - (depth_mm - top)
    y = (top - spare / 2 + (np.arange(rows) + 0.5) * pixel).astype(np.float32)
    radius = np.hypot(x[None, :], y[:, None] + scanner.radius_mm)
    angle = np.arctan2(x[None, :], y[:, None] + scanner.radius_mm)
    row = (radius - scanner.radius_mm) / grid.step
    column = (angle - grid.theta[0]) / grid.pitch
    sector = (
        (np.abs(angle) <= half) & (radius >= scanner.radius_mm) & (row < len(grid.depth) - 1.001)
    )
    row, column = row[sector], column[sector]
    corner = row.astype(np.int32) * len(grid.theta) + column.astype(np.int32)
    weights = ((row % 1).astype(np.float32), (column % 1).astype(np.float32))
    return Raster(float(pixel), x, y, sector, corner, weights)
