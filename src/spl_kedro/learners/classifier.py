"""The study's classifiers and two more: boosting of histograms, and a network of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from sklearn.ensemble import HistGradientBoostingClassifier

from spl_kedro.modeling.signatures.classifier import GRIDS, ProbabilityClassifier

#: Few points, as for the other kinds; TabICL is not tuned, it has learnt how to learn.
OWN_GRIDS: dict[str, dict[str, list[Any]]] = {
    "hist_gradient_boosting": {"max_iter": [50, 150], "max_leaf_nodes": [4, 15]},
    "tabicl": {},
}


class TableClassifier(ProbabilityClassifier):
    """A classifier of the study, or one of two more kinds, with calibrated probabilities.

    ``hist_gradient_boosting`` is scikit-learn's HistGradientBoostingClassifier; ``tabicl`` is
    TabICL (Qu et al., ICML 2025, arXiv 2502.05564), a network that takes the training lesions and
    the new ones in one pass and is itself not trained. Its weights are read from a file, by
    torch's reader of weights alone, and never fetched.

    Parameters
    ----------
    kind : str
        One of the study's kinds, ``hist_gradient_boosting`` or ``tabicl``.
    C, tune, cv, random_state
        As of :class:`spl_kedro.modeling.signatures.classifier.ProbabilityClassifier`.
    weights : str, optional
        File of TabICL's weights.
    estimators : int, default=8
        Views of the table that TabICL averages over.
    """

    grids: ClassVar[Mapping[str, dict[str, list[Any]]]] = GRIDS | OWN_GRIDS

    def __init__(
        self,
        kind: str = "linear_svm",
        C: float = 1.0,
        tune: bool = True,
        cv: int = 5,
        random_state: int = 0,
        weights: str | None = None,
        estimators: int = 8,
    ):
        super().__init__(kind, C, tune, cv, random_state)
        self.weights = weights
        self.estimators = estimators

    def _classifier(self, n_lesions: int) -> Any:
        if self.kind == "hist_gradient_boosting":
            return HistGradientBoostingClassifier(
                learning_rate=0.05,
                min_samples_leaf=10,
                l2_regularization=1.0,
                early_stopping=False,
                random_state=self.random_state,
            )
        if self.kind == "tabicl":
            from tabicl import TabICLClassifier

            return TabICLClassifier(
                n_estimators=self.estimators,
                model_path=self.weights,
                allow_auto_download=False,
                device="cpu",
                use_amp=False,
                random_state=self.random_state,
            )
        return super()._classifier(n_lesions)
