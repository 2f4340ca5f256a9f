"""Tables that no study can begin with."""

import gzip
import io

from tests.matrix.kinds import Outcome, Register
from tests.matrix.tables.writing import CFB, archive, book, csv, rows_of

from spl_kedro.rules import Rule

kind = Register("Tables that are refused")
TABLE = "a CSV file or an Excel workbook"
OPEN = "a workbook that can be opened"
EVEN = "as many cells in every row as in the header"
SAVE = "Save the table as .xlsx, or as CSV in UTF-8."
RESAVE = "Open it in Excel and save it as .xlsx, or as CSV in UTF-8."
ENCODING = "Save the table as UTF-8, or set `encoding` of cohort_table in catalog.yml."
QUOTE = (
    "Put a text that holds the separator in quotation marks. Set `separator` of cohort_table in "
    "catalog.yml."
)
BEGIN = (
    "Begin the file with the row of column names. Set `separator` of cohort_table in catalog.yml."
)
AGAIN = "Export it again."
HEADER = "Have one row of column names, without merged cells or a title above it."
NAME = "Correct the name in data_processing, or the header."
PATIENTS = (
    "Add patients, name your own split (data_processing.columns.cohort), or change "
    "data_processing.split.validation_fraction."
)


def refuse(what, rule, remedy, write):
    """Register a table by a function from the sound one to the file's bytes."""
    kind(rule, name=what, what=what, remedy=remedy, outcome=Outcome.REFUSED)(write)


refuse("An empty file", "a table that is not empty", AGAIN, lambda t: b"")
refuse("Blank cells alone", "a table that is not empty", AGAIN, lambda t: b",,\n,,\n")
refuse("A header alone", "a row for each lesion", AGAIN, lambda t: csv(t).splitlines()[0])
refuse("A row with more cells", EVEN, QUOTE, lambda t: csv(t) + b"a,b,c,1,2,3,4\n")
refuse("A footnote below", EVEN, QUOTE, lambda t: csv(t) + b"* by biopsy\n")
refuse("Decimal commas between commas", EVEN, QUOTE, lambda t: csv(t).replace(b'"', b""))
refuse("A header of R without the row names' column", EVEN, QUOTE,
       lambda t: b",".join([b",".join(c.encode() for c in t), b""])[:-1] + b"\n"
       + t.to_csv(header=False).encode())  # fmt: skip
refuse("A title above the header", "a header of several columns", BEGIN,
       lambda t: b"Our cohort\n" + csv(t))  # fmt: skip
refuse("Every line in quotation marks", "a header of several columns", BEGIN,
       lambda t: b"\n".join(b'"' + line + b'"' for line in csv(t, decimal=".").replace(b'"', b"")
                            .splitlines()))  # fmt: skip
refuse("Columns aligned by blanks", "a header of several columns", BEGIN,
       lambda t: t.assign(age="61").to_string(index=False).encode())  # fmt: skip
refuse("A quotation that is not closed", "quotation marks in pairs",
       "Close the quotation, or double a quotation mark that belongs to a text.",
       lambda t: csv(t) + b'"SPL,1,benign,61,female\n')  # fmt: skip
refuse("Two separators that fit", "one separator between cells",
       "Set `separator` of cohort_table in catalog.yml.",
       lambda t: b"case_id;a,b\n1;2,3\n")  # fmt: skip
refuse("One name over two columns", "one name a column", "Rename all but one.",
       lambda t: csv(t, sex="age"))  # fmt: skip
refuse("Two columns that fit", "one column for each parameter", "Write the name as in the header.",
       lambda t: csv(t.assign(Sex="f"), sex="SEX"))  # fmt: skip
refuse("No column of the diagnosis", "a column for each parameter", NAME,
       lambda t: csv(t, pathology="patology"))  # fmt: skip
refuse("No column of identifiers", "a column for each parameter", NAME,
       lambda t: csv(t.drop(columns="case_id")))  # fmt: skip
refuse("A unit in the header (age [years])", "a column for each parameter", NAME,
       lambda t: csv(t, age="age [years]"))  # fmt: skip
refuse("Lesions in columns instead of rows", "a column for each parameter", NAME,
       lambda t: t.assign(age="61").T.to_csv(header=False).encode())  # fmt: skip
refuse("A column with content and no name", "a name for each column", HEADER,
       lambda t: csv(t.assign(x="1"), x=""))  # fmt: skip
refuse("A workbook with a title above its header", "a name for each column", HEADER,
       lambda t: book([["Cohort 2024"], *rows_of(t)]))  # fmt: skip


def merged(made, sheet):
    sheet.merge_cells("D1:E1")


refuse("Merged cells in the header", "a name for each column", HEADER,
       lambda t: book(rows_of(t), merged))  # fmt: skip
for what, words, code in (
    ("Central European", "mężczyzna", "cp1250"),
    ("Cyrillic", "женщина", "cp1251"),
    ("Chinese (GB 18030)", "胸外科病房二", "gb18030"),
    ("Japanese (Shift JIS)", "呼吸器内科", "shift_jis"),
    ("DOS (cp437)", "Männer", "cp437"),
):
    refuse(f"Text in another code page: {what}", "a text in a known encoding", ENCODING,
           lambda t, words=words, code=code: csv(t.assign(ward=words), ";", code))  # fmt: skip
refuse("A web page named .xls", TABLE, RESAVE, lambda t: t.to_html(index=False).encode())
refuse("An XML table named .xls", TABLE, RESAVE,
       lambda t: b"<?xml version='1.0'?><Workbook/>")  # fmt: skip
refuse("A JSON file", TABLE, RESAVE, lambda t: t.to_json(orient="records").encode())
refuse("An OpenDocument spreadsheet", TABLE, RESAVE, lambda t: archive(
    mimetype="application/vnd.oasis.opendocument.spreadsheet", **{"content.xml": "<a/>"}
))  # fmt: skip
refuse("A picture", TABLE, SAVE, lambda t: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
refuse("A compressed CSV file", TABLE, SAVE, lambda t: gzip.compress(csv(t)))


@kind(TABLE, remedy=SAVE, outcome=Outcome.REFUSED)
def parquet(table):
    """A table of another program: Parquet, SPSS, Stata"""
    stream = io.BytesIO()
    table.to_parquet(stream)
    return stream.getvalue()


refuse("Zero bytes within a text", TABLE, SAVE, lambda t: csv(t).replace(b"female", b"fe\0male"))
refuse("A workbook with a password", OPEN, "Save a copy without the password.",
       lambda t: CFB + "EncryptedPackage".encode("utf-16-le"))  # fmt: skip
refuse("A damaged workbook", OPEN, RESAVE, lambda t: book(rows_of(t))[:2000])
refuse("A zip file that is no workbook", OPEN, RESAVE, lambda t: archive(**{"data.txt": "id"}))
refuse("A Word document", OPEN, RESAVE, lambda t: archive(word__document="<w/>"))
refuse("Formulas that no program has computed", "formulas with a value", RESAVE,
       lambda t: book([*rows_of(t), ["=A2", "1", "benign", "61", "male"]]))  # fmt: skip


@kind(
    "all lesions in one sheet",
    remedy="Put all rows into one sheet, or set `sheet` of cohort_table in catalog.yml.",
    outcome=Outcome.REFUSED,
)
def lesions_in_two_sheets(table):
    """The lesions in two sheets with the same columns"""

    def second(made, sheet):
        other = made.create_sheet("2022")
        for row in rows_of(table):
            other.append(row)

    return book(rows_of(table), second)


refuse("Patients of one class alone", "a split by patient", PATIENTS,
       lambda t: csv(t.assign(pathology="benign")))  # fmt: skip
refuse("All lesions of one patient", "a split by patient", PATIENTS,
       lambda t: csv(t.assign(patient_id="p1")))  # fmt: skip
USABLE = "a usable lesion"
refuse("No diagnosis that is known", USABLE,
       "Complete the diagnosis, or add the word to data_processing.labels.",
       lambda t: csv(t.assign(pathology="perhaps")))  # fmt: skip
refuse("Diagnoses as 0 and 1, without their words in the parameters", USABLE,
       "Complete the diagnosis, or add the word to data_processing.labels.",
       lambda t: csv(t.assign(pathology=(t.pathology == "malignant").astype(int))))  # fmt: skip
refuse("Identifiers that no file is named after", USABLE,
       "Put the image in the folder or correct its name in the table.",
       lambda t: csv(t.assign(case_id=[f"X{i}" for i in range(len(t))])))  # fmt: skip
refuse("Identifiers rounded to one (1.23E+15)", USABLE, Rule.IN_FULL.remedy,
       lambda t: csv(t.assign(case_id="1.23E+15")))  # fmt: skip
