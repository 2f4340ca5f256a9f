"""The part of the study report that is about the learners."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.learners.words import learner_name, names_of
from spl_kedro.modeling.evaluation.beside import MEASURES, measured_rows
from spl_kedro.modeling.evaluation.figures.beside import beside_figure
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.words import (
    METRIC_NAMES,
    cohort_name,
    intervals,
    model_name,
    number,
    p_value,
    without_interval,
)

TITLE = "Other learners on the same features"


def learners_drawing(table: pd.DataFrame, *, simulated: bool) -> Drawing:
    """Return the forest plot of the learners beside the study's own model.

    Parameters
    ----------
    table : DataFrame
        From `spl_kedro.learners.judging.learner_table`.
    simulated : bool
    """
    names = names_of(table)
    return Drawing(
        beside_figure, table, [list(names)], names, "Learners on the study's features",
        simulated=simulated,
    )  # fmt: skip


def learner_section(
    table: pd.DataFrame, choices: pd.DataFrame, inputs: str, *, simulated: bool
) -> Section:
    """Return the section.

    Parameters
    ----------
    table : DataFrame
        From `spl_kedro.learners.judging.learner_table`.
    choices : DataFrame
        From `spl_kedro.learners.board.run_learners`.
    inputs : {"selected", "repeatable"}
        Which image features the learners got.
    simulated : bool
    """
    own = str(table.loc[table["role"] == "study", "model"].iloc[0])
    seen = {
        "selected": "the image features that the study's selection keeps in each fit",
        "repeatable": "all image features that are repeatable and vary",
    }[inputs]
    absent = table.drop_duplicates("model")
    absent = absent[absent["note"] != ""]
    paragraphs = [
        f"Each learner is given {seen} and all clinical variables side by side; {model_name(own)} "
        "is a model of the image whose score is then joined with the clinical features. Inputs, "
        "the settings of a learner (a small grid) and its calibration are chosen inside every fit, "
        "on the study's own folds; lesions outside training are scored once.",
        _verdict(table, own),
        *(
            f"{learner_name(name)}: {note}."
            for name, note in zip(absent["model"], absent["note"], strict=True)
        ),
    ]
    figure = ReportFigure(
        "tabular_learners",
        f"AUC of each learner with its {coverage(measured_rows(table))} interval.",
        "Forest plot of the learners' AUCs, one panel per cohort; all numbers are in the table.",
        {"": learners_drawing(table, simulated=simulated)},
        wide=True,
    )
    return Section(
        "tabular-learners",
        TITLE,
        tuple(paragraphs),
        (figure,),
        (_measures(table, own), _chosen(choices)),
    )


def _verdict(table: pd.DataFrame, own: str) -> str:
    """Say what cross-fitted training lesions decide."""
    kept = str(table.loc[table["kept"], "model"].iloc[0])
    training = table[(table["cohort"] == "training") & table["difference"].notna()]
    alpha = 1 - table["confidence"].max()
    rule = (
        f"A learner would take {model_name(own)}'s place only if cross-fitted training lesions "
        "showed it to be better (interval of the difference above 0, p after Holm's correction "
        f"below {alpha:.2g}); validation decides nothing."
    )
    if kept != own:
        return f"{rule} By this rule it is {learner_name(kept)}."
    lower = training[(training["difference_high"] < 0) & (training["p_holm"] < alpha)]
    worse = ", ".join(learner_name(name) for name in lower["model"])
    told = f" Shown to be worse: {worse}." if worse else ""
    return f"{rule} None is shown to be better; {model_name(own)} stays.{told}"


def _measures(table: pd.DataFrame, own: str) -> ReportTable:
    rows = measured_rows(table)
    written = {
        METRIC_NAMES[name]: intervals(rows[name], rows[f"{name}_low"], rows[f"{name}_high"])
        for name in MEASURES
    }
    gains = intervals(rows["difference"], rows["difference_low"], rows["difference_high"])
    estimates = [*MEASURES, "difference"]
    bare = without_interval(rows[estimates], rows[[f"{name}_low" for name in estimates]])
    frame = pd.DataFrame(
        {
            "Cohort": [cohort_name(name) for name in rows["cohort"]],
            "Learner": [names_of(table)[name] for name in rows["model"]],
            **written,
            f"AUC minus that of {model_name(own)}": gains,
            "p (Holm)": [p_value(value) for value in rows["p_holm"]],
        },
        dtype="str",
    )
    return ReportTable(
        "tabular_learners",
        f"Learners on the study's features, {coverage(rows)} intervals",
        frame,
        2,
        "Training: cross-fitted, means over repeats; differences by the corrected resampled "
        "t-test, elsewhere DeLong's. Holm's correction is over the learners of a cohort."
        + (f" {bare}" if bare else ""),
    )


def _chosen(choices: pd.DataFrame) -> ReportTable:
    lines = [
        {
            "Learner": learner_name(row["learner"]),
            "Fit": row["fit"].capitalize(),
            "Inputs": str(row["inputs"]),
            "Chosen": _what_was_chosen(row),
            "AUC in inner folds": number(row["inner_auc"]),
        }
        for row in choices.to_dict("records")
    ]
    return ReportTable(
        "tabular_learners_choices",
        "What inner folds chose, in the first repeat and on all training lesions",
        pd.DataFrame(lines, dtype="str"),
        2,
        folded=True,
    )


def _what_was_chosen(row: dict[Hashable, Any]) -> str:
    learner = learner_name(row["chosen"]) if row["chosen"] not in ("", row["learner"]) else ""
    told = [part for part in (learner, row["settings"].replace("_", " ")) if part]
    return ", ".join(told) or row["fallback"] or "nothing to choose"
