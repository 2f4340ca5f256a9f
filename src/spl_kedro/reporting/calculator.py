"""The calculator: one HTML page that computes Clinical and CDLR, with nothing from the network."""

from __future__ import annotations

import base64
import hashlib
import math
from typing import Any

import pandas as pd

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.reporting.page import asset, page_template
from spl_kedro.reporting.parts import NOT_COMPUTED
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.nomogram import terms_table
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import model_name, variable_name


def build_calculator(results: StudyResults, settings: ReportSettings) -> str:
    """Write the calculator of the models that add up.

    Parameters
    ----------
    results : StudyResults
        Of which it holds ``additive_models`` and ``additive_terms``, and no patient's row.
    settings : ReportSettings

    Returns
    -------
    str
        A complete HTML document. Its content security policy allows its own style and script, by
        their checksums, and no request.
    """
    models, terms = results.additive_models, results.additive_terms
    study: dict[str, Any] = {"models": [], "variables": [], "score": None}
    statements, tables = [NOT_COMPUTED], []
    if models is not None and terms is not None:
        study = calculator_study(models, terms)
        statements = [str(text) for text in models["statement"]]
        tables = [terms_table(models, terms)] if study["variables"] else []
    css, script = asset("report.css") + asset("calculator.css"), asset("calculator.js")
    return page_template("calculator.html.j2").render(
        title=settings.title,
        intended_use=settings.intended_use,
        simulated=results.simulated,
        versions=study_version(results),
        statements=statements,
        study=study,
        tables=tables,
        css=css,
        script=script,
        style_sum=_checksum(css),
        script_sum=_checksum(script),
    )


def calculator_study(models: pd.DataFrame, terms: pd.DataFrame) -> dict[str, Any]:
    """Return what the page computes with.

    Parameters
    ----------
    models, terms : DataFrame
        From :mod:`spl_kedro.explainability.additive`.

    Returns
    -------
    dict
        ``models``: of those that add up key, name, threshold (or None), intercept, score (weight of
        the score's log-odds; 0 without) and effects (by variable: number, categories, missing).
        ``variables``: what is asked, in order; name, label, low, high (None of categories),
        options and note. ``score``: the same of the image score, or None. Empty lists where no
        clinical variable is added up.
    """
    chosen = models[models["additive"]]
    if not chosen["variables"].any():
        return {"models": [], "variables": [], "score": None}
    found = []
    row: Any
    for row in chosen.itertuples():
        own = terms[terms["model"] == row.model]
        threshold = None if math.isnan(row.threshold) else row.threshold
        name = model_name(row.model)
        found.append({"key": row.model, "name": name, "threshold": threshold, **_effects(own)})
    asked = terms[~terms["kind"].isin(["intercept", "score"])]
    first = asked.drop_duplicates("variable").set_index("variable")["model"]
    variables = [
        _question(str(name), asked[(asked["variable"] == name) & (asked["model"] == model)])
        for name, model in first.items()
    ]
    score = None
    for row in terms[terms["kind"] == "score"].itertuples():
        score = {"label": readable_name(row.variable).label, "low": row.low, "high": row.high}
    return {"models": found, "variables": variables, "score": score}


def _effects(own: pd.DataFrame) -> dict[str, Any]:
    weight = {
        kind: float(own.loc[own["kind"] == kind, "log_odds"].sum())
        for kind in ("intercept", "score")
    }
    effects = {}
    for name, part in own[~own["kind"].isin(weight)].groupby("variable", sort=False):
        categories = part[part["kind"] == "category"]
        by_kind = part.set_index("kind")["log_odds"]
        effects[str(name)] = {
            "number": float(by_kind["number"]) if "number" in by_kind else None,
            "categories": list(zip(categories["category"], categories["log_odds"], strict=True)),
            "missing": float(by_kind["missing"]),
        }
    return {**weight, "effects": effects}


def _question(name: str, part: pd.DataFrame) -> dict[str, Any]:
    first, unknown = part.iloc[0], part[part["kind"] == "missing"].iloc[0]
    categories = part[part["kind"] == "category"]
    if categories.empty:
        stands, adds = f"{unknown['value']:g}", first["log_odds"] * unknown["value"]
    else:
        stands = str(unknown["category"])
        adds = categories.loc[categories["category"] == stands, "log_odds"].sum()
    note = f"Not known counts as {stands}."
    if adds != unknown["log_odds"]:
        note = "Not known has a weight of its own."
    return {
        "name": name,
        "label": variable_name(name),
        "low": float(first["low"]) if categories.empty else None,
        "high": float(first["high"]) if categories.empty else None,
        "options": [str(word) for word in categories["category"]],
        "note": note,
    }


def study_version(results: StudyResults) -> dict[str, str]:
    """Return what identifies the study behind the numbers: program, commit, data."""
    names = {
        "spl_kedro": "spl_kedro",
        "git_commit": "Commit",
        "data_sha256": "Data (checksum)",
    }
    found = results.versions
    return {words: found[key][:16] for key, words in names.items() if key in found}


def _checksum(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
