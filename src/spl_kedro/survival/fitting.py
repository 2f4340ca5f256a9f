"""Cox models on the signatures' features, cross-fitted in the folds of the study."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.nesting import ALL, context_name
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.nested import told_apart
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import in_parallel
from spl_kedro.survival.cox import PenalisedCox
from spl_kedro.survival.design import by_patient, signature_features
from spl_kedro.survival.follow_up import require_events
from spl_kedro.survival.settings import SurvivalSettings

logger = logging.getLogger(__name__)

#: The folds of the first repeat, whose signatures the study keeps.
REPEAT = 0


@dataclass(frozen=True)
class CoxModel:
    """A signature and the Cox model on its features.

    Attributes
    ----------
    signature : Signature
        As the study fitted it: by the label, not by the follow-up.
    cox : PenalisedCox
    """

    signature: Signature
    cox: PenalisedCox

    def features(self, tables: Sequence[pd.DataFrame], patients: pd.Series) -> list[pd.DataFrame]:
        """Return the patients' features as each network sees them.

        Parameters
        ----------
        tables : sequence of DataFrame, shape (n_lesions, n_columns)
            From :meth:`StudyTable.unseen`.
        patients : Series of str
            Patient of each lesion.
        """
        apart = told_apart(self.signature, tables)
        return [by_patient(signature_features(self.signature, X), patients) for X in apart]

    def scores(
        self, tables: Sequence[pd.DataFrame], patients: pd.Series, times: Sequence[float]
    ) -> pd.DataFrame:
        """Return each patient's log hazard, and the probability of the event by some times.

        Parameters
        ----------
        tables, patients
            As for :meth:`features`.
        times : sequence of float

        Returns
        -------
        DataFrame of float
            Index patient_id; risk, and ``by_<time>`` for each time. Means over networks.
        """
        parts = []
        for X in self.features(tables, patients):
            found = pd.DataFrame({"risk": self.cox.risk(X)}, X.index)
            for time, values in zip(times, self.cox.probability(X, np.array(times)).T, strict=True):
                found[f"by_{time:g}"] = values
            parts.append(found)
        return sum(parts[1:], start=parts[0]) / len(parts)


@dataclass(frozen=True)
class _Fit:
    """One fit of a model, and the lesions it scores."""

    signature: Signature
    learnt: pd.DataFrame
    scored: Sequence[pd.DataFrame]
    patients: pd.Series
    follow_up: pd.DataFrame
    times: tuple[float, ...]
    settings: SurvivalSettings
    seed: int

    def __call__(self) -> tuple[CoxModel, pd.DataFrame]:
        """Return the model and its scores."""
        X = by_patient(signature_features(self.signature, self.learnt), self.patients)
        watched = self.follow_up.loc[X.index]
        cox = PenalisedCox(self.settings.penalties, self.settings.penalty_folds, self.seed)
        cox.fit(X, watched["time"].to_numpy(), watched["event"].to_numpy(dtype=bool))
        model = CoxModel(self.signature, cox)
        if not len(self.scored[0]):
            return model, pd.DataFrame()
        return model, model.scores(self.scored, self.patients, self.times)


def fit_survival(
    table: StudyTable,
    fitted: FittedStudy,
    follow_up: pd.DataFrame,
    settings: SurvivalSettings,
    *,
    seed: int,
    n_jobs: int,
) -> tuple[dict[str, CoxModel], pd.DataFrame]:
    """Fit a Cox model on the features of each signature, and score every patient.

    In every fold of the study's first repeat the features are those that the signature of that fold
    kept, which was fitted without the fold's lesions; the Cox model, its penalty included, is
    fitted on the same lesions. Several lesions of a patient count by the mean of their features.

    Parameters
    ----------
    table : StudyTable
        The table `fitted` was fitted on.
    fitted : FittedStudy
        Of the leak-free protocol.
    follow_up : DataFrame
        From :func:`spl_kedro.survival.lesion_follow_up`; lesions that are not in it have no part.
    settings : SurvivalSettings
    seed : int
        Of the folds in which a penalty is chosen.
    n_jobs : int
        Processes; results do not depend on it.

    Returns
    -------
    models : dict of str to CoxModel
        Fitted on all training patients with follow-up.
    predictions : DataFrame
        As :class:`spl_kedro.schemas.SurvivalPredictions`.

    Raises
    ------
    UnusableStudyError
        If training has too few events, or a model is not among the fitted ones.
    """
    known = table.X.index[table.X.index.isin(follow_up.index)]
    learnt = table.lesions("training").intersection(known, sort=False)
    require_events(follow_up.loc[learnt], table.patient_id, settings)
    names = _available(fitted, settings)
    watched = by_patient(follow_up.loc[known].astype(float), table.patient_id)
    times = tuple(sorted({*settings.times, settings.calibration_time}))
    fold = fitted.folds(table)
    jobs: list[tuple[str, int, _Fit]] = []

    def job(name: str, number: int, signature: Signature, own: pd.Index, context: str) -> None:
        others = known.difference(learnt, sort=False) if number < 0 else None
        left_out = learnt[fold.loc[learnt] == number] if others is None else others
        if len(left_out) or number < 0:
            tables = table.unseen(left_out, context)
            fit = _Fit(
                *(signature, table.learnt(own, context), tables, table.patient_id, watched),
                *(times, settings, seed),
            )
            jobs.append((name, number, fit))

    for name in names:
        for number in sorted(fold.unique()):
            own = learnt[fold.loc[learnt] != number]
            context = context_name(REPEAT, int(number))
            job(name, int(number), fitted.cross_fits[name].models[int(number)], own, context)
        job(name, -1, fitted.models[name], learnt, ALL)
    found = in_parallel([fit for *_, fit in jobs], n_jobs, "Cox models")
    models, parts = {}, []
    for (name, number, _), (model, scores) in zip(jobs, found, strict=True):
        if number < 0:
            models[name] = model
        if len(scores):
            parts.append(_rows(scores, name, number, table, watched))
    return models, pd.concat(parts, ignore_index=True)


def _rows(
    scores: pd.DataFrame, name: str, fold: int, table: StudyTable, watched: pd.DataFrame
) -> pd.DataFrame:
    """Return a row for each patient and model."""
    cohorts = table.cohort.groupby(table.patient_id).first()
    own = watched.loc[scores.index]
    found: dict[str, Any] = {
        "patient_id": scores.index,
        "model": name,
        "cohort": cohorts.loc[scores.index].to_numpy(),
        "fold": fold,
        "time": own["time"].to_numpy(),
        "event": own["event"].to_numpy() > 0,
    }
    return pd.DataFrame(found | {key: scores[key].to_numpy() for key in scores})


def _available(fitted: FittedStudy, settings: SurvivalSettings) -> list[str]:
    for name in settings.models:
        if name not in fitted.declared:
            raise UnusableStudyError(
                "models that are declared",
                f"survival.models names '{name}'; modeling.models declares "
                f"{', '.join(fitted.declared)}.",
                "Correct the name.",
            )
    return [name for name in settings.models if name in fitted.models]
