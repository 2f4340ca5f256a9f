"""Who learns from whom, where embeddings are cross-fitted anew inside every fold of a signature.

A fit of a signature is a *context*: an outer fold of the cross-fitting, or all training lesions.
Within a context the lesions the signature learns from are cross-fitted among themselves, so that
each is embedded by the one network that has not seen it. Every lesion the signature has not seen
is embedded by each of these networks, which have not seen it either. So no embedding of a context
depends on the label of a lesion that the context leaves out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.features.deep.folds import assign_folds

#: The context of the fit on all training lesions.
ALL = "all"

#: Lesion ids to embeddings, shape (n, width).
Embed = Callable[[pd.Index], NDArray[np.floating]]
#: A network's name and the ids of the lesions it may learn from, to what embeds with it.
Learn = Callable[[str, pd.Index], Embed]


def embedding_columns(width: int) -> list[str]:
    """Return how the columns of an embedding are called: ``deep_0000``, ``deep_0001``, ..."""
    return [f"deep_{i:04d}" for i in range(width)]


def fold_name(fold: int) -> str:
    """Return the name of the network that never saw the lesions of this fold."""
    return f"fold_{fold}"


def context_name(repeat: int, fold: int) -> str:
    """Return the name of the context that leaves an outer fold out."""
    return f"repeat_{repeat}_fold_{fold}"


@dataclass(frozen=True)
class Context:
    """The lesions of one fit of a signature.

    Attributes
    ----------
    name : str
        From :func:`context_name`, or :data:`ALL`.
    folds : Series of int
        Index lesion_id: the lesions learnt from; the inner fold whose network does not see each.
    unseen : Index
        Lesions that no network of the context sees.
    """

    name: str
    folds: pd.Series
    unseen: pd.Index

    def networks(self) -> dict[str, tuple[pd.Index, pd.Index]]:
        """Return, by network, the lesions it learns from and those it embeds."""
        found = {}
        for number in sorted(self.folds.unique()):
            left_out = self.folds == number
            embedded = self.folds.index[left_out].append(self.unseen)
            found[fold_name(int(number))] = (self.folds.index[~left_out], embedded)
        return found


def nested_contexts(
    cohort: pd.DataFrame, outer_folds: pd.DataFrame, folds: int, seed: int
) -> list[Context]:
    """Return the context of every outer fold.

    Parameters
    ----------
    cohort : DataFrame
        Index lesion_id; columns patient_id, label, cohort. Lesions without a crop are left out
        before.
    outer_folds : DataFrame
        Index lesion_id; columns repeat and fold: where each training lesion is left out.
    folds : int
        Networks of each context.
    seed : int
        Seed of the inner folds.

    Returns
    -------
    list of Context

    Raises
    ------
    ValueError
        If a training lesion has no outer fold, or the lesions of a context cannot be cross-fitted.
    """
    training = cohort[cohort["cohort"] == "training"].sort_index()
    contexts = []
    for key, part in outer_folds.groupby(["repeat", "fold"], sort=True):
        repeat, fold = (int(str(number)) for number in key)  # type: ignore[misc]
        if fold == 0:
            _check_complete(training, outer_folds[outer_folds["repeat"] == repeat])
        unseen = training.index.isin(part.index)
        name = context_name(repeat, fold)
        try:
            inner = assign_folds(training[~unseen], folds, seed)
        except ValueError as error:
            raise ValueError(
                f"nested networks of {name}: {error} Or set deep_features.nested to false."
            ) from error
        contexts.append(Context(name, inner["fold"], training.index[unseen]))
    return contexts


def final_context(cohort: pd.DataFrame, folds: pd.DataFrame) -> Context:
    """Return the context of the fit on all training lesions.

    Parameters
    ----------
    cohort : DataFrame
        Index lesion_id; column cohort. Lesions without a crop are left out before.
    folds : DataFrame
        From :func:`spl_kedro.features.deep.folds.assign_folds`.
    """
    own = folds.loc[folds.index.isin(cohort.index), "fold"].sort_index()
    return Context(ALL, own, cohort.index[cohort["cohort"] != "training"].sort_values())


def embed_context(context: Context, learn: Learn) -> pd.DataFrame:
    """Embed the lesions of a context, each by the networks that have not seen it.

    Parameters
    ----------
    context : Context
    learn : callable
        Trains a network of this name on lesions of these ids, and returns what embeds lesions.

    Returns
    -------
    DataFrame of float32
        Index lesion_id; columns context, network, deep_0000, deep_0001, ... A lesion learnt from
        has one row, an unseen one a row for each network.
    """
    parts = []
    for network, (learnt, embedded) in context.networks().items():
        values = learn(f"{context.name}_{network}", learnt)(embedded)
        parts.append(embedding_rows(context.name, network, embedded, values))
    return pd.concat(parts)


def embedding_rows(
    context: str, network: str, lesion_ids: pd.Index, values: NDArray[np.floating]
) -> pd.DataFrame:
    """Return embeddings as rows of :func:`embed_context`, with whose they are."""
    columns = embedding_columns(values.shape[1])
    rows = pd.DataFrame(values.astype("float32"), index=lesion_ids, columns=columns)
    for position, (name, value) in enumerate((("context", context), ("network", network))):
        rows.insert(position, name, pd.Series(value, index=rows.index, dtype="str"))
    return rows.rename_axis("lesion_id")


def no_embeddings() -> pd.DataFrame:
    """Return the table of a study that does not nest: without rows."""
    index = pd.Index([], name="lesion_id", dtype="str")
    return pd.DataFrame({name: pd.Series(dtype="str") for name in ("context", "network")}, index)


def _check_complete(training: pd.DataFrame, repeat: pd.DataFrame) -> None:
    lost = training.index.difference(repeat.index)
    if len(lost):
        raise ValueError(
            f"nested networks: {len(lost)} training lesions have no outer fold: {lost[0]}"
            + (" and others" if len(lost) > 1 else "")
            + ". The cohort has changed since outer_folds was stored: run the deep_features "
            "pipeline as a whole."
        )
