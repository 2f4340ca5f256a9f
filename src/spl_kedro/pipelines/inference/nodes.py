"""Steps from new cases to scores, reasons and pages."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.data_processing.nodes import case_readers
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.inference.parameters import InferenceParameters
from spl_kedro.pipelines.radiomics.nodes import Lesions, feature_cache
from spl_kedro.pipelines.types import ImageFeatures, LesionMap, PackagedStudy

log = logging.getLogger(__name__)


def read_cases(
    table: pd.DataFrame,
    images: dict[str, Callable],
    outlines: dict[str, Callable],
    study: PackagedStudy,
) -> tuple[pd.DataFrame, dict[str, Callable], pd.DataFrame, dict[str, Any]]:
    """Read the cases by the study's rules; say of every one that is left out why.

    Returns
    -------
    cases : DataFrame, index `lesion_id`
        Those without a usable image too.
    lesions : dict of str to function
    case_findings : DataFrame
        ``schemas.Findings``.
    known : dict
        Which clinical variables the table has, and whether it has sites.
    """
    from spl_kedro.deployment.cases import read_cases as read

    limits = study.cohort.decoding.limits
    readers = (case_readers(images, limits), case_readers(outlines, limits))
    found = read(table, *readers, study.cohort)
    log.info(
        "%d of %d cases can be scored, %d of them with an image.",
        len(found.rows),
        len(table),
        len(found.lesions),
    )
    known = {"variables": found.variables, "sites": found.sites_known}
    return found.rows, found.lesions, found.findings, known


def measure_cases(
    study: PackagedStudy, cases: pd.DataFrame, lesions: Lesions, radiomics: RadiomicsParameters
) -> tuple[ImageFeatures, pd.DataFrame]:
    """Measure the cases' images as the study measured its own, whatever this environment says."""
    from spl_kedro.deployment.cases import images_alone
    from spl_kedro.deployment.scoring import measure_images

    features = measure_images(study, lesions, radiomics.execution, feature_cache(radiomics))
    return features, images_alone(features.quarantine, cases)


def score_cases(
    study: PackagedStudy,
    cases: pd.DataFrame,
    features: ImageFeatures,
    known: Mapping[str, Any],
    lesions: Lesions,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score the cases by every model that applies, and say what is unusual about them."""
    from spl_kedro.deployment.findings import find_unusual
    from spl_kedro.deployment.refits import with_refits
    from spl_kedro.deployment.scoring import score_cases as score
    from spl_kedro.deployment.typical import grey_levels
    from spl_kedro.tabular import counted

    variables = known["variables"]
    scores = with_refits(study, score(study, cases, features, variables), cases, features)
    findings = find_unusual(
        study,
        cases,
        features,
        variables,
        sites_known=known["sites"],
        levels=grey_levels(lesions),
    )
    if len(findings):
        log.warning("Unusual, see the findings: %s.", counted(findings["field"].value_counts()))
    return scores, findings


def pool_patients(study: PackagedStudy, scores: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """Make one score of a patient's images, where the study's thresholds are for patients."""
    from spl_kedro.deployment.patients import patient_scores

    pooled = patient_scores(study, scores, cases)
    if len(pooled):
        log.info(
            "%d patients, %d images: a patient's score is the %s of their images' (%s).",
            pooled["patient_id"].nunique(),
            scores["lesion_id"].nunique(),
            {"mean": "mean", "max": "highest"}[study.pooling],
            f"pooling {study.pooling}",
        )
    return pooled


def explain_cases(
    study: PackagedStudy,
    cases: pd.DataFrame,
    features: ImageFeatures,
    scores: pd.DataFrame,
    lesions: Lesions,
    parameters: InferenceParameters,
    explainability: ExplainabilityParameters,
) -> tuple[pd.DataFrame, list[LesionMap]]:
    """Explain each case's first applicable score, and map where the networks find evidence."""
    from spl_kedro.deployment import reasons
    from spl_kedro.deployment.scoring import clinical_table, wide_tables

    models = reasons.explained_model(scores)
    if not parameters.explain or models.empty:
        return pd.DataFrame(columns=reasons.COLUMNS), []
    measured = wide_tables(study, cases, features)
    imaged = models.index.isin(measured[0].index)
    tables = [measured]
    if not imaged.all():
        tables.append([clinical_table(study, cases.loc[models.index[~imaged]])])
    parts = [
        reasons.explain_cases(study, own, models, explainability.shap, explainability.seed)
        for own in tables
    ]
    decided = scores.set_index(["lesion_id", "model"])["decision"]
    mapped = {str(lesion): decided[lesion, models[lesion]] for lesion in models.index[imaged]}
    maps = reasons.map_cases(study, lesions, mapped, explainability.gradcam)
    return pd.concat(parts, ignore_index=True), maps


def write_pages(
    study: PackagedStudy,
    scores: pd.DataFrame,
    reasons: pd.DataFrame,
    findings: pd.DataFrame,
    maps: list[LesionMap],
    patients: pd.DataFrame,
    cases: pd.DataFrame,
    parameters: InferenceParameters,
) -> dict[str, str]:
    """Write one page for each case, or for each patient where the study pools their images."""
    from spl_kedro.deployment.page import case_page, patient_page
    from spl_kedro.deployment.patients import file_names

    if not parameters.explain:
        return {}
    by_id = {own.lesion_id: own for own in maps}
    if len(patients):
        names, patient_of = file_names(cases), scores["lesion_id"].map(cases["patient_id"])
        return {
            names[str(patient)]: patient_page(
                study, own, scores[patient_of == patient], reasons, findings, by_id
            )
            for patient, own in patients.groupby("patient_id", sort=True)
        }
    return {
        str(lesion): case_page(
            study,
            str(lesion),
            own,
            reasons[reasons["lesion_id"] == lesion],
            findings,
            by_id.get(str(lesion)),
        )
        for lesion, own in scores.groupby("lesion_id", sort=True)
    }
