"""Read the hospital's table, CSV or Excel by its content, every cell as text."""

from __future__ import annotations

import logging
import re
import stat
from pathlib import Path

import pandas as pd

from spl_kedro.cohort.cells import clean, is_figure
from spl_kedro.cohort.delimited import decode, split
from spl_kedro.cohort.size import MOST_BYTES, require_few_cells
from spl_kedro.cohort.workbook import RESAVE, Rows, read_workbook
from spl_kedro.errors import UnusableStudyError
from spl_kedro.guarded import EndedError, guarded
from spl_kedro.imaging import CaseWarning
from spl_kedro.rules import ActionTaken

log = logging.getLogger(__name__)

_EXCEL = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_LEGACY_EXCEL = b"\x09\x08"  # a stream of Excel 5 records without a container
_JSON = re.compile(r"\s*[\[{]")
_MARKUP = re.compile(r"\s*<(!doctype|html|table|\?xml)", re.IGNORECASE)


def read_table(
    path: Path,
    *,
    sheet: str | None = None,
    separator: str | None = None,
    encoding: str | None = None,
) -> pd.DataFrame:
    """Read a table whose first row that is not blank holds the column names.

    Parameters
    ----------
    path : Path
        CSV or Excel; the name's ending does not matter.
    sheet : str, optional
        Sheet of a workbook; by default the first visible one that is not empty.
    separator, encoding : str, optional
        Of a CSV file; recognised by default.

    Returns
    -------
    DataFrame of str
        Column names trimmed; the index plus 1 is the row in the file; ``attrs["file"]`` is the
        file's name, ``attrs["notes"]`` what was read by a guess, as warnings.

    Raises
    ------
    UnusableStudyError
        If there is no such file, it is no table, or its header or rows cannot be trusted.
    """
    content = _content(path)
    name = path.name
    notes: list[CaseWarning] = []
    if content.startswith((*_EXCEL, _LEGACY_EXCEL)):
        rows, guesses = _workbook(content, name, sheet)
        notes += guesses
    else:
        text = decode(content, name, encoding, notes)
        other = _MARKUP.match(text), _JSON.match(text)
        if any(other):
            kind = "a web page or an XML file" if other[0] else "a JSON file"
            raise UnusableStudyError(
                f"{name}: a CSV file or an Excel workbook",
                f"it is {kind}, as some programs export them.",
                "Open it in Excel and save it as .xlsx, or as CSV in UTF-8.",
            )
        rows = split(text, name, separator) if text.strip() else []
    return _table(rows, name, notes)


def _workbook(content: bytes, name: str, sheet: str | None) -> tuple[Rows, list[CaseWarning]]:
    """Read a workbook in a process of its own: a small one may unpack to more than the memory."""
    try:
        return guarded(read_workbook, content, name, sheet)
    except EndedError as error:
        raise UnusableStudyError(
            f"{name}: a workbook that can be opened", f"it {error.what}.", RESAVE
        ) from error


def _content(path: Path) -> bytes:
    """Return the file's bytes; anything but a regular file could block for ever."""
    rule = f"{path.name}: a readable file"
    remedy = "Put the table there, or correct `filepath` of cohort_table in catalog.yml."
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            kind = "a folder" if path.is_dir() else "a device or pipe"
            raise UnusableStudyError(rule, f"'{path}' is {kind}.", remedy)
        if path.stat().st_size > MOST_BYTES:
            raise UnusableStudyError(
                f"{path.name}: a table of at most {MOST_BYTES // 2**20} MiB",
                f"it has {path.stat().st_size // 2**20} MiB.",
                "Take out the columns and rows that the study does not use.",
            )
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UnusableStudyError(rule, f"there is no file '{path}'.", remedy) from error
    except OSError as error:
        raise UnusableStudyError(
            rule, f"'{path}' cannot be read ({error.strerror}).", "Correct the file's permissions."
        ) from error
    if not content.strip():
        raise UnusableStudyError(
            f"{path.name}: a table that is not empty", "the file is empty.", "Export it again."
        )
    return content


def _table(rows: Rows, name: str, notes: list[CaseWarning]) -> pd.DataFrame:
    if not rows:
        raise UnusableStudyError(
            f"{name}: a table that is not empty", "it holds blank cells alone.", "Export it again."
        )
    (header_row, header), body = rows[0], rows[1:]
    names = [" ".join(clean(cell).split()) for cell in header]
    width = max(len(cells) for _, cells in rows)
    require_few_cells(len(rows) * width, name)
    names += [""] * (width - len(names))
    cells = [[*row, *[""] * (width - len(row))] for _, row in body]
    kept = [i for i, title in enumerate(names) if title or any(row[i].strip() for row in cells)]
    if kept[:1] == [0] and not names[0] and _counts_rows([row[0] for row in cells]):
        kept = kept[1:]
        notes.append(
            CaseWarning(
                "a name for each column",
                f"the first column of {name} has no name and counts the rows; it is passed over.",
                "Export the table without row names.",
                ActionTaken.LEFT_OUT,
            )
        )
    nameless = [i + 1 for i in kept if not names[i]]
    if nameless:
        raise UnusableStudyError(
            f"{name}: a name for each column",
            f"row {header_row}, taken for the header, has no name for column "
            f"{', '.join(map(str, nameless[:10]))}.",
            "Have one row of column names, without merged cells or a title above it.",
        )
    repeated = sorted({title for title in names if title and names.count(title) > 1})
    if repeated:
        told = f"the names {', '.join(map(repr, repeated))}"
        if any(map(is_figure, names)):  # a patient's row, whose words no message may repeat
            told = "some names"
        raise UnusableStudyError(
            f"{name}: one name a column",
            f"{told} stand over several columns.",
            "Rename all but one.",
        )
    if not body:
        raise UnusableStudyError(
            f"{name}: a row for each lesion", "it has a header and no row below it.",
            "Export it again.",
        )  # fmt: skip
    table = pd.DataFrame(
        [[row[i] for i in kept] for row in cells],
        columns=[names[i] for i in kept],
        index=[number - 1 for number, _ in body],
        dtype="str",
    )
    for note in notes:
        log.info("The table: %s", note.message)
    table.attrs |= {"file": name, "notes": notes}
    return table


def _counts_rows(cells: list[str]) -> bool:
    """Return whether a column holds row numbers from 0 or 1, as R and pandas write them."""
    return any(cells == [str(start + row) for row in range(len(cells))] for start in (0, 1))
