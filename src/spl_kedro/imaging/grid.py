"""Where the pixels of a file lie in the patient, and bringing an outline to its image's pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule

#: Places closer than this part of a pixel are the same place.
TOLERANCE_PIXELS = 0.01


@dataclass(frozen=True)
class Grid:
    """Places of the pixels of one frame, as its header states them.

    The pixel in row r and column c lies at ``origin + r * row_step + c * column_step``, in
    millimetres, in the patient's coordinates of DICOM (left, posterior, superior).

    Attributes
    ----------
    origin, row_step, column_step : ndarray of float64, shape (3,)
    planar : bool
        True where the file has two dimensions only, so that nothing is known across the plane.
    thickness_mm : float
        Distance between slices where the file states one, else 0.
    """

    origin: np.ndarray
    row_step: np.ndarray
    column_step: np.ndarray
    planar: bool = True
    thickness_mm: float = 0.0

    @property
    def spacing_mm(self) -> tuple[float, float]:
        """Distance between rows and between columns."""
        return float(np.linalg.norm(self.row_step)), float(np.linalg.norm(self.column_step))

    @property
    def states_size(self) -> bool:
        """Whether the header states a pixel size; unit spacing is what is stored when none is."""
        return not np.allclose(self.spacing_mm, 1.0, rtol=0, atol=1e-6)

    @property
    def steps(self) -> np.ndarray:
        """Steps of a row and of a column as the columns of a matrix, shape (3, 2)."""
        return np.stack([self.row_step, self.column_step], axis=1)

    @property
    def directions(self) -> np.ndarray:
        """Unit vectors of a row's and a column's step, shape (3, 2)."""
        return self.steps / np.asarray(self.spacing_mm)


def bring_to_image(
    mask: np.ndarray, grid: Grid | None, image_shape: tuple[int, int], image_grid: Grid | None
) -> np.ndarray:
    """Return an outline on the pixels of its image.

    Where both headers have a grid, and both or neither states a pixel size, an image pixel
    belongs to the lesion when the outline's pixel nearest to its centre does. Otherwise the
    outline's pixels are taken in the order of the file.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
        The outline as its file stores it.
    grid, image_grid : Grid or None
        None where the file states none.
    image_shape : tuple of int
        Height and width of the image.

    Returns
    -------
    ndarray of bool
        Of the image's shape where places are known, else of the outline's own.

    Raises
    ------
    UnusableLesionError
        If the outline lies in another plane, reaches out of the image, or runs another way in a
        header that cannot be compared.
    """
    if grid is None or image_grid is None:
        return mask
    if grid.states_size != image_grid.states_size:
        if not np.allclose(grid.directions, image_grid.directions, rtol=0, atol=1e-3):
            raise UnusableLesionError(
                Rule.SAME_ORIENTATION,
                "rows and columns of outline and image run differently, and only one of the two "
                "headers states a pixel size.",
            )
        return mask
    _check_plane(grid, image_grid)
    forward = np.linalg.pinv(image_grid.steps)
    _check_inside(
        mask, forward @ grid.steps, forward @ (grid.origin - image_grid.origin), image_shape
    )
    back = np.linalg.pinv(grid.steps)
    turn, offset = back @ image_grid.steps, back @ (image_grid.origin - grid.origin)
    rows, columns = np.indices(image_shape, sparse=True)
    # A hair above one half, so that rounding errors of the header decide no tie.
    nearest = [
        np.floor(turn[k, 0] * rows + turn[k, 1] * columns + offset[k] + 0.5 + 1e-6).astype(np.int64)
        for k in range(2)
    ]
    known = np.ones(image_shape, dtype=bool)
    for index, size in zip(nearest, mask.shape, strict=True):
        known &= (index >= 0) & (index < size)
    placed = np.zeros(image_shape, dtype=bool)
    placed[known] = mask[nearest[0][known], nearest[1][known]]
    return placed


def _check_plane(grid: Grid, image_grid: Grid) -> None:
    """Raise if an outline lies in another plane than its image."""
    normal = np.cross(*image_grid.directions.T)
    normal = normal / np.linalg.norm(normal)
    tilted = np.abs(normal @ grid.directions).max() > 1e-3
    distance = 0.0
    if not (grid.planar or image_grid.planar):
        distance = abs(float(normal @ (grid.origin - image_grid.origin)))
    allowed = max(max(grid.thickness_mm, image_grid.thickness_mm) / 2, TOLERANCE_PIXELS)
    if tilted or distance > allowed:
        raise UnusableLesionError(
            Rule.SAME_PLANE,
            "the headers place the outline in another plane than the image.",
        )


def _check_inside(
    mask: np.ndarray, turn: np.ndarray, offset: np.ndarray, image_shape: tuple[int, int]
) -> None:
    """Raise if a pixel of the outline has its centre outside the image."""
    places = turn @ np.stack(np.nonzero(mask)) + offset[:, None]
    edge = 0.5 + TOLERANCE_PIXELS
    last = np.asarray(image_shape)[:, None] - 1
    outside = int(((places < -edge) | (places > last + edge)).any(axis=0).sum())
    if outside:
        raise UnusableLesionError(
            Rule.INSIDE,
            f"{outside} of the outline's {places.shape[1]} pixels lie outside the image, as the "
            "headers place them.",
        )
