"""Intraclass correlation of many features at once, with intervals (McGraw and Wong 1996).

The same numbers as ``pingouin.intraclass_corr`` (tested), which takes one feature and a
long table at a time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution


def intraclass_correlation(ratings: np.ndarray, confidence: float = 0.95) -> pd.DataFrame:
    """ICC(3,1) consistency and ICC(2,1) absolute agreement of single ratings, two-way.

    Parameters
    ----------
    ratings : ndarray of float64, shape (lesions, raters, features)
        Complete ratings, at least two lesions and two raters.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    DataFrame
        One row per feature: `consistency`, `agreement` and their `_low`, `_high`. NaN where
        a feature does not vary between lesions and raters at all.

    Notes
    -----
    With mean squares of lesions (MSR), raters (MSC) and error (MSE), n lesions and k raters:
    consistency = (MSR - MSE) / (MSR + (k - 1) MSE); agreement = (MSR - MSE) /
    (MSR + (k - 1) MSE + k (MSC - MSE) / n). Intervals from F quantiles, for agreement with
    Satterthwaite's degrees of freedom.
    """
    n, k, _ = ratings.shape
    # Scale-free, and enough to keep features of 1e-15 or 1e12 away from rounding.
    centred = ratings - ratings.mean(axis=(0, 1))
    scale = np.abs(centred).max(axis=(0, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        centred = centred / scale
        rows, columns = centred.mean(axis=1), centred.mean(axis=0)
        msr = k * (rows**2).sum(axis=0) / (n - 1)
        msc = n * (columns**2).sum(axis=0) / (k - 1)
        residual = centred - rows[:, None, :] - columns[None, :, :]
        mse = (residual**2).sum(axis=(0, 1)) / ((n - 1) * (k - 1))

        # Of ratings scaled to 1, equal ones leave 1e-32 of rounding.
        mse, msc = (np.where(ms < 1e-28, 0.0, ms) for ms in (mse, msc))

        consistency = (msr - mse) / (msr + (k - 1) * mse)
        agreement = (msr - mse) / (msr + (k - 1) * mse + k * (msc - mse) / n)

        df1, df2 = n - 1, (n - 1) * (k - 1)
        tail = 1 - (1 - confidence) / 2
        ratio = msr / mse
        low = ratio / f_distribution.ppf(tail, df1, df2)
        high = ratio * f_distribution.ppf(tail, df2, df1)
        consistency_low = np.where(mse == 0, 1.0, (low - 1) / (low + k - 1))
        consistency_high = np.where(mse == 0, 1.0, (high - 1) / (high + k - 1))

        a = k * agreement / (n * (1 - agreement))
        b = 1 + k * agreement * (n - 1) / (n * (1 - agreement))
        weight = a * msc + b * mse
        v = weight**2 / ((a * msc) ** 2 / (k - 1) + (b * mse) ** 2 / ((n - 1) * (k - 1)))
        lower_f, upper_f = f_distribution.ppf(tail, df1, v), f_distribution.ppf(tail, v, df1)
        common = k * msc + (k * n - k - n) * mse
        agreement_low = n * (msr - lower_f * mse) / (lower_f * common + n * msr)
        agreement_high = n * (upper_f * msr - mse) / (common + n * upper_f * msr)
    same = (mse == 0) & (msc == 0) & (msr > 0)
    return pd.DataFrame(
        {
            "consistency": consistency,
            "consistency_low": consistency_low,
            "consistency_high": consistency_high,
            "agreement": agreement,
            "agreement_low": np.where(same, 1.0, agreement_low),
            "agreement_high": np.where(same, 1.0, agreement_high),
        }
    ).where(pd.Series(scale > 0), np.nan)
