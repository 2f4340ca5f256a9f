"""The whole development anew on bootstrap samples of the patients."""

from __future__ import annotations

import io
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro import __version__
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.base import Signature
from spl_kedro.modeling.signatures.cross_fitting import FitModels
from spl_kedro.modeling.signatures.fitted_study import FittedStudy
from spl_kedro.modeling.signatures.resampling import drawn_patients
from spl_kedro.modeling.signatures.settings import SignatureSettings
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import in_parallel
from spl_kedro.reuse import note_reuse
from spl_kedro.sceptic.stability.sums import (
    RefitSums,
    Row,
    refit_names,
    weighted_sum,
    weights_table,
)
from spl_kedro.store import ContentStore, content_key

logger = logging.getLogger(__name__)

#: How far a weighted sum may be from the refit it stands for, in probability.
_SAME = 1e-6


class Refits(NamedTuple):
    """What refits say of the lesions of the study.

    Attributes
    ----------
    scores : DataFrame
        A row for each model and training lesion: model, lesion_id, original (the study's own
        model) and a column for each refit (``r0000`` ...), probabilities of malignancy.
    draws : DataFrame
        A row for each training lesion: lesion_id and how often each refit's sample holds it.
    weights : DataFrame
        See :func:`spl_kedro.sceptic.stability.sums.weights_table`; without models that are no
        weighted sum.
    """

    scores: pd.DataFrame
    draws: pd.DataFrame
    weights: pd.DataFrame


def refit_study(
    fitted: FittedStudy,
    table: StudyTable,
    settings: SignatureSettings,
    *,
    refits: int,
    seed: int,
    n_jobs: int,
    only: Collection[str] | None = None,
    store: ContentStore | None = None,
) -> Refits:
    """Fit the study's models anew on bootstrap samples, and score the original lesions with each.

    A sample draws as many patients as there are, with replacement. On it everything is done again
    that the fit does: reduction, selection, tuning, calibration, fusion. The copies of a patient
    stay together in every inner fold. Not done again: networks that were trained (a frozen one
    depends on nobody), the repeatability between readers, which depends on no label, and the
    operating threshold, which is part of what is examined.

    Source: Riley and Collins, Biometrical Journal 2023;65:2200302.

    Parameters
    ----------
    fitted : FittedStudy
        Of the leak-free protocol.
    table : StudyTable
        The table it was fitted on.
    settings : SignatureSettings
    refits : int
        Bootstrap samples.
    seed : int
    n_jobs : int
        Processes; the result does not depend on it.
    only : collection of str, optional
        Models to refit; by default all main ones.
    store : ContentStore, optional
        Where finished refits are kept until all are there.

    Returns
    -------
    Refits

    Raises
    ------
    UnusableStudyError
        If a model is asked for that the study did not fit.
    """
    names = _asked(fitted, only)
    training = table.lesions("training")
    X = table.learnt(training)
    label = table.label.loc[training].to_numpy()
    groups = table.patient_id.loc[training].to_numpy()
    models = study_models(table, settings, fitted.rules, names).models
    scored = {name: fitted.declared[name].score for name in names}
    samples = [bootstrap_sample(label, groups, seed, number) for number in range(refits)]
    store = ContentStore(None) if store is None else store
    key = _key(table, X, label, groups, settings, names)
    tasks = [
        _Refit(models, scored, X, label, groups, rows, store, content_key(key, rows))
        for rows in samples
    ]
    note_reuse("refits", sum(store.holds(task.key) for task in tasks), len(tasks))
    found = in_parallel(tasks, n_jobs, "refits", "refit", shared=[models, X, label, groups])
    weights = _weights(names, found)
    result = Refits(
        scores=_scores(fitted, X, names, found, weights),
        draws=_draws(training, samples),
        weights=weights,
    )
    for task in tasks:  # all are there
        store.discard(task.key)
    return result


def bootstrap_sample(
    label: NDArray[np.int64], groups: NDArray[Any], seed: int, number: int
) -> NDArray[np.int64]:
    """Return the rows of one bootstrap sample of patients.

    A sample without one of the classes cannot be fitted, and is drawn again.

    Parameters
    ----------
    label, groups : ndarray, shape (n_lesions,)
        Both classes.
    seed, number : int
        The sample depends on these two alone, not on how many there are.

    Returns
    -------
    ndarray of int
        Row positions, those of a patient as often as the patient was drawn.
    """
    rng = np.random.default_rng([seed, number])
    while True:
        rows = drawn_patients(groups, rng)
        if len(np.unique(label[rows])) == 2:
            return rows


class _Refitted(NamedTuple):
    """One refit: its scores of the original lesions, and its weights where it is their sum."""

    scores: dict[str, NDArray[np.float64]]
    weights: dict[str, list[Row]]

    def to_bytes(self) -> bytes:
        rows = [(name, *row) for name, own in self.weights.items() for row in own]
        buffer = io.BytesIO()
        np.savez(
            buffer,
            models=np.array(list(self.scores)),
            scores=np.array(list(self.scores.values())),
            keys=np.array([row[:5] for row in rows], dtype=str).reshape(-1, 5),
            weights=np.array([row[5] for row in rows], dtype=np.float64),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> _Refitted:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            scores = dict(zip(stored["models"].tolist(), stored["scores"], strict=True))
            weights: dict[str, list[Row]] = {}
            for keys, weight in zip(stored["keys"].tolist(), stored["weights"], strict=True):
                name, *row = keys
                weights.setdefault(name, []).append((*row, float(weight)))
        return cls(scores, weights)


@dataclass(frozen=True)
class _Refit:
    """Fit all models on one sample."""

    models: Mapping[str, Signature]
    scored: Mapping[str, str | None]
    X: pd.DataFrame
    label: NDArray[np.int64]
    groups: NDArray[Any]
    rows: NDArray[np.int64]
    store: ContentStore
    key: str

    def __call__(self) -> _Refitted:
        """Return what the refit says; from the store where it was finished before."""
        stored = self.store.load(self.key)
        if stored is not None:
            return _Refitted.from_bytes(stored)
        rows = self.rows
        sample = FitModels(self.models, self.X.iloc[rows], self.label[rows], self.groups[rows])
        scores, weights = {}, {}
        for name, model in sample().items():
            scores[name] = np.clip(model.predict_proba(self.X)[:, 1], 0.0, 1.0)
            own = weighted_sum(name, model, self.scored[name])
            if own is not None and self._same(name, own, scores[name]):
                weights[name] = own
        result = _Refitted(scores, weights)
        self.store.save(self.key, result.to_bytes())
        return result

    def _same(self, name: str, rows: list[Row], score: NDArray[np.float64]) -> bool:
        """Tell whether weights give a refit's scores."""
        sums = RefitSums(weights_table([rows])).probabilities(name, self.X)[:, 0]
        return bool(np.allclose(sums, score, rtol=0, atol=_SAME))


def _asked(fitted: FittedStudy, only: Collection[str] | None) -> list[str]:
    main = fitted.names("main")
    if only is None:
        return main
    unknown = [name for name in only if name not in fitted.models]
    if unknown:
        raise UnusableStudyError(
            "models to refit that the study fitted",
            f"prediction_stability.models names '{unknown[0]}'; the study fitted "
            f"{', '.join(fitted.models)}.",
            "Correct the name, or leave it out.",
        )
    return [name for name in fitted.models if name in only]


def _key(
    table: StudyTable,
    X: pd.DataFrame,
    label: NDArray[np.int64],
    groups: NDArray[Any],
    settings: SignatureSettings,
    names: Sequence[str],
) -> str:
    """Return a key that changes with anything that a refit depends on."""
    sources = [
        (name, list(own.allowed(degenerate=True)), list(own.degenerate), own.components or 0,
         [f"{feature} {icc!r}" for feature, icc in own.stability.items()])
        for name, own in table.sources.items()
    ]  # fmt: skip
    chosen = settings.model_dump_json(exclude={"n_jobs", "evaluation"})
    clinical = [list(table.clinical), list(table.known_before)]
    return content_key(
        __version__, chosen, list(names), X, label, list(map(str, groups)), sources, clinical
    )


def _scores(
    fitted: FittedStudy,
    X: pd.DataFrame,
    names: Sequence[str],
    found: Sequence[_Refitted],
    weights: pd.DataFrame,
) -> pd.DataFrame:
    """Return the scores of the original lesions; of weighted sums those that their weights give."""
    sums = RefitSums(weights)
    parts = []
    for name in names:
        if name in sums:
            scores = sums.probabilities(name, X)
        else:
            scores = np.column_stack([own.scores[name] for own in found])
        original = np.clip(fitted.models[name].predict_proba(X)[:, 1], 0.0, 1.0)
        told = pd.DataFrame({"model": name, "lesion_id": X.index, "original": original})
        parts.append(
            pd.concat([told, pd.DataFrame(scores, columns=refit_names(len(found)))], axis=1)
        )
    return pd.concat(parts, ignore_index=True)


def _weights(names: Sequence[str], found: Sequence[_Refitted]) -> pd.DataFrame:
    travel = [name for name in names if all(name in own.weights for own in found)]
    if len(travel) < len(names):
        lost = ", ".join(name for name in names if name not in travel)
        logger.warning("Refits of %s are no weighted sums: they do not travel.", lost)
    return weights_table([[row for name in travel for row in own.weights[name]] for own in found])


def _draws(lesions: pd.Index, samples: Sequence[NDArray[np.int64]]) -> pd.DataFrame:
    counts = [np.bincount(rows, minlength=len(lesions)) for rows in samples]
    table = pd.DataFrame(np.column_stack(counts).astype("int16"), columns=refit_names(len(samples)))
    table.insert(0, "lesion_id", np.asarray(lesions.astype("str")))
    return table
