"""The field's power spectrum, averaged over directions."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from spl_kedro.sceptic.realism.field import DEPTH
from spl_kedro.sceptic.realism.speckle import without_trend

WINDOW, STEP = 64, 32
#: Cycles in a window, the whole numbers up to Nyquist's frequency.
_CYCLES = np.arange(1, WINDOW // 2)
#: Cycles in the scanned depth.
FREQUENCIES = _CYCLES * DEPTH / WINDOW


def radial_spectrum(field: np.ndarray) -> np.ndarray:
    """Return the field's power by spatial frequency.

    Parameters
    ----------
    field : ndarray, shape (height, width)
        At least 64 pixels each way.

    Returns
    -------
    ndarray, shape (31,)
        dB of the mean power in each ring, relative to the sum over the rings, so that contrast
        does not count. Windows of 64 pixels overlap by half; each less its plane, under Hann's
        window.
    """
    windows = sliding_window_view(field, (WINDOW, WINDOW))[::STEP, ::STEP]
    flat = without_trend(windows.reshape(-1, WINDOW, WINDOW))
    taper = np.hanning(WINDOW)
    power = np.abs(np.fft.fft2(flat * np.outer(taper, taper))) ** 2
    mean = power.mean(axis=0)
    cycles = np.abs(np.fft.fftfreq(WINDOW, 1 / WINDOW))
    ring = np.rint(np.hypot(*np.meshgrid(cycles, cycles, indexing="ij"))).astype(int)
    sums = np.bincount(ring.ravel(), mean.ravel())[_CYCLES]
    rings = sums / np.bincount(ring.ravel())[_CYCLES]
    total = rings.sum()
    if total <= 0:
        return np.full(len(_CYCLES), np.nan)
    # Eight bits end at about this: below it lies the rounding of grey levels.
    return 10 * np.log10(np.maximum(rings / total, 1e-9))
