"""Columns of the hospital's table with other outcomes of a lesion than its label."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from spl_kedro.cohort.cells import ERRORS, clean
from spl_kedro.cohort.columns import without_repetitions
from spl_kedro.cohort.headers import first_line, match_headers
from spl_kedro.cohort.pseudonyms import Pseudonyms, rename_rows
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.several_images import one_row_per_image
from spl_kedro.cohort.table import row_identifiers
from spl_kedro.errors import UnusableStudyError


def outcome_cells(
    table: pd.DataFrame,
    images: Collection[str],
    columns: Mapping[str, str],
    settings: CohortSettings,
) -> pd.DataFrame:
    """Return some columns of the hospital's table by lesion, under the study's own identifiers.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over.
    images : collection of str
        Names of the files in the folder of images.
    columns : mapping of str to str
        Column of the table by the parameter that names it.
    settings : CohortSettings

    Returns
    -------
    DataFrame of str
        Index lesion_id, one column for each parameter; missing where nothing, a word for a missing
        value or an error of Excel stands. Rows without identifier, and those whose identifier
        stands in several rows, are not there: no lesion of the study is one of theirs.

    Raises
    ------
    UnusableStudyError
        If a column is missing or is a clinical variable of the study.

    Examples
    --------
    >>> from spl_kedro.cohort.settings import Split
    >>> settings = CohortSettings(simulated=True, columns={"lesion_id": "id", "label": None},
    ...                           clinical=(), split=Split(seed=1))
    >>> table = pd.DataFrame({"id": ["7.png", "8"], "Histology ": [" Abscess", "n/a"]})
    >>> cells = outcome_cells(table, [], {"multiclass.column": "histology"}, settings)
    >>> cells["multiclass.column"].fillna("missing").to_dict()
    {'7': 'Abscess', '8': 'missing'}
    """
    table, _ = without_repetitions(table)
    table, settings = one_row_per_image(table, images, settings)
    matched = match_headers(table, settings)
    identifier = matched.columns.lesion_id
    found = {place: _column(table, wanted, place, identifier) for place, wanted in columns.items()}
    predictors = {variable.column: variable.name for variable in matched.clinical}
    for place, column in found.items():
        if column in predictors:
            raise UnusableStudyError(
                "an outcome that is no predictor",
                f"{place} names the column '{column}', which is the clinical variable "
                f"'{predictors[column]}' too.",
                "Take it out of data_processing.clinical.",
            )
    if settings.pseudonyms is not None:
        names = Pseudonyms.from_variable(settings.pseudonyms)
        table = rename_rows(table, [identifier], names, settings)
    missing = {word.casefold() for word in settings.missing_words} | {""} | ERRORS
    cells = pd.DataFrame(index=pd.Index(row_identifiers(table, settings), name="lesion_id"))
    for place, column in found.items():
        texts = table[column].map(clean).astype("str")
        cells[place] = texts.mask(texts.str.casefold().isin(missing)).to_numpy()
    known = cells.index.notna() & ~cells.index.duplicated(keep=False)
    return cells[known].sort_index()


def _column(table: pd.DataFrame, wanted: str, place: str, identifier: str) -> str:
    """Return a column as the header has it, whatever the case of its letters."""
    if wanted in table.columns:
        return wanted
    tidy = [column for column in map(str, table.columns) if _tidy(column) == _tidy(wanted)]
    if len(tidy) != 1:
        file = table.attrs.get("file", "the cohort table")
        told = f"several columns fit '{wanted}'" if tidy else f"no column '{wanted}'"
        raise UnusableStudyError(
            f"{file}: a column for each parameter",
            f"{told} ({place}). {first_line([str(c) for c in table.columns], [identifier])}",
            f"Correct the name in {place}, or the header.",
        )
    return tidy[0]


def _tidy(name: str) -> str:
    return " ".join(clean(name).split()).casefold()
