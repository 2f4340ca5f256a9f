"""Fills in marks that were drawn on an image, from what lies beside them."""

from __future__ import annotations

import numpy as np

from spl_kedro.imaging.quality.neighbours import square

# A drawn mark leaves a rim, by smoothing of its edges or by JPEG.
_RIM = 2


def inpainted(grey: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """Return a grey image with marks filled in smoothly (biharmonic; Damelin and Hoang, 2018).

    Parameters
    ----------
    grey : ndarray of float64, shape (height, width)
        0 to 255.
    drawn : ndarray of bool, shape (height, width)
        The marks. Two pixels around them are filled in too.

    Returns
    -------
    ndarray of float64, shape (height, width)
        0 to 255, whole numbers where filled in; the rest as it was. What is filled in has no
        speckle: features within it are those of a smooth patch.
    """
    from skimage.restoration import inpaint_biharmonic

    hole = square(np.maximum, drawn, 2 * _RIM + 1)
    if not hole.any():
        return grey
    filled = inpaint_biharmonic(grey / 255, hole, split_into_regions=True) * 255
    return np.where(hole, np.rint(filled.clip(0, 255)), grey)
