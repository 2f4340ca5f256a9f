"""The clinical and the fused model on paper: the nomogram, its numbers, the calculator."""

from __future__ import annotations

from typing import Any

import pandas as pd

from spl_kedro.explainability.nomogram import NOMOGRAM_MODEL
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import model_name, number, variable_name

#: Where the calculator lies, beside the report.
CALCULATOR_FILE = "calculator.html"
TITLE = "Nomogram and calculator"


def nomogram_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section with the nomogram and the way to the calculator."""
    models, points, scale = results.additive_models, results.nomogram, results.nomogram_scale
    if models is None or points is None or scale is None:
        return [Section("nomogram", TITLE, missing=("The nomogram",))]
    words = tuple(str(text) for text in models["statement"])
    if not (models["additive"] & (models["variables"] > 0)).any():
        return [Section("nomogram", TITLE, words)]
    link = (
        CALCULATOR_FILE,
        "Calculator: the models computed in full (a file beside this report)",
    )
    if points.empty:
        return [Section("nomogram", TITLE, words, links=(link,))]
    called = model_name(NOMOGRAM_MODEL)
    lead = (
        f"The nomogram gives {called} on paper: points for each predictor, and the probability "
        f"that their sum means. {reading_error(points, scale)}",
    )
    picture = results.figures.get("nomogram")
    figures = () if picture is None else (_figure(picture, called),)
    return [
        Section("nomogram", TITLE, words + lead, figures, _tables(points, scale), links=(link,))
    ]


def reading_error(points: pd.DataFrame, scale: pd.DataFrame) -> str:
    """Say how far off a probability is at most that is read to the nearest point.

    Parameters
    ----------
    points, scale : DataFrame
        From ``spl_kedro.explainability.nomogram.nomogram``.
    """
    ends = scale[scale["kind"] == "end"]
    unit = (ends["log_odds"].max() - ends["log_odds"].min()) / ends["total_points"].max()
    # Half a point on each axis, where the probability changes fastest with the log-odds.
    largest = 0.25 * unit * 0.5 * points["variable"].nunique()
    return (
        "Read to the nearest point on every axis, the probability is off by "
        f"{number(largest, 2)} at most; the tables below and the calculator are exact."
    )


def terms_table(models: pd.DataFrame, terms: pd.DataFrame) -> ReportTable:
    """Return what each answer adds to the log-odds of malignancy, by model.

    Parameters
    ----------
    models, terms : DataFrame
        From ``spl_kedro.explainability.additive``.
    """
    shown = terms.assign(words=[_term_words(row) for row in terms.itertuples()])
    names = [str(name) for name in models.loc[models["additive"], "model"]]
    order = list(dict.fromkeys(shown.sort_values("model", ascending=False)["words"]))
    cells = shown.set_index(["model", "words"])["log_odds"]
    frame = pd.DataFrame({"Predictor": order}, dtype="str")
    for name in names:
        own = dict(cells.loc[name])
        frame[model_name(name)] = [_significant(own.get(words)) for words in order]
    return ReportTable(
        "additive_terms",
        "What each answer adds to the log-odds of malignancy",
        frame,
        note="Four digits; the page computes with all. A number's entry is for one unit more.",
        folded=True,
    )


def _term_words(row: Any) -> str:
    kind, variable = str(row.kind), str(row.variable)
    if kind == "intercept":
        return "Intercept"
    name = variable_name(variable)
    tail = {"score": ", log-odds", "number": "", "missing": ", not known"}
    return f"{name}: {row.category}" if kind == "category" else name + tail[kind]


def _significant(value: float | None) -> str:
    return number(None) if value is None else f"{value:.4g}".replace("-", "−")


def _figure(picture: object, called: str) -> ReportFigure:
    return ReportFigure(
        "nomogram",
        f"Nomogram of {called}.",
        "A ruler of points on top, an axis for each predictor, the sum of the points and the "
        "probability of malignancy. All points are in the table.",
        {"": picture},
        wide=True,
    )


def _tables(points: pd.DataFrame, scale: pd.DataFrame) -> tuple[ReportTable, ...]:
    of_points = pd.DataFrame(
        {
            "Predictor": [variable_name(name) for name in points["variable"]],
            "Value": points["tick"].to_list(),
            "Points": [number(value, 2) for value in points["points"]],
        },
        dtype="str",
    )
    shown = scale[scale["kind"] != "end"]
    notes = {"tick": "", "threshold": "operating threshold"}
    of_sums = pd.DataFrame(
        {
            "Total points": [number(value, 2) for value in shown["total_points"]],
            "Probability": [number(value) for value in shown["probability"]],
            "Note": [notes[kind] for kind in shown["kind"]],
        },
        dtype="str",
    )
    return (
        ReportTable("nomogram", "Points of the nomogram", of_points, 2, folded=True),
        ReportTable("nomogram_scale", "From points to probability", of_sums, folded=True),
    )
