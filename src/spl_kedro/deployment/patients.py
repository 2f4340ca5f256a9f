"""Scores of new patients with several images, by the rule that the study pools its own by."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.names import alike, check_identifier
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.scoring import decided
from spl_kedro.imaging import UnusableLesionError

#: Columns beside those of :func:`spl_kedro.deployment.scoring.score_cases`.
COLUMNS = ("patient_id", "images", "highest_image")


def patient_scores(study: PackagedStudy, scores: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Pool the scores of each patient's images, and decide by the study's thresholds.

    Parameters
    ----------
    study : PackagedStudy
        Whose thresholds are for scores pooled by the same rule.
    scores : DataFrame
        From :func:`spl_kedro.deployment.scoring.score_cases`.
    cases : DataFrame
        Index lesion_id; patient_id.

    Returns
    -------
    DataFrame
        A row for each model and patient: patient_id; images, how many of theirs the model scored;
        highest_image, the one with the highest score (of equal ones the first by its identifier),
        empty where none has one; then what `scores` has of an image but lesion_id, for the
        patient. Without rows of a study that pools nothing.
    """
    columns = [*COLUMNS, *(name for name in scores.columns if name != "lesion_id")]
    if study.pooling == "none":
        return pd.DataFrame(columns=columns)
    named = scores.assign(patient_id=scores["lesion_id"].map(cases["patient_id"]))
    parts = []
    for model, own in named.groupby("model", sort=False):
        own = own.sort_values("lesion_id", kind="stable")
        by_patient = own.groupby("patient_id", sort=True)
        pooled = by_patient["score"].agg(study.pooling)
        notes = by_patient["note"].first().where(pooled.isna(), "")
        known = own.dropna(subset="score").sort_values("score", ascending=False, kind="stable")
        highest = known.drop_duplicates("patient_id").set_index("patient_id")["lesion_id"]
        rows = decided(study, str(model), pooled, notes)
        rows = rows.rename(columns={"lesion_id": "patient_id"})
        rows["images"] = by_patient["score"].count().to_numpy()
        rows["highest_image"] = highest.reindex(pooled.index).fillna("").to_numpy()
        parts.append(rows)
    table = pd.concat(parts, ignore_index=True)
    return table[[name for name in columns if name in table]]


def file_names(cases: pd.DataFrame) -> dict[str, str]:
    """Return what each patient's file is called.

    Parameters
    ----------
    cases : DataFrame
        Index lesion_id; patient_id.

    Returns
    -------
    dict of str to str
        The patient's identifier, or, where it cannot be the name of a file of its own on every
        computer, the first of their images'.
    """
    first = cases["patient_id"].sort_index().drop_duplicates()
    confusable = alike(map(str, first))
    names = {}
    for lesion_id, patient in first.items():
        try:
            check_identifier(str(patient))
            own = str(lesion_id) if str(patient) in confusable else str(patient)
        except UnusableLesionError:
            own = str(lesion_id)
        names[str(patient)] = own
    return names
