"""Nodes of the classifier sweep."""

from __future__ import annotations

import pandas as pd

from spl_kedro.bars import bar
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling import evaluation
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.modeling.records import (
    metrics_of,
    roc_at_whole_percents,
    selection_funnel,
)
from spl_kedro.pipelines.sweep.parameters import SweepParameters
from spl_kedro.pipelines.types import StudyTable
from spl_kedro.tracking import TrainingRecord


def sweep_classifiers(
    table: StudyTable, modeling: ModelingParameters, parameters: SweepParameters
) -> tuple[pd.DataFrame, list[TrainingRecord]]:
    """Return the performance by classifier, and a record of each signature and classifier.

    The classifier is to be chosen by its cross-fitted training AUC; the validation AUC is
    given beside it, and choosing by it would spend the validation cohort.
    """
    from spl_kedro.modeling.signatures.protocol import run_protocol

    unknown = [name for name in parameters.models if name not in modeling.models]
    if unknown:
        raise UnusableStudyError(
            "models to sweep that are declared",
            f"sweep.models names '{unknown[0]}'; modeling.models declares "
            f"{', '.join(modeling.models)}.",
            "Correct the name, or declare the model.",
        )
    tables, records = [], []
    for kind in bar(parameters.classifiers, desc="classifiers", unit="classifier"):
        settings = _with_classifier(modeling, kind, parameters)
        result = run_protocol(table, settings, "leak_free", parameters.models)
        thresholds = evaluation.operating_thresholds(result.predictions, settings.evaluation)
        measured = evaluation.performance(result.predictions, thresholds, settings.evaluation)
        curves = evaluation.roc_curve_table(result.predictions, settings.evaluation)
        tables.append(measured.assign(classifier=kind))
        for name, model in result.models.items():
            mine = measured[measured["model"] == name]
            points = roc_at_whole_percents(curves[curves["model"] == name])
            record = TrainingRecord(
                name=f"{name} {kind}",
                params={
                    "model": name,
                    "protocol": "leak_free",
                    "classifier.kind": kind,
                    "classifier.tune": parameters.tune,
                    "classifier.C": settings.classifier.C,
                    "protocol.n_splits": settings.protocol.n_splits,
                    "protocol.n_repeats": settings.protocol.n_repeats,
                    "seed": settings.seed,
                },
                metrics={**metrics_of(mine), "n_features": float(len(model.selected_features_))},
                curves=points | selection_funnel(model),
                tables={"selected_features": pd.DataFrame({"feature": model.selected_features_})},
                tags={
                    "model": name,
                    "protocol": "leak_free",
                    "classifier": kind,
                    "sweep": "classifier",
                    "fallback": model.fallback_ or "none",
                },
            )
            records.append(record)
    return pd.concat(tables, ignore_index=True), records


def _with_classifier(
    modeling: ModelingParameters, kind: str, parameters: SweepParameters
) -> ModelingParameters:
    chosen = {"kind": kind, "tune": parameters.tune}
    return modeling.model_copy(
        update={
            "classifier": modeling.classifier.model_copy(update=chosen),
            "fusion": modeling.fusion.model_copy(update=chosen),
            "protocol": modeling.protocol.model_copy(update={"n_repeats": parameters.n_repeats}),
        }
    )
