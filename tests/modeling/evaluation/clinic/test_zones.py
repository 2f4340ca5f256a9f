import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import recall_score

from spl_kedro.explainability.conformal import conformal_p_values
from spl_kedro.modeling.evaluation import (
    clinical_use_table,
    operating_thresholds,
    zone_score_table,
)
from spl_kedro.modeling.evaluation.clinic.zones import (
    DEFERRED,
    RULED_IN,
    RULED_OUT,
    borders,
    borders_of_cell,
    deployed_cells,
    has_zone,
    thresholds_by_model,
    zone_of,
)
from spl_kedro.modeling.evaluation.thresholds import specificity_threshold

from .conftest import of


@pytest.mark.parametrize("wanted", [0.5, 0.8, 0.95, 1.0])
def test_specificity_threshold_is_the_lowest_that_keeps_the_specificity(label_and_score, wanted):
    label, score = label_and_score
    threshold = specificity_threshold(label, score, wanted)
    assert recall_score(1 - label, score < threshold) >= wanted
    lower = score[score < threshold].max()
    assert recall_score(1 - label, score < lower) < wanted


def test_where_the_highest_score_is_benign_no_lesion_can_be_ruled_in():
    threshold = specificity_threshold([0, 1, 0, 1], [0.9, 0.8, 0.2, 0.1], 0.95)
    assert threshold == np.inf
    zones = zone_of(np.array([0.05, 0.5, 1.0]), 0.1, threshold)
    assert list(zones) == [RULED_OUT, DEFERRED, DEFERRED]


def test_the_borders_keep_in_training_what_they_were_asked_to(own, thresholds):
    training = own[(own["cohort"] == "training") & (own["model"] == "cdlr")]
    row = thresholds_by_model(thresholds)["cdlr"]
    called = training["score"] >= row["rule_out"]
    assert recall_score(training["label"], called) >= row["min_sensitivity"] == 0.95
    spared = training["score"] < row["rule_in"]
    assert recall_score(1 - training["label"], spared) >= row["min_specificity"] == 0.95


def test_labels_outside_training_have_no_say_in_any_threshold(own, thresholds, settings):
    changed = own.copy()
    outside = changed["cohort"] != "training"
    changed.loc[outside, "label"] = 1 - changed.loc[outside, "label"]
    changed.loc[outside, "score"] = 1 - changed.loc[outside, "score"]
    pd.testing.assert_frame_equal(operating_thresholds(changed, settings), thresholds)


def test_a_training_lesion_is_judged_by_borders_its_fold_had_no_part_in(own, thresholds, settings):
    cell = next(c for c in deployed_cells(own, settings) if c.names[1:] == ("cdlr", "training"))
    row = thresholds_by_model(thresholds)["cdlr"]
    before = borders_of_cell(cell, row, settings)["zones"]
    inside = cell.folds[0] == 2
    flipped = cell._replace(label=np.where(inside, 1 - cell.label, cell.label))
    after = borders_of_cell(flipped, row, settings)["zones"]
    for one, other in zip(before, after, strict=True):
        np.testing.assert_array_equal(one[0][inside], other[0][inside])
        assert (one[0][~inside] != other[0][~inside]).any()


def test_where_the_borders_cross_one_threshold_divides_and_nothing_is_deferred():
    assert not has_zone(0.7, 0.4)
    assert tuple(map(float, borders(0.7, 0.4))) == (0.4, 0.4)
    zones = zone_of(np.array([0.39, 0.4, 0.6, np.nan]), 0.7, 0.4)
    assert list(zones) == [RULED_OUT, RULED_IN, RULED_IN, ""]


def test_a_study_without_borders_has_no_zone_and_only_its_operating_threshold(
    own, thresholds, settings
):
    assert set(zone_of(np.array([0.1, 0.9]), np.nan, np.nan)) == {""}
    old = thresholds[["model", "protocol", "threshold"]]
    assert set(clinical_use_table(own, old, settings)["rule"]) == {"operating"}
    assert zone_score_table(own, old, settings)["rule_out"].isna().all()


@pytest.mark.parametrize("model", ["clinical", "cdlr"])
def test_the_zone_is_the_set_of_both_diagnoses_at_the_coverage_of_the_borders(
    own, thresholds, model
):
    # Up to one lesion of the class at each border: conformal prediction adds one to those it knows.
    training = own[(own["cohort"] == "training") & (own["model"] == model)]
    known = training.set_index("lesion_id")[["label", "score"]]
    score, label = training["score"].to_numpy(), training["label"].to_numpy()
    row = thresholds_by_model(thresholds)[model]
    kept = conformal_p_values(known, score) > 0.05
    zone = zone_of(score, row["rule_out"], row["rule_in"])
    assert has_zone(row["rule_out"], row["rule_in"])
    repeats = training["repeat"].nunique()
    for diagnosis, excluded in ((1, zone == RULED_OUT), (0, zone == RULED_IN)):
        differ = (excluded == kept[:, diagnosis])[label == diagnosis]
        assert differ.sum() <= repeats
        assert excluded[label == diagnosis].any()


def test_counts_of_scores_add_up_to_the_lesions_of_each_class(own, thresholds, settings):
    table = zone_score_table(own, thresholds, settings)
    sums = table.groupby(["model", "cohort", "label"])["count"].sum()
    for (model, cohort, label), total in sums.items():
        rows = own[(own["model"] == model) & (own["cohort"] == cohort) & (own["repeat"] == 0)]
        assert total == pytest.approx((rows["label"] == label).sum())


def test_zones_are_measured_where_there_is_no_validation_cohort(own, settings):
    # A run that seals its validation has training rows alone.
    training = own[own["cohort"] == "training"]
    table = clinical_use_table(training, operating_thresholds(training, settings), settings)
    assert set(table["cohort"]) == {"training"}
    assert of(table, "training", rule="zones")["value"].notna().all()
