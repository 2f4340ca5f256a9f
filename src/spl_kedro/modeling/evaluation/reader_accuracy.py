"""How well each reader does with each modality, and how that varies with the cases."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.modeling.evaluation.checks import Array
from spl_kedro.modeling.evaluation.delong import auc_covariance, component_covariance

#: Which lesions a share is of; of both classes the sum of the two shares.
PARTS = ("malignant", "benign", "both")


class CrossedScores(NamedTuple):
    """The scores of a fully crossed study.

    Attributes
    ----------
    modalities, readers : list of str
    label, patient : (n,)
    scores : (t, r, n)
    """

    modalities: list[str]
    readers: list[str]
    label: np.ndarray
    patient: np.ndarray
    scores: Array


def crossed_scores(readings: pd.DataFrame) -> CrossedScores:
    """Return the scores of readings as an array.

    Parameters
    ----------
    readings : DataFrame
        Columns reader, lesion_id, patient_id, label, modality, score; every lesion read by every
        reader with every modality, modalities in the order of their first rows.

    Returns
    -------
    CrossedScores
        Lesions and readers in the order of their names.
    """
    modalities = list(readings["modality"].unique())
    readers = sorted(readings["reader"].unique())
    wide = readings.pivot(index=["modality", "reader"], columns="lesion_id", values="score")
    wide = wide.reindex(pd.MultiIndex.from_product([modalities, readers]))
    lesions = readings.drop_duplicates("lesion_id").set_index("lesion_id").loc[wide.columns]
    scores = wide.to_numpy(dtype=float).reshape(len(modalities), len(readers), -1)
    return CrossedScores(
        modalities, readers, lesions["label"].to_numpy(), lesions["patient_id"].to_numpy(), scores
    )


def reader_areas(
    label: np.ndarray, scores: Array, patient: np.ndarray | None = None
) -> tuple[Array, Array]:
    """Return the AUC of each reader with each modality, and their covariance over cases.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : (t, r, n)
    patient : (n,), optional
        See `auc_covariance`.

    Returns
    -------
    auc : (t, r)
    covariance : (t, r, t, r)
    """
    shape = scores.shape[:2]
    auc, covariance = auc_covariance(label, scores.reshape(-1, scores.shape[-1]), patient)
    return auc.reshape(shape), covariance.reshape(*shape, *shape)


def reader_shares(
    label: np.ndarray, calls: NDArray[np.bool_], part: str, patient: np.ndarray | None = None
) -> tuple[Array, Array]:
    """Return the share each reader calls rightly with each modality, and their covariance.

    Parameters
    ----------
    label : (n,) of 0 and 1
    calls : (t, r, n) of bool
        Whether a lesion is called malignant.
    part : str
        Of `PARTS`: the sensitivity, the specificity, or their sum.
    patient : (n,), optional
        See `auc_covariance`.

    Returns
    -------
    share : (t, r)
    covariance : (t, r, t, r)
    """
    shape = calls.shape[:2]
    right = (calls == (label == 1)).reshape(-1, calls.shape[-1])
    malignant, benign = right[:, label == 1].astype(float), right[:, label == 0].astype(float)
    if part == "malignant":
        benign = np.zeros_like(benign)
    elif part == "benign":
        malignant = np.zeros_like(malignant)
    share = malignant.mean(axis=1) + benign.mean(axis=1)
    deviations = [each - each.mean(axis=1, keepdims=True) for each in (malignant, benign)]
    covariance = component_covariance(label, deviations[0], deviations[1], patient)
    return share.reshape(shape), covariance.reshape(*shape, *shape)
