"""The hospital's table as a whole: rows that repeat, and what becomes of each column."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from spl_kedro.cohort.headers import match_headers
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.imaging import CaseWarning
from spl_kedro.rules import ActionTaken


def without_repetitions(table: pd.DataFrame) -> tuple[pd.DataFrame, list[CaseWarning]]:
    """Keep one of rows that are the same in every cell; rows that differ are left as they are.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over.

    Returns
    -------
    table : DataFrame
    notes : list of CaseWarning
        On the cohort as a whole; what the reader of the file noted comes first.
    """
    notes = [CaseWarning(*note) for note in table.attrs.get("notes", ())]
    repeated = table.duplicated()
    if repeated.any():
        rows = ", ".join(str(row + 1) for row in table.index[repeated][:10])
        notes.append(
            CaseWarning(
                "one row a lesion",
                f"{int(repeated.sum())} rows repeat another in every cell and are passed over "
                f"(row {rows}).",
                "Check how the table was joined; rows that differ would be left out.",
                ActionTaken.LEFT_OUT,
            )
        )
    return table[~repeated], notes


def leave_out_constants(
    usable: pd.DataFrame, parameters: CohortSettings
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Drop the clinical variables that tell no lesion from another.

    Parameters
    ----------
    usable : DataFrame
        Every usable lesion, with the clinical variables.
    parameters : CohortSettings

    Returns
    -------
    usable : DataFrame
        Without the variables that are empty or, where models are to be fitted, hold one value.
    left_out : dict of str to str
        Name of each such variable, and why.
    """
    left_out = {}
    for name in [variable.name for variable in parameters.clinical]:
        values = usable[name].dropna().unique()
        if len(values) == 0:
            left_out[name] = "no usable lesion has a value"
        elif len(values) == 1 and parameters.divided:
            value = f"{values[0]:g}" if isinstance(values[0], float) else str(values[0])
            left_out[name] = f"the same for every usable lesion that has a value: {value}"
    return usable.drop(columns=list(left_out)), left_out


def constant_variable(name: str, reason: str) -> CaseWarning:
    """Return the finding on a variable that :func:`leave_out_constants` dropped, and why."""
    return CaseWarning(
        "a variable that tells lesions apart",
        f"the clinical variable '{name}' is left out: {reason}.",
        "Check the column, or take the variable out of data_processing.clinical.",
        ActionTaken.LEFT_OUT,
    )


def column_audit(
    table: pd.DataFrame, parameters: CohortSettings, left_out: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """List what becomes of every column of the hospital's table, and why.

    Parameters
    ----------
    table : DataFrame
    parameters : CohortSettings
    left_out : mapping of str to str, optional
        Clinical variables without information and why, from :func:`leave_out_constants`.

    Returns
    -------
    DataFrame, one row per column
        Columns `column`, `use` (``key``, ``clinical``, ``left out``, ``excluded``,
        ``not mapped``), `reason`.
    """
    parameters = match_headers(table, parameters)
    keys = {c: k for k, c in parameters.columns.model_dump().items() if c is not None}
    clinical = {v.column: v.name for v in parameters.clinical}
    excluded = {entry.column: entry.reason for entry in parameters.excluded}
    rows = []
    for column in table.columns:
        reason = (left_out or {}).get(clinical.get(column, ""))
        if column in excluded:
            rows.append((column, "excluded", excluded[column]))
        elif reason is not None:
            rows.append((column, "left out", f"variable {clinical[column]}: {reason}"))
        elif column in clinical:
            rows.append((column, "clinical", f"variable {clinical[column]}"))
        elif column in keys:
            rows.append((column, "key", keys[column]))
        else:
            rows.append((column, "not mapped", "named nowhere in data_processing"))
    return pd.DataFrame(rows, columns=["column", "use", "reason"])
