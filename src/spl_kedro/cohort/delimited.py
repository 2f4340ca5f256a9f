"""Read a text table of unknown encoding and separator; what is not certain is refused."""

from __future__ import annotations

import codecs
import csv
import io
import re

from spl_kedro.cohort.size import require_few_cells
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import CaseWarning
from spl_kedro.rules import ActionTaken

SEPARATORS = (",", ";", "\t", "|")
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SET_ENCODING = "Save the table as UTF-8, or set `encoding` of cohort_table in catalog.yml."
_SET_SEPARATOR = "Set `separator` of cohort_table in catalog.yml."
# What the letters of other code pages and alphabets look like when read as Western European:
# signs within a word, or words of accented letters.
_FOREIGN = re.compile(r"[^\W\d_][„‚…†‡ˆ‰‹›“”•˜€¤¥¦§©ª«¬®¯°±²³´¶·¸¹º»¼½¾¿][^\W\d_]|[À-ÿ]{4}")

# A cell may hold a long report; the default limit is 131,072 characters.
csv.field_size_limit(2**27)


def decode(
    content: bytes, name: str, encoding: str | None = None, notes: list[CaseWarning] | None = None
) -> str:
    """Return the text of a table.

    A byte order mark decides; then UTF-16 is known by its zero bytes, UTF-8 by being valid, and
    the rest is read as Western European (cp1252), unless words then look like another code page.

    Parameters
    ----------
    content : bytes
    name : str
        The file, for messages.
    encoding : str, optional
        Given by the user; nothing is guessed then.
    notes : list, optional
        Gets a note where the text was read by a guess.

    Raises
    ------
    UnusableStudyError
        If the content is no text, or its encoding is not certain.
    """
    rule = f"{name}: a text in a known encoding"
    if encoding is not None:
        try:
            return content.decode(encoding).removeprefix("\ufeff")
        except (UnicodeError, LookupError) as error:
            raise UnusableStudyError(
                rule,
                f"it cannot be read as '{encoding}' ({error}).",
                "Correct `encoding` of cohort_table in catalog.yml, or leave it out.",
            ) from error
    guess = next((found for mark, found in _MARKS if content.startswith(mark)), None)
    guess = guess or _utf16_without_mark(content) or "utf-8"
    try:
        text = content.decode(guess)
    except UnicodeError:
        text = None
    if text is None and guess == "utf-8":
        try:
            text = content.decode("cp1252")
        except UnicodeError:
            text = None
        if text is not None and not _FOREIGN.search(text):
            if notes is not None:
                notes.append(
                    CaseWarning(
                        "a table in UTF-8",
                        f"{name} is not UTF-8 and is read as Western European text (cp1252).",
                        f"Look at words with accents. {_SET_ENCODING}",
                        ActionTaken.REPAIRED,
                    )
                )
        elif b"\0" not in content:
            raise UnusableStudyError(
                rule, "it is not UTF-8, and its code page cannot be told.", _SET_ENCODING
            )
    if text is None or re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text):
        raise UnusableStudyError(
            f"{name}: a CSV file or an Excel workbook",
            "it holds binary data of another kind.",
            "Save the table as .xlsx, or as CSV in UTF-8.",
        )
    return text


def _utf16_without_mark(content: bytes) -> str | None:
    """Return UTF-16's byte order where every other byte is mostly zero, as in Latin text."""
    sample = content[:4000]
    half = len(sample) // 2
    if not half or len(content) % 2:
        return None
    if sample[1::2].count(0) > 0.7 * half and sample[0::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if sample[0::2].count(0) > 0.7 * half and sample[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None


def split(text: str, name: str, separator: str | None = None) -> list[tuple[int, list[str]]]:
    """Return the rows of a text table that are not blank, with their row numbers from 1.

    The separator is the one of comma, semicolon, tab and bar that divides the header and gives
    every row as many cells.

    Parameters
    ----------
    text, name : str
    separator : str, optional
        Given by the user.

    Raises
    ------
    UnusableStudyError
        If none or several separators fit, a quotation is not closed, or a row has more or fewer
        cells than the header.
    """
    first, _, rest = text.replace("\r\n", "\n").replace("\r", "\n").partition("\n")
    hint = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)
    if hint:  # Excel's own first line
        text, separator = rest, separator or hint[1]
    offset = 1 if hint else 0
    if separator is not None:
        return _checked(_rows(text, separator, name, offset), name, separator)
    tables = {}
    failures: list[UnusableStudyError] = []
    for candidate in SEPARATORS:
        reader = csv.reader(_lines(text), delimiter=candidate)
        if len(next((cells for cells in reader if cells), [])) < 2:
            continue
        try:
            tables[candidate] = _rows(text, candidate, name, offset)
        except UnusableStudyError as error:
            failures.append(error)
    fitting = [s for s, rows in tables.items() if _uneven(rows) is None]
    if len(fitting) == 1:
        return tables[fitting[0]]
    if not tables and failures:
        raise failures[0]
    if fitting:
        raise UnusableStudyError(
            f"{name}: one separator between cells",
            f"{' and '.join(_NAMES[s] for s in fitting)} both divide it evenly.",
            _SET_SEPARATOR,
        )
    if not tables:
        raise UnusableStudyError(
            f"{name}: a header of several columns",
            "its first row is not divided by comma, semicolon, tab or bar.",
            f"Begin the file with the row of column names. {_SET_SEPARATOR}",
        )
    separator = max(tables, key=lambda s: len(tables[s][0][1]))
    return _checked(tables[separator], name, separator)


def _lines(text: str) -> io.StringIO:
    """Return the lines of a text as CSV knows them: other line breaks of Unicode are cells' own."""
    return io.StringIO(text, newline="")


def _rows(text: str, separator: str, name: str, offset: int) -> list[tuple[int, list[str]]]:
    if len(separator) != 1:
        raise UnusableStudyError(
            f"{name}: a separator of one character", f"it is {separator!r}.", _SET_SEPARATOR
        )
    reader = csv.reader(_lines(text), delimiter=separator, strict=True)
    rows, count = [], 0
    try:
        for number, cells in enumerate(reader, start=1 + offset):
            count += len(cells)
            require_few_cells(count, name)
            if any(cell.strip() for cell in cells):
                rows.append((number, cells))
    except csv.Error as error:
        raise UnusableStudyError(
            f"{name}: quotation marks in pairs",
            f"line {reader.line_num + offset}: {error}.",
            "Close the quotation, or double a quotation mark that belongs to a text.",
        ) from error
    return rows


def _uneven(rows: list[tuple[int, list[str]]]) -> tuple[int, int, int] | None:
    """Return row number, its cells and the header's of the first row that differs."""
    width = len(rows[0][1]) if rows else 0
    for number, cells in rows[1:]:
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            return number, len(cells), width
    return None


def _checked(
    rows: list[tuple[int, list[str]]], name: str, separator: str
) -> list[tuple[int, list[str]]]:
    uneven = _uneven(rows)
    if uneven:
        number, cells, width = uneven
        raise UnusableStudyError(
            f"{name}: as many cells in every row as in the header",
            f"row {number} has {cells} cells, the header {width} "
            f"(separator: {_NAMES.get(separator, separator)}).",
            f"Put a text that holds the separator in quotation marks. {_SET_SEPARATOR}",
        )
    return rows
