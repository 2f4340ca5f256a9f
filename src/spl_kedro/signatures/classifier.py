"""The classifier at the end of a signature, with calibrated probabilities."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from spl_kedro.signatures.folds import stratified_splits
from spl_kedro.signatures.selection.base import binary_labels

KINDS = ("svm", "logistic", "random_forest", "gradient_boosting", "knn", "mlp")

# Few points each: the inner folds hold a hundred lesions, not enough to rank a fine grid.
GRIDS: dict[str, dict[str, list[Any]]] = {
    "svm": {"C": [0.1, 1.0, 10.0], "gamma": ["scale", 0.01, 0.1]},
    "logistic": {"C": [0.01, 0.1, 1.0, 10.0]},
    "random_forest": {"min_samples_leaf": [1, 5, 10], "max_features": ["sqrt", 0.5]},
    "gradient_boosting": {"n_estimators": [50, 150], "max_depth": [1, 3]},
    "knn": {"n_neighbors": [5, 11, 21]},
    "mlp": {"alpha": [1e-3, 1e-1, 10.0]},
}


NOT_RISING = "scores of left-out lesions do not rise with the label"


def rises(sigmoid: Any) -> bool:
    """Tell whether probability = 1 / (1 + exp(a score + b)) rises with the score."""
    return bool(sigmoid.a_ < 0)


def raw_scores(model: Any, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a fitted classifier's score before calibration, shape (n_lesions,).

    Parameters
    ----------
    model : classifier of two classes
    X : ndarray of float, shape (n_lesions, n_features)

    Returns
    -------
    ndarray of float
        The decision value where the classifier has one, else its probability.
    """
    if hasattr(model, "decision_function"):
        return model.decision_function(X)
    return model.predict_proba(X)[:, 1]


class ProbabilityClassifier(ClassifierMixin, BaseEstimator):
    """Standardise, classify, and turn the scores into calibrated probabilities.

    Scores are turned into probabilities by a sigmoid (Platt, Advances in Large Margin
    Classifiers, 1999) fitted on cross-validated scores of the training lesions; the
    classifier itself is fitted on all of them. The sigmoid must rise: where the scores
    of left-out lesions do not rise with the label, the classifier has learnt nothing
    that generalises, and the training prevalence is given instead.

    Parameters
    ----------
    kind : {"svm", "logistic", "random_forest", "gradient_boosting", "knn", "mlp"}
    C : float, default=1.0
        Inverse penalty of the support vector machine (RBF) and of logistic regression.
    tune : bool, default=False
        Choose among a small grid by inner cross-validated AUC.
    cv : int, default=5
        Folds of calibration and tuning; fewer when a class is smaller.
    random_state : int, default=0

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    best_params_ : dict
        What tuning chose; empty without tuning.
    fallback_ : str or None
        Why the probability is the training prevalence, when it is.
    """

    def __init__(
        self,
        kind: str = "svm",
        C: float = 1.0,
        tune: bool = False,
        cv: int = 5,
        random_state: int = 0,
    ):
        self.kind = kind
        self.C = C
        self.tune = tune
        self.cv = cv
        self.random_state = random_state

    def fit(self, X: Any, y: Any, groups: Any = None) -> ProbabilityClassifier:
        """Fit classifier and calibration.

        Parameters
        ----------
        X : array-like of float, shape (n_lesions, n_features)
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in the inner folds.

        Returns
        -------
        ProbabilityClassifier
            The fitted classifier.
        """
        X, y = validate_data(self, X, y, dtype=np.float64)
        self.classes_, labels = binary_labels(y)
        self.prevalence_ = float(labels.mean())
        self.best_params_: dict[str, Any] = {}
        splits = stratified_splits(labels, groups, self.cv, self.random_state)
        self.fallback_ = None
        if not splits:
            self.fallback_ = "fewer than two patients in a class: no cross-validated calibration"
            self.model_: Any = None
            return self
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model = make_pipeline(StandardScaler(), self._classifier(labels, splits))
            if self.tune:
                model = self._tuned(model, X, labels, splits)
            model = CalibratedClassifierCV(model, method="sigmoid", ensemble=False, cv=splits)
            self.model_ = model.fit(X, labels)
        if not rises(self.sigmoid()):
            self.fallback_, self.model_ = NOT_RISING, None
        return self

    def sigmoid(self) -> Any:
        """Return the fitted sigmoid, with slope ``a_`` and offset ``b_``."""
        return self.model_.calibrated_classifiers_[0].calibrators[0]

    def recalibrate(self, score: NDArray[np.float64], y: NDArray[np.int64]) -> None:
        """Fit the sigmoid anew, on scores obtained outside.

        Parameters
        ----------
        score : ndarray of float, shape (n_lesions,)
            Uncalibrated scores, as :func:`raw_scores` gives them.
        y : ndarray of int, shape (n_lesions,)
            0 or 1.
        """
        sigmoid = type(self.sigmoid())().fit(score, y)
        self.model_.calibrated_classifiers_[0].calibrators[0] = sigmoid
        if not rises(sigmoid):
            self.fallback_, self.model_ = NOT_RISING, None

    def uncalibrated(self) -> Any:
        """Return an unfitted copy of the classifier (with what tuning chose), not calibrated."""
        return clone(self.model_.calibrated_classifiers_[0].estimator)

    def _classifier(self, labels: NDArray[np.int64], splits: list[Any]) -> Any:
        smallest_part = min(len(train) for train, _ in splits)
        seed = self.random_state
        if self.kind == "svm":
            return SVC(C=self.C, kernel="rbf", gamma="scale")
        if self.kind == "logistic":
            return LogisticRegression(C=self.C, max_iter=2000)
        if self.kind == "random_forest":
            return RandomForestClassifier(200, min_samples_leaf=5, random_state=seed)
        if self.kind == "gradient_boosting":
            return GradientBoostingClassifier(subsample=0.8, max_depth=2, random_state=seed)
        if self.kind == "knn":
            return KNeighborsClassifier(n_neighbors=min(11, smallest_part))
        if self.kind == "mlp":
            # lbfgs converges on a few hundred rows where stochastic descent wanders.
            return MLPClassifier((16,), alpha=1.0, solver="lbfgs", max_iter=500, random_state=seed)
        raise ValueError(f"classifier {self.kind!r} is none of {', '.join(KINDS)}.")

    def _tuned(self, model: Any, X: NDArray[np.float64], y: NDArray[np.int64], splits: Any) -> Any:
        step = model.steps[-1][0]
        smallest_part = min(len(train) for train, _ in splits)
        grid = {f"{step}__{name}": values for name, values in GRIDS[self.kind].items()}
        if self.kind == "knn":
            grid[f"{step}__n_neighbors"] = [k for k in (5, 11, 21) if k <= smallest_part] or [1]
        search = GridSearchCV(model, grid, scoring="roc_auc", cv=splits, refit=False).fit(X, y)
        self.best_params_ = {
            name.removeprefix(f"{step}__"): value for name, value in search.best_params_.items()
        }
        return model.set_params(**search.best_params_)

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class.

        Parameters
        ----------
        X : array-like of float, shape (n_lesions, n_features)

        Returns
        -------
        ndarray of float, shape (n_lesions, 2)
            Rows sum to 1, columns in the order of ``classes_``.
        """
        check_is_fitted(self, "classes_")
        X = validate_data(self, X, dtype=np.float64, reset=False)
        if self.model_ is None:
            return np.tile([1 - self.prevalence_, self.prevalence_], (len(X), 1))
        return self.model_.predict_proba(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the more probable class of each lesion."""
        probability = self.predict_proba(X)
        return self.classes_[np.argmax(probability, axis=1)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
