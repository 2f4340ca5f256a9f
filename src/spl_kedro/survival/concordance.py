"""How well risks rank patients whose event some were not watched long enough to have.

Every measure takes weights of the patients, so that a bootstrap evaluates all resamples at once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spl_kedro.survival.library import kaplan_meier

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


def censoring_survival(time: Array, event: Flags) -> Array:
    """Return the probability of not being censored before each patient's own time.

    Kaplan and Meier's estimate with events and censorings exchanged, just before the time; where
    both happen at one time, events come first. By lifelines.

    Parameters
    ----------
    time : (n,)
    event : (n,) of bool

    Returns
    -------
    (n,) array in (0, 1]
    """
    estimate = kaplan_meier(time, ~np.asarray(event))
    # Just before a time: the last step that is earlier.
    place = np.searchsorted(estimate["time"].to_numpy(), time, side="left") - 1
    return estimate["survival"].to_numpy()[place]


def concordance(
    time: Array,
    event: Flags,
    risk: Array,
    weights: Array,
    *,
    until: float = np.inf,
    censoring: Array | None = None,
    stratum: NDArray[Any] | None = None,
) -> Array:
    """Return the C-index: of pairs whose order is known, the share that the risk orders alike.

    A pair counts where the one with the shorter time had the event before `until`; equal risks
    count half. Harrell et al., JAMA 1982;247:2543; with `censoring` each pair counts by 1 over its
    square at the shorter time, by which the measure does not depend on who was censored (Uno et
    al., Stat Med 2011;30:1105).

    Parameters
    ----------
    time : (n,)
    event : (n,) of bool
    risk : (n,)
        Larger for whom the event is expected sooner.
    weights : (b, n)
    until : float
    censoring : (n,) array, optional
        From :func:`censoring_survival`.
    stratum : (n,) array, optional
        Only pairs of one stratum count: of one fold, whose risks are by one model.

    Returns
    -------
    (b,) array
        NaN where no pair counts.
    """
    # A patient censored at the time of another's event was watched beyond it.
    later = (time[:, None] < time) | ((time[:, None] == time) & ~event)
    np.fill_diagonal(later, val=False)
    counts = ((event & (time < until))[:, None] & later).astype(float)
    if censoring is not None:
        counts /= censoring[:, None] ** 2
    return _share(_within(counts, stratum), _wins(risk), weights)


def auc_at(
    time: Array,
    event: Flags,
    risk: Array,
    weights: Array,
    *,
    when: float,
    censoring: Array,
    stratum: NDArray[Any] | None = None,
) -> Array:
    """Return the AUC that tells who has had the event by a time from who has not yet.

    Cumulative cases and dynamic controls, cases by 1 over the probability of not being censored
    before (Hung & Chiang, Can J Stat 2010;38:8; Uno et al., J Am Stat Assoc 2007;102:527).

    Parameters
    ----------
    time : (n,)
    event : (n,) of bool
    risk : (n,)
    weights : (b, n)
    when : float
    censoring : (n,) array
        From :func:`censoring_survival`.
    stratum : (n,) array, optional
        As for :func:`concordance`.

    Returns
    -------
    (b,) array
        NaN where there are no cases or no controls.
    """
    cases = np.where(event & (time <= when), 1 / censoring, 0.0)
    counts = cases[:, None] * (time > when)
    return _share(_within(counts, stratum), _wins(risk), weights)


def _within(counts: Array, stratum: NDArray[Any] | None) -> Array:
    return counts if stratum is None else counts * (stratum[:, None] == stratum)


def _wins(risk: Array) -> Array:
    difference = risk[:, None] - risk
    return (difference > 0) + 0.5 * (difference == 0)


def _share(counts: Array, wins: Array, weights: Array) -> Array:
    """Return the weighted share of the pairs that are won; see `evaluation.sums` for einsum."""
    own = [np.einsum("bi,ij->bj", weights, part) for part in (counts, counts * wins)]
    pairs, won = (np.einsum("bj,bj->b", part, weights) for part in own)
    return np.divide(won, pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
