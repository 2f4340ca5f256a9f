"""CSV for spreadsheet programs, which take a text that begins like a formula for one."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

#: With which a cell begins that Excel, LibreOffice or Google Sheets may compute (OWASP, CSV
#: injection); the first character of a line break too.
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = r"[+−-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?"
# A number, and perhaps its interval: -0.1, or -0.02 (-0.05 to 0.01).
_VALUE = re.compile(rf"{_NUMBER}( %)?( \({_NUMBER} to {_NUMBER}\))?", re.IGNORECASE)


def inert(cell: Any) -> Any:
    """Return a cell that no program takes for a formula: such a text begins with an apostrophe.

    Examples
    --------
    >>> inert("=HYPERLINK(1)"), inert("-0.1"), inert("-1+2"), inert(-0.1)
    ("'=HYPERLINK(1)", '-0.1', "'-1+2", -0.1)
    """
    if isinstance(cell, str) and cell.startswith(_BEGINNINGS) and not _VALUE.fullmatch(cell):
        return f"'{cell}"
    return cell


def inert_table(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose cells, headings and labels of rows are :func:`inert`."""
    table = table.copy()
    for position, kind in enumerate(table.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            cells = [inert(cell) for cell in table.iloc[:, position].astype(object)]
            table.isetitem(position, pd.Series(cells, index=table.index, dtype=object))
    if not isinstance(table.index, pd.MultiIndex):
        table.index = pd.Index(
            [inert(label) for label in table.index], dtype=table.index.dtype, name=table.index.name
        )
        table.index.name = inert(table.index.name)
    return table.rename(columns=inert)
