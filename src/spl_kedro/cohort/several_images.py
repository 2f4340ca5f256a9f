"""Patients with several image files in one row of the table: a row for each image."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from spl_kedro.cohort.cells import clean
from spl_kedro.cohort.headers import match_headers
from spl_kedro.cohort.names import FileNames, stem_of
from spl_kedro.cohort.settings import CohortSettings, Columns
from spl_kedro.cohort.table import row_identifiers

#: The column made of the rows' identifiers, where the table has none of patients.
PATIENT = "patient of several images"


def one_row_per_image(
    table: pd.DataFrame, images: Collection[str], settings: CohortSettings
) -> tuple[pd.DataFrame, CohortSettings]:
    """Give each image of a row a row of its own, with all that the table says of its patient.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over.
    images : collection of str
        Names of the files in the folder of images.
    settings : CohortSettings
        Without ``files.several_images`` nothing is done.

    Returns
    -------
    table : DataFrame
        Files that the table names (``columns.image``) become the lesions ``<identifier>_1``,
        ``_2``, ... in the order of the cell, each with the outline and the frame at its place in
        their own cells; a row of one file stays. Files that the identifier names (``7.png``,
        ``7_a.png``) are lesions of their own names. A row without image stays, for the rule that
        it breaks.
    settings : CohortSettings
        With a column of patients: the table's, or else the identifiers of its rows.

    Examples
    --------
    >>> from spl_kedro.cohort.settings import Split
    >>> settings = CohortSettings(simulated=True, columns={"lesion_id": "id", "label": None},
    ...                           clinical=(), split=Split(seed=1), files={"several_images": True})
    >>> table = pd.DataFrame({"id": ["7", "8"], "age": ["60", "70"]})
    >>> rows, settings = one_row_per_image(table, ["7_a.png", "7_b.png", "8.png"], settings)
    >>> rows.to_numpy().tolist()
    [['7_a', '60', '7'], ['7_b', '60', '7'], ['8', '70', '8']]
    """
    if not settings.files.several_images:
        return table, settings
    columns = match_headers(table, settings).columns
    identifiers = row_identifiers(table, settings)
    wide = table
    if columns.patient_id is None:
        wide = table.assign(**{PATIENT: identifiers})
        named = settings.columns.model_copy(update={"patient_id": PATIENT})
        settings = settings.model_copy(update={"columns": named})
    if columns.image is not None:
        found = _named_in_cells(wide, identifiers, columns, settings.file_separator)
    else:
        found = _named_as_rows(identifiers, columns, _without_outlines(images, settings))
    places, cells = zip(*found, strict=True) if len(wide) else ((), ())
    rows = wide.iloc[list(places)].copy()
    if len(rows) > len(wide):  # else they are told by their places in the table
        rows = rows.reset_index(drop=True)
    for name in {column for own in cells for column in own}:
        new = pd.Series([own.get(name) for own in cells], dtype="object", index=rows.index)
        rows[name] = rows[name].astype("object").where(new.isna(), new)
    rows.attrs |= table.attrs
    return rows, settings


def _without_outlines(images: Collection[str], settings: CohortSettings) -> list[str]:
    """Return the files that are images, where a pattern tells outlines from them."""
    if settings.files.outline is None:
        return list(images)
    return [name for name in images if settings.files.outline_key(name) is None]


def _named_as_rows(
    identifiers: pd.Series, columns: Columns, images: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the place of each row, once for each image, with the cells that the image changes."""
    known = {str(name): str(name) for name in identifiers.dropna()}
    owned = FileNames(images).owned(known)
    for place, own in enumerate(identifiers):
        stems = sorted({stem_of(file) for file in owned.get(own, [])})
        yield from ((place, {columns.lesion_id: stem}) for stem in stems)
        if not stems:
            yield place, {}


def _named_in_cells(
    table: pd.DataFrame, identifiers: pd.Series, columns: Columns, separator: str
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the same, where the table names the files."""
    image = str(columns.image)
    files = table[image].map(lambda cell: _split(cell, separator))
    others = {
        column: table[column].map(lambda cell: _split(cell, separator))
        for column in (columns.masks, columns.frame)
        if column is not None
    }
    for place, (own, names) in enumerate(zip(identifiers, files, strict=True)):
        if len(names) < 2:
            yield place, {}
            continue
        for number, name in enumerate(names):
            cells = {columns.lesion_id: f"{own}_{number + 1}", image: name}
            for column, found in others.items():
                if len(found.iloc[place]) == len(names):
                    cells[column] = found.iloc[place][number]
            yield place, cells


def _split(cell: object, separator: str) -> list[str]:
    return [name.strip() for name in str(clean(cell)).split(separator) if name.strip()]
