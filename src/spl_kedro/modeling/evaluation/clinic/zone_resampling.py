"""Intervals of the zones in training, where both borders are a choice of the same lesions.

As `spl_kedro.modeling.evaluation.threshold_resampling`, with two thresholds.
"""

from __future__ import annotations

import numpy as np

from spl_kedro.modeling.evaluation.bootstrap import generator, resampling_weights
from spl_kedro.modeling.evaluation.checks import UNSTABLE, Array
from spl_kedro.modeling.evaluation.clinic.zones import ONE
from spl_kedro.modeling.evaluation.decided import CHOSEN_ANEW, Measure
from spl_kedro.modeling.evaluation.operating_point import Confusion, ratio
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.modeling.evaluation.threshold_resampling import (
    Choice,
    ResampledCuts,
    error_interval,
    resampled_cuts,
    threshold_errors,
)
from spl_kedro.modeling.evaluation.units import Cell

ZONES = ("out", "deferred", "in")
AMONG = ("all", "malignant", "benign")
#: Share of some lesions in a zone.
Share = tuple[str, str]


def zone_errors(cell: Cell, rule: str, settings: EvaluationSettings) -> dict[Share, Array]:
    """Return how far each resample's report lies from what its deployed borders do.

    Parameters
    ----------
    cell : Cell
        Of cross-fitted scores.
    rule : {"operating", "zones"}
        One threshold, or two.
    settings : EvaluationSettings

    Returns
    -------
    dict of (zone, among) to (b,) array
        Of the shares of `AMONG` in `ZONES`.
    """
    rng = generator(settings.seed, *cell.names)
    weights = resampling_weights(
        cell.label, cell.patient, settings.n_bootstrap, rng, cell.recruited
    )
    lower, upper = _borders(cell, rule, weights, settings)
    found: dict[Share, Array] = {}
    for among in AMONG:
        out = threshold_errors(cell, lower, weights, _Below(among))
        above = -threshold_errors(cell, upper, weights, _Below(among))
        found |= {("out", among): out, ("in", among): above, ("deferred", among): -out - above}
    return found


def chosen_anew(measured: Measure, errors: Array, settings: EvaluationSettings) -> Measure:
    """Return a share with the interval of borders that are chosen in every resample.

    Parameters
    ----------
    measured : (value, low, high, method)
    errors : (b,) array
        From `zone_errors`; where all are alike the interval stays as it is.
    settings : EvaluationSettings
    """
    value, low, high, method = measured
    if method.startswith("undefined") or np.ptp(errors) == 0:
        return measured
    low, high = error_interval(value, errors, settings.confidence)
    return value, low, high, UNSTABLE if np.isnan(low) else CHOSEN_ANEW


def _borders(
    cell: Cell, rule: str, weights: Array, settings: EvaluationSettings
) -> tuple[ResampledCuts, ResampledCuts]:
    if rule == ONE:
        cuts = resampled_cuts(cell, weights, settings)
        return cuts, cuts
    clinic = settings.clinic
    out = resampled_cuts(cell, weights, settings, Choice(clinic.min_sensitivity))
    into = resampled_cuts(cell, weights, settings, Choice(clinic.min_specificity, mirrored=True))
    # Without a zone the lower of the two divides: see `zones.borders`.
    lower = out._replace(
        deployed=np.minimum(out.deployed, into.deployed),
        judging=np.minimum(out.judging, into.judging),
    )
    return lower, into


class _Below:
    """Share of lesions, or of those of one class, with a score below the threshold."""

    def __init__(self, among: str) -> None:
        self._among = among

    def __call__(self, counts: Confusion) -> Array:
        tp, fp, fn, tn = counts
        below, whole = {
            "all": (fn + tn, tp + fp + fn + tn),
            "malignant": (fn, tp + fn),
            "benign": (tn, fp + tn),
        }[self._among]
        return ratio(below, whole)
