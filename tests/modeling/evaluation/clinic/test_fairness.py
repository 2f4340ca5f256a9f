import numpy as np
import pytest
from sklearn.metrics import recall_score, roc_auc_score

from spl_kedro.modeling.evaluation import EvaluationSettings, fairness_table
from spl_kedro.modeling.evaluation.clinic.combined import Estimate
from spl_kedro.modeling.evaluation.clinic.fairness import ALIKE, DIFFERENT, FEW, OPEN, reading
from spl_kedro.modeling.evaluation.clinic.zones import thresholds_by_model

from .conftest import of


@pytest.fixture(scope="module")
def table(own, thresholds, cohort, settings):
    return fairness_table(own, thresholds, cohort, settings)


def test_a_group_has_the_values_of_its_own_lesions_at_the_thresholds_of_all(
    table, own, thresholds, cohort
):
    women = cohort.index[cohort["sex"] == "female"]
    rows = own[(own["model"] == "cdlr") & (own["cohort"] == "external")]
    rows = rows[rows["lesion_id"].isin(women)]
    row = thresholds_by_model(thresholds)["cdlr"]
    group = of(table, "external", variable="sex", group="female").reset_index()
    found = group.set_index(["rule", "metric"])["value"]
    assert found["", "auc"] == pytest.approx(roc_auc_score(rows["label"], rows["score"]))
    for rule, border in (("operating", "threshold"), ("zones", "rule_out")):
        expected = recall_score(rows["label"], rows["score"] >= row[border])
        assert found[rule, "sensitivity"] == pytest.approx(expected)
    assert set(group["n"]) == {len(rows)}


def test_each_group_is_compared_with_the_largest(table):
    women = table.query("variable == 'sex' and group == 'female'")
    men = table.query("variable == 'sex' and group == 'male'")
    assert set(women["reference"]) == {"male"}
    assert set(men["reference"]) == {""}
    assert men["difference"].isna().all()
    keys = ["model", "cohort", "rule", "metric"]
    gap = women.set_index(keys)["value"] - men.set_index(keys)["value"]
    np.testing.assert_allclose(women.set_index(keys)["difference"], gap, atol=1e-12)
    known = women.dropna(subset=["difference"])
    assert (known["difference_low"] <= known["difference"]).all()
    assert (known["difference"] <= known["difference_high"]).all()


def test_a_model_that_misses_the_cancers_of_one_group_is_found_out(
    own, thresholds, cohort, settings
):
    women = cohort.index[cohort["sex"] == "female"]
    unfair = own.copy()
    hit = (
        unfair["lesion_id"].isin(women) & (unfair["label"] == 1) & (unfair["cohort"] == "external")
    )
    unfair.loc[hit, "score"] *= 0.3
    found = fairness_table(unfair, thresholds, cohort, settings)
    row = found.query(
        "model == 'cdlr' and cohort == 'external' and variable == 'sex' and group == 'female'"
        " and rule == 'operating' and metric == 'sensitivity'"
    ).iloc[0]
    assert row["difference"] < -0.3
    assert row["reading"] == DIFFERENT


def test_differences_are_read_by_their_intervals():
    assert reading(Estimate(0.2, 0.05, 0.3), 0.1, few=False) == DIFFERENT
    assert reading(Estimate(0.01, -0.05, 0.06), 0.1, few=False) == ALIKE
    assert reading(Estimate(0.01, -0.2, 0.06), 0.1, few=False) == OPEN
    assert reading(Estimate(0.2, 0.05, 0.3), 0.1, few=True) == FEW
    assert reading(Estimate(0.2, np.nan, np.nan), 0.1, few=False) == ""


def test_too_few_cases_are_said_whatever_the_difference(own, thresholds, cohort):
    strict = EvaluationSettings(n_bootstrap=100, min_events=40)
    found = fairness_table(own, thresholds, cohort, strict)
    validation = found.query("cohort == 'validation' and reference != ''")
    assert set(validation["reading"]) == {FEW}
    assert (validation["warning"] != "").all()


def test_lesions_without_a_value_are_shown_and_compared_with_nobody(
    own, thresholds, cohort, settings
):
    some = cohort.copy()
    some.loc[some.index[::6], "sex"] = None
    found = fairness_table(own, thresholds, some, settings).query("group == 'missing'")
    assert len(found)
    assert set(found["reference"]) == {""}


def test_a_column_the_cohort_lacks_is_left_out_and_logged(
    own, thresholds, cohort, settings, caplog
):
    found = fairness_table(own, thresholds, cohort.drop(columns="sex"), settings)
    assert set(found["variable"]) == {"age"}
    assert "sex is not in the cohort table" in caplog.text
    none = fairness_table(own, thresholds, cohort[["patient_id", "label", "cohort"]], settings)
    assert none.empty
