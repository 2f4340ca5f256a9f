"""Fits that several models of one fold have in common, done once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import clone

_fits: ContextVar[dict[str, Any] | None] = ContextVar("fits", default=None)


@contextmanager
def sharing() -> Iterator[None]:
    """Let :func:`fitted_once` remember its fits until the end of the block."""
    before = _fits.set({})
    try:
        yield
    finally:
        _fits.reset(before)


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


def _checksum(template: Any, X: pd.DataFrame) -> str:
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"{type(template).__qualname__} {template.get_params()} {X.shape}".encode())
    digest.update("|".join(map(str, X.columns)).encode())
    digest.update(np.ascontiguousarray(X.to_numpy(dtype=np.float64)).tobytes())
    return digest.hexdigest()
