"""One page about one case, for its file."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from spl_kedro.deployment.findings import EVERYBODY
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.deployment.picture import lesion_pictures
from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.lesion_map import LesionMap
from spl_kedro.modeling.evaluation.clinic.zones import DEFERRED, RULED_IN, has_zone
from spl_kedro.reporting.words import NO_BREAK, cohort_name, interval, model_name, number
from spl_kedro.schemas import MODELS

#: Contributions named on the page.
REASONS, TRACED = 8, 5
#: How a patient's score comes of their images'.
POOLED = {
    "mean": "The patient's score is the mean of the scores of the images.",
    "max": "The patient's score is that of the image with the highest one.",
}
_SETS = {
    "benign": "benign alone",
    "malignant": "malignant alone",
    "either": "both benign and malignant: the score does not decide",
    "neither": "neither: the case is like no training lesion",
}


def case_page(
    study: PackagedStudy,
    lesion_id: str,
    scores: pd.DataFrame,
    reasons: pd.DataFrame,
    findings: pd.DataFrame,
    lesion_map: LesionMap | None,
    images: Sequence[tuple[str, str]] = (),
    pooling: str = "",
) -> str:
    """Write the page of one case.

    Parameters
    ----------
    study : PackagedStudy
    lesion_id : str
    scores : DataFrame
        The case's rows of :func:`spl_kedro.deployment.scoring.score_cases`, with the spread of
        the refits beside them (:func:`spl_kedro.deployment.refits.with_refits`) or without.
    reasons : DataFrame
        Its rows of :func:`spl_kedro.deployment.reasons.explain_cases`.
    findings : DataFrame
        Of :func:`spl_kedro.deployment.findings.find_unusual`; those of all cases are shown too.
    lesion_map : LesionMap or None
    images : sequence of (str, str)
        Of a patient whose images' scores are pooled: each image and the main model's score of it,
        that of the pictures first. `lesion_id` is then the patient's.
    pooling : str
        How the scores of these images became the one above, in words.

    Returns
    -------
    str
        A complete HTML document that needs nothing from the network.
    """
    shown = [name for name, _ in images] or [lesion_id]
    own = findings[findings["lesion_id"].isin([*shown, EVERYBODY])]
    models = [name for name in MODELS if name in set(scores["model"])]
    rows = {row["model"]: row for row in scores.to_dict("records")}
    main = str(reasons["model"].iloc[0]) if len(reasons) else None
    return _template().render(
        lesion_id=lesion_id,
        simulated=study.simulated,
        intended_use=study.texts.get("intended_use", ""),
        study_id=study.study_id,
        origin=dict(study.origin),
        version=study.versions.get("spl_kedro", ""),
        main=None if main is None else _decision(rows[main]),
        models=[_line(rows[name]) for name in models],
        refitted=bool(scores.get("refits", pd.Series(dtype=int)).any()),
        reasons=_contributions(reasons, "inputs", REASONS),
        traced=_contributions(reasons, "traced", TRACED, image_alone=True),
        base=None if reasons.empty else number(float(reasons["base"].iloc[0]), 2),
        findings=_told(own, shown),
        images=images,
        pooling=pooling,
        pictures=None if lesion_map is None else lesion_pictures(lesion_map),
        mapped=None if lesion_map is None else ("benign", "malignant")[lesion_map.target],
        development=_development(study, main),
    )


def _told(findings: pd.DataFrame, shown: Sequence[str]) -> list[dict[str, str]]:
    """Return each finding once, with the images it is of where these are not all."""
    said: dict[tuple[str, str], list[str]] = {}
    for row in findings.to_dict("records"):
        said.setdefault((row["field"], row["message"]), []).append(row["lesion_id"])
    return [
        {
            "field": readable_name(field).label,
            "image": "" if EVERYBODY in of or set(shown) <= set(of) else ", ".join(of),
            "message": message,
        }
        for (field, message), of in said.items()
    ]


def patient_page(
    study: PackagedStudy,
    patient: pd.DataFrame,
    scores: pd.DataFrame,
    reasons: pd.DataFrame,
    findings: pd.DataFrame,
    maps: Mapping[str, LesionMap],
) -> str:
    """Write the page of a patient whose images' scores the study pools.

    Reasons and pictures are of the image that the explained model scores highest.

    Parameters
    ----------
    study : PackagedStudy
    patient : DataFrame
        Their rows of :func:`spl_kedro.deployment.patients.patient_scores`.
    scores : DataFrame
        Rows of their images, of :func:`spl_kedro.deployment.scoring.score_cases`.
    reasons, findings : DataFrame
        As for :func:`case_page`, of all cases.
    maps : mapping of str to LesionMap
        By image.

    Returns
    -------
    str
        A complete HTML document that needs nothing from the network.
    """
    own = reasons[reasons["lesion_id"].isin(scores["lesion_id"])]
    first = [model for model in study.models if model in set(own["model"])]
    model = "cdlr" if "cdlr" in first else first[0] if first else str(scores["model"].iloc[0])
    of_model = scores[scores["model"] == model].sort_values("lesion_id", kind="stable")
    ranked = of_model.sort_values("score", ascending=False, kind="stable", na_position="last")
    images = [
        (
            str(row["lesion_id"]),
            row["note"] if pd.isna(row["score"]) else _probability(row["score"]),
        )
        for row in ranked.to_dict("records")
    ]
    highest = images[0][0]
    return case_page(
        study,
        str(patient["patient_id"].iloc[0]),
        patient,
        own[own["lesion_id"] == highest],
        findings,
        maps.get(highest),
        images,
        POOLED[study.pooling],
    )


def _probability(value: float) -> str:
    """Return a probability of two digits, which never says that a case is certain."""
    if value >= 0.995:
        return f"over{NO_BREAK}0.99"
    return f"under{NO_BREAK}0.01" if value < 0.005 else number(value, 2)


def _decision(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    return {
        "model": model_name(row["model"]),
        "score": _probability(row["score"]),
        "threshold": number(row["threshold"], 2),
        "decision": row["decision"],
        "zone": _zone(row),
        "set": _SETS[row["diagnoses"]],
        "coverage": f"{100 * row['stated_coverage']:.0f}{NO_BREAK}%",
        "refits": _refits(row),
    }


def _zone(row: Mapping[Hashable, Any]) -> str:
    """Say in which zone a score lies; empty where the study has none."""
    if not row["zone"]:
        return ""
    low, high = (number(row[name], 2) for name in ("rule_out", "rule_in"))
    if not has_zone(row["rule_out"], row["rule_in"]):
        side = "at or above" if row["zone"] == RULED_IN else "below"
        return f"{row['zone']}, {side} {high}, which rules out and in: no score is deferred."
    if row["zone"] == RULED_IN:
        return f"ruled in, at or above the rule-in threshold of {high}."
    if row["zone"] == DEFERRED:
        upper = f"the rule-in threshold of {high}" if row["rule_in"] <= 1 else "1"
        return (
            f"deferred, between the rule-out threshold of {low} and {upper}, where the tool does "
            "not decide."
        )
    return f"ruled out, below the rule-out threshold of {low}."


def _refits(row: Mapping[Hashable, Any]) -> dict[str, Any] | None:
    """Return what refits of the model say of the case; None where there are none."""
    if not row.get("refits"):
        return None
    share = row["refits_otherwise"]
    return {
        "n": int(row["refits"]),
        "low": _probability(row["refit_low"]),
        "high": _probability(row["refit_high"]),
        "from": row["refit_low"],
        "to": row["refit_high"],
        "otherwise": _share(share),
    }


def _share(value: float) -> str:
    """Return a share in whole percents, which never says none or all where it is not so."""
    percents = round(100 * value)
    if percents == 0 and value > 0:
        return f"under{NO_BREAK}1{NO_BREAK}%"
    if percents == 100 and value < 1:
        return f"over{NO_BREAK}99{NO_BREAK}%"
    return f"{percents}{NO_BREAK}%"


def _line(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    known = bool(row["decision"])
    return {
        "name": model_name(row["model"]),
        "score": _probability(row["score"]) if known else "",
        "share": row["score"] if known else None,
        "at": row["threshold"],
        "threshold": number(row["threshold"], 2),
        "decision": row["decision"],
        "zone": row["zone"],
        "note": row["note"],
        "refits": _refits(row) if known else None,
    }


def _contributions(
    reasons: pd.DataFrame, view: str, most: int, *, image_alone: bool = False
) -> list[dict[str, Any]]:
    rows = reasons[reasons["view"] == view]
    if image_alone:
        rows = rows[rows["source"] != "clinical"]
    order = rows["shap"].abs().sort_values(ascending=False, kind="stable").index[:most]
    largest = float(rows["shap"].abs().max()) if len(rows) else 1.0
    return [
        {
            "label": row["label"],
            "value": row["category"] if pd.isna(row["value"]) else f"{row['value']:.3g}",
            "shap": f"{row['shap']:+.3f}".replace("-", "−"),
            "share": abs(row["shap"]) / largest if largest else 0.0,
            "raises": row["shap"] > 0,
        }
        for row in rows.loc[order].to_dict("records")
    ]


def _development(study: PackagedStudy, model: str | None) -> list[str]:
    table = study.development
    rows = table[(table["metric"] == "auc") & (table["model"] == model)]
    return [
        f"{cohort_name(row['cohort'])}: AUC {interval(row['value'], row['low'], row['high'], 2)}, "
        f"{row['n']} {row['unit']}"
        for row in rows.to_dict("records")
    ]


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("spl_kedro.deployment"),
        autoescape=select_autoescape(["html", "j2"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("case.html.j2")
