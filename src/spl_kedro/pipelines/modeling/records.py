"""What each fitted signature leaves in the tracker: one record per model and protocol."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.modeling.signatures.declaration import model_titles
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import FittedStudy, StudyTable
from spl_kedro.schemas import MODELS, NO_VARIABLE
from spl_kedro.tracking import TrainingRecord

#: The protocol whose models score patients; the others show what a choice of protocol does.
DEPLOYED = "leak_free"
#: The five are registered as models of this name, each run's as a version.
REGISTERED = "spl_kedro"
#: What MLflow shows as a run's description.
NOTE = "mlflow.note.content"
SEALED = "its filters see labels of the validation cohort, which is sealed"
# The ROC curve is stored at whole percents of 1 - specificity, so that runs overlay.
FALSE_POSITIVE_RATES = np.linspace(0, 1, 101)


def record_trainings(
    leak_free: FittedStudy,
    as_published: FittedStudy,
    as_published_radial: FittedStudy,
    table: StudyTable,
    roc_curves: pd.DataFrame,
    auc_by_repeat: pd.DataFrame,
    performance: pd.DataFrame,
    thresholds: pd.DataFrame,
    selected: pd.DataFrame,
    parameters: ModelingParameters,
) -> list[TrainingRecord]:
    """Return one record per model and protocol, with the same metric names in each.

    A model that the study has no variables for leaves a record that says so, as does each of a
    protocol that cannot be fitted while the validation cohort is sealed. The fitted models of
    `DEPLOYED` go along; those of the other protocols stay in the catalog.
    """
    results = (leak_free, as_published, as_published_radial)
    absent = [
        TrainingRecord(
            name=f"{name} {result.protocol}",
            params={"model": name, "protocol": result.protocol},
            tags={
                "model": name,
                "protocol": result.protocol,
                "not_available": NO_VARIABLE if result.models else SEALED,
            },
        )
        for result in results
        for name in MODELS
        if name not in result.models
    ]
    return absent + [
        _record(
            result,
            name,
            table,
            roc_curves,
            auc_by_repeat,
            performance,
            thresholds,
            selected,
            parameters,
        )
        for result in results
        for name in result.models
    ]


def _record(
    result: FittedStudy,
    name: str,
    table: StudyTable,
    roc_curves: pd.DataFrame,
    auc_by_repeat: pd.DataFrame,
    performance: pd.DataFrame,
    thresholds: pd.DataFrame,
    selected: pd.DataFrame,
    parameters: ModelingParameters,
) -> TrainingRecord:
    protocol, model = result.protocol, result.models[name]
    threshold = _of(thresholds, name, protocol)["threshold"].iloc[0]
    chosen = _of(selected, name, protocol)
    features = chosen.loc[chosen["kept"], ["feature", "fold_frequency"]]
    curves = {
        **roc_at_whole_percents(_of(roc_curves, name, protocol)),
        **repeats_of(_of(auc_by_repeat, name, protocol)),
        **selection_funnel(model),
    }
    return TrainingRecord(
        name=f"{name} {protocol}",
        params={"model": name, "protocol": protocol, **settings_of(model, parameters)},
        metrics={
            **metrics_of(_of(performance, name, protocol)),
            "threshold": float(threshold),
            "n_features": float(len(features)),
        },
        curves=curves,
        tags={
            "model": name,
            "protocol": protocol,
            "fallback": model.fallback_ or "none",
            NOTE: f"{model_titles(parameters.models)[name]}, protocol {protocol}.",
        },
        tables={"selected_features": features.reset_index(drop=True)},
        model=model if protocol == DEPLOYED else None,
        model_name=f"{name} {protocol}",
        registered=f"{REGISTERED} {name}" if name in MODELS else None,
        input_example=table.X[model.input_columns()].head(3),
    )


def metrics_of(performance: pd.DataFrame) -> dict[str, float]:
    """Return ``<cohort>.<metric>`` with ``_low`` and ``_high``, of one model's rows."""
    metrics: dict[str, float] = {}
    for row in performance.to_dict("records"):
        key = f"{row['cohort']}.{row['metric']}"
        metrics |= {key: row["value"], f"{key}_low": row["low"], f"{key}_high": row["high"]}
    return metrics


def roc_at_whole_percents(roc_curves: pd.DataFrame) -> dict[str, list[float]]:
    """Return ``<cohort>.roc`` of one model: the stored curve at each percent of 1 - specificity."""
    return {
        f"{cohort}.roc": np.interp(
            FALSE_POSITIVE_RATES, rows["false_positive_rate"], rows["sensitivity"]
        ).tolist()
        for cohort, rows in roc_curves.groupby("cohort")
    }


def repeats_of(auc_by_repeat: pd.DataFrame) -> dict[str, list[float]]:
    """Return ``<cohort>.auc_by_repeat`` of one model."""
    return {
        f"{cohort}.auc_by_repeat": rows["auc"].tolist()
        for cohort, rows in auc_by_repeat.groupby("cohort")
    }


def selection_funnel(model: Any) -> dict[str, list[float]]:
    """Return ``features_left``: before selection and after each of its steps.

    Parameters
    ----------
    model : fitted signature
        Of a fusion, its image signature; a clinical model has no such steps.
    """
    image = getattr(model, "image_", model)
    steps = getattr(getattr(image, "selection_", None), "steps_", [])
    left = [float(step.n_features_in_) for _, step in steps]
    return {"features_left": [*left, float(len(image.selected_features_))]} if left else {}


def _of(table: pd.DataFrame, name: str, protocol: str) -> pd.DataFrame:
    return table[(table["model"] == name) & (table["protocol"] == protocol)]


def settings_of(model: Any, parameters: ModelingParameters) -> dict[str, Any]:
    """Return the settings that a signature was fitted by, and what the metrics mean, flat.

    Parameters
    ----------
    model : fitted signature
        A clinical model selects no features and has no classifier to choose: it is a logistic
        regression. A fusion has both groups, and its own.
    parameters : ModelingParameters
    """
    flat: dict[str, Any] = {"seed": parameters.seed}
    for key in ("threshold_rule", "pooling", "confidence"):
        flat[f"evaluation.{key}"] = getattr(parameters.evaluation, key)
    from spl_kedro.modeling.signatures.clinical import ClinicalSignature

    fused, clinical = hasattr(model, "image_"), isinstance(model, ClinicalSignature)
    groups = ["protocol"]
    groups += ["clinical"] if clinical or fused else []
    groups += [] if clinical else ["harmonisation", "selection", "classifier"]
    groups += ["fusion"] if fused else []
    for group in groups:
        for key, value in getattr(parameters, group).model_dump().items():
            flat[f"{group}.{key}"] = value
    return flat | ({"classifier.kind": "logistic regression"} if clinical else {})
