"""The report's tables as one Word document, numbered, with their captions and notes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from spl_kedro.reporting.order import numbers_of
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table

#: About the run, not the patients; of hundreds of rows. They are in the report and as CSV.
LEFT_OUT = ("parameters", "durations")
SIMULATED = "Simulated patients: no figure here is one of patients."
#: A document that does not tell when, and so whose clock, made it.
_NO_DATE = datetime(1980, 1, 1)
_BODY, _NOTE = 8, 7.5
_STYLES = {"Normal": 9, "Title": 16, "Heading 1": 13, "Heading 2": 11, "Caption": 9}


class NumberedTable(NamedTuple):
    """A table with its number in the report: ``Table 1``, or ``Table S1`` in the supplement."""

    number: str
    section: Section
    table: ReportTable


def numbered_tables(sections: list[Section]) -> list[NumberedTable]:
    """Return the report's tables in its order, with the numbers that they have there.

    Parameters
    ----------
    sections : list of Section

    Returns
    -------
    list of NumberedTable
        Without `LEFT_OUT`.
    """
    numbers = numbers_of(sections)
    return [
        NumberedTable(numbers[f"table-{table.key}"], section, table)
        for section in sections
        for table in section.tables
        if table.key not in LEFT_OUT and not table.frame.empty
    ]


def tables_document(
    results: StudyResults, settings: ReportSettings, sections: list[Section]
) -> bytes:
    """Write the report's tables as a Word document.

    Cells, captions and notes are the report's own, none is formatted anew. The bytes depend on
    nothing else: they hold no date and no user.

    Parameters
    ----------
    results : StudyResults
        Whether the patients are simulated.
    settings : ReportSettings
        Title and authors.
    sections : list of Section
        From :func:`spl_kedro.reporting.report_sections`.

    Returns
    -------
    bytes
        A file in the format ``.docx``.
    """
    import docx

    document = docx.Document()
    _describe(document, settings)
    _lay_out(document, results)
    document.add_heading(f"{settings.title}: tables", level=0)
    if settings.authors:
        document.add_paragraph(", ".join(settings.authors))
    if results.simulated:
        document.add_paragraph().add_run(SIMULATED).bold = True
    headed = ""
    for one in numbered_tables(sections):
        if one.section.key != headed:
            headed = one.section.key
            document.add_heading(one.section.title, level=min(one.section.level - 1, 3))
        _add_table(document, one)
    stored = io.BytesIO()
    document.save(stored)
    return _without_dates(stored.getvalue())


def _describe(document: Document, settings: ReportSettings) -> None:
    told = document.core_properties
    told.title = f"{settings.title}: tables"
    told.author = ", ".join(settings.authors)
    told.last_modified_by = told.comments = told.keywords = ""
    told.created = told.modified = _NO_DATE
    told.revision = 1


def _lay_out(document: Document, results: StudyResults) -> None:
    """Set A4 across the page, small letters, and what stands on every page."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Cm, Pt, RGBColor

    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = Cm(29.7), Cm(21.0)
    page.left_margin = page.right_margin = Cm(1.5)
    page.top_margin, page.bottom_margin, page.header_distance = Cm(2.0), Cm(1.5), Cm(1.0)
    named: Any = document.styles
    for style, size in _STYLES.items():
        named[style].font.name, named[style].font.size = "Arial", Pt(size)
        named[style].font.color.rgb = RGBColor(0, 0, 0)
        # The template's headings name a font of the theme, which counts more than one by name.
        fonts = named[style].element.rPr.rFonts
        for key in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[key]
    if results.simulated:
        page.header.paragraphs[0].text = SIMULATED


def _add_table(document: Document, one: NumberedTable) -> None:
    from docx.shared import Pt

    caption: Any = document.add_paragraph(style="Caption")
    caption.add_run(f"{one.number}. ").bold = True
    caption.add_run(one.table.caption).bold = False
    caption.paragraph_format.keep_with_next = True
    frame = one.table.frame
    grid = document.add_table(rows=1 + len(frame), cols=frame.shape[1])
    grid.autofit = True
    # Asking a table for its cells one by one takes as long as it has cells, each time.
    rows = [row.cells for row in grid.rows]
    for cell, heading in zip(rows[0], frame.columns, strict=True):
        _write(cell, str(heading), bold=True)
    for place, column, text, span in _printed(one.table):
        cell = rows[place + 1][column]
        if span > 1:
            cell = cell.merge(rows[place + span][column])
        _write(cell, text, bold=False)
    _draw_lines(grid, len(frame))
    note: Any = document.add_paragraph()
    note.add_run(one.table.note).font.size = Pt(_NOTE)
    note.paragraph_format.space_after = Pt(12)


def _printed(table: ReportTable) -> Iterator[tuple[int, int, str, int]]:
    """Yield row, column, text and span of each cell that the report prints."""
    width = table.frame.shape[1]
    for place, cells in enumerate(table.body()):
        # What repeats down the first column is not printed again.
        first = width - len(cells)
        for column, cell in enumerate(cells, first):
            yield place, column, cell.text, cell.span


def _write(cell: Any, text: str, *, bold: bool) -> None:
    from docx.shared import Pt

    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(0)
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(_BODY)


def _draw_lines(grid: Table, rows: int) -> None:
    """Draw the lines of a table in print, repeat its head on every page, keep rows whole."""
    for place, row in enumerate(grid.rows):
        properties = row._tr.get_or_add_trPr()
        properties.append(_element("w:cantSplit"))
        if place == 0:
            properties.append(_element("w:tblHeader"))
    borders = _element("w:tblBorders")
    for side, width in (("top", 8), ("bottom", 8), ("insideH", 2)):
        borders.append(
            _element(f"w:{side}", val="single", sz=str(width), space="0", color="808080")
        )
    grid._tbl.tblPr.append(borders)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(qn(f"w:{key}"), value)
    return element


def _without_dates(content: bytes) -> bytes:
    """Return a zip with its entries in the same order, each of the same date."""
    stored = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as made,
        zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as plain,
    ):
        for name in made.namelist():
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            plain.writestr(entry, made.read(name))
    return stored.getvalue()
