"""Estimates from inside the cohort: nested cross-validation, bootstrap optimism."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from spl_kedro.modeling.evaluation.delong import auc_interval
from spl_kedro.modeling.evaluation.resampled_t import cross_fitted_interval
from spl_kedro.modeling.evaluation.settings import Pooling
from spl_kedro.modeling.evaluation.units import pooled_arrays
from spl_kedro.modeling.signatures.cross_fitting import CrossFit, cross_fit
from spl_kedro.modeling.signatures.folds import repeated_splits
from spl_kedro.modeling.signatures.models import clinical_signature
from spl_kedro.modeling.signatures.protocol import cross_fit_training
from spl_kedro.modeling.signatures.resampling import drawn_patients
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import in_parallel

logger = logging.getLogger(__name__)


def nested_cross_validation(
    table: StudyTable,
    settings: SignatureSettings,
    training_fits: Mapping[str, CrossFit] | None = None,
    confidence: float = 0.95,
    pooling: Pooling = "none",
) -> pd.DataFrame:
    """Estimate each model's AUC by nested cross-validation of the whole chain.

    Everything that is chosen (features, penalties, calibration, the fusion's inner
    scores) is chosen again inside each outer fold. For a small cohort the training and
    validation lesions can be pooled, unless networks are nested in the folds of the training
    cohort; no lesion's deep features come from a network that trained on it in either.

    Parameters
    ----------
    table : StudyTable
        With cross-fitted deep features.
    settings : SignatureSettings
        ``protocol.nested_cohorts`` names the cohorts pooled.
    training_fits : dict of str to CrossFit, optional
        The leak-free protocol's cross-fits, which are this estimate already when only
        the training cohort is asked for.
    confidence : float, default=0.95
    pooling : {"none", "mean", "max"}
        How the scores of a patient's images become one; n and events are then of patients, and a
        column unit says so.

    Returns
    -------
    DataFrame
        model, cohorts, n, events, auc (the mean over repeats, as in `performance`), low,
        high (as in `performance`), lowest_repeat, highest_repeat (AUC of
        single repeats), confidence.
    """
    cohorts = settings.protocol.nested_cohorts
    if table.nested is not None and cohorts != ("training",):
        logger.warning(
            "modeling.protocol.nested_cohorts: the networks are nested in the folds of the "
            "training cohort, so %s are not pooled; the estimate is that of the training cohort.",
            " and ".join(cohorts),
        )
        cohorts = ("training",)
    rows = table.rows(*cohorts)
    label = table.label.to_numpy()[rows]
    groups = table.patient_id.to_numpy()[rows]
    models = study_models(table, settings, settings.protocols["leak_free"]).models
    if cohorts == ("training",):
        fits = training_fits or cross_fit_training(models, table, settings)
    else:
        repeats = repeated_splits(
            label,
            groups,
            n_splits=settings.protocol.n_splits,
            n_repeats=settings.protocol.n_repeats,
            seed=settings.seed,
        )
        X = table.X.iloc[rows]
        fits = cross_fit(models, X, label, groups, repeats, settings.n_jobs, "nested CV")
    summary = []
    for name, fit in fits.items():
        truth, scores, folds, who = pooled_arrays(label, fit.scores, fit.folds, groups, pooling)
        auc = cross_fitted_interval(truth, scores, folds, confidence, who)
        single = [auc_interval(truth, score, confidence, who).auc for score in scores]
        summary.append(
            {
                "model": name,
                "cohorts": " + ".join(cohorts),
                "n": len(truth),
                "events": int(truth.sum()),
                "auc": auc.auc,
                "low": auc.low,
                "high": auc.high,
                "lowest_repeat": min(single),
                "highest_repeat": max(single),
                "confidence": confidence,
            }
        )
    return _counted(pd.DataFrame(summary), pooling)


class BootstrapOptimism:
    """One resample: how much better the model does on what it was fitted on."""

    def __init__(
        self,
        model: Any,
        X: pd.DataFrame,
        label: NDArray[Any],
        groups: NDArray[Any],
        rows: NDArray[Any],
        pooling: Pooling,
    ):
        self.model, self.X, self.label, self.groups = model, X, label, groups
        self.rows, self.pooling = rows, pooling

    def __call__(self) -> float:
        """Return AUC on the resample minus AUC on the original lesions."""
        fitted = clone(self.model).fit(self.X.iloc[self.rows], self.label[self.rows])
        # What is measured: lesions, or patients, and how often the resample holds each.
        drawn = np.bincount(self.rows, minlength=len(self.label))
        truth, (score, drawn), _, _ = pooled_arrays(
            self.label,
            np.vstack([fitted.predict_proba(self.X)[:, 1], drawn]),
            np.zeros((2, len(self.label)), dtype=int),
            self.groups,
            self.pooling,
        )
        again = self.rows
        if self.pooling != "none":
            again = np.repeat(np.arange(len(truth)), np.rint(drawn).astype(int))
        return auc_interval(truth[again], score[again]).auc - auc_interval(truth, score).auc


def clinical_optimism(
    table: StudyTable,
    settings: SignatureSettings,
    confidence: float = 0.95,
    pooling: Pooling = "none",
) -> pd.DataFrame:
    """Correct the clinical model's apparent AUC by the bootstrap.

    Patients are drawn with replacement and the model, its selection included, is fitted
    again (Harrell, Lee and Mark, Stat Med 1996;15:361). The interval is the apparent
    one, shifted by the optimism (Noma et al., Stat Med 2021;40:5691).

    Parameters
    ----------
    table : StudyTable
    settings : SignatureSettings
        ``protocol.clinical_bootstrap`` resamples; 0 gives an empty table, as does a study
        without clinical variables.
    confidence : float, default=0.95
    pooling : {"none", "mean", "max"}
        How the scores of a patient's images become one; n and events are then of patients, and a
        column unit says so.

    Returns
    -------
    DataFrame
        model, n, events, resamples, apparent, optimism, corrected, low, high, confidence.
    """
    columns = ["model", "n", "events", "resamples", "apparent", "optimism", "corrected"]
    columns += ["low", "high", "confidence"]
    wanted = settings.protocol.clinical_bootstrap
    variables = table.variables(settings.models["clinical"].clinical)
    if not wanted or not variables:
        return pd.DataFrame(columns=columns)
    training = table.rows("training")
    X = table.X.iloc[training][variables]
    label = table.label.to_numpy()[training]
    groups = table.patient_id.to_numpy()[training]
    model = clinical_signature(variables, settings)
    rng = np.random.default_rng(settings.seed)
    samples = [drawn_patients(groups, rng) for _ in range(wanted)]
    # A resample of one class cannot be fitted; it is as rare as it is uninformative.
    samples = [rows for rows in samples if len(np.unique(label[rows])) == 2]
    tasks = [BootstrapOptimism(model, X, label, groups, rows, pooling) for rows in samples]
    optimism = float(np.mean(in_parallel(tasks, settings.n_jobs, "clinical bootstrap")))
    score = clone(model).fit(X, label).predict_proba(X)[:, 1]
    once = np.zeros((1, len(label)), dtype=int)
    truth, scores, _, who = pooled_arrays(label, score[None], once, groups, pooling)
    apparent = auc_interval(truth, scores[0], confidence, who)
    numbers = [apparent.auc, optimism, apparent.auc - optimism]
    limits = [apparent.low - optimism, apparent.high - optimism]
    row = ["clinical", len(truth), int(truth.sum()), len(samples), *numbers, *limits]
    row.append(confidence)
    return _counted(pd.DataFrame([row], columns=columns), pooling)


def _counted(table: pd.DataFrame, pooling: Pooling) -> pd.DataFrame:
    """Say that a table counts patients, where it does."""
    return table if pooling == "none" else table.assign(unit="patients")
