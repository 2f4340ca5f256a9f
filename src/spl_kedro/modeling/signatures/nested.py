"""Features that every fit has its own of, learnt inside an outer fold.

Embeddings by networks trained there, of which a lesion left out has one for each network; and
features of further sources, one row a lesion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.nesting import ALL
from spl_kedro.modeling.signatures.folds import Splits, repeated_splits
from spl_kedro.modeling.signatures.settings import ProtocolSettings, SignatureSettings
from spl_kedro.modeling.signatures.shared_work import scored_once

_RUN_AGAIN = (
    "Run the deep_features pipeline again with these settings, or set deep_features.nested to "
    "false."
)
_MAKE_AGAIN = "Run the pipelines again that make features in every fold, such as habitats."


def no_folds() -> pd.DataFrame:
    """Return outer folds of nobody."""
    index = pd.Index([], name="lesion_id", dtype="str")
    return pd.DataFrame({name: pd.Series(dtype="int64") for name in ("repeat", "fold")}, index)


def outer_folds(cohort: pd.DataFrame, settings: SignatureSettings) -> pd.DataFrame:
    """Return the folds in which the signatures are cross-fitted, before any feature is made.

    Parameters
    ----------
    cohort : DataFrame
        Index lesion_id; columns patient_id, label, cohort.
    settings : SignatureSettings
        Its `seed` and `protocol`.

    Returns
    -------
    DataFrame
        Index lesion_id, one row per training lesion and repeat; columns repeat and fold.

    Raises
    ------
    UnusableStudyError
        If a class has fewer than two patients.
    """
    training = cohort[cohort["cohort"] == "training"]
    repeats = repeated_splits(
        training["label"].to_numpy(dtype=np.int64),
        training["patient_id"].to_numpy(),
        n_splits=settings.protocol.n_splits,
        n_repeats=settings.protocol.n_repeats,
        seed=settings.seed,
    )
    parts = [
        pd.DataFrame({"repeat": repeat, "fold": fold}, index=training.index[test])
        for repeat, splits in enumerate(repeats)
        for fold, (_, test) in enumerate(splits)
    ]
    return pd.concat(parts).astype("int64").rename_axis("lesion_id")


@dataclass(frozen=True)
class NestedFeatures:
    """Features by context, and the outer folds the contexts leave out.

    Attributes
    ----------
    folds : DataFrame
        From :func:`outer_folds`.
    embeddings : DataFrame or None
        Rows of :func:`spl_kedro.features.deep.nesting.embed_context`, of all contexts; None where
        networks are not nested.
    further : tuple of DataFrame
        Of each further source that has some: index lesion_id, the training lesions, once for each
        outer fold; columns ``context``, ``unseen`` (whether the context leaves the lesion out) and
        features. In the context of all training lesions the study's table itself holds them.
    """

    folds: pd.DataFrame
    embeddings: pd.DataFrame | None
    further: tuple[pd.DataFrame, ...] = ()

    def splits(
        self,
        lesions: pd.Index,
        label: NDArray[np.int64],
        groups: NDArray[Any],
        protocol: ProtocolSettings,
    ) -> list[Splits]:
        """Return each repeat's folds as row positions.

        Parameters
        ----------
        lesions : Index
            Training lesions, in the table's order.
        label, groups : ndarray, shape (n_lesions,)
        protocol : ProtocolSettings
            `n_repeats` of the repeats are used; `n_splits` must be that of the folds.

        Raises
        ------
        UnusableStudyError
            If the folds are others than the settings ask for, or leave a lesion out.
        """
        there = self.folds["repeat"].nunique()
        made = self.folds.groupby("repeat")["fold"].nunique().max()
        # Fewer folds than asked for are made where a class has fewer patients.
        patients = min(len(np.unique(groups[label == which])) for which in (0, 1))
        fits = min(protocol.n_splits, patients) <= made <= protocol.n_splits
        if protocol.n_repeats > there or not fits:
            raise UnusableStudyError(
                "networks nested in the folds of the signatures",
                f"networks were trained for {there} repeats of {made} folds; modeling.protocol "
                f"asks for {protocol.n_repeats} of {protocol.n_splits}.",
                _RUN_AGAIN,
            )
        repeats = []
        for repeat in range(protocol.n_repeats):
            fold = self.folds.loc[self.folds["repeat"] == repeat, "fold"].reindex(lesions)
            if fold.isna().any():
                raise UnusableStudyError(
                    "networks nested in the folds of the signatures",
                    f"lesion {fold.index[fold.isna()][0]} has no outer fold.",
                    _RUN_AGAIN,
                )
            numbers = fold.to_numpy()
            parts = (np.flatnonzero(numbers == k) for k in np.unique(numbers))
            everyone = np.arange(len(lesions))
            repeats.append([(np.setdiff1d(everyone, test), test) for test in parts])
        return repeats

    def learnt(self, X: pd.DataFrame, context: str = ALL) -> pd.DataFrame:
        """Return the wide table of lesions that a context learns from.

        Parameters
        ----------
        X : DataFrame, shape (n_lesions, n_columns)
            Their rows of the study's table, some of its columns or all.
        context : str
        """
        X = self._with_further(X, context, unseen=False)
        if self.embeddings is None:
            return X
        rows = self._rows(self.embeddings, context, X.index)
        if rows.index.has_duplicates:
            twice = rows.index[rows.index.duplicated()][0]
            raise ValueError(f"{context} does not learn from {twice}: several networks embed it")
        return _replaced(X, rows)

    def unseen(self, X: pd.DataFrame, context: str = ALL) -> list[pd.DataFrame]:
        """Return the wide tables of lesions that a context has not seen, one for each network.

        Parameters
        ----------
        X : DataFrame, shape (n_lesions, n_columns)
            Their rows of the study's table, some of its columns or all.
        context : str
        """
        X = self._with_further(X, context, unseen=True)
        if self.embeddings is None:
            return [X]
        rows = self._rows(self.embeddings, context, X.index)
        return [_replaced(X, part) for _, part in rows.groupby("network", sort=True)]

    def check(self, X: pd.DataFrame) -> None:
        """Refuse embeddings that would not take the place of columns of the study's table.

        Raises
        ------
        UnusableStudyError
            If the table lacks one of their columns, or there are none.
        """
        if self.embeddings is None:
            return
        columns = self.embeddings.columns.drop(["context", "network"])
        lost = columns.difference(X.columns)
        if len(lost) or not len(columns):
            what = f"lacks {lost[0]}" if len(lost) else "would keep all its columns"
            raise UnusableStudyError(
                "nested embeddings with the columns of deep_embeddings",
                f"deep_embeddings_nested has {len(columns)} columns, and the study's table {what}.",
                _RUN_AGAIN,
            )

    def _with_further(self, X: pd.DataFrame, context: str, *, unseen: bool) -> pd.DataFrame:
        """Put the features of further sources in, as this context learnt to make them."""
        if context == ALL:
            return X
        for table in self.further:
            rows = self._rows(table, context, X.index)
            if (rows["unseen"] != unseen).any():
                other = rows.index[rows["unseen"] != unseen][0]
                raise UnusableStudyError(
                    "features nested in the folds of the signatures",
                    f"{context}: features were made for other folds, of which {other} is an "
                    "example.",
                    _MAKE_AGAIN,
                )
            X = _replaced(X, rows)
        return X

    def _rows(self, table: pd.DataFrame, context: str, lesions: pd.Index) -> pd.DataFrame:
        rows = table[(table["context"] == context).to_numpy() & table.index.isin(lesions)]
        lost = lesions.difference(rows.index)
        if len(lost):
            networks = table is self.embeddings
            raise UnusableStudyError(
                "embeddings of every lesion by the networks of every fold"
                if networks
                else "features of every lesion for every fold",
                f"{context}: {len(lost)} lesions have none, {lost[0]} among them.",
                _RUN_AGAIN if networks else _MAKE_AGAIN,
            )
        return rows


def _replaced(X: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns of `rows` in the place of its own of the same names."""
    own = [name for name in X.columns if name in rows.columns]
    if not own:
        return X
    values = rows.loc[X.index, own].astype({name: X[name].dtype for name in own})
    return pd.concat([X.drop(columns=own), values], axis=1)[list(X.columns)]


def mean_score(model: Any, tables: Sequence[pd.DataFrame]) -> NDArray[np.float64]:
    """Return the probability of malignancy of lesions that several networks describe.

    The probabilities are averaged, not what the networks see: a mean of embeddings varies less
    than the embeddings a model has learnt from, and lies on another scale. Of probabilities the
    mean is the expectation over networks, and SHAP values average along with it.

    Parameters
    ----------
    model : Signature
        Fitted.
    tables : sequence of DataFrame, shape (n_lesions, n_columns)
        The same lesions, as each network sees them.

    Returns
    -------
    ndarray of float, shape (n_lesions,)
    """
    scores = [scored_once(model, table) for table in told_apart(model, tables)]
    return scores[0] if len(scores) == 1 else np.mean(scores, axis=0)


def told_apart(model: Any, tables: Sequence[pd.DataFrame]) -> Sequence[pd.DataFrame]:
    """Return the tables that a model needs: the first, where it reads nothing that differs."""
    columns = model.input_columns()
    if columns is None:
        return tables
    first = tables[0][columns]
    alike = all(first.equals(table[columns]) for table in tables[1:])
    return tables[:1] if alike else tables
