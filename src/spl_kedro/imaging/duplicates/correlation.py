"""How far two images agree: correlation of their texture, once they lie on each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from PIL import Image
from scipy.fft import rfft2
from scipy.ndimage import gaussian_filter1d

from spl_kedro.imaging.duplicates.prints import CROP_SIDE, LesionPrint
from spl_kedro.parallel import in_threads, one_thread

# Edge of what is compared of a crop; how far one may be moved, and by how much enlarged, until it
# lies on the other: an outline that is drawn anew has another box.
_COMPARED, _MOST_MOVED = 64, 6
_SCALES = (1.0, 0.85, 0.92, 1.08, 1.17)
# Detail between these two, in pixels, is compared: finer is lost when an image is encoded anew,
# coarser is common to many lesions. What stands out by more than so many standard deviations, such
# as callipers, counts no more than that.
_FINE, _COARSE, _MOST = 0.8, 2.0, 1.0


def texture(picture: np.ndarray) -> np.ndarray:
    """Return the detail of a picture, bounded, with mean 0 and norm 1; all 0 where there is none.

    Parameters
    ----------
    picture : ndarray, shape (n, n)
    """
    grey = picture.astype(np.float32)
    fine, coarse = _smoothing(len(grey), _FINE), _smoothing(len(grey), _COARSE)
    detail = fine @ grey @ fine.T - coarse @ grey @ coarse.T
    spread = detail.std()
    if spread < 1e-3:
        return np.zeros_like(detail)
    return _normed(np.clip(detail / spread, -_MOST, _MOST))


@cache
def _smoothing(side: int, sigma: float) -> np.ndarray:
    """Return the matrix that smooths a small picture's columns by a Gaussian."""
    return gaussian_filter1d(np.eye(side, dtype=np.float32), sigma, axis=0)


def frame_similarities(prints: Sequence[LesionPrint], pairs: np.ndarray) -> np.ndarray:
    """Return the correlations of whole images, -1 to 1, shape (pairs,)."""
    seen, where = np.unique(pairs, return_inverse=True)
    textures = [texture(prints[i].frame) for i in seen.tolist()]
    return np.array(
        [float((textures[i] * textures[j]).sum()) for i, j in where.reshape(-1, 2).tolist()]
    )


def crop_similarities(prints: Sequence[LesionPrint], pairs: np.ndarray) -> np.ndarray:
    """Return the correlations of lesions' crops, each at the place and size where it is highest.

    Parameters
    ----------
    prints : sequence of LesionPrint
    pairs : ndarray of int, shape (n, 2)
        Positions in `prints`, in ascending order of the first.

    Returns
    -------
    ndarray of float, shape (n,)
        -1 to 1; of crops moved by up to a tenth of their side and enlarged by up to 17 %.
    """
    if not len(pairs):
        return np.empty(0)
    spectra = {int(i): _spectrum(prints[i], 1.0).conj() for i in np.unique(pairs[:, 1])}
    firsts, starts = np.unique(pairs[:, 0], return_index=True)
    others = np.split(pairs[:, 1], starts[1:])

    def highest(number: int) -> np.ndarray:
        both = np.stack([spectra[int(i)] for i in others[number]], axis=1)
        own = (_spectrum(prints[firsts[number]], scale) for scale in _SCALES)
        return np.max([_highest(both * one[:, None]) for one in own], axis=0)

    # Small products of matrices: a thread each is faster than all threads on one after the other.
    with one_thread():
        found = in_threads(highest, range(len(firsts)), "looking for copies", "image")
        return np.concatenate(list(found))


def _highest(products: np.ndarray) -> np.ndarray:
    """Return the highest correlation of each pair, moved by up to `_MOST_MOVED` either way.

    Parameters
    ----------
    products : ndarray of complex64, shape (64, n, 33)
        Of the pairs' Fourier transforms.

    Returns
    -------
    ndarray of float, shape (n,)

    Notes
    -----
    The inverse transform at these places alone, as two products of matrices: a sixth of the time
    of `scipy.fft.irfft2` of all places.
    """
    rows, columns = _inverse()
    half = (rows @ products.reshape(_COMPARED, -1)).reshape(-1, len(columns))
    moved = (half @ columns).real.reshape(len(rows), products.shape[1], -1)
    return moved.max(axis=(0, 2))


@cache
def _inverse() -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices of the inverse transform, down the rows and along the columns."""
    near = np.arange(-_MOST_MOVED, _MOST_MOVED + 1)
    waves = np.exp(2j * np.pi / _COMPARED * np.outer(near, np.arange(_COMPARED))) / _COMPARED
    kept = _COMPARED // 2 + 1  # of a real picture: the others are their mirror images
    twice = np.full(kept, 2.0)
    twice[[0, -1]] = 1.0
    along = (waves[:, :kept] * twice).T
    return waves.astype(np.complex64), along.astype(np.complex64)


def _spectrum(one: LesionPrint, scale: float) -> np.ndarray:
    """Return the Fourier transform of a crop's texture, 0 outside its image."""
    side = _COMPARED / scale
    edge = (CROP_SIDE - side) / 2
    picture = Image.fromarray(one.crop).resize(
        (_COMPARED, _COMPARED),
        Image.Resampling.BILINEAR,
        box=(edge, edge, edge + side, edge + side),
    )
    detail = texture(np.asarray(picture))
    top, bottom, left, right = (
        min(max(round((end - edge) * scale), 0), _COMPARED) for end in one.inside
    )
    within = np.zeros_like(detail)
    within[top:bottom, left:right] = detail[top:bottom, left:right]
    return rfft2(_normed(within))


def _normed(detail: np.ndarray) -> np.ndarray:
    centred = detail - detail.mean()
    norm = float(np.linalg.norm(centred))
    return centred / norm if norm > 0 else centred
