"""Recalibration on local cases: a line on a model's log odds, or its fusion fitted anew.

Methods are compared by the log loss of cross-fitted scores, and doing nothing is one of them: what
is chosen never has a larger one. Over the choice itself a second cross-fitting goes, in which every
fold chooses anew from the others: the row ``choice`` of the table.

Sources: Steyerberg et al., Stat Med 2004;23:2567 (intercept, slope, refit); Vergouwe et al., Stat
Med 2017;36:4529 (choosing the smallest sufficient update).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.deployment.recalibration_settings import RecalibrationSettings
from spl_kedro.deployment.refit import FusionCases
from spl_kedro.deployment.sigmoid import METHODS, Sigmoid, fit_sigmoid
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.evaluation.calibration import PROBABILITY_MARGIN
from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.folds import Splits, repeated_splits

#: Fewer cases, or cases of a class, tell no slope from chance.
FEWEST_CASES, FEWEST_OF_A_CLASS = 50, 10
REFIT = "fusion"
Array = NDArray[np.float64]
Positions = NDArray[np.int64]
Scoring = Callable[[Positions], Array]
#: Fits to the cases at some positions; None where that cannot be done.
Fit = Callable[[Positions], Scoring | None]


class LocalCases(NamedTuple):
    """Local cases scored by one model.

    Attributes
    ----------
    lesion, patient : ndarray, shape (n,)
    label : ndarray of int, shape (n,)
    score : ndarray of float, shape (n,)
    """

    lesion: NDArray
    patient: NDArray
    label: NDArray[np.int64]
    score: Array


class Recalibrated(NamedTuple):
    """What recalibration found for one model.

    Attributes
    ----------
    method : str
        The chosen one.
    sigmoid : Sigmoid
        Fitted on all cases.
    cross_fitted : dict of str to ndarray of float, shape (n_repeats, n)
        Scores of cases by what was fitted without them, by method; ``choice`` chose without
        them too.
    log_loss : dict of str to float
    classifier : ProbabilityClassifier or None
        The fusion fitted anew on all cases, where that was chosen.
    """

    method: str
    sigmoid: Sigmoid
    cross_fitted: dict[str, Array]
    log_loss: dict[str, float]
    classifier: ProbabilityClassifier | None = None


def local_cases(predictions: pd.DataFrame, model: str) -> LocalCases:
    """Return a model's cases, in the order of their identifiers.

    Parameters
    ----------
    predictions : DataFrame
        As :class:`spl_kedro.schemas.Predictions`, of one protocol and cohort.
    model : str

    Raises
    ------
    UnusableStudyError
        If they are too few to recalibrate on.
    """
    own = predictions[(predictions["model"] == model) & (predictions["repeat"] == 0)]
    own = own.sort_values("lesion_id", kind="stable")
    malignant = int(own["label"].sum())
    if len(own) < FEWEST_CASES or min(malignant, len(own) - malignant) < FEWEST_OF_A_CLASS:
        raise UnusableStudyError(
            f"at least {FEWEST_CASES} local cases, {FEWEST_OF_A_CLASS} of each diagnosis",
            f"there are {len(own)} scored by {model}, {malignant} of them malignant.",
            "Collect more cases with their diagnosis; until then use the study as it is.",
        )
    return LocalCases(
        own["lesion_id"].to_numpy(),
        own["patient_id"].to_numpy(),
        own["label"].to_numpy(dtype=np.int64),
        own["score"].to_numpy(dtype=float),
    )


def recalibrate(
    cases: LocalCases, settings: RecalibrationSettings, fusion: FusionCases | None = None
) -> Recalibrated:
    """Choose and fit a model's recalibration.

    Parameters
    ----------
    cases : LocalCases
    settings : RecalibrationSettings
    fusion : FusionCases, optional
        Where the model's fusion may be fitted anew.

    Returns
    -------
    Recalibrated
        Without recalibration where the method asked for cannot be fitted.
    """
    everyone = np.arange(len(cases.label))
    fits: dict[str, Fit] = {name: partial(_line, cases, name) for name in METHODS}
    if fusion is not None:
        fits[REFIT] = partial(_refit, fusion)
    if settings.method != "auto":
        fits = {name: fit for name, fit in fits.items() if name in ("none", settings.method)}
    repeats = _folds(cases, everyone, settings, settings.n_repeats)
    found = {name: _cross_fitted(cases, everyone, repeats, fit) for name, fit in fits.items()}
    losses = {name: log_loss(cases.label, scores) for name, scores in found.items()}
    method = _best(losses) if settings.method == "auto" else settings.method
    if method not in fits or fits[method](everyone) is None:
        method = "none"
    found["choice"] = found[method]
    if settings.method == "auto":
        found["choice"] = _choosing_anew(cases, repeats, fits, settings)
    losses["choice"] = log_loss(cases.label, found["choice"])
    line = None if method == REFIT else fit_sigmoid(cases.label, cases.score, method)
    classifier = fusion.fit(everyone) if fusion is not None and method == REFIT else None
    return Recalibrated(method, line or Sigmoid(), found, losses, classifier)


def _line(cases: LocalCases, method: str, train: Positions) -> Scoring | None:
    line = fit_sigmoid(cases.label[train], cases.score[train], method)
    return None if line is None else lambda test: line(cases.score[test])


def _refit(fusion: FusionCases, train: Positions) -> Scoring | None:
    fitted = fusion.fit(train)
    return None if fitted is None else partial(fusion.score, fitted)


def _folds(
    cases: LocalCases, some: Positions, settings: RecalibrationSettings, n_repeats: int
) -> list[Splits]:
    """Return divisions of some cases into folds, as positions among all cases."""
    repeats = repeated_splits(
        cases.label[some],
        cases.patient[some],
        n_splits=settings.n_splits,
        n_repeats=n_repeats,
        seed=settings.seed,
    )
    return [[(some[train], some[test]) for train, test in splits] for splits in repeats]


def _cross_fitted(cases: LocalCases, some: Positions, repeats: list[Splits], fit: Fit) -> Array:
    """Return the scores of some cases by what was fitted without them, shape (n_repeats, n)."""
    found = np.tile(cases.score, (len(repeats), 1))
    for own, splits in zip(found, repeats, strict=True):
        for train, test in splits:
            scoring = fit(train)
            own[test] = cases.score[test] if scoring is None else scoring(test)
    return found[:, some]


def _choosing_anew(
    cases: LocalCases,
    repeats: list[Splits],
    fits: Mapping[str, Fit],
    settings: RecalibrationSettings,
) -> Array:
    """Return scores by what each fold's other cases chose among themselves."""
    found = np.tile(cases.score, (len(repeats), 1))
    for own, splits in zip(found, repeats, strict=True):
        for train, test in splits:
            inner = _folds(cases, train, settings, 1)
            losses = {
                name: log_loss(cases.label[train], _cross_fitted(cases, train, inner, fit))
                for name, fit in fits.items()
            }
            scoring = fits[_best(losses)](train)
            own[test] = cases.score[test] if scoring is None else scoring(test)
    return found


def log_loss(label: NDArray, scores: Array) -> float:
    """Return the mean log loss of scores, over their repeats.

    Parameters
    ----------
    label : ndarray of 0 and 1, shape (n,)
    scores : ndarray of float, shape (n_repeats, n)
        Probabilities, kept ``PROBABILITY_MARGIN`` away from 0 and 1.
    """
    return float(-log_likelihood(label, scores).mean())


def log_likelihood(label: NDArray, scores: Array) -> Array:
    """Return each case's log likelihood, of the shape of `scores`."""
    inside = np.clip(scores, PROBABILITY_MARGIN, 1 - PROBABILITY_MARGIN)
    return np.asarray(np.log(np.where(np.asarray(label) == 1, inside, 1 - inside)))


def _best(losses: Mapping[str, float]) -> str:
    """Return the method of the smallest loss, of equal ones the simplest."""
    return min(losses, key=lambda name: (losses[name], list(losses).index(name)))
