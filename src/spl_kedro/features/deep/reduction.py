"""From the pooled embedding to a few principal components: the DTL features."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, eigh, qr, svd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from spl_kedro.by_row import row_products
from spl_kedro.parallel import one_thread
from spl_kedro.tabular import named, validated

logger = logging.getLogger(__name__)

# Directions in which the lesions do not vary beyond rounding are no components.
_RELATIVE_TOLERANCE = 1e-9
_WELL_ABOVE = 1e-5


#: The most lesions whose embeddings the components are found in.
MOST_LESIONS = 2000
# From this many lesions and columns on the few components wanted are found by themselves.
_MANY = 1000
_ROWS_AT_ONCE = 512


class EmbeddingReducer(TransformerMixin, BaseEstimator):
    """Principal components of pooled embeddings, the same bytes on every fit.

    Computed in float64 on one thread, from an exact decomposition; each component's loading of
    largest size is positive. With fewer lesions than `components` asks for, as many are kept as
    these lesions allow, so that the same setting serves a cohort and each of its folds. Of more
    than :data:`MOST_LESIONS` a sample of that size is looked at: the cost of a decomposition grows
    with the square of the lesions.

    Parameters
    ----------
    components : int, default=128
        The most that are kept.

    Attributes
    ----------
    components_ : ndarray of float64, shape (n_components_, width)
        Orthonormal, by decreasing variance.
    mean_ : ndarray of float64, shape (width,)
        Of the lesions fitted on.
    explained_variance_ : ndarray of float64, shape (n_components_,)
    n_components_ : int
        Components kept: at most one less than lesions.
    n_features_in_ : int
        Width of the embedding.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> values = np.random.default_rng(0).normal(size=(12, 40))
    >>> embeddings = pd.DataFrame(values, index=[f"L{i}" for i in range(12)])
    >>> reducer = EmbeddingReducer(components=3).fit(embeddings)
    >>> reducer.transform(embeddings).columns.tolist()
    ['dtl_000', 'dtl_001', 'dtl_002']
    """

    def __init__(self, components: int = 128) -> None:
        self.components = components

    def fit(self, X: Any, y: Any = None) -> EmbeddingReducer:
        """Find the components of some lesions.

        Parameters
        ----------
        X : DataFrame or array-like, shape (lesions, width)
            Pooled embeddings; at least 2 lesions.
        y : ignored

        Returns
        -------
        EmbeddingReducer
        """
        X = validated(self, X, ensure_min_samples=2)
        if self.components < 1:
            raise ValueError(f"components must be 1 or more, not {self.components}")
        if len(X) > MOST_LESIONS:
            drawn = np.random.default_rng(0).choice(len(X), MOST_LESIONS, replace=False)
            X = X[np.sort(drawn)]
        self.mean_: NDArray[np.float64] = X.mean(axis=0)
        with one_thread():
            strength, rows = _directions(X - self.mean_, self.components)
        least = _RELATIVE_TOLERANCE * strength[0]
        known = int(np.sum(strength > least)) if strength[0] > 0 else 0
        if known == 0:
            raise ValueError("all lesions have the same embedding: there is no component")
        kept = min(self.components, known, len(X) - 1)
        rows = rows[:kept]
        largest = rows[np.arange(kept), np.abs(rows).argmax(axis=1)]
        self.components_: NDArray[np.float64] = rows * np.where(largest < 0, -1.0, 1.0)[:, None]
        self.explained_variance_: NDArray[np.float64] = strength[:kept] ** 2 / (len(X) - 1)
        self.n_components_ = kept
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Project lesions onto the components.

        Parameters
        ----------
        X : DataFrame or array-like, shape (lesions, width)

        Returns
        -------
        DataFrame of float64, shape (lesions, n_components_)
            Columns ``dtl_000``, ``dtl_001``, ...; the index of `X`.
        """
        check_is_fitted(self, "components_")
        index = X.index if isinstance(X, pd.DataFrame) else None
        values = validated(self, X, reset=False)
        # In parts, so that no second table of this width lies beside the first.
        starts = range(0, len(values), _ROWS_AT_ONCE)
        parts = (values[start : start + _ROWS_AT_ONCE] - self.mean_ for start in starts)
        reduced = np.concatenate([row_products(part, self.components_.T) for part in parts])
        return named(reduced, self.get_feature_names_out(), index)

    def get_feature_names_out(self, input_features: Any = None) -> NDArray[np.object_]:
        """Return the names of the components."""
        check_is_fitted(self, "components_")
        names = [f"dtl_{i:03d}" for i in range(self.n_components_)]
        return np.asarray(names, dtype=object)


def _directions(
    centred: NDArray[np.float64], wanted: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return singular values and right singular vectors, at least the `wanted` largest.

    Parameters
    ----------
    centred : ndarray of float, shape (n, width)
    wanted : int

    Returns
    -------
    strength : ndarray of float, shape (k,)
        Falling.
    rows : ndarray of float, shape (k, width)
    """
    n, width = centred.shape
    if min(n, width) > max(_MANY, 4 * wanted):
        # Eigenvectors of products, whose rounding is the square of the singular values' range:
        # taken where the last component wanted is well above it.
        wide = n < width
        products = centred @ centred.T if wide else centred.T @ centred
        size = len(products)
        values, vectors = eigh(products, subset_by_index=[size - wanted, size - 1])
        strength, vectors = np.sqrt(np.maximum(values[::-1], 0.0)), vectors[:, ::-1]
        if strength[-1] > _WELL_ABOVE * strength[0]:
            rows = (centred.T @ vectors / strength).T if wide else vectors.T
            return strength, rows
    if n < width:
        # Far more columns than lesions: the decomposition of a square matrix is enough.
        basis, factor = qr(centred.T, mode="economic", check_finite=False)
        left, strength, _ = _svd(factor)
        return strength, (basis @ left).T
    _, strength, rows = _svd(centred)
    return strength, rows


def _svd(
    matrix: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return a thin singular value decomposition."""
    try:
        return svd(matrix, full_matrices=False, check_finite=False)
    except LinAlgError:
        # LAPACK's divide and conquer gives up on some matrices, such as of lesions that occur
        # several times; the older algorithm takes longer and does not.
        return svd(matrix, full_matrices=False, check_finite=False, lapack_driver="gesvd")


def fit_reducer(embeddings: pd.DataFrame, training: pd.Index, components: int) -> EmbeddingReducer:
    """Fit the components on the training lesions; say so when they allow fewer than asked for.

    Parameters
    ----------
    embeddings : DataFrame, shape (lesions, width)
        Index lesion_id.
    training : Index
        Lesions the components are fitted on; those without an embedding are passed over.
    components : int
        The most that are kept.

    Raises
    ------
    ValueError
        If fewer than 2 training lesions have an embedding.
    """
    own = embeddings[embeddings.index.isin(training)]
    if len(own) < 2:
        raise ValueError(
            f"deep features: principal components need at least 2 training lesions; {len(own)} "
            "have an embedding. Check the split and the findings table."
        )
    reducer = EmbeddingReducer(components).fit(own)
    if reducer.n_components_ < components:
        logger.warning(
            "Deep features: %d training lesions with %d columns allow %d principal components, "
            "not the %d of deep_features.components.",
            *own.shape,
            reducer.n_components_,
            components,
        )
    return reducer


def reduce_embeddings(
    embeddings: pd.DataFrame, training: pd.Index, components: int
) -> pd.DataFrame:
    """Project embeddings onto the leading principal components of the training lesions.

    Parameters
    ----------
    embeddings, training, components
        As for :func:`fit_reducer`.

    Returns
    -------
    DataFrame of float64, shape (lesions, components or fewer)
        Columns dtl_000, dtl_001, ... by decreasing variance.
    """
    return fit_reducer(embeddings, training, components).transform(embeddings)
