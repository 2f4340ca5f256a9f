"""From the predictions table to what is evaluated: lesions, or patients when pooled.

A cross-fitted training lesion has one score per repeat of the cross-fitting, each of another model.
Whatever is measured is measured in each repeat and then averaged, never on the mean score: the mean
score is that of an ensemble of as many models as there are repeats, which nobody deploys and which
ranks better than any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation.checks import Array, EvaluationError
from spl_kedro.modeling.evaluation.settings import EvaluationSettings, Pooling
from spl_kedro.schemas import ALL_MODELS, COHORTS, PROTOCOLS

_CELL = ["protocol", "model", "cohort"]
#: Cohorts that a stratified split makes of one.
_DIVIDED = ("training", "validation")


class Cell(NamedTuple):
    """One model's scores in one cohort under one protocol, in a fixed order.

    Attributes
    ----------
    protocol, model, cohort : str
    lesion, patient, label : (n,) arrays
    scores : (repeats, n) array
        One repeat unless the scores are cross-fitted.
    folds : (repeats, n) array of int
        Fold each score comes from, -1 for the model fitted on the whole training cohort.
    recruited : int or None
        Patients of the cohort that was divided, where this is a part of it; see
        `spl_kedro.modeling.evaluation.bootstrap.resampling_weights`.
    """

    protocol: str
    model: str
    cohort: str
    lesion: np.ndarray
    patient: np.ndarray
    label: Array
    scores: Array
    folds: np.ndarray
    recruited: int | None = None

    @property
    def n(self) -> int:
        """Number of lesions (of patients, when pooled)."""
        return int(self.label.size)

    @property
    def events(self) -> int:
        """Number of malignant ones among them."""
        return int(self.label.sum())

    @property
    def repeats(self) -> int:
        """Number of scores of each lesion."""
        return len(self.scores)

    @property
    def clustered(self) -> bool:
        """Whether some patient has several lesions here."""
        return np.unique(self.patient).size < self.n

    @property
    def names(self) -> tuple[str, str, str]:
        """Protocol, model and cohort."""
        return self.protocol, self.model, self.cohort

    def averaged(self, statistic: Callable[[Array], Array]) -> Array:
        """Return a statistic of (n,) scores, computed in each repeat and averaged.

        Its expectation is that of one model drawn from those the repeats fitted. With the same
        resampling weights in every repeat this is also the value of each resample, a patient's
        repeats being drawn together. NaN where a repeat has no value.
        """
        return np.mean([statistic(score) for score in self.scores], axis=0)

    def of(self, inside: np.ndarray) -> Cell:
        """Return the cell of some of its lesions ((n,) of bool)."""
        return self._replace(
            lesion=self.lesion[inside],
            patient=self.patient[inside],
            label=self.label[inside],
            scores=self.scores[:, inside],
            folds=self.folds[:, inside],
        )


def scored_units(predictions: pd.DataFrame, pooling: Pooling = "none") -> pd.DataFrame:
    """Return what is evaluated: a row per protocol, model, cohort, repeat and lesion or patient.

    Parameters
    ----------
    predictions : DataFrame
        As `spl_kedro.schemas.Predictions`.
    pooling : {"none", "mean", "max"}
        A patient's score is the mean or the largest of their images' scores in a repeat; a
        patient with any malignant lesion is malignant, and `lesion_id` becomes the patient's.

    Returns
    -------
    DataFrame
        The columns of `predictions`, sorted, so that the order of its rows changes nothing.

    Raises
    ------
    EvaluationError
        If a score is NaN or infinite, a lesion occurs twice in a repeat, lacks a score in one
        or has two labels.
    """
    bad = predictions[~np.isfinite(predictions["score"].to_numpy(dtype=float))]
    if len(bad):
        first = bad.iloc[0]
        raise EvaluationError(
            f"rule finite_score: {len(bad)} scores are NaN or infinite, first lesion "
            f"{first['lesion_id']} of model {first['model']}; leave the lesion out of the "
            "predictions or find out why the model gave none"
        )
    keys = [*_CELL, "repeat"]
    twice = predictions.duplicated([*keys, "lesion_id"])
    if twice.any():
        raise EvaluationError(
            f"rule one_score: lesion {predictions.loc[twice, 'lesion_id'].iloc[0]} has several "
            "scores of one model, protocol, cohort and repeat; number the repeats of the "
            "cross-fitting in the column repeat"
        )
    _refuse_missing_repeats(predictions)
    labels = predictions.groupby("lesion_id", sort=True)["label"].nunique()
    if (labels > 1).any():
        raise EvaluationError(
            f"rule one_label: lesion {labels.index[labels > 1][0]} is benign in one row and "
            "malignant in another; all models must be scored against the same labels"
        )
    table = predictions.sort_values([*keys, "lesion_id"], kind="stable", ignore_index=True)
    if pooling == "none":
        return table
    # A patient's lesions are always in one fold.
    pooled = table.groupby([*keys, "patient_id"], sort=True, as_index=False).agg(
        label=("label", "max"), fold=("fold", "first"), score=("score", pooling)
    )
    pooled["lesion_id"] = pooled["patient_id"]
    return pooled[list(predictions.columns)]


def pooled_arrays(
    label: np.ndarray, scores: Array, folds: np.ndarray, patient: np.ndarray, pooling: Pooling
) -> tuple[np.ndarray, Array, np.ndarray, np.ndarray]:
    """Pool scores as `scored_units` does, where they are arrays.

    Parameters
    ----------
    label : (n,) of 0 and 1
    scores : (repeats, n) array
    folds : (repeats, n) array of int
        A patient's are one in each repeat.
    patient : (n,) array
    pooling : {"none", "mean", "max"}

    Returns
    -------
    (label, scores, folds, patient)
        Of patients in ascending order; as given where nothing is pooled.
    """
    if pooling == "none":
        return label, scores, folds, patient
    who, first, position = np.unique(patient, return_index=True, return_inverse=True)
    by_patient = pd.DataFrame(scores.T).groupby(position).agg(pooling).to_numpy().T
    malignant = pd.Series(label).groupby(position).max().to_numpy()
    return malignant, by_patient, folds[:, first], who


def patients_of(cohort: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of patients, as `scored_units` counts them.

    Parameters
    ----------
    cohort : DataFrame
        As `spl_kedro.schemas.Cohort`.

    Returns
    -------
    DataFrame
        Indexed by patient_id: what the table has of the patient's first image by its identifier,
        the label of any that is malignant.
    """
    first = cohort.sort_index().drop_duplicates("patient_id")
    malignant = cohort.groupby("patient_id")["label"].max()
    first = first.assign(label=first["patient_id"].map(malignant))
    return first.set_index(pd.Index(first["patient_id"], name=cohort.index.name))


def pooling_of(thresholds: pd.DataFrame) -> Pooling:
    """Return how the scores that thresholds were chosen on had been pooled.

    Parameters
    ----------
    thresholds : DataFrame
        From `operating_thresholds`; without a column of that name nothing was pooled.
    """
    found = set(thresholds.get("pooling", pd.Series(dtype="str")))
    return "mean" if "mean" in found else "max" if "max" in found else "none"


def described(
    table: pd.DataFrame, settings: EvaluationSettings, *, intervals: bool = True
) -> pd.DataFrame:
    """Add what a table's numbers are about, for whoever prints or draws them.

    Parameters
    ----------
    table : DataFrame
        Made with `settings`.
    settings : EvaluationSettings
    intervals : bool
        Whether the table has intervals.

    Returns
    -------
    DataFrame
        With the columns unit, what `n` counts ("lesions", or "patients" when pooled), and, of a
        table with intervals, confidence, their coverage.
    """
    table = table.assign(unit="lesions" if settings.pooling == "none" else "patients")
    return table.assign(confidence=settings.confidence) if intervals else table


def _refuse_missing_repeats(predictions: pd.DataFrame) -> None:
    counted = predictions.assign(
        expected=predictions.groupby(_CELL)["repeat"].transform("nunique"),
        given=predictions.groupby([*_CELL, "lesion_id"])["repeat"].transform("size"),
    )
    missing = counted[counted["given"] < counted["expected"]]
    if len(missing):
        row = missing.iloc[0]
        raise EvaluationError(
            f"rule every_repeat: lesion {row['lesion_id']} of the {row['cohort']} cohort has "
            f"{row['given']} of {row['expected']} scores of {row['model']} ({row['protocol']}); "
            "every lesion needs a score in every repeat"
        )


def cells(units: pd.DataFrame, *, divided: bool = False) -> Iterator[Cell]:
    """Yield each (protocol, cohort, model) that occurs, in the order the schema names them.

    Models that the schema does not name come last.

    Parameters
    ----------
    units : DataFrame
        From `scored_units`.
    divided : bool
        Whether training and validation are one cohort, divided in proportion to its classes.

    Yields
    ------
    Cell
    """
    groups = dict(list(units.groupby(_CELL, sort=False)))
    recruited: int | None = None
    if divided:
        recruited = units.loc[units["cohort"].isin(_DIVIDED), "patient_id"].nunique()
    others = sorted(set(units["model"]) - set(ALL_MODELS))
    for protocol in PROTOCOLS:
        for cohort in COHORTS:
            for model in (*ALL_MODELS, *others):
                rows = groups.get((protocol, model, cohort))
                if rows is not None:
                    cell = _cell(protocol, model, cohort, rows)
                    yield cell._replace(recruited=recruited) if cohort in _DIVIDED else cell


def _cell(protocol: str, model: str, cohort: str, rows: pd.DataFrame) -> Cell:
    """Return the cell of rows that are sorted by repeat, then by lesion."""
    shape = rows["repeat"].nunique(), -1
    first = rows[rows["repeat"] == rows["repeat"].iloc[0]]
    return Cell(
        protocol,
        model,
        cohort,
        first["lesion_id"].to_numpy(),
        first["patient_id"].to_numpy(),
        first["label"].to_numpy(dtype=float),
        rows["score"].to_numpy(dtype=float).reshape(shape),
        rows["fold"].to_numpy().reshape(shape),
    )
