"""An image as the checks of its quality see it: brightness, colour, outline, neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

# A pixel this far off the tint of its image is drawn, or Doppler.
COLOURFUL = 40
# A ninth of the pixels is enough to learn the tints.
_APART = 3
# A tint leaves a parabola by no more than this.
_NEAR_TINT = 16


@dataclass(frozen=True)
class Picture:
    """One image and the outline on it.

    Attributes
    ----------
    grey : ndarray of uint8, shape (height, width)
        Grey values as they are measured, rounded.
    mask : ndarray of bool, shape (height, width)
        The lesion's outline.
    colours : ndarray of uint8, shape (height, width, 3), or None
        RGB as the file has it; None of a grey file, or where all channels are the same.
    near : float
        How far from the lesion is near it, as a share of the longer side of its box.
    """

    grey: np.ndarray
    mask: np.ndarray
    colours: np.ndarray | None = None
    near: float = 0.3

    @cached_property
    def brightness(self) -> np.ndarray:
        """How clearly each pixel could be a mark, uint8: its brightest channel and its colour.

        A mark in green stands out as one in white does, though its luminance is lower.
        """
        off = self.off_tint
        if off is None:
            return self.grey
        planes = self._planes
        brightest = np.maximum(np.maximum(planes[0], planes[1]), planes[2])
        return brightest + np.minimum(off * (off >= COLOURFUL), 255 - brightest)

    @cached_property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the lesion's neighbourhood, within the image."""
        rows, columns = (np.flatnonzero(self.mask.any(axis=axis)) for axis in (1, 0))
        box = max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1
        margin = max(12, round(self.near * box))
        return (
            slice(max(rows[0] - margin, 0), rows[-1] + 1 + margin),
            slice(max(columns[0] - margin, 0), columns[-1] + 1 + margin),
        )

    def is_near(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return which places lie in the lesion's neighbourhood."""
        inside = [
            (places >= part.start) & (places < part.stop)
            for places, part in zip((rows, columns), self.window, strict=True)
        ]
        return inside[0] & inside[1]

    @cached_property
    def off_tint(self) -> np.ndarray | None:
        """How far each pixel's colour is from what the image has at that grey, uint8.

        Scanners tint grey images blue or sepia by a fixed table; what does not follow the table
        was drawn, or comes from colour Doppler, or was painted over. None of a grey image.
        """
        if self.colours is None:
            return None
        red, green, blue = self._planes
        farthest = np.zeros(green.shape, dtype=np.uint8)
        for plane in (red, blue):
            expected = _tints(green[::_APART, ::_APART], plane[::_APART, ::_APART])[green]
            off = np.maximum(plane, expected) - np.minimum(plane, expected)
            np.maximum(farthest, off, out=farthest)
        return farthest

    @cached_property
    def _planes(self) -> tuple[np.ndarray, ...]:
        """Red, green and blue, each in one piece: three times faster to work on."""
        if self.colours is None:
            return ()
        return tuple(np.ascontiguousarray(self.colours[..., channel]) for channel in range(3))


def _tints(green: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return for each green from 0 to 255 what another channel has in a tint alone, uint8.

    The median of the pixels; between the nearest greens, where it lies far from a parabola through
    the medians of all, as at a green that only a drawn mark has.
    """
    pairs = np.sort((green.astype(np.uint16) << 8 | other).ravel())
    starts = np.searchsorted(pairs, np.arange(257) << 8)
    counts = np.diff(starts)
    known = np.flatnonzero(counts)
    medians = (pairs[(starts[:-1] + starts[1:])[known] // 2] & 255).astype(np.float64)
    degree = min(2, len(known) - 1)
    smooth = np.polyval(
        np.polyfit(known, medians, degree, w=np.sqrt(counts[known])), np.arange(256)
    )
    near = np.abs(medians - smooth[known]) <= _NEAR_TINT
    if not near.any():
        near[:] = True
    tints = np.interp(np.arange(256), known[near], medians[near])
    return np.rint(tints).astype(np.uint8)


def colours_of(pixels: np.ndarray) -> np.ndarray | None:
    """Return the colours of a file's pixels, or None where there are none.

    Parameters
    ----------
    pixels : ndarray, shape (height, width) or (height, width, channels)
        As the file stores them: grey, grey + alpha, RGB or RGBA.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3), or None
        Alpha laid on black; of 16 bits the high byte.
    """
    from spl_kedro.imaging.grey import composite_on_black

    if pixels.ndim != 3 or pixels.shape[-1] < 3 or pixels.dtype not in (np.uint8, np.uint16):
        return None
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.shape[-1] == 4:
        opaque = (pixels[..., 3] == 255).all()
        pixels = pixels[..., :3] if opaque else composite_on_black(pixels)
    red, green, blue = (pixels[..., channel] for channel in range(3))
    if np.array_equal(red, green) and np.array_equal(green, blue):
        return None
    return np.ascontiguousarray(pixels)
