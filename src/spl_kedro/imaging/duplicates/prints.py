"""What is kept of an image to find its copies: two small pictures, and a hash of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.fft import dctn

#: Edge of the small picture of the whole image, in pixels.
FRAME_SIDE = 64
#: Edge of the small picture around the lesion, of which the longer side of its box takes 32 pixels.
CROP_SIDE = 80
#: Bits of a hash, and the 64-bit words that hold them.
BITS, WORDS = 143, 3
_BOX = 32  # pixels of the lesion's longer side in its crop
# Edges of what is hashed of the crop: the box and 0.375 of it around; and a tenth less and more,
# since the box of an outline that is drawn anew is another.
_HASHED = (56, 50, 62)
_SMALL, _LOW = 32, 12  # edge of what is transformed, and of the low frequencies


@dataclass(frozen=True)
class LesionPrint:
    """An image and its lesion, small.

    Attributes
    ----------
    frame : ndarray of uint8, shape (64, 64)
        The whole image, its sides brought to one length.
    crop : ndarray of uint8, shape (80, 80)
        A square around the lesion, 2.5 times the longer side of its box; the image's border is
        repeated outside.
    inside : tuple of int
        First and last row, first and last column of `crop` that lie in the image, ends excluded.
    frame_hash : ndarray of uint64, shape (3,)
        Of the whole image.
    crop_hashes : ndarray of uint64, shape (3, 3)
        Of the lesion's box and its surroundings, at three sizes.
    shape : tuple of int
        Height and width of the image.
    box : tuple of int
        First and last row, first and last column of the lesion, ends excluded.
    """

    frame: np.ndarray
    crop: np.ndarray
    inside: tuple[int, int, int, int]
    frame_hash: np.ndarray
    crop_hashes: np.ndarray
    shape: tuple[int, int]
    box: tuple[int, int, int, int]

    @property
    def longer_side(self) -> int:
        """Pixels along the longer side of the lesion's box."""
        top, bottom, left, right = self.box
        return max(bottom - top, right - left)


def print_of(image: np.ndarray, mask: np.ndarray) -> LesionPrint:
    """Return what is kept of an image.

    Parameters
    ----------
    image : ndarray, shape (height, width)
        Grey values, 0 to 255.
    mask : ndarray of bool, shape (height, width)
        The lesion's outline, not empty.
    """
    grey = np.rint(image).astype(np.uint8)
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    box = int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1
    frame = _resized(grey, FRAME_SIDE)
    crop, inside = _cut(grey, box)
    middles = [slice((CROP_SIDE - side) // 2, (CROP_SIDE + side) // 2) for side in _HASHED]
    hashes = np.stack([perceptual_hash(crop[middle, middle]) for middle in middles])
    height, width = image.shape
    return LesionPrint(frame, crop, inside, perceptual_hash(frame), hashes, (height, width), box)


def _cut(
    grey: np.ndarray, box: tuple[int, int, int, int]
) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """Cut the square around a lesion, and say which part of it lies in the image."""
    first, last, start, end = box
    side = max(2, round(max(last - first, end - start) * CROP_SIDE / _BOX))
    top, left = (first + last - side) // 2, (start + end - side) // 2
    rows = np.clip(np.arange(top, top + side), 0, grey.shape[0] - 1)
    columns = np.clip(np.arange(left, left + side), 0, grey.shape[1] - 1)
    scale = CROP_SIDE / side
    ends = [
        min(max(round(scale * (edge - origin)), 0), CROP_SIDE)
        for origin, size in ((top, grey.shape[0]), (left, grey.shape[1]))
        for edge in (0, size)
    ]
    return _resized(grey[np.ix_(rows, columns)], CROP_SIDE), (ends[0], ends[1], ends[2], ends[3])


def _resized(grey: np.ndarray, side: int) -> np.ndarray:
    """Bring a picture to a square; pixels are averaged where it becomes smaller."""
    picture = Image.fromarray(np.ascontiguousarray(grey))
    return np.asarray(picture.resize((side, side), Image.Resampling.BILINEAR))


def perceptual_hash(picture: np.ndarray) -> np.ndarray:
    """Hash a picture so that pictures that look alike have hashes that differ in few bits.

    Parameters
    ----------
    picture : ndarray of uint8, shape (n, n)

    Returns
    -------
    ndarray of uint64, shape (3,)
        Signs of the 143 lowest frequencies of the cosine transform, the mean left out, after
        Zauner, Implementation and Benchmarking of Perceptual Image Hash Functions, 2010, with the
        sign in place of the median. Brightness and contrast do not change it.
    """
    small = _resized(picture, _SMALL).astype(np.float32)
    low = dctn(small, norm="ortho")[:_LOW, :_LOW].ravel()[1:]
    bits = np.zeros(64 * WORDS, dtype=bool)
    bits[:BITS] = low > 0
    return np.packbits(bits).view(np.uint64)
