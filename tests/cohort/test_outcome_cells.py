import pandas as pd
import pytest

from spl_kedro.cohort.outcome_cells import outcome_cells
from spl_kedro.cohort.pseudonyms import Pseudonyms
from spl_kedro.cohort.settings import CohortSettings, Split
from spl_kedro.errors import UnusableStudyError


def settings(**changes):
    values = {
        "simulated": True,
        "columns": {"lesion_id": "id", "label": None},
        "clinical": [{"name": "age", "kind": "numeric", "column": "Age"}],
        "split": Split(seed=1),
    }
    return CohortSettings.model_validate(values | changes)


def table(**columns):
    return pd.DataFrame({"id": ["1.png", "2.png", "3.png"], "Age": "60", **columns})


def test_cells_stand_under_the_lesions_own_identifiers_and_words_for_nothing_are_missing():
    cells = outcome_cells(
        table(Tissue=["scar ", "unknown", "#N/A"]), [], {"k": "tissue"}, settings()
    )
    assert cells["k"].fillna("-").to_dict() == {"1": "scar", "2": "-", "3": "-"}


def test_a_lesion_in_two_rows_has_no_cell_of_either():
    twice = table(Tissue=["a", "b", "c"]).assign(id=["1", "1", "3"])
    assert list(outcome_cells(twice, [], {"k": "Tissue"}, settings()).index) == ["3"]


def test_every_image_of_a_row_has_what_the_row_says():
    several = settings(files={"several_images": True})
    cells = outcome_cells(
        table(Tissue=["a", "b", "c"]).assign(id=["1", "2", "3"]),
        ["1_x.png", "1_y.png", "2.png", "3.png"],
        {"k": "Tissue"},
        several,
    )
    assert cells["k"].to_dict() == {"1_x": "a", "1_y": "a", "2": "b", "3": "c"}


def test_a_header_that_runs_on_into_a_row_is_not_repeated():
    joined = table(**{"7": "a", "Anna": "b"})
    with pytest.raises(UnusableStudyError, match="no column 'organ'") as refused:
        outcome_cells(joined, [], {"k": "organ"}, settings())
    assert "Anna" not in str(refused.value)


def test_pseudonyms_are_those_of_the_cohort(monkeypatch, tmp_path):
    (tmp_path / "key").write_bytes(b"k" * 32)
    monkeypatch.setenv("A_KEY", str(tmp_path / "key"))
    cells = outcome_cells(
        table(Tissue=["a", "b", "c"]), [], {"k": "Tissue"}, settings(pseudonyms="A_KEY")
    )
    names = Pseudonyms(b"k" * 32)
    assert cells["k"].to_dict() == {names("1"): "a", names("2"): "b", names("3"): "c"}


@pytest.mark.parametrize(
    ("column", "told"),
    [("organ", "no column 'organ' \\(k\\)"), ("age", "is the clinical variable 'age' too")],
)
def test_a_column_that_is_not_there_or_is_a_predictor_is_refused(column, told):
    with pytest.raises(UnusableStudyError, match=told):
        outcome_cells(table(), [], {"k": column}, settings())
