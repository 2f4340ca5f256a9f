"""The fusion model: the image signature's score beside the clinical features (CDLR)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.classifier import ProbabilityClassifier
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.columns import own_columns
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.shared_work import scored_once
from spl_kedro.tabular import check_columns, validated

# Platt's sigmoid never reaches 0 or 1; a stored probability may round to them.
_TINY = 1e-12


class FusionSignature(Signature):
    """Fuse an image signature's score with the clinical features.

    The score a training lesion enters the fusion with comes from an image signature
    fitted without that lesion's patient (`cross_fit`); in-sample scores are nearly
    perfect, and the fusion would learn to trust them more than new lesions deserve
    (Wolpert, Neural Networks 1992;5:241). New lesions are scored by the image
    signature fitted on all training lesions.

    The score enters as log-odds, beside the clinical terms, into one linear classifier. The
    fusion is monotone in the score: a weight that is not positive leaves the score out. Where
    one side alone is left, its probability is returned unchanged, so that a fusion that was
    given nothing to add adds nothing.

    Parameters
    ----------
    image : FeatureSignature, optional
        The DLR signature.
    clinical : ClinicalSignature, optional
        Finds and encodes the clinical features.
    classifier : ProbabilityClassifier, optional
        None for a linear support vector machine. A kind that is not linear
        (:data:`~spl_kedro.modeling.signatures.classifier.LINEAR_KINDS`) is not monotone.
    cross_fit : bool, default=True
        False hands over in-sample scores, as the published recipe does.
    score_name : str, default="dlr_score"
        How the image score is called among the features.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    image_ : FeatureSignature
        Fitted on all training lesions.
    clinical_ : ClinicalSignature
    training_scores_ : ndarray of float, shape (n_lesions,)
        The image scores the fusion was trained on.
    classifier_ : ProbabilityClassifier or None
        None where nothing is fused.
    made_of_ : {"image and clinical", "image", "clinical", "prevalence"}
        What the probability is made of.
    selected_features_ : list of str
        `score_name` and the clinical features, as far as they are used.
    selection_log_ : DataFrame
        What the image signature and the clinical model dropped.
    fallback_ : str or None
        Why the probability is the training prevalence, when it is.
    """

    _called = "fusion"

    def __init__(
        self,
        image: FeatureSignature | None = None,
        clinical: ClinicalSignature | None = None,
        classifier: ProbabilityClassifier | None = None,
        cross_fit: bool = True,
        score_name: str = "dlr_score",
    ):
        self.image = image
        self.clinical = clinical
        self.classifier = classifier
        self.cross_fit = cross_fit
        self.score_name = score_name

    def fit(
        self,
        X: Any,
        y: Any,
        groups: Any = None,
        image: FeatureSignature | None = None,
        clinical: ClinicalSignature | None = None,
    ) -> FusionSignature:
        """Fit image signature, clinical features and fusion.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)
            The wide table with the image features and the clinical variables.
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in every inner fold.
        image : FeatureSignature, optional
            The image signature where it was fitted already, on these lesions and patients.
        clinical : ClinicalSignature, optional
            The clinical model where it was fitted already, on these lesions.

        Returns
        -------
        FusionSignature
            The fitted fusion.
        """
        X, y = self._checked(X, y, reset=True)
        labels = self._learn_classes(y)
        if image is None:
            template = FeatureSignature() if self.image is None else self.image
            image = clone(template).fit(X, labels, groups=groups)
        self.image_ = image
        if clinical is None:
            model = ClinicalSignature() if self.clinical is None else self.clinical
            clinical = clone(model).fit(X, labels, groups=groups)
        self.clinical_ = clinical
        self.training_scores_ = self._training_scores(X)
        # A score that is the same for everybody has nothing to fuse.
        has_score = self.image_.fallback_ is None
        has_clinical = bool(self.clinical_.selected_features_)
        self.classifier_ = None
        if has_score and has_clinical:
            self.classifier_ = self._fused(X, labels, groups)
            has_score = self.classifier_ is not None
        self._settle(has_score, has_clinical)
        self._warn_of_fallback()
        return self

    def _fused(
        self, X: Any, labels: NDArray[np.int64], groups: Any
    ) -> ProbabilityClassifier | None:
        """Return the classifier of score and clinical terms; None if the score earns no weight."""
        template = ProbabilityClassifier() if self.classifier is None else self.classifier
        inputs = self.with_log_odds(
            np.column_stack([self.training_scores_, self.clinical_.clinical_features(X)])
        )
        fitted = clone(template).fit(inputs, labels, groups=groups)
        if fitted.fallback_ or (fitted.weights_ is not None and fitted.weights_[0] <= 0):
            return None
        return fitted

    def _settle(self, has_score: bool, has_clinical: bool) -> None:
        """State what the probability is made of."""
        self.uses_score_ = has_score
        parts = [
            name for name, there in (("image", has_score), ("clinical", has_clinical)) if there
        ]
        self.made_of_ = " and ".join(parts) or "prevalence"
        self.selected_features_ = [self.score_name] if has_score else []
        self.selected_features_ += self.clinical_.selected_features_
        if not parts:
            self.fallback_ = "neither an image feature nor a clinical variable was kept"

    def _training_scores(self, X: Any) -> NDArray[np.float64]:
        if not self.cross_fit or self.image_.fallback_:
            return self.image_.predict_proba(X)[:, 1]
        if self.image_.cross_fitted_scores_ is None:
            raise ValueError(
                "cross_fit=True needs an image signature that cross-fits its scores: give it "
                "cv, the number of folds."
            )
        return self.image_.cross_fitted_scores_

    def fusion_inputs(self, X: Any) -> pd.DataFrame:
        """Return what the fusion sees of new lesions.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)

        Returns
        -------
        DataFrame, shape (n_lesions, n_inputs)
            `score_name` (a probability) and the encoded clinical features.
        """
        check_is_fitted(self, "image_")
        own = self._checked(X)
        clinical = self.clinical_.clinical_features(own)
        names = ([self.score_name] if self.uses_score_ else []) + self.clinical_.selected_terms_
        # A table as it came, which the image signature may have scored before.
        lesions = X if isinstance(X, pd.DataFrame) else own
        scores = [scored_once(self.image_, lesions)] if self.uses_score_ else []
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(np.column_stack([*scores, clinical]), columns=names, index=index)

    def probability_of(self, inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability of malignancy from the fusion's inputs.

        Parameters
        ----------
        inputs : ndarray of float, shape (n_lesions, n_inputs)
            As :meth:`fusion_inputs` gives them.

        Returns
        -------
        ndarray of float, shape (n_lesions,)
        """
        if self.classifier_ is not None:
            return self.classifier_.predict_proba(self.with_log_odds(inputs))[:, 1]
        if self.uses_score_:
            return inputs[:, 0]
        if self.selected_features_:
            return expit(self.clinical_.fit_.log_odds(inputs))
        return np.full(len(inputs), self.prevalence_)

    @staticmethod
    def with_log_odds(inputs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the inputs with the score, their first column, as log-odds."""
        score = np.clip(inputs[:, :1], _TINY, 1 - _TINY)
        return np.hstack([logit(score), inputs[:, 1:]])

    def _checked(self, X: Any, y: Any = None, *, reset: bool = False) -> Any:
        """Record or compare the columns; values are checked by the parts that use them."""
        columns = self.input_columns()
        own = own_columns(X, columns)
        if isinstance(own, pd.DataFrame) and columns is not None:
            check_columns(self, own, reset=reset)
            return (own, np.asarray(y)) if reset else own
        if reset:
            return validated(self, own, y)
        return validated(self, own, reset=False)

    @property
    def selection_log_(self) -> pd.DataFrame:
        """What the image signature and the clinical model dropped, and why."""
        check_is_fitted(self, "classes_")
        logs = [self.image_.selection_log_, self.clinical_.selection_log_]
        return pd.concat(logs, ignore_index=True)

    def input_columns(self) -> list[str] | None:
        """Return the columns of the wide table it reads; None for all."""
        image = None if self.image is None else self.image.input_columns()
        clinical = None if self.clinical is None else self.clinical.columns
        if image is None or clinical is None:
            return None
        return [*image, *clinical]

    def learn_sites(self, X: Any) -> list[str]:
        """Let the image signature's harmonizer learn sites it has not seen."""
        check_is_fitted(self, "image_")
        return self.image_.learn_sites(self._checked(X))

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Return the probability of each class, shape (n_lesions, 2)."""
        return self._both_classes(self.probability_of(self.fusion_inputs(X).to_numpy()))
