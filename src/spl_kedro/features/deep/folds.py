"""Which network may embed which lesion."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedShuffleSplit


def check_trainable(labels: pd.Series, patients: pd.Series, folds: int) -> None:
    """Refuse a training cohort that cannot be cross-fitted.

    Parameters
    ----------
    labels : Series of int
        0 benign, 1 malignant, per training lesion.
    patients : Series of str
        Patient of each lesion.
    folds : int
        Number of folds asked for.

    Raises
    ------
    ValueError
        With the rule: both classes present, and at least `folds` patients of each.
    """
    if len(labels) == 0:
        raise ValueError("deep features: the cohort has no training lesion with a usable crop.")
    if labels.nunique() < 2:
        only = {0: "benign", 1: "malignant"}[int(labels.iloc[0])]
        raise ValueError(
            f"deep features: all {len(labels)} training lesions are {only}; a classifier needs "
            "both classes. Check the label mapping and the split."
        )
    counts = patients.groupby(labels).nunique()
    if counts.min() < folds:
        raise ValueError(
            f"deep features: {folds} folds need at least {folds} patients of each class in "
            f"training; there are {counts[0]} with benign and {counts[1]} with malignant "
            "lesions. Lower deep_features.folds or add patients."
        )


def assign_folds(cohort: pd.DataFrame, folds: int, seed: int) -> pd.DataFrame:
    """Assign each training lesion the fold whose network does not see it.

    All lesions of a patient share a fold; classes are balanced over folds.

    Parameters
    ----------
    cohort : DataFrame
        Index lesion_id; columns patient_id, label, cohort.
    folds : int
        Number of folds, 2 or more.
    seed : int
        Seed of the shuffling.

    Returns
    -------
    DataFrame
        Index lesion_id (training lesions, in the cohort's order), column fold (0 to folds-1).

    Raises
    ------
    ValueError
        If the training cohort cannot be cross-fitted.
    """
    training = cohort[cohort["cohort"] == "training"]
    check_trainable(training["label"], training["patient_id"], folds)
    # The order of rows must not decide who shares a fold.
    ordered = training.sort_index()
    splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
    fold = pd.Series(-1, index=ordered.index, name="fold", dtype="int64")
    split = splitter.split(np.zeros(len(ordered)), ordered["label"], ordered["patient_id"])
    for number, (_, held_out) in enumerate(split):
        fold.iloc[held_out] = number
    return fold.loc[training.index].to_frame()


def inner_split(
    labels: np.ndarray, patients: np.ndarray, fraction: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hold back patients of a network's own training lesions, to stop early by.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        Label of each lesion the network trains on.
    patients : ndarray of str, shape (n,)
        Patient of each of them.
    fraction : float
        Share of patients held back; 0 holds back none.
    seed : int
        Seed of the draw.

    Returns
    -------
    fit, inner : ndarray of int
        Positions trained on and positions held back, disjoint in patients.

    Raises
    ------
    ValueError
        If the share leaves no patient of a class on one side.
    """
    everyone = np.arange(len(labels))
    if fraction == 0:
        return everyone, everyone[:0]
    # A patient with both kinds of lesions counts as malignant.
    status = pd.Series(labels).groupby(np.asarray(patients)).max()
    splitter = StratifiedShuffleSplit(1, test_size=fraction, random_state=seed)
    try:
        _, held = next(splitter.split(np.zeros(len(status)), status))
    except ValueError as error:
        raise ValueError(
            f"deep_features.inner_fraction: {fraction} of {len(status)} patients cannot hold "
            f"both classes on both sides ({error}). Raise it, or set it to 0."
        ) from error
    inside = np.isin(patients, status.index[held])
    return everyone[~inside], everyone[inside]
