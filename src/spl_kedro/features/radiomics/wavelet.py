"""Stationary wavelet bands of a bounding box, bit for bit those of the whole image.

pyradiomics transforms the whole image (wrapped to even size) with coif1. The filter
has six taps, so a pixel's coefficients depend on a handful of neighbours, and a window
of the bounding box with a margin suffices. The *rounding* has to be the same, which
four of the eight bands of a single slice consist of. Where the filters stay inside the
image they are compiled here, with the terms in PyWavelets' order. Elsewhere PyWavelets itself
runs on a window, which is laid out so that it takes the same branch of its code for every
pixel kept: PyWavelets adds the terms in another order where the filter runs over the
right or lower end, so a box near that end gets a window that ends with the image and
begins with the image's first pixels, which is where the filter wraps to.

The transform runs along columns, rows, then slices. The slice axis has length one,
wrapped to two equal slices, of which pyradiomics keeps the first: each of its
coefficients is one value times the six taps, added in the order PyWavelets takes for a
signal shorter than its filter. That sum is compiled here too. Both are checked once per process
against PyWavelets bit for bit; should a platform round otherwise (fused
multiply-add), PyWavelets itself is used.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pywt

from spl_kedro.features.radiomics.compiled import compiled

_WAVELET = pywt.Wavelet("coif1")
_LOW, _HIGH = np.array(_WAVELET.dec_lo), np.array(_WAVELET.dec_hi)
_TAPS = np.array([_LOW, _HIGH])
_BANDS = ("aa", "ad", "da", "dd")
_MARGIN = 8  # more than the six taps reach, and even


def axis_window(length: int, low: int, high: int) -> tuple[np.ndarray, int]:
    """Pixels to transform along one axis so that [low, high) comes out exactly.

    Parameters
    ----------
    length : int
        Pixels of the image along the axis.
    low, high : int
        First pixel kept, and one past the last.

    Returns
    -------
    index : ndarray of int
        Source pixels, an even number of them.
    offset : int
        Position of `low` in the window.
    """
    even = length + length % 2
    if high + _MARGIN <= even:
        window = np.arange(low - _MARGIN, high + _MARGIN + (high - low) % 2)
        offset = _MARGIN
    else:
        start = low - _MARGIN - (low - _MARGIN) % 2
        window = np.concatenate([np.arange(_MARGIN), np.arange(start, even)])
        offset = _MARGIN + low - start
    if len(window) >= even:
        window, offset = np.arange(even), low
    index = window % even
    index[index == length] = 0  # the pixel that wraps an odd axis to an even length
    return index, offset


@compiled
def _filter_plane(
    image: np.ndarray, top: int, left: int, height: int, width: int, taps: np.ndarray
) -> np.ndarray:
    """Four bands of a box that the filters do not leave, shape (column filter, row filter, h, w).

    Terms in PyWavelets' order.
    """
    out = np.empty((2, 2, height, width))
    lines = np.empty((height + 5, width))
    for first in range(2):
        t = taps[first]
        f0, f1, f2, f3, f4, f5 = t[0], t[1], t[2], t[3], t[4], t[5]
        for y in range(height + 5):
            source, line = image[top - 2 + y, left - 2 :], lines[y]
            for x in range(width):
                line[x] = (
                    (
                        ((source[x + 5] * f0 + source[x + 4] * f1) + source[x + 3] * f2)
                        + source[x + 2] * f3
                    )
                    + source[x + 1] * f4
                ) + source[x] * f5
        for second in range(2):
            t = taps[second]
            f0, f1, f2, f3, f4, f5 = t[0], t[1], t[2], t[3], t[4], t[5]
            for y in range(height):
                target = out[first, second, y]
                a, b, c = lines[y + 5], lines[y + 4], lines[y + 3]
                d, e, f = lines[y + 2], lines[y + 1], lines[y]
                for x in range(width):
                    target[x] = (
                        (((a[x] * f0 + b[x] * f1) + c[x] * f2) + d[x] * f3) + e[x] * f4
                    ) + f[x] * f5
    return out


def _plane_bands(image: np.ndarray, box: tuple[int, int, int, int]) -> dict[str, np.ndarray]:
    """Four bands of the plane, keyed by column then row filter ('a' low, 'd' high)."""
    top, bottom, left, right = box
    inside = min(top, left) >= 2 and bottom + 3 <= image.shape[0] and right + 3 <= image.shape[1]
    if inside and _rounds_alike():
        bands = _filter_plane(image, top, left, bottom - top, right - left, _TAPS)
        return dict(zip(_BANDS, bands.reshape(4, *bands.shape[2:]), strict=True))
    return _plane_bands_of_pywavelets(image, box)


def _plane_bands_of_pywavelets(
    image: np.ndarray, box: tuple[int, int, int, int]
) -> dict[str, np.ndarray]:
    """Do the same with PyWavelets, wherever the box lies."""
    top, bottom, left, right = box
    row_index, row_offset = axis_window(image.shape[0], top, bottom)
    column_index, column_offset = axis_window(image.shape[1], left, right)
    window = image[np.ix_(row_index, column_index)]
    bands = pywt.swtn(window, _WAVELET, level=1, start_level=0, axes=(1, 0))[0]
    rows = slice(row_offset, row_offset + bottom - top)
    columns = slice(column_offset, column_offset + right - left)
    return {name: band[rows, columns] for name, band in bands.items()}


def _letters(name: str) -> str:
    return name.replace("a", "L").replace("d", "H")


def wavelet_images_2d(image: np.ndarray, box: tuple[int, int, int, int]) -> dict[str, np.ndarray]:
    """Wavelet bands LH, HL, HH, LL of a two-dimensional image, in pyradiomics' order.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)
    box : tuple of int
        Bounding box (top, bottom, left, right).

    Returns
    -------
    dict of str to ndarray of float64, shape (h, w)
        Keys ``wavelet-LH`` ....
    """
    bands = _plane_bands(image, box)
    ordered = {f"wavelet-{_letters(n)}": band for n, band in bands.items() if n != "aa"}
    return ordered | {"wavelet-LL": bands["aa"]}


@compiled
def _slice_filter(values: np.ndarray, taps: np.ndarray) -> np.ndarray:
    """Filter each value as a signal of two equal samples, terms in PyWavelets' order."""
    out = np.empty_like(values)
    for k in range(len(values)):
        v = values[k]
        out[k] = ((((taps[1] * v + taps[0] * v) + taps[2] * v) + taps[3] * v) + taps[4] * v) + taps[
            5
        ] * v
    return out


def _slice_filter_of_pywavelets(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    pair = np.repeat(values[:, None], 2, axis=1)
    low, high = pywt.swt(pair, _WAVELET, level=1, start_level=0, axis=1)[0]
    return low[:, 0].copy(), high[:, 0].copy()


@lru_cache(maxsize=1)
def _rounds_alike() -> bool:
    """Whether the compiled filters give PyWavelets' bits on this platform."""
    probe = np.random.default_rng(0).uniform(-300, 300, 512)
    low, high = _slice_filter_of_pywavelets(probe)
    image, box = probe.reshape(16, 32), (3, 12, 2, 25)
    ours = _filter_plane(image, 3, 2, 9, 23, _TAPS).reshape(4, 9, 23)
    theirs = _plane_bands_of_pywavelets(image, box)
    return (
        np.array_equal(low, _slice_filter(probe, _LOW))
        and np.array_equal(high, _slice_filter(probe, _HIGH))
        and all(np.array_equal(band, theirs[name]) for name, band in zip(_BANDS, ours, strict=True))
    )


def slice_bands(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Low and high band along the slice axis of a single slice.

    Parameters
    ----------
    values : ndarray of float64, shape (n,)

    Returns
    -------
    low, high : ndarray of float64, shape (n,)
    """
    if _rounds_alike():
        return _slice_filter(values, _LOW), _slice_filter(values, _HIGH)
    return _slice_filter_of_pywavelets(values)


def wavelet_values_3d(
    image: np.ndarray, box: tuple[int, int, int, int], outline: np.ndarray
) -> dict[str, np.ndarray]:
    """Eight wavelet bands of a one-slice volume inside the outline, in pyradiomics' order.

    Parameters
    ----------
    image : ndarray of float64, shape (H, W)
    box : tuple of int
        Bounding box (top, bottom, left, right).
    outline : ndarray of bool, shape (h, w)
        Mask of n pixels in the bounding box.

    Returns
    -------
    dict of str to ndarray of float64, shape (n,)
        Keys ``wavelet-LLH`` ... ``wavelet-HHH``, ``wavelet-LLL``.
    """
    ordered: dict[str, np.ndarray] = {}
    for name, band in _plane_bands(image, box).items():
        low, high = slice_bands(band[outline])
        ordered[f"wavelet-{_letters(name)}L"] = low
        ordered[f"wavelet-{_letters(name)}H"] = high
    approximation = ordered.pop("wavelet-LLL")
    return ordered | {"wavelet-LLL": approximation}
