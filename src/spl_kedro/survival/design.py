"""What a Cox model sees of patients: the features that a fitted signature kept, in its own fold."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fusion import FusionSignature


def signature_features(model: Any, X: pd.DataFrame) -> pd.DataFrame:
    """Return the features that a fitted signature works on.

    Parameters
    ----------
    model : fitted signature
        An image signature: the features it selected, harmonised, reduced and filled as in its fit.
        A clinical model: the terms it kept. A fusion: both, in the place of its image score, which
        is one of malignancy.
    X : DataFrame, shape (n_lesions, n_columns)
        The wide table.

    Returns
    -------
    DataFrame of float, shape (n_lesions, n_features)
        No column where the signature kept nothing.
    """
    if isinstance(model, FusionSignature):
        parts = [signature_features(part, X) for part in (model.image_, model.clinical_)]
        return pd.concat(parts, axis=1)
    if isinstance(model, ClinicalSignature):
        return pd.DataFrame(model.clinical_features(X), X.index, model.selected_terms_)
    if isinstance(model, FeatureSignature):
        return pd.DataFrame(model.selected_inputs(X), X.index, model.selected_features_)
    raise TypeError(f"no features of a {type(model).__name__} are known")


def by_patient(table: pd.DataFrame, patients: pd.Series) -> pd.DataFrame:
    """Return the mean of each patient's lesions.

    Parameters
    ----------
    table : DataFrame of numbers
        Index lesion_id.
    patients : Series of str
        Patient of each lesion, index lesion_id.

    Returns
    -------
    DataFrame
        Index patient_id, sorted.
    """
    return table.groupby(patients.reindex(table.index).rename("patient_id"), sort=True).mean()
