"""Cells and rows of the table that send their own row to quarantine, or do not."""

from tests.matrix.kinds import Outcome, Register

from spl_kedro.rules import Rule

kind = Register("Cells and rows")
SEX = (
    "Add the word to the mapping of sex in data_processing.clinical, or to "
    "data_processing.missing_words."
)


def cell(column, value, rule=None, what=None, remedy=None, outcome=None, **others):
    def make(case):
        case.row |= {column: value, **others}
        case.image(), case.outline()

    shown = value.replace("\u00a0", " ").strip()
    kind(
        rule,
        name=f"{column}_{len(kind.kinds)}",
        what=what or (f"`{shown}` as {column}" if shown else f"A blank {column}"),
        remedy=remedy,
        outcome=outcome,
    )(make)


for word in ("perhaps", "", "1", "TRUE", "malignant?"):
    cell("pathology", word, Rule.DIAGNOSIS)
cell("pathology", "#REF!", Rule.EXCEL_ERROR)
capital = "A diagnosis with a capital and blanks around it"
cell("pathology", " Malignant\u00a0", what=capital, age="74")
cell("patient_id", " \u00a0", Rule.PATIENT_ID, remedy="Fill the column 'patient_id'.")
cell("patient_id", "2.02401E+11", Rule.IN_FULL)
for number in ("61 years", "<60", "60-70", "sixty", "?", "1961-05-04", "50 %", "inf"):
    cell("age", number, Rule.NUMBER)
for number in ("7", "999", "-61", "1961"):
    cell("age", number, Rule.RANGE)
cell("age", "#N/A", Rule.EXCEL_ERROR)
cell("age", "#DIV/0!", Rule.EXCEL_ERROR)
for number in ("74.0", "7.4e1", "\u00a074 ", "\u200b74", "+74"):
    shown = ascii(number).strip("'")
    cell("age", number, what=f"`{shown}` as age: a number", pathology="malignant")
for word in ("", "NA", "n/a", "unknown", "NaN"):
    cell("age", word, what=f"{f'`{word}`' if word else 'A blank'} as age: missing")
for word in ("q", "M", "0", "weiblich"):
    what = f"`{word}` as sex, a word of no mapping: missing"
    cell("sex", word, Rule.CATEGORY, what, SEX, Outcome.WARNED)
cell("sex", "#NAME?", Rule.EXCEL_ERROR)
cell("sex", "FEMALE", what="`FEMALE` as sex: the word female")
cell("sex", "unknown", what="`unknown` as sex: missing")


@kind(Rule.LESION_ID, what="A row without identifier", remedy="Fill the column 'case_id'.")
def no_identifier(case):
    case.row["case_id"], case.listed = "", f"row {case.number + 2}"


@kind(Rule.IN_FULL, name="1.23457E+12", what="An identifier that Excel rounded (1.23457E+12)")
def rounded(case):
    case.image(), case.outline()


@kind(Rule.IN_FULL, name="1e+05", what="An identifier that R rounded (1e+05)")
def rounded_by_r(case):
    case.image(), case.outline()


@kind.warned(
    "one row a lesion",
    "Check how the table was joined; rows that differ would be left out.",
    repaired=True,
)
def row_that_stands_twice(case):
    """A row that stands twice, the same in every cell"""
    case.image(), case.outline()
    case.more_rows.append(dict(case.row))
    case.listed = "all lesions"


@kind(Rule.ONE_ROW)
def rows_that_contradict(case):
    """Two rows of one lesion that differ in a cell"""
    case.image(), case.outline()
    case.more_rows.append(case.row | {"age": "44"})


@kind(
    Rule.PATIENT_ID,
    name="Total",
    what="A row of totals below",
    remedy="Fill the column 'patient_id'.",
)
def totals(case):
    case.row |= {"patient_id": "", "sex": "", "age": "61.4"}
