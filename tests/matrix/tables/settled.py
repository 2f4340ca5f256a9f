"""Tables that the parameters make fit, and tables of which rows go."""

from tests.matrix.kinds import Register
from tests.matrix.tables.writing import book, csv, rows_of

from spl_kedro.rules import Rule

kind = Register("Tables and parameters")
#: Parameters of data_processing that a kind changes, by its name.
SETTINGS: dict[str, dict] = {}
#: How many rows of the sixteen go.
GONE: dict[str, int] = {}
MALE = {"kind": "category", "name": "sex", "column": "sex"}
AGE = {"kind": "numeric", "name": "age", "column": "age", "minimum": 18, "maximum": 120}


def settled(what, write, **settings):
    """Register a table that is the same cohort under parameters of its own."""
    kind(name=what, what=what)(write)
    SETTINGS[what] = settings


def words(first, second):
    mapping = {first: "female", second: "male"}
    return (AGE, {**MALE, "mapping": mapping})


def in_words(table, first, second):
    return csv(table.assign(sex=table["sex"].map({"female": first, "male": second})))


settled("`F` and `M`, mapped in data_processing.clinical",
        lambda t: in_words(t, "F", "M"), clinical=words("f", "m"))  # fmt: skip
settled("`0` and `1` as sex, mapped", lambda t: in_words(t, "0", "1"), clinical=words("0", "1"))
settled("`weiblich` and `männlich`, mapped",
        lambda t: in_words(t, "weiblich", "männlich"),
        clinical=words("weiblich", "männlich"))  # fmt: skip
settled("Diagnoses as 0 and 1, named in data_processing.labels",
        lambda t: csv(t.assign(pathology=(t.pathology == "malignant").astype(int))),
        labels={"benign": ("0",), "malignant": ("1",)})  # fmt: skip


@kind(what="Diagnoses as TRUE and FALSE of Excel, named in data_processing.labels")
def booleans(table):
    header, *rows = rows_of(table)
    place = header.index("pathology")
    for row in rows:
        row[place] = row[place] == "malignant"
    return book([header, *rows])


SETTINGS["booleans"] = {"labels": {"benign": ("false",), "malignant": ("true",)}}


@kind(Rule.PATIENT_ID, remedy="Fill the column 'patient_id'.")
def merged_patients(table):
    """A workbook that merges a patient's cells over two lesions"""
    return book(rows_of(table), lambda made, sheet: sheet.merge_cells("B2:B3"))


GONE["merged_patients"] = 1


@kind(Rule.LESION_ID, remedy="Fill the column 'case_id'.")
def units_below_the_header(table):
    """A second row of the header with units"""
    header, *rows = csv(table).splitlines(keepends=True)
    return b"".join([header, b",,,years,\n", *rows])


GONE["units_below_the_header"] = 0
