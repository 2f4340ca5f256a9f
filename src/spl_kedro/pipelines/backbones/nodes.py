"""Nodes of the comparison of backbones."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from spl_kedro.bars import bar
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.backbones.parameters import BackbonesParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.tracking import TrainingRecord

UNAVAILABLE = "weights not available"
COMPARED = "compared"
#: What tells the rows apart, and what they have in common.
CHOICES = ("backbone", "weights", "pooling", "views", "classifier")
UNDER = ("image_size", "components", "n_splits", "n_repeats", "sha256")


def score_backbones(
    lesions: Mapping[str, Callable[[], Lesion]],
    cohort: pd.DataFrame,
    deep: DeepSettings,
    modeling: ModelingParameters,
    parameters: BackbonesParameters,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Embed the training lesions with every backbone, and score them by cross-fitting.

    Returns
    -------
    runs : DataFrame
        One row per backbone and classifier: what they are, whether the weights are available
        and, if not, why; columns of the embedding; seconds a lesion (NaN where not available).
    predictions : DataFrame
        As :class:`spl_kedro.schemas.Predictions`; `model` is the run of `runs`.
    """
    from spl_kedro.features.deep.candidates import (
        candidate_facts,
        margins_of_all,
        timed_embedding,
        why_unavailable,
    )
    from spl_kedro.features.deep.preprocessing import crop_all
    from spl_kedro.modeling.signatures.backbones import score_embedding

    training = cohort[cohort["cohort"] == "training"]
    own = {name: lesions[name] for name in training.index if name in lesions}
    chosen_settings = [candidate.settings(deep) for candidate in parameters.candidates]
    crops, _ = crop_all(own, margins_of_all(deep, chosen_settings))
    protocol = modeling.protocol.model_copy(update={"n_repeats": parameters.n_repeats})
    settings = modeling.model_copy(update={"protocol": protocol})
    rows, scored = [], []
    for chosen in bar(chosen_settings, desc="backbones", unit="backbone"):
        facts: dict[str, object] = dict(candidate_facts(chosen))
        why = why_unavailable(chosen)
        if why is None:
            embeddings, seconds = timed_embedding(crops, training, chosen)
            found = score_embedding(
                embeddings, training, chosen.components, parameters.classifiers, settings
            )
            facts |= {"status": COMPARED, "why": "", "columns": float(embeddings.shape[1])}
            facts |= seconds
        else:
            facts |= {"status": UNAVAILABLE, "why": why}
        for kind in parameters.classifiers:
            run = " ".join((chosen.architecture, chosen.weights, chosen.pooling, kind))
            if chosen.views:
                run += f" ({facts['views']})"
            rows.append(
                {
                    "run": run,
                    **facts,
                    "classifier": kind,
                    "image_size": chosen.image_size,
                    "components": chosen.components,
                    "n_splits": settings.protocol.n_splits,
                    "n_repeats": settings.protocol.n_repeats,
                }
            )
            if why is None:
                scored.append(found[found["model"] == kind].assign(model=run))
    if not scored:
        raise UnusableStudyError(
            "a backbone whose weights are at hand",
            f"backbones.candidates: {UNAVAILABLE} for any; of the first: {rows[0]['why']}",
            "Name efficientnet_lite0 with weights: packaged among the candidates.",
        )
    return pd.DataFrame(rows), pd.concat(scored, ignore_index=True)


def compare_backbones(
    runs: pd.DataFrame, predictions: pd.DataFrame, modeling: ModelingParameters
) -> tuple[pd.DataFrame, list[TrainingRecord]]:
    """Return the table of backbones, and a record of each of its rows.

    The gain is over the first backbone whose weights are available, with the same classifier.
    """
    from spl_kedro.modeling.evaluation.auc_gain import auc_gain_table

    compared = runs[runs["status"] == COMPARED]
    first = compared.drop_duplicates("classifier").set_index("classifier")["run"]
    references = dict(zip(compared["run"], compared["classifier"].map(first), strict=True))
    measured = auc_gain_table(predictions, references, modeling.evaluation)
    measured = measured.rename(columns={"model": "run"}).drop(columns=["protocol", "cohort"])
    table = runs.merge(measured, on="run", how="left", validate="one_to_one")
    return table, [_record(row) for row in table.to_dict("records")]


def _record(row: dict[str, object]) -> TrainingRecord:
    """Return what the tracker keeps of one row."""
    tags = {name: str(row[name]) for name in CHOICES}
    tags |= {"model": "dtl", "protocol": "leak_free", "sweep": "backbone"}
    if row["status"] == UNAVAILABLE:
        tags["not_available"] = str(row["why"])
        metrics = {}
    else:
        metrics = {
            "training.auc": row["auc"],
            "training.auc_low": row["low"],
            "training.auc_high": row["high"],
            "training.auc_within_folds": row["auc_within_folds"],
            "training.auc_gain": row["gain"],
            "columns": row["columns"],
            "seconds_per_lesion": row["seconds_per_lesion"],
            "cpu_seconds_per_lesion": row["cpu_seconds_per_lesion"],
        }
    return TrainingRecord(
        name=str(row["run"]),
        params={name: row[name] for name in (*CHOICES, *UNDER)},
        metrics=metrics,
        tags=tags,
    )
