"""Writing tables as bytes."""

import io
import re
import zipfile

from openpyxl import Workbook

CFB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def csv(table, separator=",", encoding="utf-8", **changes):
    """Return a table as CSV, some columns renamed."""
    return table.rename(columns=changes).to_csv(index=False, sep=separator).encode(encoding)


def rows_of(table):
    """Return header and rows, numbers as numbers."""
    cells = [
        [float(c.replace(",", ".")) if c[0].isdigit() else c for c in row]
        for row in table.itertuples(index=False)
    ]
    return [list(table.columns), *cells]


def book(rows, change=None):
    """Return a workbook of one sheet, changed by a function of the book and the sheet."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(row)
    if change is not None:
        change(made, sheet)
    return _saved(made)


def _saved(made):
    stream = io.BytesIO()
    made.save(stream)
    return stream.getvalue()


def archive(**files):
    """Return a zip file; of a name's two underscores one is a slash."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def patched(workbook, old, new):
    """Return a workbook whose sheet holds another text: what openpyxl does not write.

    `old` is a pattern.
    """
    with zipfile.ZipFile(io.BytesIO(workbook)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    text, times = re.subn(old, new, files[sheet].decode())
    assert times, f"{old} does not stand in the sheet"
    files[sheet] = text.encode()
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return stream.getvalue()
