"""What could give the label away, looked at before anything was fitted."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd

from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import NOT_DEFINED, p_value, variable_name
from spl_kedro.schemas import clinical_columns

#: Section in which the list stands.
ANCHOR = "leaks"


def leaks_section(results: StudyResults) -> Section:
    """Return the section on leaks: what is listed, and every check that was made."""
    title = "Label leakage"
    leaks = results.leaks
    if leaks is None:
        return Section(ANCHOR, title, missing=("Leak detector",))
    listed = leaks[leaks["listed"]]
    variables = (
        "each clinical variable by itself, where it is missing and what its words are; "
        if clinical_columns(results.cohort)
        else ""
    )
    alone = (
        "Looked at before anything was fitted, in the training lesions alone, one lesion of each "
        f"patient: {variables}what there is of site, scanner, image sizes and dates; the order of "
        "cases. p-values are corrected for the number of checks that are strong enough to be "
        "listed (Holm). What leaks in a way that no check asks for is not found."
    )
    tables = [_listed(listed)] if len(listed) else []
    tables += [_checks(leaks)] if len(leaks) else []
    return Section(ANCHOR, title, (leaks_words(leaks), alone), tables=tuple(tables))


def leaks_words(leaks: pd.DataFrame) -> str:
    """Return in a sentence how many checks were made, and what is listed."""
    listed = leaks[leaks["listed"]]
    if listed.empty:
        return f"None of {len(leaks)} checks for leaks lists anything."
    names = listed["variable"].drop_duplicates().map(variable_name)
    return f"{len(listed)} of {len(leaks)} checks for leaks list something: {', '.join(names)}."


def _listed(listed: pd.DataFrame) -> ReportTable:
    frame = {
        "What": listed["variable"].map(variable_name),
        "What was found": listed["message"],
        "p (Holm)": listed["p_holm"].map(p_value),
        "Action": listed["action"],
        "Remedy": listed["remedy"],
    }
    caption = "Listed: what gives the label away, or may"
    return ReportTable("leaks", caption, pd.DataFrame(frame, dtype="str"))


def _checks(leaks: pd.DataFrame) -> ReportTable:
    records = leaks.to_dict("records")
    frame = {
        "What": leaks["variable"].map(variable_name),
        "Rule": leaks["rule"],
        "Value (95% interval)": [_spelled(row) for row in records],
        "p": leaks["p_value"].map(p_value),
        "p (Holm)": leaks["p_holm"].map(p_value),
        "Patients": leaks["cases"].astype("str"),
        "Listed": leaks["action"].replace("", "no"),
    }
    return ReportTable("leak_checks", "Every check", pd.DataFrame(frame, dtype="str"), folded=True)


def _spelled(row: dict[Hashable, Any]) -> str:
    if pd.isna(row["value"]):
        return NOT_DEFINED
    return f"{row['measure']} {row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
