"""What else could explain the result: the negative controls."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import NOT_DEFINED, interval, model_name, p_value, unseen_lesions
from spl_kedro.sceptic.controls.figure import controls_figure
from spl_kedro.sceptic.controls.words import account, verdict_words


def control_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section on negative controls, where they were computed."""
    table = results.sceptic.get("controls")
    if table is None or table.empty:
        return []
    image, full = (model_name(table[f"{which}_model"].iloc[0]) for which in ("image", "full"))
    margin = table["margin"].iloc[0]
    unseen = unseen_lesions(results.cohorts)
    apart = f" {unseen} have no part in it." if unseen else ""
    rules = (
        "Each control keeps some of what the model sees and destroys the rest, and is cross-fitted "
        f"on the study's own training lesions and folds. It could explain the result if it is "
        f"above chance and not worse than {image} (age and size: than {full}), or worse by less "
        f"than {margin:g} in AUC over the whole interval. Tests are corrected by Holm's method for "
        "the number of controls. Of controls that cannot help keeping outline or size only what "
        f"goes beyond counts.{apart}"
    )
    figure = ReportFigure(
        "controls",
        f"AUC of each negative control beside {image} and {full}; the coloured line is {image}.",
        "Forest plot of the AUC of each control; all numbers are in the table.",
        {"": Drawing(controls_figure, table, simulated=results.simulated)},
        wide=True,
    )
    return [
        Section(
            "controls",
            "Negative controls",
            (*account(table).sentences, rules),
            (figure,),
            (_numbers(table, image, full), _meanings(table)),
            level=3,
        )
    ]


def _numbers(table: pd.DataFrame, image: str, full: str) -> ReportTable:
    lines = []
    row: Any
    for row in table.itertuples():
        model = row.kind == "model"
        lines.append(
            {
                "Control": model_name(row.title) if model else row.title,
                "Lesions" if row.unit == "lesions" else "Patients": _count(row),
                "AUC": interval(row.auc, row.low, row.high),
                f"Less {image}": _difference(row, "image"),
                f"Less {full}": _difference(row, "full"),
                "Verdict": verdict_words(row),
                "p against chance": NOT_DEFINED if model else p_value(row.p_chance_holm),
                "p against the model": NOT_DEFINED if model else p_value(row.p_difference_holm),
            }
        )
    return ReportTable(
        "controls",
        f"Negative controls on cross-fitted training lesions ({coverage(table)} intervals; "
        "p corrected by Holm)",
        pd.DataFrame(lines, dtype="str"),
        note="Differences are on the lesions that the control has. What was measured, and who was "
        "left out, stands in the table below.",
    )


def _count(row: Any) -> str:
    if not row.n:
        return NOT_DEFINED
    return f"{int(row.n)}"


def _difference(row: Any, which: str) -> str:
    values = [getattr(row, f"{which}_difference{end}") for end in ("", "_low", "_high")]
    return interval(*values) if np.isfinite(values[0]) else NOT_DEFINED


def _meanings(table: pd.DataFrame) -> ReportTable:
    controls = table[table["kind"] != "model"]
    frame = controls[["title", "keeps", "destroys", "high_means", "note"]].set_axis(
        ["Control", "Keeps", "Destroys", "If it does as well as the model", "In this study"], axis=1
    )
    return ReportTable(
        "control_meanings", "What each control keeps, destroys and would mean",
        frame.fillna("").astype("str"), folded=True,
    )  # fmt: skip
