"""Which networks map which lesion: those that embed it, none of which learnt from it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from torch import nn

from spl_kedro.explainability.head_fit import fit_head
from spl_kedro.explainability.signature_network import (
    Linear,
    SignatureHead,
    SignatureNetwork,
    log_odds,
    selected_components,
)
from spl_kedro.features.deep.frozen import FROZEN
from spl_kedro.features.deep.network import load_network
from spl_kedro.features.deep.settings import DeepSettings

logger = logging.getLogger(__name__)


class MapSource(Protocol):
    """Where maps come from."""

    def names(self, lesion_id: str) -> tuple[str, ...]:
        """Return the networks that map a lesion together."""

    def names_of_unseen(self) -> tuple[str, ...]:
        """Return the networks that map lesions outside the training cohort."""

    def left_out(self, name: str) -> pd.Index:
        """Return the training lesions that a network has not learnt from."""

    def load(self, name: str) -> nn.Module:
        """Return a network, on the CPU and in evaluation mode."""


class FoldNetworks:
    """Trained networks of folds and the refit, each with a head of its own.

    Parameters
    ----------
    networks : mapping
        Weights by network name, or what loads them.
    folds : Series of int
        Fold of each training lesion: network ``fold_k`` was trained without fold k.
    deep : DeepSettings
        How they were made; `unseen_embedding` says who embeds lesions outside training.
    """

    def __init__(self, networks: Mapping[str, Any], folds: pd.Series, deep: DeepSettings) -> None:
        self._networks, self._folds, self._deep = networks, folds, deep

    def names(self, lesion_id: str) -> tuple[str, ...]:
        """Return the network of the lesion's fold, or those of unseen lesions."""
        if lesion_id in self._folds.index:
            return (f"fold_{int(self._folds[lesion_id])}",)
        return self.names_of_unseen()

    def names_of_unseen(self) -> tuple[str, ...]:
        """Return the refit, or all folds."""
        if self._deep.unseen_embedding == "refit" and not self._deep.nests:
            return ("refit",)
        return tuple(f"fold_{fold}" for fold in sorted(self._folds.unique()))

    def left_out(self, name: str) -> pd.Index:
        """Return the lesions of the network's fold; of the refit there are none."""
        return self._folds.index[[f"fold_{int(fold)}" == name for fold in self._folds]]

    def load(self, name: str) -> nn.Module:
        """Return a trained network.

        Raises
        ------
        ValueError
            If it was not stored.
        """
        return load_network(stored_state(self._networks, name), self._deep)


class FrozenSignatures:
    """One frozen network, with the DTL signature of the whole training cohort or of a fold.

    The network has learnt from no lesion, the signature from all of training; so a training
    lesion is mapped with the signature refitted without its fold.

    Parameters
    ----------
    networks : mapping
        Holds the frozen network's weights.
    embeddings : DataFrame, shape (lesions, width)
        The catalog's ``deep_embeddings``.
    labels : Series of int
        Of the training lesions: 0 benign, 1 malignant.
    signature : FeatureSignature
        The DTL signature; its first step makes the components of the embeddings.
    fold_signatures : mapping of int to FeatureSignature
        By fold, fitted without it.
    folds : Series of int
        Fold of the signature, of each training lesion.
    deep : DeepSettings
        How the network was made; `components` and `pooling` are used.
    """

    def __init__(
        self,
        networks: Mapping[str, Any],
        embeddings: pd.DataFrame,
        labels: pd.Series,
        signature: Any,
        fold_signatures: Mapping[int, Any],
        folds: pd.Series,
        deep: DeepSettings,
    ) -> None:
        self._networks, self._deep, self._folds = networks, deep, folds
        self._signatures = {
            FROZEN: signature,
            **{self._of_fold(fold): model for fold, model in fold_signatures.items()},
        }
        self._labels = labels[labels.index.isin(embeddings.index)]
        self._learnt = embeddings.loc[self._labels.index]

    @staticmethod
    def _of_fold(fold: int) -> str:
        return f"{FROZEN}, signature without fold {int(fold)}"

    def names(self, lesion_id: str) -> tuple[str, ...]:
        """Return the network with the signature that has not learnt from the lesion."""
        if lesion_id in self._folds.index:
            return (self._of_fold(self._folds[lesion_id]),)
        return self.names_of_unseen()

    def names_of_unseen(self) -> tuple[str, ...]:
        """Return the network with the final signature."""
        return (FROZEN,)

    def left_out(self, name: str) -> pd.Index:
        """Return all training lesions: the embedding, from which heads are fitted, knows none."""
        return self._labels.index

    def load(self, name: str) -> SignatureNetwork:
        """Return the network with a signature as its head."""
        backbone = load_network(stored_state(self._networks, FROZEN), self._deep)
        model = self._signatures[name]
        reducer = model.reduction_.reducers_["deep"]
        score = log_odds(model)
        if score is not None:
            head = SignatureHead(reducer, selected_components(model), score)
        else:
            logger.warning(
                "Grad-CAM: the DTL signature (%s) gives every lesion the same score; mapped is a "
                "logistic regression on all components of the training lesions.",
                name,
            )
            known = [i for i in self._labels.index if name == FROZEN or name not in self.names(i)]
            reduced = reducer.transform(self._learnt.loc[known]).to_numpy()
            weights = Linear(*fit_head(reduced, self._labels.loc[known].to_numpy()))
            head = SignatureHead(reducer, np.arange(reducer.n_components_), weights)
        return SignatureNetwork(backbone, head, self._deep.pooling).eval()


def stored_state(networks: Mapping[str, Any], name: str) -> Any:
    """Return a state dict of ``deep_networks``, loading its partition if need be.

    Raises
    ------
    ValueError
        If the network was not stored.
    """
    if name not in networks:
        raise ValueError(
            f"network {name!r} is not among the stored ones ({', '.join(sorted(networks))}): "
            "run the deep_features pipeline again"
        )
    state = networks[name]
    return state() if callable(state) else state
