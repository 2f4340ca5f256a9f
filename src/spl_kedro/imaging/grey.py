"""From the pixels of any file to one grey image on the 8-bit scale."""

from __future__ import annotations

import numpy as np

from spl_kedro.imaging.errors import UnusableCaseError

# ITU-R Recommendation BT.601 luma in 16-bit fixed point, as Pillow's mode "L" computes it.
_LUMA_RED, _LUMA_GREEN, _LUMA_BLUE = 19595, 38470, 7471
_HALF = 0x8000


def composite_on_black(pixels: np.ndarray) -> np.ndarray:
    """Lay 8-bit pixels with transparency on black and drop the alpha channel.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 2) or (height, width, 4)
        Grey or RGB channels followed by alpha.

    Returns
    -------
    ndarray of uint8, shape (height, width, 1) or (height, width, 3)
        Rounded to the nearest integer.
    """
    colour = pixels[..., :-1].astype(np.uint16)
    alpha = pixels[..., -1:].astype(np.uint16)
    return ((colour * alpha + 127) // 255).astype(np.uint8)


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Return the 8-bit luminance of 8-bit RGB pixels (ITU-R BT.601, rounded like Pillow).

    Parameters
    ----------
    rgb : ndarray of uint8, shape (height, width, 3)

    Returns
    -------
    ndarray of uint8, shape (height, width)
    """
    red, green, blue = (rgb[..., channel].astype(np.uint32) for channel in range(3))
    weighted = red * _LUMA_RED + green * _LUMA_GREEN + blue * _LUMA_BLUE + _HALF
    return (weighted >> 16).astype(np.uint8)


def to_grey(pixels: np.ndarray, *, maximum: float | None = None) -> np.ndarray:
    """Turn the pixels of one frame into grey values from 0 to 255.

    8-bit values are kept as they are. Deeper integer images are divided by the full
    range of their bit depth, so that no image is stretched by its own content.

    Parameters
    ----------
    pixels : ndarray, shape (height, width) or (height, width, channels)
        Integer, boolean or floating-point pixels with one to four channels:
        grey, grey + alpha, RGB or RGBA.
    maximum : float, optional
        Largest value the format can store. Default: that of the integer type; needed for
        floating-point pixels whose values leave 0 to 255.

    Returns
    -------
    ndarray of float64, shape (height, width)

    Raises
    ------
    UnusableCaseError
        If the pixels are no single two-dimensional frame, hold a value that is not finite,
        or are floating-point with an unknown range.
    """
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or not 1 <= pixels.shape[-1] <= 4 or 0 in pixels.shape:
        raise UnusableCaseError(
            "one two-dimensional frame",
            f"the image has the shape {pixels.shape}.",
            "Export a single B-mode frame (grey, RGB or RGBA).",
        )
    scaled = _to_eight_bit_scale(pixels, maximum)
    if scaled.shape[-1] in (2, 4):
        scaled = composite_on_black(np.rint(scaled).astype(np.uint8))
    if scaled.shape[-1] == 3:
        return luminance(np.rint(scaled).astype(np.uint8)).astype(np.float64)
    return scaled[..., 0].astype(np.float64)


def _to_eight_bit_scale(pixels: np.ndarray, maximum: float | None) -> np.ndarray:
    if pixels.dtype == np.bool_:
        return pixels * np.float64(255)
    if np.issubdtype(pixels.dtype, np.floating) and not np.isfinite(pixels).all():
        raise UnusableCaseError(
            "finite grey values",
            "the image holds values that are not finite.",
            "Export the image again.",
        )
    lowest, highest = float(pixels.min()), float(pixels.max())
    if maximum is None and pixels.dtype != np.uint8:
        if np.issubdtype(pixels.dtype, np.integer) and highest > 255:
            maximum = float(np.iinfo(np.uint16).max) if highest <= 65535 else None
        elif highest <= 255:
            maximum = 255.0
    if pixels.dtype == np.uint8 and maximum in (None, 255):
        return pixels
    if maximum is None or lowest < 0 or highest > maximum:
        raise UnusableCaseError(
            "a known grey range",
            f"grey values run from {lowest:g} to {highest:g}.",
            "Export the image with 8 or 16 bits and no negative values.",
        )
    return pixels.astype(np.float64) * (255.0 / maximum)
