"""Scores of each control, cross-fitted on the study's own lesions and folds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spl_kedro.cohort.acquisition import acquisition_facts
from spl_kedro.modeling.evaluation.delong import auc_within
from spl_kedro.modeling.signatures.audit import shuffled_labels
from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.cross_fitting import FitAndScore, cross_fit
from spl_kedro.modeling.signatures.folds import Splits, repeated_splits
from spl_kedro.modeling.signatures.models import image_signature
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import StudyTable
from spl_kedro.parallel import in_parallel
from spl_kedro.sceptic.controls.altered import altered_lesions
from spl_kedro.sceptic.controls.declaration import (
    ACQUISITION,
    AGE_SIZE,
    CONTROLS,
    HISTOGRAM,
    OUTLINE,
    PERMUTED,
    SITE,
    SIZE,
    Control,
)
from spl_kedro.sceptic.controls.facts import lesion_sizes
from spl_kedro.sceptic.controls.inputs import ControlInputs
from spl_kedro.sceptic.controls.measured import measured_features

#: First-order features that grow with the number of pixels, or reach further with it.
_WITH_SIZE = ("Energy", "TotalEnergy", "Minimum", "Maximum", "Range")
_SHAPE, _HISTOGRAM = ("original_shape_", "original_shape2D_"), "original_firstorder_"


@dataclass(frozen=True)
class Scored:
    """A control's scores.

    Attributes
    ----------
    control : Control
    rows : ndarray of int, shape (n,)
        Positions of its lesions among the training lesions.
    outcomes : list of (ndarray of int, ndarray of float)
        What was predicted, shape (n,), and the scores of each repeat, shape (repeats, n); one
        pair, of the site one for each site.
    aucs : ndarray of float
        Of each shuffle of permuted labels; else empty.
    note : str
        What a reader must know of it; why, where it was not computed.
    """

    control: Control
    rows: NDArray[np.int64]
    outcomes: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = field(default_factory=list)
    aucs: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    note: str = ""

    @property
    def computed(self) -> bool:
        """Whether there is anything to judge."""
        return bool(self.outcomes) or bool(len(self.aucs))


def score_controls(inputs: ControlInputs) -> list[Scored]:
    """Cross-fit every control.

    Parameters
    ----------
    inputs : ControlInputs

    Returns
    -------
    list of Scored
        In the order of the declared controls.
    """
    found = {scored.control.name: scored for scored in _all(inputs)}
    return [found[control.name] for control in CONTROLS]


def _all(inputs: ControlInputs) -> Iterator[Scored]:
    sizes, unit = lesion_sizes(inputs)
    X = pd.DataFrame({"area": sizes})
    yield _logistic(inputs, SIZE, X, f"area in {unit}")
    age = inputs.cohort.loc[inputs.training].get(inputs.settings.age)
    if age is None:
        yield _none(AGE_SIZE, f"the study has no clinical variable {inputs.settings.age}")
    else:
        yield _logistic(inputs, AGE_SIZE, X.assign(age=age), f"area in {unit}")
    yield _columns(inputs, OUTLINE, _named(inputs, _SHAPE))
    histogram = [
        name for name in _named(inputs, _HISTOGRAM) if name.rpartition("_")[2] not in _WITH_SIZE
    ]
    yield _columns(inputs, HISTOGRAM, histogram)
    for control in CONTROLS:
        if control.altered:
            yield _altered(inputs, control)
    facts = acquisition_facts(inputs.cohort.loc[inputs.training], inputs.acquisition)
    if facts.empty:
        yield _none(ACQUISITION, "site, machine and files are the same for all training lesions")
    else:
        told = ", ".join(name.removesuffix("_mm").replace("_", " ") for name in facts.columns)
        yield _logistic(inputs, ACQUISITION, facts, f"what differs: {told}")
    yield _sites(inputs)
    yield _permuted(inputs)


def _none(control: Control, why: str) -> Scored:
    return Scored(control, np.empty(0, dtype=np.int64), note=why)


def _scored(
    inputs: ControlInputs,
    control: Control,
    model: Any,
    X: pd.DataFrame,
    note: str = "",
    rows: NDArray[np.int64] | None = None,
) -> Scored:
    """Cross-fit a model on all training lesions or, with `rows`, on those that `X` holds."""
    rows = np.arange(len(inputs.training)) if rows is None else rows
    label = inputs.label[rows]
    scores = _cross_fitted(inputs, control, model, X, label, rows)
    return Scored(control, rows, [(label, scores)], note=note)


def _cross_fitted(
    inputs: ControlInputs,
    control: Control,
    model: Any,
    X: pd.DataFrame,
    outcome: NDArray[np.int64],
    rows: NDArray[np.int64],
) -> NDArray[np.float64]:
    groups, title = inputs.patient[rows], f"control: {control.name}"
    jobs = inputs.modeling.n_jobs
    fitted = cross_fit({"control": model}, X, outcome, groups, inputs.repeats(rows), jobs, title)
    return fitted["control"].scores


def _logistic(inputs: ControlInputs, control: Control, X: pd.DataFrame, note: str) -> Scored:
    chosen = inputs.modeling.clinical
    model = ClinicalSignature(
        list(X.columns),
        univariate_p=1.0,
        multivariable_p=1.0,
        min_missing=chosen.min_missing,
        min_level=chosen.min_level,
    )
    return _scored(inputs, control, model, X, note)


def _named(inputs: ControlInputs, beginning: str | tuple[str, ...]) -> list[str]:
    if "radiomics" not in inputs.table.sources:
        return []
    columns = inputs.table.features(["radiomics"])
    return [name for name in columns if name.startswith(beginning)]


def _columns(inputs: ControlInputs, control: Control, columns: list[str]) -> Scored:
    """Fit the chain of an image model on some columns of the study's table."""
    if not columns:
        return _none(control, "the study has no radiomics features")
    table = inputs.table
    settings = inputs.modeling.under(inputs.fitted.rules, len(inputs.training))
    model = image_signature(columns, table.stability(["radiomics"]), settings)
    note = f"{len(columns)} features, selected among as by the image model"
    return _scored(inputs, control, model, table.X.loc[inputs.training], note)


def image_model(inputs: ControlInputs, table: StudyTable) -> Any:
    """Return the study's image model, unfitted."""
    name = inputs.settings.image_model
    return study_models(table, inputs.modeling, inputs.fitted.rules, [name]).models[name]


def _altered(inputs: ControlInputs, control: Control) -> Scored:
    """Fit the image model anew on features of changed images."""
    own = {name: inputs.lesions[name] for name in inputs.training}
    changed = altered_lesions(control.name, own, inputs.settings)
    features = measured_features(changed, inputs, f"control: {control.name}")
    there = inputs.training.isin(features.index)
    rows, lost = np.flatnonzero(there), int((~there).sum())
    note = ""
    if lost:
        why = "no healthy tissue of their size" if len(changed) < len(own) else "not measurable"
        note = f"{lost} of {len(there)} lesions left out: {why}"
    if not inputs.deep.frozen and "deep" in inputs.sources:
        note = f"{note}; " if note else ""
        note += "deep features by the weights that the study's networks start from"
    if not _both_classes(inputs.label[rows], inputs.repeats(rows)):
        return _none(control, f"{note}; too few are left to be cross-fitted".lstrip("; "))
    X = inputs.table.X.loc[inputs.training[rows]]
    X = X.drop(columns=features.columns).join(features)[list(X.columns)]
    model = image_model(inputs, replace(inputs.table, nested=None))
    return _scored(inputs, control, model, X, note, rows)


def _both_classes(outcome: NDArray[np.int64], repeats: list[Splits]) -> bool:
    """Tell whether every fit sees at least five lesions of either class."""
    parts = [outcome[train] for splits in repeats for train, _ in splits]
    return bool(parts) and all(min(part.sum(), len(part) - part.sum()) >= 5 for part in parts)


def _sites(inputs: ControlInputs) -> Scored:
    """Ask the image model's features for the site: each against the others."""
    site = inputs.cohort.loc[inputs.training, "site"]
    counts = site.value_counts()
    enough = sorted(counts.index[counts >= inputs.settings.min_site_lesions])
    least = f"{inputs.settings.min_site_lesions} training lesions"
    if site.nunique() < 2:
        return _none(SITE, "one site")
    if len(enough) < 2:
        return _none(SITE, f"fewer than two of {site.nunique()} sites have {least}")
    rows = np.flatnonzero(site.isin(enough))
    # Of two sites one says it all.
    asked = enough[1:] if len(enough) == 2 else enough
    X = inputs.table.X.loc[inputs.training[rows]]
    model = image_model(inputs, replace(inputs.table, nested=None))
    outcomes = []
    for name in asked:
        outcome = (site.iloc[rows] == name).to_numpy(dtype=np.int64)
        if _both_classes(outcome, inputs.repeats(rows)):
            outcomes.append((outcome, _cross_fitted(inputs, SITE, model, X, outcome, rows)))
    if not outcomes:
        return _none(SITE, "every fold's training lesions are of one site")
    note = f"{len(enough)} sites with {least} or more"
    return Scored(SITE, rows, outcomes, note=note)


def _permuted(inputs: ControlInputs) -> Scored:
    """Run the image model's whole chain on labels dealt out anew among the patients."""
    settings, lesions = inputs.settings, inputs.training
    X, groups = inputs.table.X.loc[lesions], inputs.patient
    frame = pd.DataFrame(
        {"patient_id": groups, "label": inputs.label, "cohort": "training"}, index=lesions
    )
    models = {"control": image_model(inputs, replace(inputs.table, nested=None))}
    columns = models["control"].input_columns()
    X = X if columns is None else X[columns]
    dealt = [
        shuffled_labels(frame, settings.seed, shuffle).to_numpy()
        for shuffle in range(settings.permutations)
    ]
    protocol = inputs.modeling.protocol
    splits = [
        repeated_splits(
            label, groups, n_splits=protocol.n_splits, n_repeats=1, seed=inputs.modeling.seed
        )[0]
        for label in dealt
    ]
    tasks = (
        FitAndScore(models, X.iloc[train], label[train], groups[train], [X.iloc[test]])
        for label, parts in zip(dealt, splits, strict=True)
        for train, test in parts
    )
    total = sum(len(parts) for parts in splits)
    results = iter(in_parallel(tasks, inputs.modeling.n_jobs, "control: permuted", total=total))
    aucs = []
    for label, parts in zip(dealt, splits, strict=True):
        score, fold = np.empty(len(label)), np.empty(len(label), dtype=np.int64)
        for k, (_, test) in enumerate(parts):
            score[test], fold[test] = next(results)["control"].score, k
        aucs.append(auc_within(label, score, fold))
    note = (
        f"mean of {len(aucs)} shuffles, each cross-fitted once in folds made for its labels; "
        "lesions are compared within a fold"
    )
    return Scored(PERMUTED, np.arange(len(lesions)), aucs=np.array(aucs), note=note)
