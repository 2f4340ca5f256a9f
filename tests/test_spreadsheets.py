import csv
import io

import numpy as np
import pandas as pd
import pytest

from spl_kedro.spreadsheets import inert, inert_table

FORMULAS = [
    "=HYPERLINK(\"http://x\",\"y\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1",
    "\n=1", "-0.1 =1", "+", "-",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_begins_as_a_formula_is_kept_as_text(text):
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize(
    "cell", ["-0.1", "+1e-3", "-.5", "-0.02 (-0.05 to 0.01)", "-3 %", "a=b", "", -0.1, None, 7]
)
def test_numbers_and_other_texts_stay(cell):
    assert inert(cell) == cell


def test_cells_headings_and_labels_of_a_written_table_are_inert():
    table = pd.DataFrame(
        {"=a": ["=1", "ok"], "b": [-0.5, np.nan], "c": pd.Categorical(["@x", "y"])},
        index=pd.Index(["-cmd", "z"], name="=id"),
    )
    rows = list(csv.reader(io.StringIO(inert_table(table).to_csv())))
    assert rows[1] == ["'-cmd", "'=1", "-0.5", "'@x"]
    assert rows[0][1] == "'=a"
    assert table.loc["-cmd", "=a"] == "=1"
    assert rows[0][0] == "'=id"
