"""What could give the label away, looked at before anything was fitted."""

from __future__ import annotations

import pandas as pd

from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import NOT_DEFINED, p_value, variable_name

#: Section in which the list stands.
ANCHOR = "leaks"


def leaks_section(results: StudyResults) -> Section:
    """Return the section on leaks: what is listed, and every check that was made."""
    title = "What could give the label away"
    leaks = results.leaks
    if leaks is None:
        return Section(ANCHOR, title, missing=("Leak detector",))
    listed = leaks[leaks["listed"]]
    alone = (
        "Looked at before anything was fitted, in the training lesions alone, one lesion of each "
        "patient: each clinical variable by itself, where it is missing and what its words are; "
        "site, scanner, image sizes and dates; the order of cases. p-values are corrected for "
        "the number of checks that are strong enough to be listed (Holm). What leaks in a way "
        "that no check asks for is not found."
    )
    tables = [_table("leaks", "Listed: what gives the label away, or may", listed)]
    tables = tables if len(listed) else []
    if len(leaks):
        checks = _table("leak_checks", "Every check", leaks, brief=True)
        tables.append(checks)
    return Section(ANCHOR, title, (leaks_words(leaks), alone), tables=tuple(tables))


def leaks_words(leaks: pd.DataFrame) -> str:
    """Return in a sentence how many checks were made, and what is listed."""
    listed = leaks[leaks["listed"]]
    if listed.empty:
        return f"None of {len(leaks)} checks for leaks lists anything."
    names = listed["variable"].drop_duplicates().map(variable_name)
    return f"{len(listed)} of {len(leaks)} checks for leaks list something: {', '.join(names)}."


def _table(key: str, caption: str, leaks: pd.DataFrame, *, brief: bool = False) -> ReportTable:
    value = [
        NOT_DEFINED if pd.isna(row["value"]) else _spelled(row) for row in leaks.to_dict("records")
    ]
    columns = {
        "What": leaks["variable"].map(variable_name),
        "Rule": leaks["rule"],
        "Value (95 % interval)": value,
        "p": [NOT_DEFINED if pd.isna(p) else p_value(p) for p in leaks["p_value"]],
        "p (Holm)": [NOT_DEFINED if pd.isna(p) else p_value(p) for p in leaks["p_holm"]],
        "Patients": leaks["cases"].astype("str"),
    }
    if brief:
        columns["Listed"] = leaks["action"].replace("", "no")
    else:
        columns |= {"What was done": leaks["action"], "Remedy": leaks["remedy"]}
    return ReportTable(key, caption, pd.DataFrame(columns, dtype="str"), folded=brief)


def _spelled(row: dict) -> str:
    return f"{row['measure']} {row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
