import numpy as np
import pytest

from spl_kedro.modeling.evaluation import (
    EvaluationError,
    auc_by_repeat,
    operating_thresholds,
    precision_recall_table,
    roc_curve_table,
    waterfall_table,
)

KEY = ["protocol", "model", "cohort"]


def of_metric(measured, metric):
    return measured[measured["metric"] == metric].set_index(KEY)["value"]


def test_the_area_under_every_stored_roc_curve_is_the_auc_of_performance(
    predictions, settings, measured
):
    curves = roc_curve_table(predictions, settings)
    auc = of_metric(measured, "auc")
    groups = dict(list(curves.groupby(KEY)))
    assert set(groups) == set(auc.index)
    for key, curve in groups.items():
        area = np.trapezoid(curve["sensitivity"], curve["false_positive_rate"])
        assert area == pytest.approx(auc[key], rel=1e-9)


def test_the_steps_under_every_stored_precision_recall_curve_are_the_average_precision(
    predictions, settings, measured
):
    curves = precision_recall_table(predictions, settings)
    average = of_metric(measured, "average_precision")
    for key, curve in curves.groupby(KEY):
        area = (np.diff(curve["recall"]) * curve["precision"].iloc[1:]).sum()
        assert area == pytest.approx(average[key], rel=1e-9)
        assert (curve["prevalence"] == curve["events"] / curve["n"]).all()


def test_a_cohort_with_one_class_has_no_curve_and_an_empty_table_its_columns(predictions, settings):
    external = predictions["cohort"] == "external"
    table = roc_curve_table(predictions[~external | (predictions["label"] == 1)], settings)
    assert set(table["cohort"]) == {"training", "validation"}
    none = roc_curve_table(predictions[external & (predictions["label"] == 1)], settings)
    assert none.empty
    assert list(none.columns) == list(table.columns)


def test_the_waterfall_is_in_order_of_score_and_its_errors_are_those_of_performance(
    predictions, settings, measured
):
    thresholds = operating_thresholds(predictions, settings)
    table = waterfall_table(predictions, thresholds, settings)
    sensitivity = of_metric(measured, "sensitivity")
    for key, rows in table.groupby(KEY):
        assert list(rows["position"]) == list(range(len(rows)))
        assert rows["distance"].is_monotonic_increasing
        malignant = rows[rows["label"] == 1].iloc[0]
        assert malignant["label_n"] == malignant["events"]
        if key[2] != "training":
            missed = malignant["label_wrong"] / malignant["label_n"]
            assert missed == pytest.approx(1 - sensitivity[key])
    with pytest.raises(EvaluationError, match="no threshold for dlr"):
        waterfall_table(predictions, thresholds.query("model != 'dlr'"), settings)


def test_the_repeats_aucs_average_to_the_auc_of_performance(predictions, settings, measured):
    table = auc_by_repeat(predictions, settings)
    assert set(zip(table["protocol"], table["cohort"], strict=True)) == {("leak_free", "training")}
    auc = of_metric(measured, "auc")
    for key, rows in table.groupby(KEY):
        assert list(rows["repeat"]) == [0, 1, 2]
        assert rows["auc"].mean() == pytest.approx(auc[key], rel=1e-12)


def test_tables_say_what_they_count_and_how_much_their_intervals_cover(
    predictions, settings, measured
):
    assert set(measured["confidence"]) == {0.95}
    assert set(measured["unit"]) == {"lesions"}
    pooled = settings.model_copy(update={"pooling": "mean"})
    assert set(roc_curve_table(predictions, pooled)["unit"]) == {"patients"}
