"""Cross-validation splits that keep patients together and every class in every part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.shared_work import done_once

Splits = list[tuple[NDArray[np.int64], NDArray[np.int64]]]


def stratified_splits(
    y: NDArray[Any], groups: ArrayLike | None, n_splits: int, random_state: int
) -> Splits:
    """Split lesions into folds stratified by class, a patient's lesions together.

    Parameters
    ----------
    y : ndarray, shape (n_lesions,)
        Class of each lesion.
    groups : array-like, shape (n_lesions,), optional
        Patient of each lesion; None when every lesion is its own patient.
    n_splits : int
        Number of folds wanted. Fewer are made when a class has fewer patients than that,
        so that no training part ever lacks a class.
    random_state : int
        Seed of the shuffle.

    Returns
    -------
    list of (ndarray, ndarray)
        Row positions to train and to test on; empty when a class has fewer than two
        patients and cannot be cross-validated at all.
    """
    y = np.asarray(y)
    who = np.arange(len(y)) if groups is None else pd.factorize(np.asarray(groups))[0]
    patients_per_class = pd.Series(who).groupby(y).nunique()
    n_splits = min(n_splits, int(patients_per_class.min()))
    if n_splits < 2 or len(patients_per_class) < 2:
        return []
    # The models of a fit are split alike, and dealing patients out takes as long as a small fit.
    told = (y.tolist(), who, n_splits, random_state)
    return done_once(lambda: _dealt_out(y, who, n_splits, random_state), "splits", *told)


def _dealt_out(y: NDArray[Any], who: NDArray[np.int64], n_splits: int, random_state: int) -> Splits:
    options = {"n_splits": n_splits, "shuffle": True, "random_state": random_state}
    rows = np.zeros((len(y), 1))
    if len(np.unique(who)) == len(who):
        parts = StratifiedKFold(**options).split(rows, y)
    else:
        parts = StratifiedGroupKFold(**options).split(rows, y, who)
    return [(train, test) for train, test in parts if len(np.unique(y[train])) == 2 and len(test)]


def repeated_splits(
    label: NDArray[np.int64],
    groups: NDArray[Any],
    *,
    n_splits: int,
    n_repeats: int,
    seed: int,
) -> list[Splits]:
    """Return the folds of every repeat, patients together and classes balanced.

    Parameters
    ----------
    label, groups : ndarray, shape (n_lesions,)
    n_splits, n_repeats, seed : int

    Raises
    ------
    UnusableStudyError
        If a class has fewer than two patients.
    """
    repeats: list[Splits] = []
    while len(repeats) < n_repeats:
        splits = stratified_splits(label, groups, n_splits, seed + len(repeats))
        if not splits:
            patients = [len(np.unique(groups[label == which])) for which in (0, 1)]
            raise UnusableStudyError(
                "both classes in every fold",
                f"the training cohort has {patients[0]} patients with a benign and {patients[1]} "
                "with a malignant lesion; a class with fewer than two cannot be cross-validated.",
                "Add patients to the training cohort.",
            )
        repeats.append(splits)
    return repeats
