"""What the report says where the scores of a patient's images are pooled."""

from dataclasses import replace

import pandas as pd
import pytest

from spl_kedro.reporting.patients import pooling_statement
from spl_kedro.reporting.sections.cohort import wide_table_one
from spl_kedro.reporting.words import readable


@pytest.fixture
def several(study):
    """Two images of each patient, of whom all measures are."""
    cohort = study.cohort.sort_values("cohort", kind="stable")
    patient = [f"P{place // 2}" for place in range(len(cohort))]
    return replace(
        study,
        cohort=cohort.assign(patient_id=patient),
        thresholds=study.thresholds.assign(pooling="mean"),
    )


def test_the_report_says_by_which_rule_and_of_how_many_patients_and_images(several):
    (words,) = pooling_statement(several)
    assert "the mean of the scores of their images" in words
    assert "modeling.evaluation.pooling: mean" in words
    for cohort, rows in several.cohort.groupby("cohort"):
        count = f"{rows['patient_id'].nunique()} patients, {len(rows)} images"
        assert f"{cohort.capitalize()}" in words
        assert count in words


def test_a_study_of_images_says_nothing_of_it(study):
    assert pooling_statement(study) == []


def test_tables_of_patients_are_headed_so(study):
    counted = pd.DataFrame({"model": ["rad"], "n": [3], "auc": [0.5]})
    assert list(readable(counted.assign(unit="patients"))) == ["Model", "Patients", "AUC"]
    assert list(readable(counted.assign(unit="lesions"))) == ["Model", "Lesions", "AUC"]
    rows = study.table_one[study.table_one["comparison"] == "cohorts"]
    assert "Patients" in set(wide_table_one(rows, "Patients")["Variable"])
