"""Why a case got its score: SHAP values against mean training lesions, and a map of the image."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from torch import nn

from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.scoring import Lesions
from spl_kedro.deployment.sigmoid import Sigmoid
from spl_kedro.deployment.typical import deep_model
from spl_kedro.explainability.lesion_map import LesionMap
from spl_kedro.explainability.lesion_maps import map_lesions
from spl_kedro.explainability.scores import score_function
from spl_kedro.explainability.settings import GradCamSettings, ShapSettings
from spl_kedro.explainability.signature_network import (
    SignatureHead,
    SignatureNetwork,
    log_odds,
    selected_components,
)
from spl_kedro.explainability.trace import explain, mean_explanation
from spl_kedro.features.deep import load_network, names_of_unseen

#: Which model's score is explained, the first of these that a case has.
ORDER = ("cdlr", "dlr", "clinical", "rad", "dtl")
COLUMNS = ["lesion_id", "model", "view", "feature", "label", "source", "value", "category",
           "shap", "base", "score"]  # fmt: skip


def explained_model(scores: pd.DataFrame) -> pd.Series:
    """Return which model's score of each case is explained.

    Parameters
    ----------
    scores : DataFrame
        From :func:`spl_kedro.deployment.scoring.score_cases`.

    Returns
    -------
    Series of str
        Index lesion_id; cases without any score are not in it.
    """
    known = scores[scores["score"].notna() & scores["model"].isin(ORDER)]
    rank = known["model"].map(ORDER.index)
    first = known.assign(rank=rank).sort_values("rank", kind="stable")
    return first.groupby("lesion_id", sort=True)["model"].first()


def explain_cases(
    study: PackagedStudy,
    tables: Sequence[pd.DataFrame],
    models: pd.Series,
    settings: ShapSettings,
    seed: int = 0,
) -> pd.DataFrame:
    """Explain cases' scores.

    Parameters
    ----------
    study : PackagedStudy
    tables : sequence of DataFrame
        From :func:`spl_kedro.deployment.scoring.wide_tables`, or one of clinical variables.
    models : Series of str
        Index lesion_id: whose score is explained; those in `tables` are.
    settings : ShapSettings
    seed : int
        Of the feature orders, where features are too many for all coalitions.

    Returns
    -------
    DataFrame
        One row per case, view (``inputs``; of a fusion also ``traced``, its image score replaced
        by the features it is made of) and feature: :data:`COLUMNS`; ``shap`` is the contribution
        to the probability, ``base`` the mean probability of the mean training lesions.
    """
    parts = [pd.DataFrame(columns=COLUMNS)]
    for name, own in models[models.index.isin(tables[0].index)].groupby(models):
        score = score_function(study.models[str(name)])
        line = study.sigmoid(str(name))
        if line != Sigmoid():
            score = replace(score, predict=_then(score.predict, line))
        if not score.features:
            continue
        options = {"exact_up_to": settings.exact_up_to, "permutations": settings.permutations}
        found = [
            explain(score, table.loc[own.index], study.background, seed=seed, **options)
            for table in tables
        ]
        views = {"inputs": [inputs for inputs, _ in found]}
        traced = [view for _, view in found if view is not None]
        if traced:
            views["traced"] = traced
        for view, explanations in views.items():
            rows = mean_explanation(explanations).rows()
            parts.append(rows.assign(model=str(name), view=view))
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)[COLUMNS]


def _then(
    predict: Callable[[np.ndarray], np.ndarray], line: Sigmoid
) -> Callable[[np.ndarray], np.ndarray]:
    return lambda encoded: line(predict(encoded))


class PackagedMaps:
    """Maps new lesions with the networks of a packaged study.

    Parameters
    ----------
    study : PackagedStudy
    """

    def __init__(self, study: PackagedStudy) -> None:
        self._study = study

    def names(self, lesion_id: str) -> tuple[str, ...]:
        """Return the networks that embed a new lesion."""
        return self.names_of_unseen()

    def names_of_unseen(self) -> tuple[str, ...]:
        """Return the networks that embed a new lesion."""
        return tuple(names_of_unseen(self._study.networks, self._study.deep))

    def left_out(self, name: str) -> pd.Index:
        """Return nobody: no training lesion travels."""
        return pd.Index([])

    def load(self, name: str) -> nn.Module:
        """Return a network; a frozen one with the deep signature as its head."""
        network = load_network(self._study.networks[name], self._study.deep)
        if not self._study.deep.frozen:
            return network
        model = self._study.models[str(deep_model(self._study.models))]
        score = log_odds(model)
        assert score is not None  # nobody asks: see can_map
        reducer = model.reduction_.reducers_["deep"]  # type: ignore[attr-defined]
        head = SignatureHead(reducer, selected_components(model), score)
        return SignatureNetwork(network, head, self._study.deep.pooling).eval()


def can_map(study: PackagedStudy) -> bool:
    """Tell whether the study has networks whose evidence can be mapped, of one crop a lesion."""
    name = deep_model(study.models)
    if name is None or not study.networks or study.deep.views:
        return False
    return not study.deep.frozen or log_odds(study.models[name]) is not None


def map_cases(
    study: PackagedStudy, lesions: Lesions, decisions: Mapping[str, str], settings: GradCamSettings
) -> list[LesionMap]:
    """Map where the networks find evidence for the decisions.

    Parameters
    ----------
    study : PackagedStudy
    lesions : mapping of str to callable
    decisions : mapping of str to str
        ``benign`` or ``malignant`` by lesion; these lesions are mapped.
    settings : GradCamSettings

    Returns
    -------
    list of LesionMap
        Empty where :func:`can_map` is false.
    """
    if not can_map(study) or not decisions:
        return []
    targets = pd.Series({name: int(said == "malignant") for name, said in decisions.items()})
    return map_lesions(lesions, targets, PackagedMaps(study), study.deep, settings)
