"""A fitted signature as a function of the few features it really uses.

Selection discards almost all of the wide table, and everything a signature does before its
classifier acts on one feature at a time. Its score is therefore a function of a few columns,
and explaining that function explains the signature, a thousand times faster.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.explainability.kernel_svm import rbf_probability
from spl_kedro.explainability.linear_probability import LinearProbability, linear_probability
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.fusion import FusionSignature


@dataclass(frozen=True)
class ScoreFunction:
    """The probability of malignancy as a function of a signature's features.

    Attributes
    ----------
    features : tuple of str
        Names of the features; a category is one feature whatever columns encode it.
    players : tuple of tuple of int
        Columns of the encoded table that belong to each feature.
    encode : callable
        Wide DataFrame (n_lesions, any columns) -> float array (n_lesions, n_columns).
    predict : callable
        Encoded array (m, n_columns) -> probabilities of malignancy (m,).
    inner : dict of str to ScoreFunction
        What a feature that is itself a score (``dlr_score``) is a function of.
    """

    features: tuple[str, ...]
    players: tuple[tuple[int, ...], ...]
    encode: Callable[[pd.DataFrame], np.ndarray]
    predict: Callable[[np.ndarray], np.ndarray]
    inner: dict[str, ScoreFunction] = field(default_factory=dict)

    def values(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the features on their original scale, as the tables hold them.

        Parameters
        ----------
        table : DataFrame
            The wide table.

        Returns
        -------
        DataFrame, shape (n_lesions, n_features)
            A column per feature; an inner score is a probability, a category its text.
        """
        encoded = self.encode(table)
        columns: dict[str, Any] = {
            feature: table[feature] if feature in table.columns else encoded[:, player[0]]
            for feature, player in zip(self.features, self.players, strict=True)
        }
        return pd.DataFrame(columns, index=table.index)


def score_function(model: Any) -> ScoreFunction:
    """Return a fitted signature as a function of the features it uses.

    Parameters
    ----------
    model : ClinicalSignature, FeatureSignature, FusionSignature or classifier
        A signature, or any fitted scikit-learn classifier of two classes that was fitted on
        a DataFrame of numbers.

    Returns
    -------
    ScoreFunction
        Without features when the signature fell back to the training prevalence.

    Raises
    ------
    TypeError
        If the model is neither a signature nor a classifier fitted on named columns.
    """
    if isinstance(model, FusionSignature):
        return _of_fusion(model)
    if isinstance(model, ClinicalSignature):
        return ScoreFunction(
            features=tuple(model.selected_features_),
            players=_clinical_players(model),
            encode=model.clinical_features,
            predict=_logistic(model),
        )
    if isinstance(model, FeatureSignature):
        names = list(model.selected_features_)
        return ScoreFunction(
            features=tuple(names),
            players=_single(len(names)),
            encode=model.selected_inputs,
            predict=_malignant(model.classifier_, model.prevalence_),
        )
    names = list(getattr(model, "feature_names_in_", []))
    if not names or not hasattr(model, "predict_proba"):
        raise TypeError(
            f"{type(model).__name__} cannot be explained: give a signature, or a classifier "
            "with predict_proba fitted on a DataFrame"
        )
    return ScoreFunction(
        features=tuple(names),
        players=_single(len(names)),
        encode=lambda table: table.loc[:, names].to_numpy(dtype=float),
        predict=lambda encoded: model.predict_proba(pd.DataFrame(encoded, columns=names))[:, 1],
    )


def _of_fusion(model: FusionSignature) -> ScoreFunction:
    shift = 1 if model.uses_score_ else 0
    clinical = [tuple(column + shift for column in p) for p in _clinical_players(model.clinical_)]
    return ScoreFunction(
        features=tuple(model.selected_features_),
        players=(*_single(shift), *clinical),
        encode=lambda table: model.fusion_inputs(table).to_numpy(dtype=float),
        predict=_fused(model),
        inner={model.score_name: score_function(model.image_)} if model.uses_score_ else {},
    )


def _logistic(model: ClinicalSignature) -> LinearProbability:
    intercept, *weights = model.fit_.coefficients
    return LinearProbability(np.array(weights), float(intercept))


def _fused(model: FusionSignature) -> Callable[[np.ndarray], np.ndarray]:
    if model.classifier_ is not None:
        shortcut = linear_probability(model.classifier_)
        if shortcut is None:
            return model.probability_of
        return replace(shortcut, enter_as=model.with_log_odds)
    if model.uses_score_ or not model.selected_features_:
        return model.probability_of
    return _logistic(model.clinical_)


def _clinical_players(model: ClinicalSignature) -> tuple[tuple[int, ...], ...]:
    """Return the encoded columns of each clinical feature: its categories, its indicator."""
    names = [code.name for code in model.encoder_.codes_]
    owner = [names[v] for v in model.encoder_.variable_of_term_[model.term_columns_]]
    return tuple(
        tuple(column for column, name in enumerate(owner) if name == feature)
        for feature in model.selected_features_
    )


def _malignant(classifier: Any, prevalence: float) -> Callable[[np.ndarray], np.ndarray]:
    if classifier is None:
        return lambda encoded: np.full(len(encoded), prevalence)
    shortcut = linear_probability(classifier) or rbf_probability(classifier)
    return shortcut or (lambda encoded: classifier.predict_proba(encoded)[:, 1])


def _single(n: int) -> tuple[tuple[int, ...], ...]:
    return tuple((column,) for column in range(n))
