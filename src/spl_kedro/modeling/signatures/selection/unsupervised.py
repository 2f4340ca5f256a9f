"""Steps that look at the features alone: repeatability and variance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.modeling.signatures.selection.base import SelectionStep, Verdict
from spl_kedro.tabular import Names


class StabilityFilter(SelectionStep):
    """Drop features that two readers' outlines do not reproduce.

    Parameters
    ----------
    measured : sequence or array of str, optional
        Features that two readers' outlines gave. The others (deep features have no second
        reading) are kept.
    icc : sequence or array of float, optional
        Their intraclass correlation; NaN counts as not reproducible.
    threshold : float, default=0.75
        Lowest ICC kept. 0.75 is "good" in Koo and Li, J Chiropr Med 2016;15:155.
    """

    _step = "stability"
    _needs_labels = False

    def __init__(
        self,
        measured: Names | None = None,
        icc: Sequence[float] | NDArray[np.float64] | None = None,
        threshold: float = 0.75,
    ):
        self.measured = measured
        self.icc = icc
        self.threshold = threshold

    def _judge(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64] | None,
        names: NDArray[np.object_],
        groups: Any,
    ) -> Verdict:
        known = pd.Series(
            [] if self.icc is None else self.icc,
            index=[] if self.measured is None else np.asarray(self.measured, dtype=object),
            dtype=np.float64,
        )
        statistic = np.asarray(known.reindex(names), dtype=np.float64)
        measured = np.isin(names.astype(str), known.index.to_numpy(dtype=str))
        keep = ~measured | (statistic >= self.threshold)
        reason = np.full(len(names), f"ICC below {self.threshold:g}", dtype=object)
        return Verdict(keep, statistic, reason)


class VarianceFilter(SelectionStep):
    """Drop features that are constant or nearly so.

    Parameters
    ----------
    min_relative_sd : float, default=1e-8
        Features whose standard deviation is at most this fraction of their largest
        absolute value carry only rounding noise.
    max_same : float, default=0.95
        Features of which more than this fraction of lesions share one value carry
        information on too few lesions.
    """

    _step = "variance"
    _needs_labels = False

    def __init__(self, min_relative_sd: float = 1e-8, max_same: float = 0.95):
        self.min_relative_sd = min_relative_sd
        self.max_same = max_same

    def _judge(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64] | None,
        names: NDArray[np.object_],
        groups: Any,
    ) -> Verdict:
        scale = np.abs(X).max(axis=0)
        # Dividing first keeps the variance of values near 1e200 finite.
        relative = (X / np.where(scale > 0, scale, 1.0)).std(axis=0)
        constant = relative <= self.min_relative_sd
        share = _largest_share(X)
        repeated = (share > self.max_same) & ~constant
        reason = np.where(
            constant,
            f"constant (relative SD at most {self.min_relative_sd:g})",
            f"one value in more than {self.max_same:.0%} of lesions",
        ).astype(object)
        return Verdict(~(constant | repeated), np.where(repeated, share, relative), reason)


def _largest_share(X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the fraction of rows holding each column's most frequent value."""
    ordered = np.sort(X, axis=0)
    longest = np.ones(X.shape[1])
    run = np.ones(X.shape[1])
    for above, below in zip(ordered[1:], ordered[:-1], strict=True):
        run = np.where(above == below, run + 1, 1)
        np.maximum(longest, run, out=longest)
    return longest / len(X)
