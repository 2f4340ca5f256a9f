"""First-order statistics and size of the speckle, in small windows of the field.

Sources: Burckhardt, IEEE Trans Sonics Ultrason 1978;25:1 (SNR of the envelope, 1.91 for fully
developed speckle); Wagner, Smith, Sandrik & Lopez, IEEE Trans Sonics Ultrason 1983;30:156 (size by
the autocovariance); Shankar, IEEE Trans Med Imaging 2000;19:727 (Nakagami's parameter of
the envelope, 1 for fully developed speckle).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from spl_kedro.sceptic.realism.field import DEPTH
from spl_kedro.sceptic.realism.settings import RealismSettings

WINDOW, STEP = 32, 16
#: Grey levels from which, and up to which, a pixel holds echo that is neither lost nor saturated,
#: and the largest share of a window's pixels that may lie outside.
_LIT = (5, 250)
_UNLIT_SHARE = 0.1


def lit_windows(field: np.ndarray) -> np.ndarray:
    """Return the windows whose grey values are neither black nor white.

    Parameters
    ----------
    field : ndarray, shape (height, width)

    Returns
    -------
    ndarray, shape (n, 32, 32)
        Overlapping by half; n may be 0.
    """
    windows = sliding_window_view(field, (WINDOW, WINDOW))[::STEP, ::STEP]
    flat = windows.reshape(-1, WINDOW, WINDOW)
    unlit = ((flat < _LIT[0]) | (flat > _LIT[1])).mean(axis=(1, 2))
    return flat[unlit <= _UNLIT_SHARE]


def envelope(grey: np.ndarray, dynamic_range_db: float) -> np.ndarray:
    """Undo a logarithmic compression of a stated range; 1 at white.

    Parameters
    ----------
    grey : ndarray
        0 to 255.
    dynamic_range_db : float
        Between black and white.
    """
    return 10 ** ((grey / 255 - 1) * dynamic_range_db / 20)


def nakagami(windows: np.ndarray) -> np.ndarray:
    """Return Nakagami's parameter of the envelope in each window, by its moments.

    Parameters
    ----------
    windows : ndarray, shape (n, height, width)
        Envelope.

    Returns
    -------
    ndarray, shape (n,)
        The squared mean of the intensity over its variance.
    """
    intensity = windows**2
    return intensity.mean(axis=(1, 2)) ** 2 / intensity.var(axis=(1, 2))


def mean_over_sd(windows: np.ndarray) -> np.ndarray:
    """Return the mean over the standard deviation in each window."""
    return windows.mean(axis=(1, 2)) / windows.std(axis=(1, 2))


def correlation_widths(windows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the full width at half maximum of each window's autocovariance, in pixels.

    Parameters
    ----------
    windows : ndarray, shape (n, height, width)

    Returns
    -------
    axial, lateral : ndarray, shape (n,)
        Down and across; the values are interpolated linearly between pixels.
    """
    flat = without_trend(windows)
    _, height, width = flat.shape
    spectrum = np.fft.rfft2(flat, s=(2 * height, 2 * width))
    covariance = np.fft.irfft2(np.abs(spectrum) ** 2, s=(2 * height, 2 * width))
    # Without the taper of ever fewer pairs at larger lags.
    axial = covariance[:, :height, 0] / (height - np.arange(height)) / width
    lateral = covariance[:, 0, :width] / (width - np.arange(width)) / height
    return _full_width(axial), _full_width(lateral)


def without_trend(windows: np.ndarray) -> np.ndarray:
    """Return each window less the plane that fits it best."""
    _, height, width = windows.shape
    rows, columns = np.mgrid[:height, :width]
    plane = np.stack([np.ones(height * width), rows.ravel(), columns.ravel()], axis=1)
    flat = windows.reshape(len(windows), -1)
    return (flat - flat @ np.linalg.pinv(plane).T @ plane.T).reshape(windows.shape)


def speckle_measures(field: np.ndarray, settings: RealismSettings) -> Mapping[str, float]:
    """Return an image's speckle measures: medians over its lit windows.

    Parameters
    ----------
    field : ndarray, shape (height, width)
        Grey values of the field.
    settings : RealismSettings

    Returns
    -------
    mapping of str to float
        By the names of :data:`spl_kedro.sceptic.realism.measures.SPECKLE`; Nakagami's parameter at
        other ranges by ``nakagami_50`` and the like. NaN where no window is lit.
    """
    windows = lit_windows(field)
    windows = windows[windows.std(axis=(1, 2)) > 0]
    ranges = (settings.dynamic_range_db, *settings.other_ranges_db)
    names = ("nakagami", *(f"nakagami_{value:g}" for value in settings.other_ranges_db))
    if not len(windows):
        names = ("grey_snr", "envelope_snr", "speckle_axial", "speckle_lateral", *names)
        return dict.fromkeys(names, np.nan)
    axial, lateral = correlation_widths(windows)
    found = {
        "grey_snr": mean_over_sd(windows),
        "envelope_snr": mean_over_sd(envelope(windows, settings.dynamic_range_db)),
        "speckle_axial": 100 * axial / DEPTH,
        "speckle_lateral": 100 * lateral / DEPTH,
        **{
            name: nakagami(envelope(windows, value))
            for name, value in zip(names, ranges, strict=True)
        },
    }
    return {name: float(np.median(values)) for name, values in found.items()}


def _full_width(covariance: np.ndarray) -> np.ndarray:
    """Return twice the lag at which each row first falls to half of its start."""
    relative = covariance / covariance[:, :1]
    below = relative < 0.5
    # A row that never falls that low is as wide as it is long.
    first = np.where(below.any(axis=1), below.argmax(axis=1), relative.shape[1] - 1)
    rows = np.arange(len(relative))
    before, after = relative[rows, first - 1], relative[rows, first]
    share = np.where(after < 0.5, (before - 0.5) / np.maximum(before - after, 1e-12), 1.0)
    return 2 * (first - 1 + share)
