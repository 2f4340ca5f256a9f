"""A frozen study meets another hospital's cohort: what applies there, and its scores."""

from __future__ import annotations

import logging

import pandas as pd
from pandas.api.types import is_numeric_dtype

from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.scoring import ImageFeatures, inapplicable, score_cases
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.harmonisation import SITE
from spl_kedro.schemas import MODELS

logger = logging.getLogger(__name__)

#: Protocol of the packaged models.
PROTOCOL = "leak_free"
#: Status of a variable that the study can read here; every other says why it cannot.
MATCHED = "matched"


def match_variables(study: PackagedStudy, cohort: pd.DataFrame) -> pd.DataFrame:
    """Look for the study's clinical variables in a cohort, by their names.

    Parameters
    ----------
    study : PackagedStudy
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.

    Returns
    -------
    DataFrame
        One row per variable: variable, kind, needed_by (models whose score it decides), status
        (``matched``, or why it cannot be read), known and missing (lesions), and unseen
        (categories that the study never saw, with the lesions that have them; such a lesion
        counts as the study's most frequent category).
    """
    kinds = {variable.name: variable.kind for variable in study.cohort.clinical}
    rows = []
    for name in study.variables:
        needed_by = [model for model in study.models if name in study.needed_variables(model)]
        row: dict[str, object] = {
            "variable": name, "kind": kinds[name], "needed_by": ", ".join(needed_by),
        }  # fmt: skip
        values = cohort.get(name)
        if values is None:
            none = {"status": "not in this cohort", "known": 0, "missing": len(cohort)}
            rows.append(row | none | {"unseen": ""})
            continue
        unseen = _unseen(study, name, values) if kinds[name] == "category" else {}
        rows.append(
            row
            | {
                "status": _status(values, kinds[name], unseen),
                "known": int(values.notna().sum()),
                "missing": int(values.isna().sum()),
                "unseen": ", ".join(f"{word} ({count})" for word, count in unseen.items()),
            }
        )
    columns = ["variable", "kind", "needed_by", "status", "known", "missing", "unseen"]
    return pd.DataFrame(rows, columns=columns)


def _unseen(study: PackagedStudy, name: str, values: pd.Series) -> dict[str, int]:
    known = str(study.ranges["categories"].loc[name]).split("|")
    words = values.dropna().astype("str")
    return {
        str(word): int(count)
        for word, count in words[~words.isin(known)].value_counts().sort_index().items()
    }


def _status(values: pd.Series, kind: str, unseen: dict[str, int]) -> str:
    if values.notna().sum() == 0:
        return "no lesion has a value"
    if kind == "numeric" and not is_numeric_dtype(values):
        return "a number in the study, words here"
    if kind == "category" and sum(unseen.values()) == values.notna().sum():
        return "no category that the study knows"
    return MATCHED


def matched_names(variables: pd.DataFrame) -> list[str]:
    """Return the variables that the study can read, of the table of :func:`match_variables`."""
    return variables.loc[variables["status"] == MATCHED, "variable"].tolist()


def applicability(study: PackagedStudy, variables: pd.DataFrame) -> pd.DataFrame:
    """Tell which models apply to a cohort.

    A variable that a cohort lacks is never imputed for all of its lesions: models that need it
    are not applicable.

    Parameters
    ----------
    study : PackagedStudy
    variables : DataFrame
        From :func:`match_variables`.

    Returns
    -------
    DataFrame
        Columns model, applicable, reason (empty where it applies).

    Raises
    ------
    UnusableStudyError
        If none of the publication's models applies.
    """
    reasons = inapplicable(study, matched_names(variables))
    rows = [(name, name not in reasons, reasons.get(name, "")) for name in study.models]
    table = pd.DataFrame(rows, columns=["model", "applicable", "reason"])
    if not table.loc[table["model"].isin(MODELS), "applicable"].any():
        lacking = variables.loc[variables["status"] != MATCHED, ["variable", "status"]]
        told = "; ".join(f"{name}: {status}" for name, status in lacking.itertuples(index=False))
        raise UnusableStudyError(
            "a model of the study that applies to this cohort",
            f"there is none among {', '.join(m for m in study.models if m in MODELS)} ({told}).",
            "Name the study's variables in data_processing.clinical of this environment, "
            "with the column of the hospital's table that holds each.",
        )
    for name, reason in reasons.items():
        logger.warning("%s is not applicable: it %s.", name, reason)
    return table


def external_predictions(
    study: PackagedStudy,
    cohort: pd.DataFrame,
    features: ImageFeatures,
    variables: pd.DataFrame,
    applies: pd.DataFrame,
) -> pd.DataFrame:
    """Score a cohort by the models that apply to it.

    Parameters
    ----------
    study : PackagedStudy
    cohort : DataFrame
        As :class:`spl_kedro.schemas.Cohort`.
    features : ImageFeatures
        Measured of its lesions; those that could not be measured get no score of any model.
    variables : DataFrame
        From :func:`match_variables`.
    applies : DataFrame
        From :func:`applicability`.

    Returns
    -------
    DataFrame
        As :class:`spl_kedro.schemas.Predictions`, cohort ``external``, without the models that do
        not apply.

    Raises
    ------
    UnusableStudyError
        If no lesion could be measured.
    """
    scored = cohort
    if study.image_models():
        scored = cohort[cohort.index.isin(features.lesions)]
    if scored.empty:
        reasons = features.quarantine["message"]
        raise UnusableStudyError(
            "a lesion that can be measured",
            f"none of the {len(cohort)} lesions could be; the first reason: {reasons.iloc[0]}",
            features.quarantine["remedy"].iloc[0],
        )
    known = matched_names(variables)
    scores = score_cases(study, scored[[SITE, *known]], features, known)
    applicable = applies.loc[applies["applicable"], "model"]
    scores = scores[scores["model"].isin(applicable)].reset_index(drop=True)
    lesions = scores["lesion_id"]
    return pd.DataFrame(
        {
            "lesion_id": lesions,
            "patient_id": lesions.map(cohort["patient_id"]),
            "label": lesions.map(cohort["label"]),
            "model": scores["model"],
            "protocol": PROTOCOL,
            "cohort": "external",
            "repeat": 0,
            "fold": -1,
            "score": scores["score"],
        }
    )


def frozen_thresholds(study: PackagedStudy) -> pd.DataFrame:
    """Return the study's thresholds as the evaluation reads them."""
    named = study.thresholds.assign(protocol=PROTOCOL)
    first = ["model", "protocol", "threshold"]
    return named[[*first, *(name for name in named.columns if name not in first)]]


def require_pooling(study: PackagedStudy, pooling: str) -> None:
    """Raise if patients' scores are not made as those that the study's thresholds are for.

    Raises
    ------
    UnusableStudyError
        Naming what to set.
    """
    if study.pooling != pooling:
        raise UnusableStudyError(
            "scores pooled as the study pools them",
            f"the study's thresholds are for scores with pooling '{study.pooling}', and "
            f"modeling.evaluation.pooling is '{pooling}'.",
            f"Set modeling.evaluation.pooling: {study.pooling} in this environment.",
        )


def frozen_cuts(study: PackagedStudy, wanted: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    """Return where the study's numeric variables are cut into subgroups: its training medians.

    Parameters
    ----------
    study : PackagedStudy
    wanted : tuple of str
        Subgroup variables.
    """
    numeric = {variable.name for variable in study.cohort.clinical if variable.kind == "numeric"}
    medians = study.ranges["median"]
    known = [name for name in wanted if name in numeric and name in medians.index]
    return {name: (float(medians[name]),) for name in known if pd.notna(medians[name])}
