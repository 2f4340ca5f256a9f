"""Plain logistic regressions in the place of the signatures: hundreds of cohorts for one's fit."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

from spl_kedro.modeling.signatures.cross_fitting import CrossFit, FitModels, cross_fit
from spl_kedro.modeling.signatures.folds import repeated_splits
from spl_kedro.modeling.signatures.logistic import fit_logistic
from spl_kedro.modeling.signatures.protocol import prediction_rows
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_table import StudyTable

#: What each model is fitted on. The nested pair of the kind "nothing" is clinical in clinical_dtl.
PARTS = {
    "clinical": ("clinical",),
    "rad": ("radiomics",),
    "dtl": ("deep",),
    "cdlr": ("clinical", "radiomics", "deep"),
    "clinical_dtl": ("clinical", "deep"),
}


class PlainLogistic(ClassifierMixin, BaseEstimator):
    """Maximum likelihood, without selection or penalty, on some columns of :func:`numbers`."""

    def __init__(self, columns: tuple[str, ...] = ()):
        self.columns = columns

    def fit(self, X: pd.DataFrame, y: np.ndarray, groups: Any = None) -> PlainLogistic:
        """Fit the regression."""
        self.fit_ = fit_logistic(X[list(self.columns)].to_numpy(), y)
        self.classes_, self.fallback_ = np.array([0, 1]), None
        self.selected_features_ = list(self.columns)
        return self

    def input_columns(self) -> list[str]:
        """Return the columns it reads."""
        return list(self.columns)

    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Return the probability of each class."""
        odds = self.fit_.log_odds(X[list(self.columns)].to_numpy())
        malignant = 1 / (1 + np.exp(-odds))
        return np.column_stack([1 - malignant, malignant])


class PlainStudy(NamedTuple):
    """Models, their cross-fits and scores, named as those of a `FittedStudy`."""

    models: dict[str, Any]
    cross_fits: dict[str, CrossFit]
    predictions: pd.DataFrame


def numbers(X: pd.DataFrame) -> pd.DataFrame:
    """Return a table of numbers; what is missing is the cohort-free value of 12 mg/l."""
    coded = X.drop(columns="site").assign(
        sex=(X["sex"] == "male") * 1.0,
        fever=(X["fever"] == "yes") * 1.0,
        margin=(X["margin"] == "irregular") * 1.0,
        crp_mg_l=np.log(X["crp_mg_l"].fillna(12.0)),
    )
    return coded.astype(float)


def run_plain(table: StudyTable, settings: SignatureSettings, names: tuple[str, ...]) -> PlainStudy:
    """Fit and cross-fit as `run_protocol` does, and score every lesion.

    Parameters
    ----------
    table : StudyTable
    settings : SignatureSettings
        Folds, repeats and seed.
    names : tuple of str
        Models of :data:`PARTS`.

    Returns
    -------
    PlainStudy
    """
    X = numbers(table.X)
    columns = {name: source.columns for name, source in table.sources.items()}
    columns["clinical"] = tuple(table.clinical)
    models = {
        name: PlainLogistic(tuple(c for part in PARTS[name] for c in columns[part]))
        for name in names
    }
    training, others = table.rows("training"), table.rows("validation", "external")
    label, patients = table.label.to_numpy()[training], table.patient_id.to_numpy()[training]
    protocol = settings.protocol
    repeats = repeated_splits(
        label, patients, n_splits=protocol.n_splits, n_repeats=protocol.n_repeats,
        seed=settings.seed,
    )  # fmt: skip
    fits = cross_fit(models, X.iloc[training], label, patients, repeats, 1)
    fitted = FitModels(models, X.iloc[training], label, patients)()
    parts = []
    for name, model in fitted.items():
        for repeat, scores in enumerate(fits[name].by_repeat()):
            parts.append(prediction_rows(table, training, name, "leak_free", *scores, repeat))
        score = model.predict_proba(X.iloc[others])[:, 1]
        parts.append(prediction_rows(table, others, name, "leak_free", score))
    return PlainStudy(fitted, fits, pd.concat(parts, ignore_index=True))
