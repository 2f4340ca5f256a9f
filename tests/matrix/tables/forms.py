"""One table in the forms in which it is the same cohort, silently or with a note."""

import datetime

from tests.matrix.kinds import Register
from tests.matrix.tables.writing import book, csv, patched, rows_of

kind = Register("Tables that are read")
UTF8 = "a table in UTF-8"
GUESSED = (
    "Look at words with accents. Save the table as UTF-8, or set `encoding` of cohort_table in "
    "catalog.yml."
)
SHEET = "a workbook of one sheet"
RIGHT_ONE = "Check that it is the right one, or set `sheet` of cohort_table in catalog.yml."


def form(what, write):
    """Register a form by a function from the table to the file's bytes."""
    kind(name=what, what=what)(write)


form("CSV with commas", csv)
form("CSV with semicolons in UTF-16", lambda table: csv(table, ";", "utf-16"))
form("CSV with tabs and a byte order mark", lambda table: csv(table, "\t", "utf-8-sig"))
form("CSV with bars in UTF-32", lambda table: csv(table, "|", "utf-32"))
form("CSV in UTF-16 without byte order mark", lambda table: csv(table, ";", "utf-16-le"))
form("Decimal points", lambda t: csv(t.assign(age=t["age"].str.replace(",", "."))))
form("Decimal commas", lambda t: csv(t, ";"))
form("Line ends of Windows", lambda t: csv(t).replace(b"\n", b"\r\n"))
form("Line ends of old Macs", lambda t: csv(t).replace(b"\n", b"\r"))
form("No line end after the last row", lambda t: csv(t).rstrip())
form("Excel's first line `sep=;`", lambda t: b"sep=;\r\n" + csv(t, ";").replace(b"\n", b"\r\n"))
form("A line break within a quoted cell", lambda t: csv(t.assign(note="two\nlines")))
form(
    "Other line breaks of Unicode within a cell",
    lambda t: csv(t.assign(note="two\x0blines\u2028of\x85text")),
)
form("A separator within a quoted cell", lambda t: csv(t.assign(note="round, smooth")))
form("Quotation marks around every cell", lambda t: t.to_csv(index=False, quoting=1).encode())
form("A separator at the end of every line", lambda t: csv(t).replace(b"\n", b",\n"))
form("Blank lines above and between", lambda t: b"\n\n" + csv(t).replace(b"\n", b"\n,,,,\n"))
form("Blank columns", lambda t: csv(t.assign(a="", b=""), a="", b=""))
form("Blanks and no-break spaces around cells", lambda t: csv(t.map("\u00a0 {} ".format)))
form("Columns in another order, and further ones", lambda t: csv(t[t.columns[::-1]].assign(x="1")))
form(
    "Headers in other letters, with blanks and line breaks",
    lambda t: csv(t, case_id="\u00a0Case_ID ", pathology="PATHOLOGY", age="age\n"),
)
form("One column twice, numbered by pandas (age, age.1)", lambda t: csv(t.assign(**{"age.1": "9"})))
form("Letters of any script", lambda t: csv(t.assign(ward="胸外科 Ł α")))
form(
    "The file name of the image as identifier", lambda t: csv(t.assign(case_id=t.case_id + ".png"))
)
form("An Excel workbook named .csv", lambda t: book(rows_of(t)))
form("A workbook of texts alone", lambda t: book([list(t.columns), *t.to_numpy().tolist()]))


@kind()
def workbook_with_a_hidden_sheet(table):
    """A hidden sheet before the table"""

    def hide(made, sheet):
        notes = made.create_sheet("Codes", 0)
        notes.append(["code", "word"])
        notes.sheet_state = "hidden"

    return book(rows_of(table), hide)


@kind()
def workbook_with_an_empty_sheet(table):
    """An empty sheet before the table"""
    return book(rows_of(table), lambda made, sheet: made.create_sheet("Empty", 0))


@kind()
def workbook_with_hidden_rows(table):
    """Hidden and filtered rows and columns: they count as the others"""

    def hide(made, sheet):
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        sheet.auto_filter.ref = sheet.dimensions

    return book(rows_of(table), hide)


@kind()
def workbook_with_protected_cells(table):
    """A sheet protected against changes"""

    def protect(made, sheet):
        sheet.protection.sheet = True

    return book(rows_of(table), protect)


@kind()
def workbook_with_dates(table):
    """A column of dates that no parameter names"""
    header, *rows = rows_of(table)
    day = datetime.datetime(2024, 1, 5)
    return book([[*header, "examined"], *([*row, day] for row in rows)])


@kind()
def workbook_with_formulas(table):
    """Formulas with the values that Excel stored"""
    header, *rows = rows_of(table)
    made = book([[*header, "born"], *([*row, "=2024-D2"] for row in rows)])
    return patched(made, r"</f><v( ?/>|></v>)", "</f><v>1970</v>")


@kind()
def workbook_with_formulas_of_empty_text(table):
    """Formulas that gave an empty text"""
    header, *rows = rows_of(table)
    made = book([[*header, "note"], *([*row, '=IF(A2="","x","")'] for row in rows)])
    return patched(made, "><f>", ' t="str"><f>')


@kind(name="patients 12.0", what="Identifiers of patients as numbers with .0: 12.0 is 12")
def patients_as_floats(table):
    return csv(table.assign(patient_id=[f"{1000 + i}.0" for i in range(len(table))]))


@kind.warned(UTF8, GUESSED, repaired=True)
def western_european(table):
    """Text in Western European code pages (Latin-1, cp1252)"""
    return csv(table.assign(ward="Männer"), "|", "latin-1")


@kind.warned(UTF8, GUESSED)
def macintosh(table):
    """Text of an old Mac, whose accents come out as other letters"""
    return csv(table.assign(ward="Männer"), ";", "mac_roman")


ROWS = "Export the table without row names."


@kind.warned("a name for each column", ROWS, repaired=True)
def row_names(table):
    """A first column without a name that counts the rows (R, pandas)"""
    return table.to_csv().encode()


@kind.warned("a name for each column", ROWS, repaired=True)
def row_names_of_r(table):
    """The same, counted from 1"""
    return table.set_index(table.index + 1).to_csv().encode()


@kind.warned(SHEET, RIGHT_ONE)
def workbook_with_a_legend(table):
    """A second sheet with other columns"""
    return book(rows_of(table), lambda made, sheet: made.create_sheet("Legend").append(["a", "b"]))
