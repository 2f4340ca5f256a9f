"""The fusion model: the image signature's score beside the clinical features (CDLR)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from spl_kedro.signatures.classifier import ProbabilityClassifier
from spl_kedro.signatures.clinical import ClinicalSignature
from spl_kedro.signatures.columns import own_columns
from spl_kedro.signatures.feature import FeatureSignature
from spl_kedro.signatures.selection.base import binary_labels
from spl_kedro.signatures.warning import SignatureWarning

SCORE = "dlr_score"


class FusionSignature(ClassifierMixin, BaseEstimator):
    """Fuse an image signature's score with the clinical features.

    The score a training lesion enters the fusion with comes from an image signature
    fitted without that lesion's patient (`cross_fit`); in-sample scores are nearly
    perfect, and the fusion would learn to trust them more than new lesions deserve
    (Wolpert, Neural Networks 1992;5:241). New lesions are scored by the image
    signature fitted on all training lesions.

    Parameters
    ----------
    image : FeatureSignature, optional
        The DLR signature.
    clinical : ClinicalSignature, optional
        Finds and encodes the clinical features.
    classifier : ProbabilityClassifier, optional
        None for the support vector machine of the recipe.
    cross_fit : bool, default=True
        False hands over in-sample scores, as the published recipe does.

    Attributes
    ----------
    classes_ : ndarray, shape (2,)
    image_ : FeatureSignature
        Fitted on all training lesions.
    clinical_ : ClinicalSignature
    training_scores_ : ndarray of float, shape (n_lesions,)
        The image scores the fusion was trained on.
    selected_features_ : list of str
        ``dlr_score`` and the clinical features.
    selection_log_ : DataFrame
        What the image signature and the clinical model dropped.
    fallback_ : str or None
        Why the probability is the training prevalence, when it is.
    """

    def __init__(
        self,
        image: FeatureSignature | None = None,
        clinical: ClinicalSignature | None = None,
        classifier: ProbabilityClassifier | None = None,
        cross_fit: bool = True,
    ):
        self.image = image
        self.clinical = clinical
        self.classifier = classifier
        self.cross_fit = cross_fit

    def fit(self, X: Any, y: Any, groups: Any = None) -> FusionSignature:
        """Fit image signature, clinical features and fusion.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)
            The wide table with the image features and the clinical variables.
        y : array-like, shape (n_lesions,)
            Two classes.
        groups : array-like, shape (n_lesions,), optional
            Patients, kept together in every inner fold.

        Returns
        -------
        FusionSignature
            The fitted fusion.
        """
        X, y = self._checked(X, y, reset=True)
        self.classes_, labels = binary_labels(y)
        self.prevalence_ = float(labels.mean())
        image = FeatureSignature() if self.image is None else self.image
        clinical = ClinicalSignature() if self.clinical is None else self.clinical
        self.image_ = clone(image).fit(X, labels, groups=groups)
        self.clinical_ = clone(clinical).fit(X, labels, groups=groups)
        self.training_scores_ = self._training_scores(X)
        # A score that is the same for everybody has nothing to fuse.
        self.uses_score_ = self.image_.fallback_ is None
        self.selected_features_ = [SCORE] if self.uses_score_ else []
        self.selected_features_ += self.clinical_.selected_features_
        self.fallback_, self.classifier_ = None, None
        if not self.selected_features_:
            self.fallback_ = "neither an image feature nor a clinical variable was kept"
            warnings.warn(
                f"The fusion gives the training prevalence: {self.fallback_}.",
                SignatureWarning,
                stacklevel=2,
            )
            return self
        template = ProbabilityClassifier() if self.classifier is None else self.classifier
        inputs = self._inputs(self.training_scores_, X)
        self.classifier_ = clone(template).fit(inputs, labels, groups=groups)
        self.fallback_ = self.classifier_.fallback_
        return self

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
        """Return what the fusion classifier sees of new lesions.

        Parameters
        ----------
        X : DataFrame or array-like, shape (n_lesions, n_columns)

        Returns
        -------
        DataFrame, shape (n_lesions, n_inputs)
            ``dlr_score`` (a probability) and the encoded clinical features.
        """
        check_is_fitted(self, "image_")
        X = self._checked(X)
        values = self._inputs(self.image_.predict_proba(X)[:, 1], X)
        names = ([SCORE] if self.uses_score_ else []) + self.clinical_.selected_terms_
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(values, columns=names, index=index)

    def _inputs(self, scores: NDArray[np.float64], X: Any) -> NDArray[np.float64]:
        clinical = self.clinical_.clinical_features(X)
        return np.column_stack([scores, clinical]) if self.uses_score_ else clinical

    def _checked(self, X: Any, y: Any = None, *, reset: bool = False) -> Any:
        """Record or compare the columns; values are checked by the parts that use them."""
        columns = self.input_columns()
        own = own_columns(X, columns)
        if isinstance(own, pd.DataFrame) and columns is not None:
            validate_data(self, own, skip_check_array=True, reset=reset)
            return (own, np.asarray(y)) if reset else own
        if reset:
            return validate_data(self, own, y, dtype=np.float64)
        return validate_data(self, own, dtype=np.float64, reset=False)

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
        inputs = self.fusion_inputs(X).to_numpy()
        if self.classifier_ is None:
            return np.tile([1 - self.prevalence_, self.prevalence_], (len(inputs), 1))
        return self.classifier_.predict_proba(inputs)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the more probable class of each lesion."""
        check_is_fitted(self, "classes_")
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
