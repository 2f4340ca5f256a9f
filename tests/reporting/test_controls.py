"""The report's part on negative controls."""

import pytest
from tests.sceptic.controls.made_up import made_up_table

from spl_kedro.reporting import ReportSettings
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.controls import control_sections
from spl_kedro.reporting.sections.sceptic import sceptic_sections
from spl_kedro.sceptic.controls.words import account


@pytest.fixture
def cohort(study):
    return study.cohort


def test_the_section_gives_the_account_the_plot_and_every_number(cohort):
    table = made_up_table()
    results = StudyResults(cohort, sceptic={"controls": table})
    (section,) = control_sections(results, ReportSettings())
    assert section.level == 3
    assert section.paragraphs[:-1] == account(table).sentences
    assert section.figures[0].panels[""].figure().axes
    numbers, meanings = section.tables
    assert len(numbers.frame) == len(table)
    size = numbers.frame.set_index("Control").loc["Lesion size alone"]
    row = table.set_index("control").loc["size"]
    assert size["AUC"].startswith(f"{row['auc']:.3f}")
    told = meanings.frame.set_index("Control")["In this study"]
    assert told["Lesion size alone"] == "of size"
    assert list(meanings.frame["Control"]) == list(table.loc[table["kind"] != "model", "title"])


def test_without_controls_the_report_says_how_to_compute_them(cohort):
    results = StudyResults(cohort)
    assert control_sections(results, ReportSettings()) == []
    (section,) = sceptic_sections(results, ReportSettings())
    assert "kedro run --pipelines sceptic" in section.paragraphs[0]
