"""The parts of a signature's fitted classifier: standardisation, model, sigmoid."""

from __future__ import annotations

from typing import Any, NamedTuple

from sklearn.calibration import CalibratedClassifierCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


class CalibratedParts(NamedTuple):
    """What a fitted `spl_kedro.modeling.signatures.ProbabilityClassifier` consists of."""

    scaler: StandardScaler
    model: Any
    sigmoid: Any


def calibrated_parts(classifier: Any) -> CalibratedParts | None:
    """Return the parts of a classifier; None where it is built otherwise.

    Parameters
    ----------
    classifier : ProbabilityClassifier
        Fitted.
    """
    calibrated = getattr(classifier, "model_", None)
    if not isinstance(calibrated, CalibratedClassifierCV):
        return None
    if len(calibrated.calibrated_classifiers_) != 1:
        return None
    (fitted,) = calibrated.calibrated_classifiers_
    pipeline, (sigmoid,) = fitted.estimator, fitted.calibrators
    if not isinstance(pipeline, Pipeline) or len(pipeline) != 2 or not hasattr(sigmoid, "a_"):
        return None
    scaler, model = pipeline[0], pipeline[1]
    return CalibratedParts(scaler, model, sigmoid) if isinstance(scaler, StandardScaler) else None
