"""Copies of an image as they come about: encoded anew, resized, cropped, brighter, with marks."""

import io

import numpy as np
from PIL import Image
from scipy import ndimage


def _box(mask):
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


def encoded_anew(grey, mask, rng):
    """JPEG of quality 50 to 95."""
    data = io.BytesIO()
    Image.fromarray(np.rint(grey).astype(np.uint8)).save(
        data, "JPEG", quality=int(rng.integers(50, 96))
    )
    return np.asarray(Image.open(data), dtype=float), mask


def resized(grey, mask, rng):
    """0.7 to 1.3 times the size."""
    scale = rng.uniform(0.7, 1.3)
    size = round(grey.shape[1] * scale), round(grey.shape[0] * scale)
    image = Image.fromarray(np.rint(grey).astype(np.uint8)).resize(size, Image.Resampling.BICUBIC)
    return np.asarray(image, dtype=float), np.asarray(Image.fromarray(mask).resize(size))


def cropped(grey, mask, rng):
    """5 to 25 % of height and width cut off, from either end, the lesion left whole."""
    ends = []
    for size, (first, last) in zip(grey.shape, (_box(mask)[:2], _box(mask)[2:]), strict=True):
        cut, share = rng.uniform(0.05, 0.25) * size, rng.uniform()
        ends.append(
            slice(min(round(cut * share), first), max(size - round(cut * (1 - share)), last))
        )
    return grey[tuple(ends)].copy(), mask[tuple(ends)].copy()


def brighter(grey, mask, rng):
    """Gamma 0.7 to 1.4, contrast 0.8 to 1.25, brightness by up to a tenth."""
    values = (grey / 255) ** rng.uniform(0.7, 1.4) * rng.uniform(0.8, 1.25) + rng.uniform(-0.1, 0.1)
    return np.rint(np.clip(values, 0, 1) * 255), mask


def measured(grey, mask, rng):
    """Four crosses at the lesion's ends and a dotted line between two."""
    drawn, (top, bottom, left, right) = grey.copy(), _box(mask)
    row, column = (top + bottom) // 2, (left + right) // 2
    for y, x in ((top, column), (bottom - 1, column), (row, left), (row, right - 1)):
        drawn[max(y - 7, 0) : y + 8, max(x, 0) : x + 2] = 255
        drawn[max(y, 0) : y + 2, max(x - 7, 0) : x + 8] = 255
    for y in range(top, bottom, 8):
        drawn[y : y + 2, column : column + 2] = 230
    return drawn, mask


def moved(grey, mask, rng):
    """Moved by up to 12 pixels in a frame of the same size."""
    by = rng.integers(-12, 13, 2)
    return ndimage.shift(grey, by, order=0), ndimage.shift(mask.astype(np.uint8), by, order=0) > 0


def outlined_anew(grey, mask, rng):
    """An outline wider or tighter by a twentieth of the lesion, and as much beside it."""
    top, bottom, left, right = _box(mask)
    steps = max(1, round(0.05 * max(bottom - top, right - left)))
    change = ndimage.binary_dilation if rng.random() < 0.5 else ndimage.binary_erosion
    by = rng.integers(-steps, steps + 1, 2)
    drawn = ndimage.shift(change(mask, iterations=steps).astype(np.uint8), by, order=0) > 0
    return grey, drawn if drawn.any() else mask


def all_together(grey, mask, rng):
    """Cropped, resized, brighter, outlined anew and encoded anew."""
    for change in (cropped, resized, brighter, outlined_anew, encoded_anew):
        grey, mask = change(grey, mask, rng)
    return grey, mask


def next_frame(grey, mask, rng):
    """A made-up next frame: moved smoothly by about 1 % of the image, 15 % of new speckle."""
    height, width = grey.shape
    way = [
        ndimage.zoom(rng.normal(0, 1, (6, 6)), (height / 6, width / 6), order=3)[:height, :width]
        for _ in range(2)
    ]
    places = np.mgrid[:height, :width] + 0.012 * max(height, width) * np.stack(way)
    speckle = ndimage.gaussian_filter(rng.normal(0, 1, grey.shape), 1.2) / 0.24
    image = ndimage.map_coordinates(grey, places, order=1, mode="nearest") * (1 + 0.15 * speckle)
    drawn = ndimage.map_coordinates(mask.astype(float), places, order=1) > 0.5
    return np.rint(np.clip(image, 0, 255)), drawn if drawn.any() else mask


def mirrored(grey, mask, rng):
    """Left and right exchanged."""
    return grey[:, ::-1].copy(), mask[:, ::-1].copy()


COPIES = (
    *(encoded_anew, resized, cropped, brighter, measured, moved, outlined_anew),
    *(all_together, next_frame, mirrored),
)
