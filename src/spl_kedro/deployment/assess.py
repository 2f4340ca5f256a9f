"""What a packaged study says of one case that was sent to it, by the steps of the pipelines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.cohort.settings import Columns
from spl_kedro.deployment.cases import Cases, read_cases
from spl_kedro.deployment.errors import RefusedCaseError
from spl_kedro.deployment.findings import find_unusual
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.refits import REFITTED, with_refits
from spl_kedro.deployment.request import CaseRequest, clinical_cells, image_of, outline_of
from spl_kedro.deployment.scoring import measure_images, score_cases
from spl_kedro.deployment.typical import grey_levels
from spl_kedro.features.measurement import ExecutionSettings
from spl_kedro.imaging import Lesion, UnusableLesionError
from spl_kedro.imaging.quality import CHECKS
from spl_kedro.rules import ActionTaken, Rule

_CASE = "case"
#: One case is measured where it is asked for: nothing is started for it.
_EXECUTION = ExecutionSettings(backend="threads", workers=1, progress=False)
_SCORED = (
    *("model", "score", "threshold", "decision", "zone", "diagnoses", "stated_coverage", "note"),
    *REFITTED,
)


def assess(study: PackagedStudy, request: CaseRequest) -> dict[str, Any]:
    """Score one case by every model that applies to it.

    The case is read, measured and scored by the functions of the inference pipeline, so that its
    scores are that pipeline's to the last bit.

    Parameters
    ----------
    study : PackagedStudy
    request : CaseRequest

    Returns
    -------
    dict
        Of plain types: ``study_id``, ``simulated`` (whether the study learnt from simulated
        patients), ``scores`` (for each model its score from 0 to 1 or None, threshold, decision,
        zone (``ruled out``, ``deferred``, ``ruled in``, or empty where the study has none), what
        the conformal set holds, its stated coverage, a note where there is no score, and what
        refits of the model say: :func:`spl_kedro.deployment.refits.with_refits`) and
        ``warnings`` (field, rule, message: what is unusual about the case).

    Raises
    ------
    RefusedCaseError
        If it breaks a rule that the study's own cases had to keep.
    """
    try:
        cases = _read(study, request)
        lesions = {name: read() for name, read in cases.lesions.items()}
    except UnusableLesionError as error:
        raise RefusedCaseError(error.rule, error.message, error.remedy) from error
    features = measure_images(study, {n: _given(own) for n, own in lesions.items()}, _EXECUTION)
    _refuse(features.quarantine)
    scores = score_cases(study, cases.rows, features, cases.variables)
    scores = with_refits(study, scores, cases.rows, features)
    findings = find_unusual(
        study,
        cases.rows,
        features,
        cases.variables,
        sites_known=cases.sites_known,
        levels=grey_levels({name: _given(own) for name, own in lesions.items()}),
    )
    flagged = cases.findings[~_unusable(cases.findings)]
    of_image = flagged["rule"].isin([str(check.rule) for check in CHECKS])
    flagged = flagged.assign(field=np.where(of_image, "image", "outline"))
    warnings = pd.concat([findings, flagged], ignore_index=True)
    return {
        "study_id": study.study_id,
        "simulated": bool(study.simulated),
        "scores": [
            {name: _plain(row[name]) for name in _SCORED} for row in scores.to_dict("records")
        ],
        "warnings": warnings[["field", "rule", "message"]].to_dict("records"),
    }


def _read(study: PackagedStudy, request: CaseRequest) -> Cases:
    """Read a case as the one row of a table with its files, by the study's rules."""
    cells = clinical_cells(request.clinical, study.cohort)
    image, outline = image_of(request), outline_of(request)
    if outline is not None and image is None:
        raise RefusedCaseError(
            Rule.IMAGE,
            "there is an outline and no image.",
            "Send the image that was outlined, or neither.",
        )
    row = {"lesion_id": _CASE} | {f"clinical {name}": cell for name, cell in cells.items()}
    if request.site is not None:
        row["site"] = request.site
    if request.spacing_mm is not None:
        row["spacing_mm"] = repr(request.spacing_mm)
    columns = Columns(
        lesion_id="lesion_id",
        label=None,
        site="site" if "site" in row else None,
        spacing_mm="spacing_mm" if "spacing_mm" in row else None,
    )
    clinical = tuple(
        variable.model_copy(update={"column": f"clinical {variable.name}"})
        for variable in study.cohort.clinical
    )
    settings = study.cohort.model_copy(
        update={"columns": columns, "clinical": clinical, "spacing_to_mm": 1.0}
    )
    cases = read_cases(
        pd.DataFrame([row], dtype="str"),
        {} if image is None else {_CASE: lambda: image},
        {} if outline is None else {_CASE: lambda: outline},
        settings,
    )
    # What was not sent is no fault: the models that need it say so.
    absent = {Rule.IMAGE} if image is None else {Rule.OUTLINE} if outline is None else set()
    told = cases.findings["rule"].isin([str(rule) for rule in absent])
    _refuse(cases.findings[_unusable(cases.findings) & ~told])
    return cases


def _unusable(findings: pd.DataFrame) -> pd.Series:
    """Return which findings cost a case its row or its image."""
    return findings["action"].isin([str(ActionTaken.QUARANTINED), str(ActionTaken.LEFT_OUT)])


def _refuse(unusable: pd.DataFrame) -> None:
    if len(unusable):
        first = unusable.to_dict("records")[0]
        raise RefusedCaseError(first["rule"], first["message"], first["remedy"])


def _given(lesion: Lesion) -> Any:
    return lambda: lesion


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value
