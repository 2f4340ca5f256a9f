"""Scores of new lesions by a packaged study, the bits of its own run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.features.deep import crop_all, embed_unseen
from spl_kedro.features.measurement import ExecutionSettings, FeatureCache, extract_features
from spl_kedro.imaging import Lesion
from spl_kedro.modeling.evaluation.clinic.zones import zone_of
from spl_kedro.modeling.signatures.harmonisation import SITE
from spl_kedro.modeling.signatures.nested import mean_score
from spl_kedro.rules import FINDING_COLUMNS

Lesions = Mapping[str, Callable[[], Lesion]]

#: Why a model gives no score, as the tables say it.
NO_IMAGE = "needs an image and an outline"
NO_SOURCE = "needs features that are not measured here"


@dataclass(frozen=True)
class ImageFeatures:
    """What was measured of lesions' images.

    Attributes
    ----------
    tables : tuple of DataFrame
        Index lesion_id: all image features; one table, or one for each network where the study
        averages the scores that its networks lead to.
    quarantine : DataFrame
        ``schemas.Findings``: lesions that cannot be measured.
    """

    tables: tuple[pd.DataFrame, ...]
    quarantine: pd.DataFrame

    @property
    def lesions(self) -> pd.Index:
        """Lesions that were measured."""
        return self.tables[0].index


def measure_images(
    study: PackagedStudy,
    lesions: Lesions,
    execution: ExecutionSettings | None = None,
    cache: FeatureCache | None = None,
) -> ImageFeatures:
    """Measure lesions as the study measured its own.

    Parameters
    ----------
    study : PackagedStudy
    lesions : mapping of str to callable
        Reads a lesion on call.
    execution : ExecutionSettings, optional
    cache : FeatureCache, optional

    Returns
    -------
    ImageFeatures
    """
    parts: list[pd.DataFrame] = []
    left_out = []
    wanted = {name for model in study.models for name in study.sources_of(model)}
    if "radiomics" in wanted:
        found = extract_features(
            lesions, study.radiomics, ExecutionSettings() if execution is None else execution, cache
        )
        parts.append(found.features)
        left_out.append(found.quarantine)
        lesions = {name: lesions[name] for name in found.features.index}
    embeddings: list[pd.DataFrame] = []
    if "deep" in wanted and lesions:
        crops, failures = crop_all(lesions, study.deep)
        left_out.append(pd.DataFrame(failures, columns=FINDING_COLUMNS, dtype="str"))
        if len(crops):
            embeddings = embed_unseen(crops, study.networks, study.axes, study.deep)
    if "deep" in wanted and not embeddings:
        nobody = pd.Index([], name="lesion_id", dtype="str")
        columns = study.sources["deep"].columns
        embeddings = [pd.DataFrame(index=nobody, columns=list(columns), dtype="float64")]
    tables = [pd.concat([*parts, own], axis=1, join="inner") for own in embeddings]
    if not embeddings:
        tables = [pd.concat(parts, axis=1) if parts else pd.DataFrame(index=pd.Index([]))]
    quarantine = pd.concat(left_out, ignore_index=True) if left_out else None
    if quarantine is None:
        quarantine = pd.DataFrame(columns=FINDING_COLUMNS, dtype="str")
    return ImageFeatures(tuple(tables), quarantine)


def wide_tables(
    study: PackagedStudy, cases: pd.DataFrame, features: ImageFeatures
) -> list[pd.DataFrame]:
    """Return what the models read of measured lesions: site, clinical variables, features.

    Parameters
    ----------
    study : PackagedStudy
    cases : DataFrame
        Index lesion_id; site and the clinical variables there are.
    features : ImageFeatures

    Returns
    -------
    list of DataFrame
        In the order of `cases`, those that were measured; a variable that is not there is empty.
    """
    measured = cases.index[cases.index.isin(features.lesions)]
    clinical = clinical_table(study, cases.loc[measured])
    return [pd.concat([clinical, table.loc[measured]], axis=1) for table in features.tables]


def clinical_table(study: PackagedStudy, cases: pd.DataFrame) -> pd.DataFrame:
    """Return site and the study's clinical variables of cases; what is not there is empty."""
    kinds = {variable.name: variable.kind for variable in study.cohort.clinical}
    columns: dict[str, pd.Series] = {
        SITE: cases.get(SITE, pd.Series("unknown", index=cases.index, dtype="str"))
    }
    for name in study.variables:
        numeric = kinds[name] == "numeric"
        given = cases.get(name)
        if given is None:
            given = pd.Series(np.nan if numeric else None, index=cases.index)
        columns[name] = given.astype("float64" if numeric else "str")
    return pd.DataFrame(columns, index=cases.index)


def inapplicable(study: PackagedStudy, variables: Collection[str]) -> dict[str, str]:
    """Return the models that a cohort lacks a variable for, and which.

    A variable that a cohort does not have is not imputed: its models are not applicable there. A
    single missing value is imputed as in training.

    Parameters
    ----------
    study : PackagedStudy
    variables : collection of str
        Clinical variables the cohort has.
    """
    found = {}
    for name in study.models:
        lacking = [v for v in study.needed_variables(name) if v not in variables]
        further = [s for s in study.sources_of(name) if s not in ("radiomics", "deep")]
        if lacking:
            found[name] = f"needs {', '.join(lacking)}, which this cohort does not have"
        elif further:
            found[name] = f"{NO_SOURCE}: {', '.join(further)}"
    return found


def score_cases(
    study: PackagedStudy,
    cases: pd.DataFrame,
    features: ImageFeatures,
    variables: Collection[str],
) -> pd.DataFrame:
    """Score cases by every model that applies to them.

    Parameters
    ----------
    study : PackagedStudy
    cases : DataFrame
        Index lesion_id; site and clinical variables; those without a usable image too.
    features : ImageFeatures
    variables : collection of str
        Clinical variables the cohort has.

    Returns
    -------
    DataFrame
        Columns lesion_id, model, score (probability of malignancy, NaN where there is none),
        threshold, decision (``malignant`` at or above it, ``benign``, or empty), rule_out and
        rule_in (NaN where the study has none), zone (``ruled out`` below the first, ``ruled in``
        from the second, ``deferred`` between them, or empty), diagnoses
        (what the conformal set holds: ``benign``, ``malignant``, ``either``, ``neither``),
        stated_coverage and note (why there is no score).
    """
    not_here = inapplicable(study, variables)
    measured = wide_tables(study, cases, features)
    parts = []
    for name in study.models:
        with_image = bool(study.sources_of(name))
        score = pd.Series(np.nan, index=cases.index)
        note = pd.Series("", index=cases.index, dtype="str")
        if name in not_here:
            note[:] = not_here[name]
        elif with_image:
            if len(measured[0]):
                score[measured[0].index] = _probability(study, name, measured)
            note[score.isna()] = NO_IMAGE
        else:
            alone = clinical_table(study, cases)
            score[:] = _probability(study, name, [alone])
        parts.append(decided(study, name, score, note))
    return pd.concat(parts, ignore_index=True)


def _probability(study: PackagedStudy, model: str, tables: list[pd.DataFrame]) -> np.ndarray:
    """Return a model's scores, recalibrated where the study was."""
    score = np.clip(mean_score(study.models[model], tables), 0.0, 1.0)
    return study.sigmoid(model)(score)


def decided(study: PackagedStudy, model: str, score: pd.Series, note: pd.Series) -> pd.DataFrame:
    """Return what a model's scores mean by the study's thresholds.

    Parameters
    ----------
    study : PackagedStudy
    model : str
    score : Series of float
        Index lesion_id; NaN where there is none.
    note : Series of str
        Why there is none.

    Returns
    -------
    DataFrame
        As of :func:`score_cases`.
    """
    threshold = study.threshold(model)
    limits = study.calibration[study.calibration["model"] == model].to_dict("records")[0]
    known = score.notna().to_numpy()
    value = score.to_numpy()
    benign, malignant = value <= limits["benign_up_to"], value >= limits["malignant_from"]
    decision = np.where(value >= threshold, "malignant", "benign")
    rule_out, rule_in = study.zone(model)
    diagnoses = np.select(
        [benign & malignant, benign, malignant], ["either", "benign", "malignant"], "neither"
    )
    return pd.DataFrame(
        {
            "lesion_id": score.index.astype("str"),
            "model": model,
            "score": value,
            "threshold": threshold,
            "decision": np.where(known, decision, ""),
            "rule_out": rule_out,
            "rule_in": rule_in,
            "zone": zone_of(value, rule_out, rule_in),
            "diagnoses": np.where(known, diagnoses, ""),
            "stated_coverage": limits["stated_coverage"],
            "note": note.to_numpy(),
        }
    )
