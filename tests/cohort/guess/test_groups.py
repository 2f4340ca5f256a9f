"""Which variables a reader takes from the image, by stated words."""

import pandas as pd
import pytest
from tests.projects import ROOT

from spl_kedro.cohort.guess.draft import Draft
from spl_kedro.cohort.guess.groups import KNOWN_BEFORE, READ_FROM_IMAGE, group_of
from spl_kedro.cohort.guess.study import Names, guess
from spl_kedro.cohort.guess.written import write_study

FINDINGS = [
    *("Skin_thickening", "Margin", "Shape", "Halo", "Echogenicity", "Posterior_features"),
    *("Calcifications", "Tissue_composition", "Pleural effusion", "Consolidation"),
    *("air bronchogram", "B-lines", "Lesion size (mm)", "Randbegrenzung", "Vaskularisation"),
    *("orientation", "Pleuraerguss", "Echoverstärkung", "边缘"),
]
BEFORE = ["Symptoms", "CRP mg/l", "smoking", "Anamnese", "pack_years", "fever", "Signs"]


@pytest.mark.parametrize("column", FINDINGS)
def test_what_a_reader_sees_is_not_known_before(column):
    group = group_of(column, pd.Series(["yes", "no"]))
    assert group.group == READ_FROM_IMAGE
    assert group.check


@pytest.mark.parametrize("column", BEFORE)
def test_history_and_laboratory_are_known_before(column):
    assert group_of(column, pd.Series(["1", "2"])).group == KNOWN_BEFORE


def test_cells_tell_a_readers_words_under_any_name():
    assert group_of("Feature 3", pd.Series(["hypoechoic", "none"])).group == READ_FROM_IMAGE


def test_a_variable_that_no_word_tells_is_asked_back():
    group = group_of("Feature 3", pd.Series(["a", "b"]))
    assert "no known word says so" in group.check


def test_a_column_of_frames_is_no_clinical_variable():
    ids = [f"P{number}" for number in range(24)]
    table = pd.DataFrame({"case": ids, "frame no": [str(3 + n % 7) for n in range(24)]})
    files = [f"{name}.dcm" for name in ids]
    draft = guess(table, Names(files, [f"{name}.png" for name in ids], False))
    assert draft.columns["frame"] == "frame no"
    assert draft.clinical == []
    assert "columns.frame" in draft.checks


def test_the_report_has_a_title_of_its_own(tmp_path):
    paths = {"table": None, "images": "/i", "outlines": "/o"}
    write_study(Draft(), tmp_path / "hospital_b", ROOT / "conf/study", paths)
    text = (tmp_path / "hospital_b/parameters_reporting.yml").read_text(encoding="utf-8")
    assert "Hospital b: radiomics of lesions" in text
    assert "pulmonary" not in text
