"""Fits the study's models under the rules of a protocol and scores every lesion."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.cross_fitting import (
    CrossFit,
    FitModels,
    cross_fit,
    families,
)
from spl_kedro.modeling.signatures.declaration import ProtocolRules
from spl_kedro.modeling.signatures.fitted_study import FittedStudy, column_ranges, program_versions
from spl_kedro.modeling.signatures.folds import Splits, repeated_splits
from spl_kedro.modeling.signatures.nested import mean_score, told_apart
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import in_parallel

logger = logging.getLogger(__name__)


def run_protocol(
    table: StudyTable,
    settings: SignatureSettings,
    rules: ProtocolRules | str = "leak_free",
    only: Collection[str] | None = None,
    repeats: list[Splits] | None = None,
) -> FittedStudy:
    """Fit the study's models under a protocol and score every lesion.

    Leak-free, training lesions are scored by repeated, stratified, patient-grouped
    cross-fitting of the whole chain (selection, calibration and the fusion's inner scores
    included), one row per repeat; the other cohorts once, by the models fitted on all training
    lesions.

    The in-sample recipe as published reproduces three faults, on purpose, to measure what its
    shortcuts are worth: the univariate tests and the correlation filter see the validation
    cohort and its labels; degenerate features take part; and training scores, those the fusion
    learns from included, come from models that have seen the lesion. Its deep features are
    in-sample too. Not reproduced: picking the best seed, refitting on the test cohort, a new
    threshold per cohort.

    Parameters
    ----------
    table : StudyTable
        With deep features as the rules want them.
    settings : SignatureSettings
    rules : ProtocolRules or str
        The rules, or the name of those in the settings.
    only : collection of str, optional
        Models to run; by default all that the rules name.
    repeats : list of Splits, optional
        Folds of the cross-fitting; by default :func:`training_splits`.

    Returns
    -------
    FittedStudy
    """
    rules = settings.protocols[rules] if isinstance(rules, str) else rules
    return run_models(*study_models(table, settings, rules, only), table, settings, rules, repeats)


def run_models(
    models: Mapping[str, Signature],
    logs: Mapping[str, pd.DataFrame],
    table: StudyTable,
    settings: SignatureSettings,
    rules: ProtocolRules,
    repeats: list[Splits] | None = None,
) -> FittedStudy:
    """Fit given models as :func:`run_protocol` fits the study's, and score every lesion.

    Parameters
    ----------
    models : mapping of str to Signature
        Unfitted.
    logs : mapping of str to DataFrame
        What filters outside the models dropped.
    table : StudyTable
    settings : SignatureSettings
    rules : ProtocolRules
    repeats : list of Splits, optional
        Folds of the training lesions, where they are given.

    Returns
    -------
    FittedStudy
    """
    fits = cross_fit_training(models, table, settings, repeats) if rules.cross_fitted else {}
    fitted = _fit_all(models, table, settings, f"{rules.name.replace('_', ' ')} models")
    training = table.rows("training")
    scored_at_once = (
        table.rows("validation", "external") if rules.cross_fitted else np.arange(len(table.X))
    )
    _report_components(fitted, fits, table)
    lesions = table.X.index[scored_at_once]
    scored = table.unseen(lesions) if rules.cross_fitted else [table.X.loc[lesions]]
    parts = []
    for name, model in fitted.items():
        if name in fits:
            for repeat, scores in enumerate(fits[name].by_repeat()):
                parts.append(prediction_rows(table, training, name, rules.name, *scores, repeat))
        _learn_sites(model, table, settings)
        if len(scored_at_once):
            score = mean_score(model, scored)
            parts.append(prediction_rows(table, scored_at_once, name, rules.name, score))
    return FittedStudy(
        rules=rules,
        declared=settings.models,
        sources=table.sources,
        models=fitted,
        predictions=pd.concat(parts, ignore_index=True),
        cross_fits=fits,
        filter_logs=logs,
        ranges=column_ranges(table.X.iloc[training]),
        versions=program_versions(),
    )


def score_unsealed(
    fitted: FittedStudy, table: StudyTable, settings: SignatureSettings
) -> FittedStudy:
    """Score the lesions outside the training cohort with models that were fitted without them.

    Nothing is refitted: the scores are those that :func:`run_protocol` would have given, had the
    lesions been there.

    Parameters
    ----------
    fitted : FittedStudy
        Of a cross-fitted protocol.
    table : StudyTable
        With the lesions to score, and the training lesions as they were.
    settings : SignatureSettings
        Those it was fitted with.

    Returns
    -------
    FittedStudy
        With the scores of all lesions.

    Raises
    ------
    UnusableStudyError
        If the table's training lesions are not those the models learnt from.
    """
    known = fitted.predictions[fitted.predictions["cohort"] == "training"]
    if set(known["lesion_id"]) != set(table.lesions("training")):
        raise UnusableStudyError(
            "models fitted on the training lesions",
            f"the stored models learnt from {known['lesion_id'].nunique()} lesions, and the cohort "
            f"has {len(table.lesions('training'))} training lesions, which are not the same.",
            "Run the study again, then unseal it.",
        )
    rows = table.rows("validation", "external")
    scored = table.unseen(table.X.index[rows])
    parts = []
    for name, model in fitted.models.items():
        parts.append(known[known["model"] == name])
        _learn_sites(model, table, settings)
        if len(rows):
            score = mean_score(model, scored)
            parts.append(prediction_rows(table, rows, name, fitted.protocol, score))
    return replace(fitted, predictions=pd.concat(parts, ignore_index=True))


def not_fitted(table: StudyTable, settings: SignatureSettings, rules: ProtocolRules) -> FittedStudy:
    """Return a protocol without models, where it needs lesions that are sealed."""
    nobody = table.rows()
    empty = prediction_rows(table, nobody, "", rules.name, np.empty(0))
    return FittedStudy(rules, settings.models, table.sources, models={}, predictions=empty)


def _learn_sites(model: Signature, table: StudyTable, settings: SignatureSettings) -> None:
    """Let a model learn new sites from their unlabelled lesions, where the settings say so."""
    others = table.lesions("validation", "external")
    if settings.harmonisation.unseen_sites == "own_moments" and len(others):
        model.learn_sites(pd.concat(told_apart(model, table.unseen(others))))


def _report_components(
    fitted: Mapping[str, Signature], fits: Mapping[str, CrossFit], table: StudyTable
) -> None:
    """Say where a fit had too few lesions, or columns, for a source's components."""
    models = [*fitted.values(), *(model for fit in fits.values() for model in fit.models)]
    found: dict[str, list[int]] = {}
    for model in models:
        reduction = getattr(model, "reduction_", None)
        for source, reducer in ({} if reduction is None else reduction.reducers_).items():
            found.setdefault(source, []).append(reducer.n_components_)
    for source, counts in found.items():
        wanted = table.sources[source].components or 0
        if min(counts) < wanted:
            kept = sorted({min(counts), max(counts)})
            logger.warning(
                "%s: %s of %d principal components, all that the lesions of a fit allow",
                source,
                " to ".join(map(str, kept)),
                wanted,
            )


def prediction_rows(
    table: StudyTable,
    rows: NDArray[np.int64],
    model: str,
    protocol: str,
    score: NDArray[np.float64],
    fold: NDArray[np.int64] | int = -1,
    repeat: int = 0,
) -> pd.DataFrame:
    """Return the scores of some lesions in the form of the predictions table."""
    return pd.DataFrame(
        {
            "lesion_id": table.X.index[rows],
            "patient_id": table.patient_id.iloc[rows].to_numpy(),
            "label": table.label.iloc[rows].to_numpy(),
            "model": model,
            "protocol": protocol,
            "cohort": table.cohort.iloc[rows].to_numpy(),
            "repeat": repeat,
            "fold": np.broadcast_to(np.asarray(fold, dtype=np.int64), len(rows)),
            "score": np.clip(score, 0.0, 1.0),
        }
    )


def _fit_all(
    models: Mapping[str, Signature], table: StudyTable, settings: SignatureSettings, title: str
) -> dict[str, Signature]:
    training = table.rows("training")
    X = table.X.iloc[training]
    label = table.label.to_numpy()[training]
    groups = table.patient_id.to_numpy()[training]
    grouped = families(models)
    # Made one by one: each has its columns of the table.
    tasks = (FitModels(family, X, label, groups) for family in grouped)
    fitted: dict[str, Signature] = {}
    for family in in_parallel(tasks, settings.n_jobs, title, total=len(grouped)):
        fitted |= family
    return {name: fitted[name] for name in models}


def cross_fit_training(
    models: Mapping[str, Signature],
    table: StudyTable,
    settings: SignatureSettings,
    repeats: list[Splits] | None = None,
) -> dict[str, CrossFit]:
    """Cross-fit the models on the training cohort, by default in :func:`training_splits`."""
    training = table.rows("training")
    label = table.label.to_numpy()[training]
    groups = table.patient_id.to_numpy()[training]
    if repeats is None:
        repeats = training_splits(table, settings)
    return cross_fit(
        models,
        table.X.iloc[training],  # without a name, so that it goes once the columns are chosen
        label,
        groups,
        repeats,
        settings.n_jobs,
        nested=table.nested,
    )


def training_splits(table: StudyTable, settings: SignatureSettings) -> list[Splits]:
    """Return each repeat's folds, as row positions among the training lesions.

    Parameters
    ----------
    table : StudyTable
    settings : SignatureSettings

    Raises
    ------
    UnusableStudyError
        If a class has fewer than two patients, or networks were nested in other folds.
    """
    training = table.rows("training")
    label = table.label.to_numpy()[training]
    groups = table.patient_id.to_numpy()[training]
    protocol, nested = settings.protocol, table.nested
    if nested is not None:
        return nested.splits(table.X.index[training], label, groups, protocol)
    return repeated_splits(
        label,
        groups,
        n_splits=protocol.n_splits,
        n_repeats=protocol.n_repeats,
        seed=settings.seed,
    )
