"""From the pixels of any file to one grey image on the 8-bit scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule

# ITU-R Recommendation BT.601 luma in 16-bit fixed point, as Pillow's mode "L" computes it.
_LUMA_RED, _LUMA_GREEN, _LUMA_BLUE = 19595, 38470, 7471
_HALF = 0x8000

#: The range of a study's settings: by the file's format, by each image's own content, or stated.
GreyRange = Literal["format", "content"] | tuple[float, float]


@dataclass(frozen=True)
class PixelScale:
    """What a file's format says of its pixel values.

    Attributes
    ----------
    black, white : float or None
        Values of black and of white; None where the format states neither.
    binding : bool
        True where the header or an 8-bit format leaves no doubt, so that a range stated for the
        study does not apply.
    inverted : bool
        True where the smallest value is white (DICOM MONOCHROME1, TIFF MinIsWhite).
    """

    black: float | None = 0.0
    white: float | None = 255.0
    binding: bool = True
    inverted: bool = False


def scale_of(dtype: np.dtype, *, inverted: bool = False) -> PixelScale:
    """Return the scale of pixels of a format that states no more than their type.

    Unsigned integers of 8 and 16 bits span their whole range. Other types state no white.

    Raises
    ------
    UnusableLesionError
        If the pixels are no real numbers.
    """
    if dtype.kind not in "buif":
        raise UnusableLesionError(
            Rule.REAL_GREY,
            f"the file's pixels are of the type {dtype}.",
        )
    if dtype == np.bool_:
        return PixelScale(0.0, 1.0, inverted=inverted)
    if dtype == np.uint8:
        return PixelScale(inverted=inverted)
    if dtype == np.uint16:
        return PixelScale(0.0, 65535.0, binding=False, inverted=inverted)
    return PixelScale(None, None, binding=False, inverted=inverted)


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


def to_grey(
    pixels: np.ndarray, scale: PixelScale | None = None, grey_range: GreyRange = "format"
) -> np.ndarray:
    """Turn the pixels of one frame into grey values from 0 to 255.

    8-bit values are kept as they are. Other grey images are mapped linearly, black to 0 and
    white to 255, by their format or the stated range, so that no image is stretched by its own
    content unless that is asked for. Deeper colour is reduced to 8 bits a channel first.

    Parameters
    ----------
    pixels : ndarray, shape (height, width) or (height, width, channels)
        Integer, boolean or floating-point pixels with one to four channels:
        grey, grey + alpha, RGB or RGBA.
    scale : PixelScale, optional
        What the format says of the values. Default: by the type of `pixels`.
    grey_range : "format", "content" or tuple of float
        What applies where `scale` is not binding: the format's range (0 to 255 where it states
        none), each image's own smallest and largest value, or values of black and white.

    Returns
    -------
    ndarray of float64, shape (height, width)

    Raises
    ------
    UnusableLesionError
        If the pixels are no single two-dimensional frame, hold a value that is not finite, or
        leave the range.
    """
    pixels = np.asarray(pixels)
    if pixels.ndim == 2:
        pixels = pixels[..., None]
    if pixels.ndim != 3 or not 1 <= pixels.shape[-1] <= 4 or 0 in pixels.shape:
        raise UnusableLesionError(
            Rule.TWO_DIMENSIONAL,
            f"the image has the shape {pixels.shape}.",
        )
    scale = scale_of(pixels.dtype) if scale is None else scale
    if pixels.dtype == np.uint8 and (scale.black, scale.white) == (0, 255):
        grey = pixels
    else:
        limits = _limits(pixels, scale, grey_range)
        grey = _to_eight_bit_scale(pixels, *limits)
        if pixels.dtype == np.uint16 and pixels.shape[-1] > 1 and limits == (0, 65535):
            # The high byte, as Pillow reduces 16-bit colour and an 8-bit display shows it.
            grey = (pixels >> 8).astype(np.uint8)
        elif pixels.shape[-1] > 1:
            grey = np.rint(grey).astype(np.uint8)
    if grey.shape[-1] in (2, 4):
        grey = composite_on_black(grey)
    grey = luminance(grey) if grey.shape[-1] == 3 else grey[..., 0]
    grey = grey.astype(np.float64)
    return 255.0 - grey if scale.inverted else grey


def check_contrast(
    grey: np.ndarray, pixels: np.ndarray, scale: PixelScale, minimum_share: float
) -> None:
    """Raise if an image uses too small a part of its grey range to be measured, or no greys.

    Parameters
    ----------
    grey : ndarray, shape (height, width)
        From :func:`to_grey`.
    pixels : ndarray
        As the file stores them, for the message.
    scale : PixelScale
    minimum_share : float
        Smallest part of 0 to 255 between the darkest and the brightest pixel.

    Raises
    ------
    UnusableLesionError
        Naming the file's values and the parameter to set.
    """
    if np.ptp(grey) >= minimum_share * 255:
        if np.isin(grey, (grey.min(), grey.max())).all():
            raise UnusableLesionError(Rule.REAL_GREY, "the image has two grey values alone.")
        return
    remedy = Rule.GREY_USED.remedy
    raise UnusableLesionError(
        Rule.GREY_USED,
        f"the file's values run from {pixels.min():g} to {pixels.max():g}, which is "
        f"{grey.min():.3g} to {grey.max():.3g} of 0 to 255, less than {minimum_share:.0%}.",
        remedy if scale.binding else f"{Rule.GREY_RANGE.remedy} {remedy}",
    )


def _limits(pixels: np.ndarray, scale: PixelScale, grey_range: GreyRange) -> tuple[float, float]:
    if np.issubdtype(pixels.dtype, np.floating) and not np.isfinite(pixels).all():
        raise UnusableLesionError(
            Rule.FINITE_GREY,
            "the image holds values that are not finite.",
        )
    if not scale.binding and grey_range == "content":
        black, white = float(pixels.min()), float(pixels.max())
        return black, white if white > black else black + 1
    if not scale.binding and not isinstance(grey_range, str):
        return grey_range
    if scale.black is None or scale.white is None:
        return 0.0, 255.0
    return scale.black, scale.white


def _to_eight_bit_scale(pixels: np.ndarray, black: float, white: float) -> np.ndarray:
    lowest, highest = float(pixels.min()), float(pixels.max())
    if black == white or lowest < min(black, white) or highest > max(black, white):
        raise UnusableLesionError(
            Rule.GREY_RANGE,
            f"grey values run from {lowest:g} to {highest:g}, outside {black:g} to {white:g}.",
        )
    grey = (pixels.astype(np.float64) - black) * (255.0 / (white - black))
    # Rounding errors must not decide into which bin of grey values a pixel falls.
    return np.round(grey, 9)
