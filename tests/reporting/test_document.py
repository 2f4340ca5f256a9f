import io
import re
import zipfile

import docx
import pandas as pd
import pytest
from markupsafe import escape

from spl_kedro.reporting import report_sections, table_files, tables_document
from spl_kedro.reporting.document import SIMULATED, numbered_tables
from spl_kedro.reporting.parts import ReportTable, Section

from .conftest import words_and_tables


@pytest.fixture(scope="module")
def sections(study, settings):
    return report_sections(study, settings)


@pytest.fixture(scope="module")
def content(study, settings, sections):
    return tables_document(study, settings, sections)


@pytest.fixture(scope="module")
def document(content):
    return docx.Document(io.BytesIO(content))


def test_every_cell_is_that_of_the_report(document, sections):
    # Fault: numbers that are rounded anew.
    printed = numbered_tables(sections)
    assert len(printed) == len(document.tables) > 10
    for one, grid in zip(printed, document.tables, strict=True):
        frame = one.table.frame
        rows = [[cell.text for cell in row.cells] for row in grid.rows]
        assert rows[0] == [str(name) for name in frame.columns]
        # What repeats down the first column is one merged cell, which each of its rows has.
        assert rows[1:] == frame.astype(str).to_numpy().tolist()


def test_tables_are_numbered_in_the_reports_order_with_caption_and_note(document, sections):
    words = [paragraph.text for paragraph in document.paragraphs]
    place = -1
    for one in numbered_tables(sections):
        place = words.index(f"{one.number}. {one.table.caption}", place + 1)
        assert words[place + 1] == one.table.note


def test_a_table_has_the_number_that_it_has_in_the_report(study, settings, sections):
    # Fault: a second numbering, by which Table 4 is another one than in the report.
    page = words_and_tables(study, settings)
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    for one in numbered_tables(sections):
        assert re.search(
            rf"{re.escape(one.number)}\W+{re.escape(str(escape(one.table.caption)))}", words
        ), one.number


def test_the_same_tables_are_the_same_bytes_without_a_date_or_a_user(
    content, study, settings, sections, monkeypatch
):
    monkeypatch.setenv("USER", "somebody")
    assert tables_document(study, settings, sections) == content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert {entry.date_time[0] for entry in parts.infolist()} == {1980}
        told = parts.read("docProps/core.xml").decode()
    assert "2013" not in told  # of the library's template
    assert "python-docx" not in told
    assert "somebody" not in told


def test_simulated_patients_are_called_so_on_every_page(document, real_study, settings, sections):
    assert document.sections[0].header.paragraphs[0].text == SIMULATED
    real = docx.Document(io.BytesIO(tables_document(real_study, settings, sections[:1])))
    assert real.sections[0].header.paragraphs[0].text == ""
    assert SIMULATED not in [paragraph.text for paragraph in real.paragraphs]


def test_latex_prints_the_note_and_knows_every_sign():
    frame = pd.DataFrame({"ICC ≥ 0.75": ["−1 & 2%"]})
    table = ReportTable("icc", "Values ≥ 0.75", frame, note="50% of a_b ≥ −1.")
    text = table_files([Section("s", "S", tables=(table,))])["icc.tex"]
    assert text.isascii()
    assert r"ICC $\geq$ 0.75" in text
    assert r"-1 \& 2\%" in text
    foot = text[text.index(r"\endfoot") : text.index(r"\endlastfoot")]
    assert r"50\% of a\_b $\geq$ -1." in foot
