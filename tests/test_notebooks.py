"""The notebooks are stored clean, and one runs here; those of a study run in test_study.py."""

import pytest
from tests.notebooks import NOTEBOOKS, executed
from tests.projects import ROOT


def test_there_are_the_three_that_the_pages_name():
    assert {path.stem for path in NOTEBOOKS} == {"explore_cohort", "one_lesion", "compare_runs"}
    page = (ROOT / "docs/api.md").read_text()
    assert all(f"notebooks/{path.name}" in page for path in NOTEBOOKS)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_without_outputs(path):
    import nbformat

    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    for cell in book.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_one_lesion_is_simulated_measured_and_embedded(tmp_path):
    shown = executed("one_lesion", tmp_path, SPL_KEDRO_ROOT=str(ROOT))
    assert "The lesion is of a simulated patient." in shown
    assert "1561 radiomics features" in shown
    assert "original_shape_" in shown
