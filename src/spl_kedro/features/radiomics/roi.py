"""One lesion ready to be measured: image, outline, bounding box, and the rules it must pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Thickness given to a single slice: unknown in ultrasound, and only a factor of volumes.
SLICE_THICKNESS = 1.0


class UnmeasurableError(ValueError):
    """An image and outline that cannot be measured.

    Parameters
    ----------
    rule : str
        Short name of the rule it breaks.
    message : str
        What is wrong, with the numbers.
    remedy : str
        What the user can do about it.
    """

    def __init__(self, rule: str, message: str, remedy: str):
        super().__init__(rule, message, remedy)
        self.rule, self.message, self.remedy = rule, message, remedy

    def __str__(self) -> str:
        return f"{self.message} [{self.rule}] {self.remedy}"


@dataclass(frozen=True)
class Roi:
    """A lesion's image and outline with everything the feature classes share.

    Attributes
    ----------
    image : ndarray of float64, shape (H, W)
        Whole image.
    mask : ndarray of bool, shape (H, W)
        Whole outline.
    box : tuple of int
        Bounding box (top, bottom, left, right), bottom and right exclusive.
    outline : ndarray of bool, shape (h, w)
        The mask in its bounding box.
    rows, columns : ndarray of int64, shape (n,)
        Pixels of the outline in the bounding box, row by row.
    spacing : tuple of float
        Pixel size (row, column); 1 where unknown.
    largest : float
        Largest absolute grey value of the whole image.
    """

    image: np.ndarray
    mask: np.ndarray
    box: tuple[int, int, int, int]
    outline: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    spacing: tuple[float, float]
    largest: float

    @property
    def crop(self) -> tuple[slice, slice]:
        """Slices of the bounding box."""
        top, bottom, left, right = self.box
        return slice(top, bottom), slice(left, right)


def prepare(image: np.ndarray, mask: np.ndarray, spacing: tuple[float, float]) -> Roi:
    """Check a lesion and find its bounding box.

    Parameters
    ----------
    image : ndarray, shape (H, W)
        Grey values on the 8-bit scale.
    mask : ndarray, shape (H, W)
        The outline: True (or 1 or 255) inside.
    spacing : tuple of float
        Pixel size (row, column) to measure in.

    Returns
    -------
    Roi

    Raises
    ------
    UnmeasurableError
        When the image is not grey or not finite, lies in [0, 1], the outline is empty,
        has another shape, is a single pixel or a straight line one pixel wide.
    """
    # Bin edges of an 8-bit array overflow under NumPy 2: float64 before anything else.
    image = np.ascontiguousarray(image, dtype=np.float64)
    mask = np.ascontiguousarray(mask)
    if image.ndim != 2:
        raise UnmeasurableError(
            "image_is_grey",
            f"the image has shape {image.shape}",
            "Convert colour images to grey first.",
        )
    if mask.shape != image.shape:
        raise UnmeasurableError(
            "outline_fits_image",
            f"the outline has shape {mask.shape}, the image {image.shape}",
            "Export the outline on the image's own grid.",
        )
    if mask.dtype != np.bool_:
        values = np.unique(mask)
        if not np.isin(values, (0, 1, 255)).all():
            raise UnmeasurableError(
                "outline_is_binary",
                f"the outline has values {values[:5].tolist()}",
                "Binarise the outline: True (or 1 or 255) inside the lesion, 0 outside.",
            )
        mask = mask > 0
    # NaN and infinity show in the extremes, which are needed anyway.
    largest = float(max(image.max(), -image.min()))
    if not np.isfinite(largest):
        raise UnmeasurableError(
            "image_is_finite",
            "the image has NaN or infinite grey values",
            "Read the image from its original file.",
        )
    if not mask.any():
        raise _empty()
    if 0.0 < largest <= 1.0:
        raise UnmeasurableError(
            "grey_levels_8bit",
            "all grey values lie in [0, 1], where every pixel falls in one bin",
            "Scale the image to 0-255.",
        )
    if largest == 0.0:
        raise UnmeasurableError(
            "image_not_black", "every pixel of the image is 0", "Export the image again."
        )
    return _outlined(image, mask, mask, (0, 0), spacing, largest)


def outlined_within(roi: Roi, mask: np.ndarray) -> Roi:
    """Outline other pixels of an image that was checked.

    Parameters
    ----------
    roi : Roi
    mask : ndarray of bool, shape (H, W)
        Pixels within the bounding box of `roi`.

    Returns
    -------
    Roi
        What :func:`prepare` returns for that mask, without looking at the whole image again.

    Raises
    ------
    UnmeasurableError
        When the outline is empty, a single pixel or a straight line one pixel wide.
    """
    part = mask[roi.crop]
    if not part.any():
        raise _empty()
    return _outlined(roi.image, mask, part, (roi.box[0], roi.box[2]), roi.spacing, roi.largest)


def _empty() -> UnmeasurableError:
    return UnmeasurableError(
        "outline_not_empty", "the outline is empty", "Draw the lesion's outline."
    )


def _outlined(
    image: np.ndarray,
    mask: np.ndarray,
    part: np.ndarray,
    corner: tuple[int, int],
    spacing: tuple[float, float],
    largest: float,
) -> Roi:
    """Find the bounding box in a part of the mask that holds all of it, and the part's corner."""
    rows = np.flatnonzero(part.any(axis=1))
    columns = np.flatnonzero(part.any(axis=0))
    top, bottom = corner[0] + int(rows[0]), corner[0] + int(rows[-1]) + 1
    left, right = corner[1] + int(columns[0]), corner[1] + int(columns[-1]) + 1
    if bottom - top < 2 or right - left < 2:
        raise UnmeasurableError(
            "outline_two_dimensional",
            f"the outline's bounding box is {bottom - top} x {right - left} pixels",
            "Outline the lesion in both directions; pyradiomics measures nothing thinner.",
        )
    outline = np.ascontiguousarray(mask[top:bottom, left:right])
    inside_rows, inside_columns = np.nonzero(outline)
    return Roi(
        image,
        mask,
        (top, bottom, left, right),
        outline,
        inside_rows,
        inside_columns,
        spacing,
        largest,
    )
