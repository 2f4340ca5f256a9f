"""Find the columns that the parameters name in the header of the hospital's table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import pandas as pd

from spl_kedro.cohort.cells import clean, is_figure
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError

_SHOWN = 40


def match_headers(table: pd.DataFrame, settings: CohortSettings) -> CohortSettings:
    """Return the settings with each column named as the table's header has it.

    A name is found as it is but for blanks, else whatever its letters' case, where that is
    unique. Excluded columns that the table lacks stay as they are.

    Parameters
    ----------
    table : DataFrame
    settings : CohortSettings

    Raises
    ------
    UnusableStudyError
        If a column is missing, if several fit, or if a clinical variable is an excluded column.
    """
    file = table.attrs.get("file", "the cohort table")
    columns = [str(column) for column in table.columns]
    keys = {k: c for k, c in settings.columns.model_dump().items() if c is not None}
    wanted = {f"columns.{key}": column for key, column in keys.items()}
    wanted |= {f"clinical.{v.name}": v.column for v in settings.clinical}
    found = {place: _find(column, columns, place, file) for place, column in wanted.items()}
    missing = {place: wanted[place] for place, column in found.items() if column is None}
    if missing:
        raise UnusableStudyError(
            f"{file}: a column for each parameter",
            f"no column {', '.join(_missing(p, c, columns) for p, c in missing.items())}. "
            + first_line(columns, wanted.values()),
            "Correct the name in data_processing, or the header.",
        )
    excluded = {
        entry.column: _find(entry.column, columns, "excluded", file) or entry.column
        for entry in settings.excluded
    }
    clinical = {v.name: found[f"clinical.{v.name}"] for v in settings.clinical}
    leaking = sorted(set(clinical.values()) & set(excluded.values()), key=str)
    if leaking:
        raise UnusableStudyError(
            f"{file}: no excluded column among the predictors",
            f"the columns {leaking} are clinical variables and excluded at once.",
            "Take them out of data_processing.clinical or out of data_processing.excluded.",
        )
    return settings.model_copy(
        update={
            "columns": settings.columns.model_copy(
                update={key: found[f"columns.{key}"] for key in keys}
            ),
            "clinical": tuple(
                v.model_copy(update={"column": clinical[v.name]}) for v in settings.clinical
            ),
            "excluded": tuple(
                entry.model_copy(update={"column": excluded[entry.column]})
                for entry in settings.excluded
            ),
        }
    )


def without_absent(table: pd.DataFrame, settings: CohortSettings) -> CohortSettings:
    """Return the settings without the columns that a table of new cases lacks.

    All but the identifier may be missing there: without a patient each lesion is one's own,
    without a site or a label these are not known, and a clinical variable is not had.

    Parameters
    ----------
    table : DataFrame
    settings : CohortSettings
        Of the study that is to score the cases.
    """
    file = table.attrs.get("file", "the table of cases")
    columns = [str(column) for column in table.columns]

    def there(column: str | None, place: str) -> bool:
        return column is not None and _find(column, columns, place, file) is not None

    keys = settings.columns.model_dump(exclude={"lesion_id"})
    kept = {key: column if there(column, key) else None for key, column in keys.items()}
    return settings.model_copy(
        update={
            "columns": settings.columns.model_copy(update={**kept, "label": None}),
            "clinical": tuple(
                v for v in settings.clinical if there(v.column, f"clinical.{v.name}")
            ),
            "excluded": (),
        }
    )


def _tidy(name: str) -> str:
    return " ".join(clean(name).split())


def _find(wanted: str, columns: list[str], place: str, file: str) -> str | None:
    tidy = _tidy(wanted)
    fitting = [column for column in columns if column == wanted]
    fitting = fitting or [column for column in columns if _tidy(column) == tidy]
    fitting = fitting or [
        column for column in columns if _tidy(column).casefold() == tidy.casefold()
    ]
    if len(fitting) > 1:
        raise UnusableStudyError(
            f"{file}: one column for each parameter",
            f"data_processing.{place} names '{wanted}', and the columns "
            f"{', '.join(map(repr, fitting))} fit.",
            "Write the name as in the header.",
        )
    return fitting[0] if fitting else None


def first_line(columns: list[str], wanted: Iterable[str]) -> str:
    """Return what a message may say of a table's first line: its cells, where it is a header.

    Without a header, or with one that cannot be read or runs on into the next line, it holds a
    patient's words, which no log may repeat. A header is what has one of the columns `wanted`, or
    one of nearly that name, and no number among its names.
    """
    folded = _folded(columns)
    if not any(_tidy(name).casefold() in folded or _near(name, folded) for name in wanted):
        return (
            f"None of the columns that the parameters name is in its first line of {len(columns)} "
            "cells, which may be no header; they are not repeated here."
        )
    if any(map(is_figure, columns)):
        return (
            f"Among the {len(columns)} cells of its first line are numbers, so that it may hold a "
            "patient's values; they are not repeated here."
        )
    more = len(columns) - _SHOWN
    shown = ", ".join(columns[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
    return f"Its columns are: {shown}."


def _folded(columns: list[str]) -> dict[str, str]:
    return {_tidy(name).casefold(): name for name in columns}


def _near(column: str, folded: Mapping[str, str]) -> list[str]:
    near = get_close_matches(_tidy(column).casefold(), folded, n=2, cutoff=0.7)
    return [folded[name] for name in near]


def _missing(place: str, column: str, columns: list[str]) -> str:
    near = _near(column, _folded(columns))
    hint = f"; near: {', '.join(map(repr, near))}" if near else ""
    return f"'{column}' (data_processing.{place}{hint})"
