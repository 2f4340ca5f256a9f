"""Outlines of a lesion: unite several, check that they can be measured."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from spl_kedro.imaging.errors import UnusableCaseError


def unite(masks: Sequence[np.ndarray]) -> np.ndarray:
    """Return the union of several outlines of one lesion.

    Parameters
    ----------
    masks : sequence of ndarray of bool, each of shape (height, width)

    Returns
    -------
    ndarray of bool, shape (height, width)

    Raises
    ------
    UnusableCaseError
        If the outlines differ in size.
    """
    shapes = {mask.shape for mask in masks}
    if len(shapes) > 1:
        raise UnusableCaseError(
            "outlines of one size",
            f"the lesion's outlines have the sizes {sorted(shapes)}.",
            "Draw all outlines on the same exported image.",
        )
    return np.logical_or.reduce(list(masks))


def check_outline(mask: np.ndarray, image: np.ndarray, minimum_pixels: int) -> None:
    """Raise if an outline cannot be measured on its image.

    Parameters
    ----------
    mask : ndarray of bool, shape (height, width)
    image : ndarray, shape (height, width)
    minimum_pixels : int
        Smallest number of lesion pixels that is accepted.

    Raises
    ------
    UnusableCaseError
        If sizes differ, the outline is empty or too small, covers the whole image, or lies
        on pixels of a single grey value.
    """
    if mask.shape != image.shape:
        raise UnusableCaseError(
            "outline and image of one size",
            f"the outline is {mask.shape} and the image {image.shape} (height, width).",
            "Draw the outline on the exported image itself.",
        )
    pixels = int(mask.sum())
    if pixels == 0:
        raise UnusableCaseError(
            "an outline that is not empty", "the outline holds no pixel.", "Draw the lesion."
        )
    if pixels < minimum_pixels:
        raise UnusableCaseError(
            "a lesion large enough to measure",
            f"the outline holds {pixels} pixels, fewer than {minimum_pixels}.",
            "Check the outline, or lower data_processing.quality.minimum_lesion_pixels.",
        )
    if pixels == mask.size:
        raise UnusableCaseError(
            "an outline inside the image",
            "the outline covers every pixel of the image.",
            "Check that the file is the outline and not the image.",
        )
    if np.ptp(image[mask]) == 0:
        raise UnusableCaseError(
            "a lesion with more than one grey value",
            f"every lesion pixel has the grey value {image[mask][0]:g}.",
            "Check that outline and image belong together.",
        )
