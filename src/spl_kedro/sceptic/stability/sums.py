"""Refits of a model as weighted sums of what is measured of a lesion: small enough to travel.

A refit of the default kind adds up log-odds: selection, standardisation and principal components
are linear, and so are classifier and sigmoid on the scale of log-odds. What is left of a refit is
one weight for each column of the wide table and for each clinical answer.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from spl_kedro.by_row import row_products
from spl_kedro.explainability.linear_probability import linear_probability
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.clinical_encoding import VariableCode
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fusion import FusionSignature
from spl_kedro.modeling.signatures.reduction import COMPONENT

#: What names a row of weights. Its kind is ``intercept``; ``column`` (of the wide table); ``score``
#: (log-odds of the image model of that name); ``number``, ``missing`` or ``category`` (of the
#: clinical variable of that name).
KEYS = ["model", "kind", "name", "category"]
#: An image score enters a fusion no closer to 0 and 1 than this.
_FURTHEST = float(logit(1 - 1e-12))

Row = tuple[str, str, str, str, float]


def weighted_sum(name: str, model: Signature, score: str | None) -> list[Row] | None:
    """Return a fitted model's weights in log-odds; None where it is no weighted sum.

    Parameters
    ----------
    name : str
        Of the model.
    model : Signature
        Fitted.
    score : str or None
        Name of the image model that a fusion uses; its rows come with those of the fusion.

    Returns
    -------
    list of (model, kind, name, category, weight) or None
        See :data:`KEYS`.
    """
    if isinstance(model, FusionSignature):
        image = _image_rows(str(score), model.image_)
        own = _fusion_rows(name, model, str(score))
        return None if image is None or own is None else [*image, *own]
    if isinstance(model, FeatureSignature):
        return _image_rows(name, model)
    if isinstance(model, ClinicalSignature):
        return _clinical_rows(name, model, model.fit_.coefficients)
    return None


def _image_rows(name: str, model: FeatureSignature) -> list[Row] | None:
    if model.harmonizer_ is not None:
        return None
    if model.classifier_ is None or model.classifier_.model_ is None:
        return [(name, "intercept", "", "", float(logit(model.prevalence_)))]
    fitted = linear_probability(model.classifier_)
    if fitted is None:
        return None
    # Probability = 1 / (1 + exp(slope * decision + offset)).
    intercept = -(fitted.slope * fitted.intercept + fitted.offset)
    kept = dict(zip(model.selected_features_, -fitted.slope * fitted.weights, strict=True))
    weights: dict[str, float] = {}
    reduction: Any = model.reduction_
    for source, reducer in ({} if reduction is None else reduction.reducers_).items():
        called = [
            f"{reduction.names[source]}{number.removeprefix(COMPONENT)}"
            for number in reducer.get_feature_names_out()
        ]
        own = np.array([kept.pop(component, 0.0) for component in called])
        by_column = own @ reducer.components_
        intercept -= float(by_column @ reducer.mean_)
        if own.any():
            weights |= dict(zip(reduction.columns[source], by_column, strict=True))
    weights |= kept
    rows = [(name, "column", str(column), "", float(own)) for column, own in weights.items()]
    return [(name, "intercept", "", "", float(intercept)), *rows]


def _fusion_rows(name: str, model: FusionSignature, score: str) -> list[Row] | None:
    if model.made_of_ == "prevalence":
        return [(name, "intercept", "", "", float(logit(model.prevalence_)))]
    if model.made_of_ == "clinical":
        return _clinical_rows(name, model.clinical_, model.clinical_.fit_.coefficients)
    if model.classifier_ is None:
        return [(name, "intercept", "", "", 0.0), (name, "score", score, "", 1.0)]
    fitted = linear_probability(model.classifier_)
    if fitted is None:
        return None
    intercept = -(fitted.slope * fitted.intercept + fitted.offset)
    weights = -fitted.slope * fitted.weights
    rows = _clinical_rows(name, model.clinical_, np.append(intercept, weights[1:]))
    return [*rows, (name, "score", score, "", float(weights[0]))]


def _clinical_rows(
    name: str, model: ClinicalSignature, coefficients: NDArray[np.float64]
) -> list[Row]:
    """Return the rows of the clinical terms, the intercept first among the coefficients."""
    # A column that repeats another is left out of the fit, and adds nothing.
    weight = dict.fromkeys(model.encoder_.terms_, 0.0)
    weight |= dict(zip(model.selected_terms_, map(float, coefficients[1:]), strict=True))
    rows: list[Row] = [(name, "intercept", "", "", float(coefficients[0]))]
    for code in model.encoder_.codes_:
        if code.name in model.selected_features_:
            rows += _variable_rows(name, code, [weight[term] for term in code.terms()])
    return rows


def _variable_rows(name: str, code: VariableCode, own: list[float]) -> list[Row]:
    unknown = own.pop() if code.indicator else 0.0
    if code.reference:
        pairs = zip(code.levels, own, strict=True)
        rows = [(name, "category", code.name, level, effect) for level, effect in pairs]
    else:
        rows = [(name, "number", code.name, "", own[0])]
        unknown += own[0] * code.fill
    return [*rows, (name, "missing", code.name, "", unknown)]


def weights_table(refits: list[list[Row]]) -> pd.DataFrame:
    """Return the weights of several refits side by side.

    Parameters
    ----------
    refits : list of list of rows
        From :func:`weighted_sum`, of all models of a refit; rows that occur twice are one.

    Returns
    -------
    DataFrame
        Columns :data:`KEYS` and one for each refit, see :func:`refit_names`; 0 where a refit has no
        such row.
    """
    place: dict[tuple[str, str, str, str], int] = {}
    for rows in refits:
        for row in rows:
            place.setdefault(row[:4], len(place))
    values = np.zeros((len(place), len(refits)))
    for number, rows in enumerate(refits):
        values[[place[row[:4]] for row in rows], number] = [row[4] for row in rows]
    keys = pd.DataFrame(list(place), columns=KEYS, dtype="str")
    return pd.concat([keys, pd.DataFrame(values, columns=refit_names(len(refits)))], axis=1)


def refit_names(n: int) -> list[str]:
    """Return the columns' names of some refits.

    Examples
    --------
    >>> refit_names(2)
    ['r0000', 'r0001']
    """
    return [f"r{number:04d}" for number in range(n)]


def refit_columns(table: pd.DataFrame) -> list[str]:
    """Return which columns of a table belong to refits."""
    return [name for name in table.columns if re.fullmatch(r"r\d{4}", str(name))]


class RefitSums:
    """Refits of models, from their weights.

    Parameters
    ----------
    weights : DataFrame
        From :func:`weights_table`.
    """

    def __init__(self, weights: pd.DataFrame) -> None:
        self._columns = refit_columns(weights)
        self._weights = {str(name): own for name, own in weights.groupby("model", sort=False)}
        self._found: dict[tuple[str, ...], tuple[pd.DataFrame, NDArray[np.float64]]] = {}

    @property
    def refits(self) -> int:
        """How many refits of each model there are."""
        return len(self._columns)

    def __contains__(self, model: str) -> bool:
        """Tell whether a model's refits are here."""
        return model in self._weights

    def probabilities(self, model: str, X: pd.DataFrame) -> NDArray[np.float64]:
        """Return the probability of malignancy that every refit gives every lesion.

        A lesion's bits are the same alone and among others.

        Parameters
        ----------
        model : str
        X : DataFrame, shape (n_lesions, n_columns)
            The wide table.

        Returns
        -------
        ndarray of float, shape (n_lesions, n_refits)
        """
        return expit(self._log_odds(model, X))

    def _rows(self, model: str, *kinds: str) -> tuple[pd.DataFrame, NDArray[np.float64]]:
        """Return a model's rows of some kinds: what they are of, and their weights."""
        asked = (model, *kinds)
        if asked not in self._found:
            rows = self._weights[model]
            rows = rows[rows["kind"].isin(kinds)]
            weights = rows[self._columns].to_numpy(dtype=np.float64)
            self._found[asked] = rows[KEYS], np.ascontiguousarray(weights)
        return self._found[asked]

    def _log_odds(self, model: str, X: pd.DataFrame) -> NDArray[np.float64]:
        odds = np.repeat(self._rows(model, "intercept")[1], len(X), axis=0)
        columns, weights = self._rows(model, "column")
        if len(columns):
            odds += row_products(X[list(columns["name"])].to_numpy(dtype=np.float64), weights)
        answers, weights = self._rows(model, "number", "missing", "category")
        if len(answers):
            odds += row_products(_answered(answers, X), weights)
        scores, weights = self._rows(model, "score")
        for own, weight in zip(scores["name"], weights, strict=True):
            odds += np.clip(self._log_odds(str(own), X), -_FURTHEST, _FURTHEST) * weight
        return odds


def _answered(rows: pd.DataFrame, X: pd.DataFrame) -> NDArray[np.float64]:
    """Return a column of numbers for each row of clinical weights, shape (n_lesions, n_rows)."""
    found = np.zeros((len(X), len(rows)))
    row: Any
    for j, row in enumerate(rows.itertuples()):
        values = X[row.name]
        missing = values.isna().to_numpy()
        if row.kind == "missing":
            found[:, j] = missing
        elif row.kind == "number":
            numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
            found[:, j] = np.where(missing, 0.0, numbers)
        else:
            words = [str(word) for word in values.array]
            found[:, j] = (np.array(words, dtype=object) == row.category) & ~missing
    return found
