"""Read one sheet of an Excel workbook as text, each cell as Excel shows it."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import Any

from spl_kedro.cohort.size import MOST_UNPACKED, require_few_cells
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import CaseWarning

Rows = list[tuple[int, list[str]]]

RESAVE = "Open it in Excel and save it as .xlsx, or as CSV in UTF-8."


def read_workbook(
    content: bytes, name: str, sheet: str | None = None
) -> tuple[Rows, list[CaseWarning]]:
    """Return the rows of a sheet that are not blank, with their row numbers from 1, and notes.

    Parameters
    ----------
    content : bytes
        Of an .xlsx or .xls file.
    name : str
        The file, for messages.
    sheet : str, optional
        Name of the sheet; by default the first visible one that is not empty.

    Returns
    -------
    rows : list of tuple of int and list of str
    notes : list of CaseWarning
        Where other sheets were passed over.

    Raises
    ------
    UnusableStudyError
        If the workbook is protected, damaged or too large, the sheet does not exist, several
        sheets hold such a table, or a formula has no stored value.
    """
    if content.startswith(b"PK") and b"opendocument.spreadsheet" in content[:100]:
        raise UnusableStudyError(
            f"{name}: a CSV file or an Excel workbook",
            "it is an OpenDocument spreadsheet.",
            RESAVE,
        )
    if content.startswith(b"PK"):
        sheets = _open(_xlsx_sheets, content, name)
    elif "EncryptedPackage".encode("utf-16-le") in content:
        raise UnusableStudyError(
            f"{name}: a workbook that can be opened",
            "it is protected by a password.",
            "Save a copy without the password.",
        )
    else:
        sheets = _open(_xls_sheets, content, name)
    if sheet is not None:
        if sheet not in sheets:
            raise UnusableStudyError(
                f"{name}: a sheet '{sheet}'",
                f"its sheets are {', '.join(map(repr, sheets))}.",
                "Correct `sheet` of cohort_table in catalog.yml.",
            )
        return sheets[sheet], []
    filled = [title for title, rows in sheets.items() if rows]
    notes = [_other_sheets(name, sheets, filled)] if len(filled) > 1 else []
    return (sheets[filled[0]] if filled else []), notes


def _other_sheets(name: str, sheets: dict[str, Rows], filled: list[str]) -> CaseWarning:
    """Return the note on sheets that are not read, or raise where the lesions may be in them."""
    read, *others = filled
    header = sheets[read][0][1]
    alike = [title for title in others if sheets[title][0][1] == header]
    if alike:
        raise UnusableStudyError(
            f"{name}: all lesions in one sheet",
            f"the sheets {', '.join(map(repr, [read, *alike]))} have the same columns.",
            "Put all rows into one sheet, or set `sheet` of cohort_table in catalog.yml.",
        )
    return CaseWarning(
        "a workbook of one sheet",
        f"of {name} the sheet '{read}' is read, and not {', '.join(map(repr, others))}.",
        "Check that it is the right one, or set `sheet` of cohort_table in catalog.yml.",
    )


def _open(reader: Any, content: bytes, name: str) -> dict[str, Rows]:
    try:
        return reader(content, name)
    except (UnusableStudyError, MemoryError):
        raise
    except Exception as error:  # whatever a parser raises on a damaged file
        words = str(error).lower()
        protected = "encrypt" in words or "password" in words
        raise UnusableStudyError(
            f"{name}: a workbook that can be opened",
            "it is protected by a password."
            if protected
            else f"it is damaged or no Excel workbook ({type(error).__name__}).",
            "Save a copy without the password." if protected else RESAVE,
        ) from error


def _xlsx_sheets(content: bytes, name: str) -> dict[str, Rows]:
    from openpyxl import load_workbook

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        # What a part states is the most that is unpacked of it.
        unpacked = sum(part.file_size for part in packed.infolist())
    if unpacked > MOST_UNPACKED:
        raise UnusableStudyError(
            f"{name}: a workbook of at most {MOST_UNPACKED // 2**20} MiB",
            f"it unpacks to {unpacked // 2**20} MiB.",
            RESAVE,
        )
    book = load_workbook(io.BytesIO(content), data_only=True)
    formulas = load_workbook(io.BytesIO(content))
    sheets = {}
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        require_few_cells(sheet.max_row * sheet.max_column, name)
        rows = []
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            texts = [cell_text(cell.value, cell.number_format) for cell in cells]
            for cell, text in zip(cells, texts, strict=True):
                # A formula that gave an empty text has the type "str".
                formula = formulas[sheet.title][cell.coordinate].data_type == "f"
                if not text and formula and cell.data_type == "n":
                    raise UnusableStudyError(
                        f"{name}: formulas with a value",
                        f"sheet '{sheet.title}', cell {cell.coordinate} holds a formula that no "
                        "program has computed.",
                        RESAVE,
                    )
            if any(texts):
                rows.append((number, texts))
        sheets[sheet.title] = rows
    return sheets


def _xls_sheets(content: bytes, name: str) -> dict[str, Rows]:
    import xlrd

    book = xlrd.open_workbook(file_contents=content, logfile=io.StringIO())
    make = {
        xlrd.XL_CELL_DATE: lambda value: xlrd.xldate_as_datetime(value, book.datemode),
        xlrd.XL_CELL_ERROR: xlrd.error_text_from_code.get,
        xlrd.XL_CELL_BOOLEAN: bool,
    }
    sheets = {}
    for sheet in book.sheets():
        if sheet.visibility:
            continue
        require_few_cells(sheet.nrows * sheet.ncols, name)
        rows = [
            [cell_text(make.get(cell.ctype, lambda value: value)(cell.value)) for cell in row]
            for row in sheet.get_rows()
        ]
        sheets[sheet.name] = [(n, row) for n, row in enumerate(rows, start=1) if any(row)]
    return sheets


def cell_text(value: Any, number_format: str = "General") -> str:
    """Return a cell's value as text.

    Whole numbers have no decimals, a day is written ``2024-01-05``, a number that Excel shows
    with leading zeros keeps them.

    Examples
    --------
    >>> cell_text(12.0), cell_text(7, "0000"), cell_text(datetime.datetime(2024, 1, 5))
    ('12', '0007', '2024-01-05')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, int) and re.fullmatch("0{2,}", number_format):
        return str(value).zfill(len(number_format))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value).strip()
