"""The fusion alone fitted anew on local cases: image score and clinical terms stay as they are."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from spl_kedro.deployment.anonymous import without_patients
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.scoring import clinical_table
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.classifier import LINEAR_KINDS, ProbabilityClassifier
from spl_kedro.modeling.signatures.fusion import FusionSignature

#: Cases of the rarer diagnosis for each weight that is fitted: with 20 the bias of logistic
#: regression is gone (Ogundimu, Altman & Collins, J Clin Epidemiol 2016;76:175).
EVENTS_PER_WEIGHT = 20


class FusionCases(NamedTuple):
    """What a fusion sees of local cases.

    Attributes
    ----------
    model : FusionSignature
    inputs : ndarray of float, shape (n, n_inputs)
        As :meth:`FusionSignature.fusion_inputs` gives them.
    label : ndarray of int, shape (n,)
    patient : ndarray, shape (n,)
    """

    model: FusionSignature
    inputs: NDArray[np.float64]
    label: NDArray[np.int64]
    patient: NDArray[Any]

    def fit(self, some: NDArray[np.int64]) -> ProbabilityClassifier | None:
        """Fit the fusion to some of the cases.

        Returns
        -------
        ProbabilityClassifier or None
            None where the image score earns no positive weight: a fusion is monotone in it.
        """
        given = self.model.classifier
        template = ProbabilityClassifier() if given is None else given
        inputs = self.model.with_log_odds(self.inputs[some])
        fitted = clone(template).fit(inputs, self.label[some], groups=self.patient[some])
        if fitted.fallback_ or (fitted.weights_ is not None and fitted.weights_[0] <= 0):
            return None
        return fitted

    def score(self, fitted: ProbabilityClassifier, some: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the probabilities of some of the cases by a fusion fitted anew."""
        inputs = self.model.with_log_odds(self.inputs[some])
        return np.asarray(fitted.predict_proba(inputs)[:, 1])


def fusion_cases(
    study: PackagedStudy, model: str, predictions: pd.DataFrame, cohort: pd.DataFrame
) -> FusionCases | None:
    """Return what a model's fusion sees of local cases, where it can be fitted anew on them.

    Parameters
    ----------
    study : PackagedStudy
    model : str
    predictions : DataFrame
        As :class:`spl_kedro.schemas.Predictions`, of one protocol and cohort, all models.
    cohort : DataFrame
        Index lesion_id; the clinical variables there are.

    Returns
    -------
    FusionCases or None
        None of a model that fuses nothing or not linearly, of cases without its variables or
        without a score of its image model, and of fewer than :data:`EVENTS_PER_WEIGHT` cases of
        the rarer diagnosis for each weight.
    """
    fitted = study.models[model]
    if not isinstance(fitted, FusionSignature) or fitted.classifier_ is None:
        return None
    if fitted.classifier_.kind not in LINEAR_KINDS:
        return None
    image = str(study.declared[model].score)
    once = predictions[predictions["repeat"] == 0].sort_values("lesion_id", kind="stable")
    own = once[once["model"] == model].set_index("lesion_id")
    given = once[once["model"] == image].set_index("lesion_id")["score"].reindex(own.index)
    needed = study.needed_variables(model)
    if (
        given.isna().any()
        or not set(needed) <= set(cohort)
        or not own.index.isin(cohort.index).all()
    ):
        return None
    score = study.sigmoid(image).inverse(given)
    clinical = fitted.clinical_.clinical_features(clinical_table(study, cohort.loc[own.index]))
    inputs = np.column_stack([score, clinical])
    label = own["label"].to_numpy(dtype=np.int64)
    rarer = min(int(label.sum()), int((1 - label).sum()))
    if rarer < EVENTS_PER_WEIGHT * inputs.shape[1]:
        return None
    return FusionCases(fitted, inputs, label, own["patient_id"].to_numpy())


def with_fusion(fitted: FusionSignature, classifier: ProbabilityClassifier) -> Signature:
    """Return a fusion with another classifier, and without what that keeps of single cases."""
    copy = without_patients({"fusion": fitted})["fusion"]
    copy.classifier_ = classifier  # type: ignore[attr-defined]
    return without_patients({"fusion": copy})["fusion"]
