"""Checklists: complete, linked to what exists, no points where none are due."""

from dataclasses import replace

import pytest

from spl_kedro.reporting import (
    CHECKLISTS,
    ReportSettings,
    StudyResults,
    checklist_table,
    fill_checklist,
    metrics_range,
)
from spl_kedro.reporting.checklist import load_checklist
from spl_kedro.reporting.evidence import study_evidence, suits_data_size

SIZES = {"metrics": 30, "clear": 58, "tripod_ai": 52, "claim": 44}


@pytest.mark.parametrize("key", CHECKLISTS)
def test_each_checklist_has_all_its_items_once(key):
    numbers = [item["number"] for item in load_checklist(key)["items"]]
    assert len(numbers) == len(set(numbers)) == SIZES[key]


@pytest.mark.parametrize("key", CHECKLISTS)
def test_items_hold_nothing_but_the_known_keys(key):
    known = {"number", "section", "text", "judge", "evidence", "why", "remark", "weight"}
    assert all(set(item) <= known for item in load_checklist(key)["items"])


@pytest.mark.parametrize("key", CHECKLISTS)
def test_every_item_names_evidence_that_the_report_knows(key, study, settings):
    known = study_evidence(study, settings)
    for item in load_checklist(key)["items"]:
        assert item["judge"] in {"program", "person", "not_applicable"}
        assert set(item.get("evidence", [])) <= set(known)
        assert item["judge"] != "program" or item["evidence"]


def test_metrics_weights_are_the_published_ones():
    weights = {item["number"]: item["weight"] for item in load_checklist("metrics")["items"]}
    heaviest = {"3": 0.0919, "27": 0.0749, "2": 0.0735, "11": 0.0622, "18": 0.0599}
    assert {number: weights[number] for number in heaviest} == heaviest
    assert sum(weights.values()) == pytest.approx(1, abs=1e-9)


def test_no_points_are_given_on_simulated_patients(study, settings):
    filled = fill_checklist("metrics", study, settings)
    assert metrics_range(filled, simulated=study.simulated) == (0, 0, False)
    assert checklist_table([filled], simulated=True)["points"].sum() == 0


def test_the_score_is_a_range_from_what_is_shown_to_what_is_open(real_study, settings):
    filled = fill_checklist("metrics", real_study, settings)
    low, high, awarded = metrics_range(filled, simulated=False)
    assert awarded
    assert 0 < low < high <= 100
    total = sum(item.weight for item in filled.items if item.status != "not applicable")
    shown = sum(item.weight for item in filled.items if item.status == "shown")
    assert low == pytest.approx(100 * shown / total)


def test_ethics_and_the_reference_standard_are_never_answered_by_the_program():
    metrics = {item["number"]: item for item in load_checklist("metrics")["items"]}
    clear = {item["number"]: item for item in load_checklist("clear")["items"]}
    assert metrics["2"]["judge"] == metrics["3"]["judge"] == "person"
    assert clear["8"]["judge"] == clear["11"]["judge"] == clear["18"]["judge"] == "person"


def test_an_item_whose_artefact_is_missing_is_not_shown(real_study, settings):
    without = replace(real_study, calibration=None)
    filled = {item.number: item for item in fill_checklist("metrics", without, settings).items}
    assert filled["22"].status == "not in this run"
    assert filled["22"].lacking[0].dataset == "calibration"


def test_a_study_without_external_cohort_shows_no_external_test(real_study, settings):
    inside = real_study.performance[real_study.performance["cohort"] != "external"]
    filled = fill_checklist("metrics", replace(real_study, performance=inside), settings)
    status = {item.number: item.status for item in filled.items}
    assert status["26"] == "shown"
    assert status["27"] == "not in this run"


def test_too_many_features_for_the_patients_is_not_shown_as_suitable(study):
    assert suits_data_size(study, ReportSettings(lesions_per_feature=1))
    assert not suits_data_size(study, ReportSettings(lesions_per_feature=100))


def test_a_bare_run_leaves_the_pipelines_items_unshown(study, settings):
    filled = fill_checklist("clear", StudyResults(study.cohort), settings)
    counts = filled.counts()
    assert counts["not in this run"] > counts["shown"]
