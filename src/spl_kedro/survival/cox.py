"""A Cox model with a ridge penalty that is chosen inside the fit; fitted by lifelines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import StratifiedKFold

from spl_kedro.survival.library import (
    cox_model,
    cumulative_hazard,
    hazard_of_all,
    log_hazards,
    partial_likelihood,
)


class PenalisedCox:
    """Proportional hazards (Cox, J R Stat Soc B 1972;34:187) with a ridge penalty.

    lifelines maximises the partial likelihood by Efron's method for ties, per patient, less half
    the penalty times the squared coefficients of features scaled to unit spread. The penalty is the
    one with the largest partial likelihood of patients left out (Verweij & van Houwelingen, Stat
    Med 1993;12:2305: of all patients less of those learnt from), the larger of those that tie.

    Parameters
    ----------
    penalties : sequence of float
        Tried, each above 0.
    folds : int
        In which they are compared, patients who had the event spread evenly; fewer where there are
        fewer of them.
    seed : int
        Of these folds.

    Attributes
    ----------
    features_ : list of str
        Those that differ between patients.
    coefficients_ : Series of float
        Log hazard ratio of one unit of each.
    penalty_ : float
    likelihoods_ : dict of float to float
        What the penalties were compared by.
    """

    def __init__(self, penalties: tuple[float, ...], folds: int = 5, seed: int = 0) -> None:
        self.penalties, self.folds, self.seed = penalties, folds, seed

    def fit(self, X: pd.DataFrame, time: NDArray[Any], event: NDArray[np.bool_]) -> PenalisedCox:
        """Choose the penalty, and fit.

        Parameters
        ----------
        X : DataFrame of float, shape (n_patients, n_features)
        time : ndarray of float, shape (n_patients,)
            Above 0.
        event : ndarray of bool, shape (n_patients,)

        Returns
        -------
        PenalisedCox
        """
        spread = X.std(axis=0)
        self.features_ = [str(name) for name in X.columns[(spread > 0).to_numpy()]]
        own = self._own(X)
        self.likelihoods_ = self._compared(own, time, event) if self.features_ else {}
        best = max(self.likelihoods_.values(), default=0.0)
        tied = [p for p, value in self.likelihoods_.items() if value == best]
        self.penalty_ = max(tied, default=max(self.penalties))
        self._model: Any = None
        values: Any = []
        if self.features_:
            self._model = cox_model(own, time, event, self.penalty_)
            values = self._model.params_.to_numpy()
            self._baseline = cumulative_hazard(self._model)
        else:
            self._baseline = hazard_of_all(time, event)
        self.coefficients_ = pd.Series(values, self.features_, dtype=float)
        return self

    def _own(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return its features under names that lifelines does not read as a formula."""
        numbered = [f"x{i}" for i in range(len(self.features_))]
        return X[self.features_].set_axis(numbered, axis=1)

    def _compared(
        self, X: pd.DataFrame, time: NDArray[Any], event: NDArray[np.bool_]
    ) -> dict[float, float]:
        folds = min(self.folds, int(event.sum()), int((~event).sum()))
        if folds < 2 or len(self.penalties) == 1:
            return dict.fromkeys(self.penalties, 0.0)
        splitter = StratifiedKFold(folds, shuffle=True, random_state=self.seed)
        splits = list(splitter.split(X, event))
        found = {}
        for penalty in self.penalties:
            gained = 0.0
            for train, _ in splits:
                model = cox_model(X.iloc[train], time[train], event[train], penalty)
                of_all = partial_likelihood(model, X, time, event)
                of_learnt = partial_likelihood(model, X.iloc[train], time[train], event[train])
                gained += of_all - of_learnt
            found[penalty] = gained
        return found

    def risk(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return each patient's log hazard against the mean of the patients learnt from.

        Parameters
        ----------
        X : DataFrame of float, shape (n_patients, n_features)

        Returns
        -------
        ndarray of float, shape (n_patients,)
        """
        if not self.features_:
            return np.zeros(len(X))
        return log_hazards(self._model, self._own(X))

    def probability(self, X: pd.DataFrame, times: NDArray[Any]) -> NDArray[np.float64]:
        """Return the probability of the event by some times, by Breslow's baseline.

        Parameters
        ----------
        X : DataFrame of float, shape (n_patients, n_features)
        times : ndarray of float, shape (n_times,)

        Returns
        -------
        ndarray of float, shape (n_patients, n_times)
        """
        baseline = self._baseline
        place = np.searchsorted(baseline.index.to_numpy(), times, side="right") - 1
        hazard = np.where(place >= 0, baseline.to_numpy()[np.maximum(place, 0)], 0.0)
        return -np.expm1(-np.outer(np.exp(self.risk(X)), hazard))
