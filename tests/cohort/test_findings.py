"""Every stage's findings are of one kind, and the cases received follow from them."""

import pandas as pd

from spl_kedro.cohort.findings import (
    WHOLE_COHORT,
    Findings,
    count_findings,
    findings_table,
    join_findings,
    lost_since_check,
    quarantined,
)
from spl_kedro.imaging import CaseWarning, UnusableLesionError
from spl_kedro.rules import ActionTaken, Rule
from spl_kedro.schemas import Findings as Schema

UNREADABLE = UnusableLesionError(Rule.READABLE, "a.png cannot be read.")
ODD = CaseWarning("an outline in one piece", "it is in 3 pieces.", "Remove stray pixels.")


def test_an_error_quarantines_its_case_and_a_warning_flags_it():
    findings = Findings("data_processing")
    findings.case("b", UNREADABLE)
    findings.case("a", ODD)
    findings.case("a", ODD._replace(action=ActionTaken.REPAIRED))
    table = Schema.validate(findings.table())
    assert table["lesion_id"].tolist() == ["a", "a", "b"]
    assert table["action"].tolist() == ["flagged", "repaired", "quarantined"]
    assert table["remedy"].tolist()[-1] == Rule.READABLE.remedy
    assert len(findings) == 3


def test_a_part_that_cannot_be_used_is_left_out_and_its_case_stays():
    findings = Findings("second reader", ActionTaken.LEFT_OUT)
    findings.case("a", UNREADABLE)
    assert findings.table()["action"].tolist() == ["left out"]
    assert quarantined(findings.table()).empty


def test_a_row_without_identifier_is_named_by_its_number():
    findings = Findings("data_processing")
    findings.rows(
        pd.Series([True, False]), pd.Series([None, "b"]), Rule.LESION_ID, "no identifier."
    )
    assert findings.table()["lesion_id"].tolist() == ["row 1"]
    assert findings.mask([0, 1]).tolist() == [True, False]


def test_the_tables_of_several_stages_are_one_in_their_order():
    first, second = Findings("data_processing"), Findings("radiomics")
    first.case("z", UNREADABLE)
    second.case("a", UNREADABLE)
    joined = Schema.validate(join_findings(first.table(), findings_table(), second.table()))
    assert joined["stage"].tolist() == ["data_processing", "radiomics"]
    assert Schema.validate(join_findings()).empty


def test_cases_are_counted_once_for_each_rule_and_the_cohort_as_none():
    findings = Findings("data_processing")
    for lesion in ("a", "a", "b"):
        findings.case(lesion, ODD)
    findings.case(WHOLE_COHORT, ODD._replace(rule="a workbook of one sheet"))
    findings.case("c", UNREADABLE)
    counts = count_findings(findings.table())
    assert counts.to_numpy().tolist() == [
        ["quarantined", "readable file", 1],
        ["flagged", "an outline in one piece", 2],
        ["flagged", "a workbook of one sheet", 0],
    ]
    assert count_findings(findings_table()).empty


def test_a_lesion_that_could_not_be_stored_is_quarantined_by_its_rule():
    lost = lost_since_check(["a", "b"], {"a": None}, "data_processing").table()
    assert lost[["lesion_id", "rule"]].to_numpy().tolist() == [["b", str(Rule.UNCHANGED)]]
