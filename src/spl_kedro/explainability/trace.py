"""SHAP values of a signature, and of a fusion traced down to the image features.

The inner score's contribution is handed on to the features it is made of, reference lesion by
reference lesion, in proportion to their own Shapley values (generalised DeepSHAP: Chen, Lundberg
and Lee, Nature Communications 2022;13:4512). What the features receive adds up to what the inner
score contributed, exactly, so the coarse and the traced explanation of a lesion agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.scores import ScoreFunction
from spl_kedro.explainability.shapley import ShapleyValues, shapley_values
from spl_kedro.parallel import one_thread

if TYPE_CHECKING:
    from shap import Explanation as ShapExplanation

# Below this difference of inner scores nothing was contributed that could be handed on.
_SAME_SCORE = 1e-9
# Lesions whose values by reference lesion are held at once: a hundred MB with 200 features.
_LESIONS_AT_ONCE = 512


@dataclass(frozen=True)
class Explanation:
    """SHAP values of some lesions for one signature.

    Attributes
    ----------
    shap : DataFrame, shape (n_lesions, n_features)
        Contribution of each feature to the probability of malignancy.
    features : DataFrame, shape (n_lesions, n_features)
        The features on their original scale.
    scores : Series, shape (n_lesions,)
        The signature's probability of malignancy.
    base : float
        Mean probability of the background lesions.
    """

    shap: pd.DataFrame
    features: pd.DataFrame
    scores: pd.Series
    base: float

    def to_shap(self) -> ShapExplanation:
        """Return the values as the shap library's own object, for its plots."""
        from shap import Explanation as ShapExplanation

        return ShapExplanation(
            values=self.shap.to_numpy(),
            base_values=np.full(len(self.shap), self.base),
            data=self.features.to_numpy(),
            feature_names=list(self.shap.columns),
        )

    @property
    def additivity_error(self) -> float:
        """Largest absolute difference between base plus contributions and the score."""
        gap = self.base + self.shap.sum(axis=1) - self.scores
        return float(gap.abs().max()) if len(gap) else 0.0

    @property
    def importance(self) -> pd.Series:
        """Mean absolute SHAP value of each feature, largest first."""
        return self.shap.abs().mean().sort_values(ascending=False, kind="stable")

    def rows(self) -> pd.DataFrame:
        """Return a row per feature and lesion.

        Returns
        -------
        DataFrame
            ``lesion_id``, ``feature``, ``label`` (readable), ``source``, ``value`` (number on the
            original scale, NaN for a category), ``category`` (its text), ``shap``, ``base`` and
            ``score``.
        """
        parts = []
        for feature in self.shap.columns:
            values, name = self.features[feature], readable_name(feature)
            numeric = pd.api.types.is_numeric_dtype(values)
            parts.append(
                pd.DataFrame(
                    {
                        "lesion_id": self.shap.index.astype("str"),
                        "feature": feature,
                        "label": name.label,
                        "source": name.source,
                        "value": values.to_numpy(dtype=float, na_value=np.nan)
                        if numeric
                        else np.nan,
                        "category": None if numeric else values.astype("str").to_numpy(),
                        "shap": self.shap[feature].to_numpy(),
                        "base": self.base,
                        "score": self.scores.to_numpy(),
                    }
                ).astype({"category": "str"})
            )
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def mean_explanation(explanations: Sequence[Explanation]) -> Explanation:
    """Return the explanation of a mean of scores: the mean of the SHAP values.

    Parameters
    ----------
    explanations : sequence of Explanation
        Of the same lesions by the same model, as several networks show them to it.

    Returns
    -------
    Explanation
        Features are means too; a category is the same in all.
    """
    first = explanations[0]
    if len(explanations) == 1:
        return first
    features = first.features.copy()
    for name in features.select_dtypes("number"):
        values = [own.features[name].to_numpy(dtype=float) for own in explanations]
        features[name] = np.mean(values, axis=0)
    shap = np.mean([own.shap.to_numpy() for own in explanations], axis=0)
    scores = np.mean([own.scores.to_numpy() for own in explanations], axis=0)
    return Explanation(
        pd.DataFrame(shap, index=first.shap.index, columns=first.shap.columns),
        features,
        pd.Series(scores, index=first.scores.index, name=first.scores.name),
        first.base,
    )


def joined(explanations: Sequence[Explanation]) -> Explanation:
    """Return explanations of different lesions by one model, with one background, as one."""
    first = explanations[0]
    if len(explanations) == 1:
        return first
    return Explanation(
        pd.concat([own.shap for own in explanations]),
        pd.concat([own.features for own in explanations]),
        pd.concat([own.scores for own in explanations]),
        first.base,
    )


def explain(
    score: ScoreFunction,
    lesions: pd.DataFrame,
    background: pd.DataFrame,
    *,
    exact_up_to: int = 8,
    permutations: int = 4,
    seed: int = 0,
) -> tuple[Explanation, Explanation | None]:
    """Return the SHAP values of a signature, and those traced through its inner score.

    Parameters
    ----------
    score : ScoreFunction
        The signature.
    lesions : DataFrame
        Wide table of the lesions to explain; none of them may be in the model's training.
    background : DataFrame
        Wide table of training lesions to compare with.
    exact_up_to, permutations, seed
        As in :func:`spl_kedro.explainability.shapley.shapley_values`.

    Returns
    -------
    inputs : Explanation
        By the features the signature itself takes.
    traced : Explanation or None
        With the inner score replaced by the features it is made of; None without one.
    """
    options = {"exact_up_to": exact_up_to, "permutations": permutations, "seed": seed}
    starts = range(0, max(1, len(lesions)), _LESIONS_AT_ONCE)
    # One thread: sums of products keep their order, and so their last bits, on any setting.
    with one_thread():
        parts = [
            _explain(score, lesions.iloc[start : start + _LESIONS_AT_ONCE], background, options)
            for start in starts
        ]
    traced = [own for _, own in parts if own is not None]
    return joined([own for own, _ in parts]), joined(traced) if traced else None


def _explain(
    score: ScoreFunction, lesions: pd.DataFrame, background: pd.DataFrame, options: dict[str, int]
) -> tuple[Explanation, Explanation | None]:
    outer = _shapley(score, lesions, background, options)
    inputs = Explanation(
        shap=pd.DataFrame(outer.values, index=lesions.index, columns=list(score.features)),
        features=score.values(lesions),
        scores=pd.Series(outer.outputs, index=lesions.index, name="score"),
        base=outer.base,
    )
    if not score.inner:
        return inputs, None
    shap = inputs.shap.copy()
    values = inputs.features.copy()
    for feature, inner_score in score.inner.items():
        inner = _shapley(inner_score, lesions, background, options)
        position = score.features.index(feature)
        handed_on = hand_on(outer.by_reference[:, :, position], inner)
        names = list(inner_score.features)
        shap = shap.drop(columns=feature).join(
            pd.DataFrame(handed_on, index=lesions.index, columns=names)
        )
        values = values.drop(columns=feature).join(inner_score.values(lesions))
    return inputs, Explanation(shap, values, inputs.scores, inputs.base)


def hand_on(contribution: np.ndarray, inner: ShapleyValues) -> np.ndarray:
    """Divide an inner score's contribution among the features it is made of.

    Parameters
    ----------
    contribution : ndarray, shape (n_lesions, n_references)
        What the inner score contributed, by reference lesion.
    inner : ShapleyValues
        The inner score's own explanation over the same lesions and references.

    Returns
    -------
    ndarray, shape (n_lesions, n_features)
        Mean over the references; rows sum to the mean contribution.
    """
    difference = inner.outputs[:, None] - inner.references[None, :]
    usable = np.abs(difference) > _SAME_SCORE
    slope = np.where(usable, contribution, 0.0) / np.where(usable, difference, 1.0)
    shares: np.ndarray = np.einsum("nb,nbp->np", slope, inner.by_reference)
    return shares / inner.by_reference.shape[1]


def background_sample(table: pd.DataFrame, labels: pd.Series, size: int, seed: int) -> pd.DataFrame:
    """Draw background lesions from the training cohort in its own mix of diagnoses.

    Parameters
    ----------
    table : DataFrame
        Wide table of the training lesions.
    labels : Series
        0 or 1 by lesion id.
    size : int
        Lesions to draw; all where there are no more.
    seed : int
        Seed of the draw.

    Returns
    -------
    DataFrame
        In the table's own order.
    """
    if len(table) <= size:
        return table
    random = np.random.default_rng(seed)
    labels = labels.loc[table.index]
    malignant = table.index[labels == 1]
    benign = table.index[labels == 0]
    n_malignant = round(size * len(malignant) / len(table))
    drawn = {
        *random.choice(malignant, n_malignant, replace=False),
        *random.choice(benign, size - n_malignant, replace=False),
    }
    return table.loc[[lesion_id for lesion_id in table.index if lesion_id in drawn]]


def _shapley(
    score: ScoreFunction, lesions: pd.DataFrame, background: pd.DataFrame, options: dict[str, int]
) -> ShapleyValues:
    return shapley_values(
        score.predict,
        score.encode(lesions),
        score.encode(background),
        players=score.players,
        exact_up_to=options["exact_up_to"],
        permutations=options["permutations"],
        seed=options["seed"],
    )
