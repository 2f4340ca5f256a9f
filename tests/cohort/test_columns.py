import pandas as pd

from spl_kedro.cohort.columns import without_repetitions


def test_rows_that_repeat_another_go_and_rows_that_differ_stay():
    table = pd.DataFrame({"id": ["a", "b", "a", "b"], "age": ["1", "2", "1", "3"]})
    kept, notes = without_repetitions(table)
    assert kept.index.tolist() == [0, 1, 3]
    (note,) = notes
    assert note.rule == "one row a lesion"
    assert "row 3" in note.message


def test_what_the_reader_noted_comes_first_and_a_plain_table_has_no_notes():
    table = pd.DataFrame({"id": ["a", "b"]})
    assert without_repetitions(table)[1] == []
    table.attrs["notes"] = [("a table in UTF-8", "it is not.", "Save it again.")]
    assert [note.rule for note in without_repetitions(table)[1]] == ["a table in UTF-8"]
