"""How far refits agree on a lesion: prediction error, decisions, calibration, net benefit.

Source: Riley and Collins, Biometrical Journal 2023;65:2200302.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.modeling.evaluation.calibration import SmoothCalibration
from spl_kedro.modeling.evaluation.decision_curves import net_benefit
from spl_kedro.sceptic.stability.sums import refit_columns

#: Middle share of the refits whose limits are given.
MIDDLE = 0.95
#: Cells along each axis of the plane of original and refitted probabilities.
CELLS = 40
#: Predicted risks of the calibration curves, and threshold probabilities of the decision curves.
_RISKS = np.round(np.linspace(0.02, 0.98, 25), 2)
_THRESHOLDS = np.round(np.linspace(0.05, 0.95, 19), 2)
#: From this share of refits on that decide otherwise, a lesion's decision is called unstable.
UNSTABLE = 0.1


class Spread(NamedTuple):
    """What refits make of each lesion.

    Attributes
    ----------
    low, high : ndarray of float, shape (n,)
        Between which the middle :data:`MIDDLE` of the refits' probabilities lie.
    otherwise : ndarray of float, shape (n,)
        Share of refits on the other side of the threshold than the study's own model: the
        classification instability index.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    otherwise: NDArray[np.float64]


def spread(
    original: NDArray[np.float64], refitted: NDArray[np.float64], threshold: float
) -> Spread:
    """Return the spread of refits about each lesion's score.

    Parameters
    ----------
    original : ndarray of float, shape (n,)
        Probabilities by the study's own model.
    refitted : ndarray of float, shape (n, refits)
    threshold : float
        At or above it a probability means malignant.
    """
    tail = (1 - MIDDLE) / 2
    low, high = np.quantile(refitted, [tail, 1 - tail], axis=1)
    decided = original >= threshold
    return Spread(low, high, ((refitted >= threshold) != decided[:, None]).mean(axis=1))


def lesion_table(
    scores: pd.DataFrame, draws: pd.DataFrame, thresholds: pd.DataFrame
) -> pd.DataFrame:
    """Return what refits say of each lesion.

    Parameters
    ----------
    scores, draws : DataFrame
        From :func:`spl_kedro.sceptic.stability.refits.refit_study`.
    thresholds : DataFrame
        Columns model and threshold.

    Returns
    -------
    DataFrame
        model, lesion_id, original, threshold, refits; error (the lesion's mean absolute prediction
        error: mean of |refit - original| over the refits), error_not_drawn (over the refits whose
        sample lacks the patient; NaN without one), low, high and otherwise (:class:`Spread`).
    """
    threshold = dict(zip(thresholds["model"], thresholds["threshold"], strict=True))
    refits = refit_columns(scores)
    drawn = draws.set_index("lesion_id")[refits]
    parts = []
    for name, own in scores.groupby("model", sort=False):
        original = own["original"].to_numpy()
        refitted = own[refits].to_numpy()
        error = np.abs(refitted - original[:, None])
        absent = drawn.loc[own["lesion_id"]].to_numpy() == 0
        n_absent = absent.sum(axis=1)
        apart = np.full(len(own), np.nan)
        np.divide((error * absent).sum(axis=1), n_absent, out=apart, where=n_absent > 0)
        found = spread(original, refitted, float(threshold[name]))
        parts.append(
            pd.DataFrame(
                {
                    "model": name,
                    "lesion_id": own["lesion_id"].to_numpy(),
                    "original": original,
                    "threshold": float(threshold[name]),
                    "refits": len(refits),
                    "error": error.mean(axis=1),
                    "error_not_drawn": apart,
                    **found._asdict(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def summary_table(lesions: pd.DataFrame) -> pd.DataFrame:
    """Return what refits say of each model on average.

    Parameters
    ----------
    lesions : DataFrame
        From :func:`lesion_table`.

    Returns
    -------
    DataFrame
        model, refits, n, threshold; mape (mean absolute prediction error), mape_95 (exceeded by a
        twentieth of the lesions), mape_not_drawn, width (median of high - low), otherwise (mean
        classification instability index), unstable (share of lesions whose index is above
        :data:`UNSTABLE`).
    """
    rows = [
        {
            "model": name,
            "refits": int(own["refits"].iloc[0]),
            "n": len(own),
            "threshold": own["threshold"].iloc[0],
            "mape": own["error"].mean(),
            "mape_95": own["error"].quantile(0.95),
            "mape_not_drawn": own["error_not_drawn"].mean(),
            "width": (own["high"] - own["low"]).median(),
            "otherwise": own["otherwise"].mean(),
            "unstable": (own["otherwise"] > UNSTABLE).mean(),
        }
        for name, own in lesions.groupby("model", sort=False)
    ]
    return pd.DataFrame(rows)


def cell_table(scores: pd.DataFrame) -> pd.DataFrame:
    """Count the refits' probabilities by cell of the plane that they make with the original ones.

    Parameters
    ----------
    scores : DataFrame
        From :func:`spl_kedro.sceptic.stability.refits.refit_study`.

    Returns
    -------
    DataFrame
        model, original and refit (centre of the cell), share (of the model's probabilities): cells
        that hold any.
    """
    refits = refit_columns(scores)
    edges = np.linspace(0, 1, CELLS + 1)
    centres = (edges[1:] + edges[:-1]) / 2
    parts = []
    for name, own in scores.groupby("model", sort=False):
        original = np.repeat(own["original"].to_numpy(), len(refits))
        counts, *_ = np.histogram2d(original, own[refits].to_numpy().ravel(), bins=[edges, edges])
        across, up = np.nonzero(counts)
        share = counts[across, up] / counts.sum()
        parts.append(
            pd.DataFrame(
                {"model": name, "original": centres[across], "refit": centres[up], "share": share}
            )
        )
    return pd.concat(parts, ignore_index=True)


def curve_table(scores: pd.DataFrame, label: pd.Series) -> pd.DataFrame:
    """Return calibration and decision curves of the study's models and of every refit.

    All on the original lesions, where the study's own models are judged by lesions that they
    learnt from: the curves show how far refits differ, not how good the models are.

    Parameters
    ----------
    scores : DataFrame
        From :func:`spl_kedro.sceptic.stability.refits.refit_study`.
    label : Series of int
        Index lesion_id; 0 benign, 1 malignant.

    Returns
    -------
    DataFrame
        model, curve (``calibration``: observed risk; ``net_benefit``), at (predicted risk, or
        threshold probability), original and a column for each refit. Outside 98 % of a model's own
        probabilities there is no observed risk (NaN).
    """
    columns = ["original", *refit_columns(scores)]
    parts = []
    for name, own in scores.groupby("model", sort=False):
        outcome = label.loc[own["lesion_id"]].to_numpy(dtype=float)
        once = np.ones((1, len(own)))
        observed, benefit = {}, {}
        for column in columns:
            score = own[column].to_numpy()
            observed[column] = _observed(outcome, score, once)
            benefit[column] = net_benefit(outcome, score, _THRESHOLDS, once)[0]
        for curve, at, found in (
            ("calibration", _RISKS, observed), ("net_benefit", _THRESHOLDS, benefit)
        ):  # fmt: skip
            told = pd.DataFrame({"model": name, "curve": curve, "at": at})
            parts.append(pd.concat([told, pd.DataFrame(found)], axis=1))
    return pd.concat(parts, ignore_index=True)


def _observed(
    label: NDArray[np.float64], score: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    curve = SmoothCalibration(label, score, weights).observed(_RISKS)[0]
    low, high = np.quantile(score, [0.01, 0.99])
    return np.where((low <= _RISKS) & (high >= _RISKS), curve, np.nan)
