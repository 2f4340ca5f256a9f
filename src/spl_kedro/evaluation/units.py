"""From the predictions table to what is evaluated: lesions, or patients when pooled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.evaluation.checks import Array, EvaluationError
from spl_kedro.schemas import COHORTS, MODELS, PROTOCOLS

_ORDER = {"protocol": PROTOCOLS, "cohort": COHORTS, "model": MODELS}


class Cell(NamedTuple):
    """One model's scores in one cohort under one protocol, in a fixed order."""

    protocol: str
    model: str
    cohort: str
    lesion: np.ndarray
    patient: np.ndarray
    label: Array
    score: Array

    @property
    def n(self) -> int:
        """Number of lesions (of patients, when pooled)."""
        return int(self.label.size)

    @property
    def events(self) -> int:
        """Number of malignant ones among them."""
        return int(self.label.sum())

    @property
    def clustered(self) -> bool:
        """Whether some patient has several lesions here."""
        return np.unique(self.patient).size < self.n

    @property
    def names(self) -> tuple[str, str, str]:
        """Protocol, model and cohort."""
        return self.protocol, self.model, self.cohort


def scored_units(
    predictions: pd.DataFrame, pooling: Literal["none", "mean", "max"] = "none"
) -> pd.DataFrame:
    """Return what is evaluated, one row per (protocol, model, cohort, lesion or patient).

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    pooling : {"none", "mean", "max"}
        A patient's score is the mean or the largest of their lesions' scores; a patient with
        any malignant lesion is malignant, and `lesion_id` becomes the patient's.

    Returns
    -------
    DataFrame
        The columns of `predictions`, sorted, so that the order of its rows changes nothing.

    Raises
    ------
    EvaluationError
        If a score is NaN or infinite, a lesion occurs twice or has two labels.
    """
    bad = predictions[~np.isfinite(predictions["score"].to_numpy(dtype=float))]
    if len(bad):
        first = bad.iloc[0]
        raise EvaluationError(
            f"rule finite_score: {len(bad)} scores are NaN or infinite, first lesion "
            f"{first['lesion_id']} of model {first['model']}; leave the lesion out of the "
            "predictions or find out why the model gave none"
        )
    keys = ["protocol", "model", "cohort"]
    twice = predictions.duplicated([*keys, "lesion_id"])
    if twice.any():
        raise EvaluationError(
            f"rule one_score: lesion {predictions.loc[twice, 'lesion_id'].iloc[0]} has several "
            "scores of one model, protocol and cohort; average repeated cross-fitted scores first"
        )
    labels = predictions.groupby("lesion_id", sort=True)["label"].nunique()
    if (labels > 1).any():
        raise EvaluationError(
            f"rule one_label: lesion {labels.index[labels > 1][0]} is benign in one row and "
            "malignant in another; all models must be scored against the same labels"
        )
    table = predictions.sort_values([*keys, "lesion_id"], kind="stable", ignore_index=True)
    if pooling == "none":
        return table
    pooled = table.groupby([*keys, "patient_id"], sort=True, as_index=False).agg(
        label=("label", "max"), fold=("fold", "first"), score=("score", pooling)
    )
    pooled["lesion_id"] = pooled["patient_id"]
    return pooled[list(predictions.columns)]


def cells(units: pd.DataFrame) -> Iterator[Cell]:
    """Yield each (protocol, cohort, model) that occurs, in the order the schema names them.

    Parameters
    ----------
    units : DataFrame
        From `scored_units`.

    Yields
    ------
    Cell
    """
    groups = dict(list(units.groupby(["protocol", "model", "cohort"], sort=False)))
    for protocol in _ORDER["protocol"]:
        for cohort in _ORDER["cohort"]:
            for model in _ORDER["model"]:
                rows = groups.get((protocol, model, cohort))
                if rows is not None:
                    yield Cell(
                        protocol,
                        model,
                        cohort,
                        rows["lesion_id"].to_numpy(),
                        rows["patient_id"].to_numpy(),
                        rows["label"].to_numpy(dtype=float),
                        rows["score"].to_numpy(dtype=float),
                    )
