"""The classifier at the end of a signature, with calibrated probabilities."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.exceptions import ConvergenceWarning
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import ParameterGrid
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.utils.validation import check_is_fitted

from spl_kedro.by_row import row_products
from spl_kedro.modeling.evaluation.delong import areas_within
from spl_kedro.modeling.signatures.base import BinaryClassifier
from spl_kedro.modeling.signatures.folds import Splits, stratified_splits
from spl_kedro.tabular import validated

KINDS = (
    "linear_svm", "logistic", "radial_svm", "nystroem_svm", "random_forest", "gradient_boosting",
    "knn", "mlp",
)  # fmt: skip
#: Kinds whose score is a weighted sum of their inputs.
LINEAR_KINDS = ("linear_svm", "logistic")

# Few points each: the inner folds hold a hundred lesions, not enough to rank a fine grid. The
# strongest penalty stands first and wins ties.
GRIDS: dict[str, dict[str, list[Any]]] = {
    "linear_svm": {"C": [1e-4, 1e-3, 1e-2, 1e-1, 1.0]},
    "logistic": {"C": [1e-3, 1e-2, 1e-1, 1.0, 10.0]},
    "radial_svm": {"C": [0.1, 1.0, 10.0], "gamma": ["scale", 0.01, 0.1]},
    "nystroem_svm": {"linearsvc__C": [0.1, 1.0, 10.0], "nystroem__gamma": [None, 0.01, 0.1]},
    "random_forest": {"min_samples_leaf": [1, 5, 10], "max_features": ["sqrt", 0.5]},
    "gradient_boosting": {"n_estimators": [50, 150], "max_depth": [1, 3]},
    "knn": {"n_neighbors": [5, 11, 21]},
    "mlp": {"alpha": [1e-3, 1e-1, 10.0]},
}

#: Lesions whose kernel values are the inputs of ``nystroem_svm``.
LANDMARKS = 300
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


class ProbabilityClassifier(BinaryClassifier):
    """Standardise, classify, and turn the scores into calibrated probabilities.

    Scores are turned into probabilities by a sigmoid (Platt, Advances in Large Margin
    Classifiers, 1999) fitted on cross-validated scores of the training lesions; the
    classifier itself is fitted on all of them. The sigmoid must rise: where the scores
    of left-out lesions do not rise with the label, the classifier has learnt nothing
    that generalises, and the training prevalence is given instead.

    Parameters
    ----------
    kind : str, one of :data:`KINDS`
        ``linear_svm`` minimises the squared hinge loss in the primal: its cost is linear in the
        lesions, and it keeps none of them as support vectors. ``nystroem_svm`` is the same on a
        map that approximates the radial kernel from :data:`LANDMARKS` lesions (Williams and
        Seeger, NIPS 2001), its cost linear too where that of ``radial_svm`` grows with the square.
        ``logistic`` has a ridge penalty.
    C : float, default=1.0
        Inverse penalty of the support vector machines and of logistic regression; not read
        when tuned.
    tune : bool, default=True
        Choose among a small grid by inner cross-validated AUC within folds; of ties the first.
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

    #: What tuning chooses among, by kind; a subclass may know more kinds.
    grids: ClassVar[Mapping[str, dict[str, list[Any]]]] = GRIDS

    def __init__(
        self,
        kind: str = "linear_svm",
        C: float = 1.0,
        tune: bool = True,
        cv: int = 5,
        random_state: int = 0,
    ):
        self.kind = kind
        self.C = C
        self.tune = tune
        self.cv = cv
        self.random_state = random_state

    def candidates(self, n_lesions: int) -> list[dict[str, Any]]:
        """Return the settings that tuning chooses among; a single empty one without tuning.

        Parameters
        ----------
        n_lesions : int
            Size of the smallest part a candidate will be fitted on.
        """
        if not self.tune:
            return [{}]
        grid = dict(self.grids[self.kind])
        if self.kind == "knn":
            grid["n_neighbors"] = [k for k in grid["n_neighbors"] if k <= n_lesions] or [1]
        return list(ParameterGrid(grid))

    def uncalibrated(self, n_lesions: int, chosen: dict[str, Any]) -> Any:
        """Return the unfitted classifier with its standardisation, not calibrated.

        Parameters
        ----------
        n_lesions : int
            Size of the smallest part it will be fitted on.
        chosen : dict
            One of :meth:`candidates`.
        """
        return make_pipeline(StandardScaler(), self._classifier(n_lesions).set_params(**chosen))

    def left_out_scores(
        self,
        X: NDArray[np.float64],
        y: NDArray[np.int64],
        left_out: NDArray[np.float64],
        n_lesions: int,
    ) -> Iterator[NDArray[np.float64]]:
        """Fit every candidate on some lesions and yield its scores of others.

        All stand on one standardisation, which is half the work of so small a fit.

        Parameters
        ----------
        X : ndarray of float, shape (n_learnt, n_features)
        y : ndarray of int, shape (n_learnt,)
        left_out : ndarray of float, shape (n_left_out, n_features)
        n_lesions : int
            Size of the smallest part a candidate is fitted on.

        Yields
        ------
        ndarray of float, shape (n_left_out,)
            Before calibration, as :func:`raw_scores` gives them; in the order of `candidates`.
        """
        scaler = StandardScaler()
        learnt, others = scaler.fit_transform(X), scaler.transform(left_out)
        for chosen in self.candidates(n_lesions):
            classifier = self._classifier(n_lesions).set_params(**chosen).fit(learnt, y)
            yield raw_scores(classifier, others)

    def fit(
        self, X: Any, y: Any, groups: Any = None, chosen: dict[str, Any] | None = None
    ) -> ProbabilityClassifier:
        """Fit classifier and calibration.

        Parameters
        ----------
        X : array-like of float, shape (n_lesions, n_features)
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in the inner folds.
        chosen : dict, optional
            One of `candidates`, where it was chosen outside.

        Returns
        -------
        ProbabilityClassifier
            The fitted classifier.
        """
        if self.kind not in self.grids:
            raise ValueError(f"classifier {self.kind!r} is none of {', '.join(self.grids)}.")
        X, y = validated(self, X, y)
        labels = self._learn_classes(y)
        self.best_params_: dict[str, Any] = dict(chosen or {})
        splits = stratified_splits(labels, groups, self.cv, self.random_state)
        if not splits:
            self.fallback_ = "fewer than two patients in a class: no cross-validated calibration"
            self.model_: Any = None
            return self
        smallest_part = min(len(train) for train, _ in splits)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            if self.tune and chosen is None:
                self.best_params_ = self._tuned(X, labels, splits, smallest_part)
            model = self.uncalibrated(smallest_part, self.best_params_)
            model = CalibratedClassifierCV(model, method="sigmoid", ensemble=False, cv=splits)
            self.model_ = model.fit(X, labels)
        if not rises(self.sigmoid()):
            self.fallback_, self.model_ = NOT_RISING, None
        return self

    @property
    def weights_(self) -> NDArray[np.float64] | None:
        """Weight of each standardised input, shape (n_features,); None if the kind is not linear.

        Positive weights raise the probability of malignancy.
        """
        if self.kind not in LINEAR_KINDS or self.model_ is None:
            return None
        return self.model_.calibrated_classifiers_[0].estimator[-1].coef_[0]

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

    def _tuned(
        self, X: NDArray[np.float64], y: NDArray[np.int64], splits: Splits, n_lesions: int
    ) -> dict[str, Any]:
        candidates = self.candidates(n_lesions)
        scores, fold = np.empty((len(candidates), len(y))), np.empty(len(y))
        for k, (train, test) in enumerate(splits):
            found = self.left_out_scores(X[train], y[train], X[test], n_lesions)
            scores[:, test], fold[test] = list(found), k
        return candidates[int(np.argmax(areas_within(y, scores, fold)))]

    def _classifier(self, n_lesions: int) -> Any:
        seed = self.random_state
        # The intercept is penalised too, which a large scaling makes negligible.
        linear = LinearSVC(C=self.C, dual=False, intercept_scaling=10.0, max_iter=5000)
        if self.kind == "linear_svm":
            return linear
        if self.kind == "logistic":
            return LogisticRegression(C=self.C, max_iter=2000)
        if self.kind == "radial_svm":
            return SVC(C=self.C, kernel="rbf", gamma="scale")
        if self.kind == "nystroem_svm":
            # Its gamma without a word is one by the number of inputs: SVC's "scale" of these.
            landmarks = min(LANDMARKS, n_lesions)
            return make_pipeline(Nystroem(n_components=landmarks, random_state=seed), linear)
        if self.kind == "random_forest":
            return RandomForestClassifier(200, min_samples_leaf=5, random_state=seed)
        if self.kind == "gradient_boosting":
            return GradientBoostingClassifier(subsample=0.8, max_depth=2, random_state=seed)
        if self.kind == "knn":
            return KNeighborsClassifier(n_neighbors=min(11, n_lesions))
        # lbfgs converges on a few hundred rows where stochastic descent wanders.
        return MLPClassifier((16,), alpha=1.0, solver="lbfgs", max_iter=500, random_state=seed)

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
        X = validated(self, X, reset=False)
        if self.model_ is None:
            return self._prevalence(len(X))
        if self.kind not in LINEAR_KINDS:
            return self.model_.predict_proba(X)
        scaler, linear = self.model_.calibrated_classifiers_[0].estimator
        score = row_products(scaler.transform(X), linear.coef_[0]) + linear.intercept_[0]
        return self._both_classes(self.sigmoid().predict(score))
