import logging

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import recall_score, roc_auc_score

from spl_kedro.modeling.evaluation import EvaluationError, operating_thresholds
from spl_kedro.modeling.evaluation.checks import SINGLE_CLASS

from .conftest import grouped


@pytest.fixture
def predictions(predictions):
    return predictions.query("model in ['rad', 'cdlr'] and protocol == 'leak_free'").reset_index(
        drop=True
    )


@pytest.fixture
def cohort(predictions):
    rows = predictions.drop_duplicates("lesion_id").set_index("lesion_id")
    rng = np.random.default_rng(1)
    n = len(rows)
    return rows[["patient_id", "label", "cohort"]].assign(
        site=np.where(rows["cohort"] == "external", "B", "A"),
        sex=pd.array(rng.choice(["female", "male"], n), dtype="string"),
        age=rng.integers(30, 85, n).astype(float),
    )


def only(table, variable, group, model="cdlr", cohort="validation"):
    chosen = table.query(
        "variable == @variable and group == @group and model == @model and cohort == @cohort"
        " and protocol == 'leak_free'"
    )
    return chosen.set_index("metric")


def test_values_in_a_group_equal_sklearns_on_its_lesions(predictions, cohort, settings):
    table = only(grouped(predictions, cohort, settings), "sex", "female")
    women = cohort.index[cohort["sex"] == "female"]
    rows = predictions.query(
        "model == 'cdlr' and cohort == 'validation' and protocol == 'leak_free'"
    )
    rows = rows[rows["lesion_id"].isin(women)]
    cut = operating_thresholds(predictions, settings).query(
        "model == 'cdlr' and protocol == 'leak_free'"
    )
    called = rows["score"] >= cut["threshold"].item()
    assert table.loc["auc", "value"] == pytest.approx(roc_auc_score(rows["label"], rows["score"]))
    assert table.loc["sensitivity", "value"] == pytest.approx(recall_score(rows["label"], called))
    assert table.loc["auc", "n"] == len(rows)


def test_numbers_are_cut_at_the_training_median_and_share_out_all_lesions(
    predictions, cohort, settings
):
    median = cohort.loc[cohort["cohort"] == "training", "age"].median()
    table = grouped(predictions, cohort, settings).query("variable == 'age'")
    assert set(table["group"]) == {f"< {median:g}", f"≥ {median:g}"}
    sizes = table.query("metric == 'auc' and model == 'rad' and protocol == 'leak_free'")
    assert sizes.groupby("cohort")["n"].sum().to_dict() == {
        "training": 120,
        "validation": 60,
        "external": 80,
    }


def test_cut_points_may_be_stated(predictions, cohort, settings):
    stated = settings.model_copy(update={"subgroup_cuts": {"age": (50.0, 70.0)}})
    table = grouped(predictions, cohort, stated).query("variable == 'age'")
    assert set(table["group"]) == {"< 50", "50 to < 70", "≥ 70"}


def test_missing_values_are_a_group_of_their_own(predictions, cohort, settings):
    cohort.loc[cohort.index[::3], ["age"]] = np.nan
    cohort.loc[cohort.index[::4], ["sex"]] = pd.NA
    table = grouped(predictions, cohort, settings)
    assert "missing" in set(table.loc[table["variable"] == "age", "group"])
    assert "missing" in set(table.loc[table["variable"] == "sex", "group"])


def test_few_events_raise_a_warning_flag_and_one_class_a_rule(predictions, cohort, settings):
    label = cohort["label"].to_numpy()
    rare = np.where(np.cumsum(label) <= 3, "rare", "common")
    table = grouped(
        predictions,
        cohort.assign(site=np.where(label == 1, rare, "common")),
        settings,
    )
    row = only(table, "site", "rare", cohort="training").loc["auc"]
    assert row["warning"] == "fewer than 10 events; fewer than 10 non-events"
    assert row["method"] == SINGLE_CLASS
    assert np.isnan(row["value"])
    assert only(table, "site", "common", cohort="training").loc["auc", "warning"] == ""


def test_a_variable_the_cohort_lacks_is_left_out_with_a_log_line(
    predictions, cohort, settings, caplog
):
    with caplog.at_level(logging.WARNING):
        table = grouped(predictions, cohort.drop(columns="age"), settings)
    assert "age" not in set(table["variable"])
    assert "subgroup variable age" in caplog.text


def test_pooled_patients_are_found_in_the_cohort(predictions, cohort, settings):
    pooled = grouped(predictions, cohort, settings.model_copy(update={"pooling": "max"}))
    lesions = grouped(predictions, cohort, settings)
    np.testing.assert_allclose(pooled["value"], lesions["value"])


def test_a_lesion_the_cohort_does_not_know_is_refused(predictions, cohort, settings):
    with pytest.raises(EvaluationError, match="rule known_lesion: lesion v000"):
        grouped(predictions, cohort.drop(index="v000"), settings)
