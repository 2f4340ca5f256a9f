"""Fits, tests and scores that several models of one fold have in common, done once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

Memory = ContextVar[dict[Any, Any] | None]

_fits: Memory = ContextVar("fits", default=None)
_columns: Memory = ContextVar("columns", default=None)
_scores: Memory = ContextVar("scores", default=None)
_results: Memory = ContextVar("results", default=None)


@contextmanager
def sharing() -> Iterator[None]:
    """Let the functions of this module remember until the end of the block."""
    tokens = [(memory, memory.set({})) for memory in (_fits, _columns, _scores, _results)]
    try:
        yield
    finally:
        for memory, token in tokens:
            memory.reset(token)


def fitted_once(template: Any, X: pd.DataFrame) -> Any:
    """Return an estimator fitted on a table; within :func:`sharing` equal fits are one object.

    Parameters
    ----------
    template : estimator
        Unfitted, and without a target; its parameters are numbers and texts.
    X : DataFrame of float, shape (n_lesions, n_columns)

    Returns
    -------
    estimator
        A fitted clone, which nobody may change.
    """
    known = _fits.get()
    if known is None:
        return clone(template).fit(X)
    key = _checksum(template, X)
    if key not in known:
        known[key] = clone(template).fit(X)
    return known[key]


def by_column(
    work: Callable[[NDArray[np.float64]], NDArray[np.floating[Any]]],
    X: NDArray[np.float64],
    *circumstances: Any,
) -> NDArray[np.floating[Any]]:
    """Return what some work makes of each column; within :func:`sharing` each is done once.

    Parameters
    ----------
    work : function of ndarray (n, p), giving ndarray (p,) or (p, k)
        What it makes of a column does not depend on the others.
    X : ndarray of float, shape (n, p)
    *circumstances
        All else the work depends on, its own name among them: arrays, or values with a ``repr``
        that says everything.

    Returns
    -------
    ndarray of float, shape (p,) or (p, k)
    """
    known = _columns.get()
    if known is None or not X.shape[1]:
        return work(X)
    kind = _told(circumstances)
    keys = [(kind, hashlib.blake2b(column, digest_size=16).digest())
            for column in np.ascontiguousarray(X.T)]  # fmt: skip
    new = {key: j for j, key in enumerate(keys) if key not in known}
    if new:
        found = work(X[:, list(new.values())])
        known.update(zip(new, found, strict=True))
    return np.array([known[key] for key in keys])


def done_once(work: Callable[[], Any], *circumstances: Any) -> Any:
    """Return what some work makes; within :func:`sharing` the same work is done once.

    Parameters
    ----------
    work : function without arguments
        What it returns nobody may change.
    *circumstances
        All that the work depends on, its own name among them: arrays, or values with a ``repr``
        that says everything.
    """
    known = _results.get()
    if known is None:
        return work()
    key = _told(circumstances)
    if key not in known:
        known[key] = work()
    return known[key]


def scored_once(model: Any, X: Any) -> NDArray[np.float64]:
    """Return a fitted model's probability of malignancy, shape (n_lesions,).

    Within :func:`sharing` the same model scores the same table once, for itself and for the fusions
    that use it; both must stay as they are until the end of the block.
    """
    known = _scores.get()
    if known is None:
        return model.predict_proba(X)[:, 1]
    key = id(model), id(X)
    if key not in known:
        # Kept with what they belong to, so that no other object takes their place in memory.
        known[key] = model, X, model.predict_proba(X)[:, 1]
    return known[key][2]


def _told(circumstances: tuple[Any, ...]) -> bytes:
    told = hashlib.blake2b(digest_size=16)
    for part in circumstances:
        told.update(part.tobytes() if isinstance(part, np.ndarray) else repr(part).encode())
    return told.digest()


def _checksum(template: Any, X: pd.DataFrame) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{type(template).__qualname__} {template.get_params()} {X.shape}".encode())
    digest.update("|".join(map(str, X.columns)).encode())
    # Column by column, as a table's values lie: the other way they would be copied.
    digest.update(np.ascontiguousarray(X.to_numpy(dtype=np.float64).T).data)
    return digest.hexdigest()
