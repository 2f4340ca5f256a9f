import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from spl_kedro.modeling.evaluation import (
    METRICS,
    EvaluationError,
    EvaluationSettings,
    operating_thresholds,
    optimism_table,
    performance,
)
from spl_kedro.modeling.evaluation.checks import CONSTANT, SEPARATED, SINGLE_CLASS


def measure_all(predictions, settings):
    return performance(predictions, operating_thresholds(predictions, settings), settings)


def of(table, model="cdlr", cohort="validation", protocol="leak_free"):
    chosen = table[
        (table["model"] == model) & (table["cohort"] == cohort) & (table["protocol"] == protocol)
    ]
    return chosen.set_index("metric")


def rewritten(predictions, cohort, score):
    """The predictions with one cohort's scores made anew from its labels."""
    table = predictions.copy()
    inside = table["cohort"] == cohort
    table.loc[inside, "score"] = score(table.loc[inside, "label"])
    return table


def validation_of_cdlr(predictions):
    """What is needed to measure one model in validation: its training rows and those."""
    return predictions.query(
        "model == 'cdlr' and protocol == 'leak_free' and cohort != 'external'"
    ).reset_index(drop=True)


def test_every_model_cohort_and_protocol_gets_every_metric_in_order(measured):
    assert len(measured) == 3 * 3 * 5 * len(METRICS)
    assert tuple(of(measured).index) == METRICS
    assert list(measured.columns) == [
        *("protocol", "model", "cohort", "metric", "value", "low", "high", "n", "events", "method"),
        *("unit", "confidence"),
    ]


def test_values_equal_sklearns_at_the_training_threshold(predictions, settings):
    predictions = validation_of_cdlr(predictions)
    thresholds = operating_thresholds(predictions, settings)
    values = of(performance(predictions, thresholds, settings))["value"]
    cut = thresholds.query("model == 'cdlr' and protocol == 'leak_free'")["threshold"].item()
    rows = predictions.query(
        "model == 'cdlr' and protocol == 'leak_free' and cohort == 'validation'"
    )
    called = rows["score"] >= cut
    assert values["auc"] == pytest.approx(metrics.roc_auc_score(rows["label"], rows["score"]))
    assert values["accuracy"] == pytest.approx(metrics.accuracy_score(rows["label"], called))
    assert values["f1"] == pytest.approx(metrics.f1_score(rows["label"], called))
    assert values["brier"] == pytest.approx(metrics.brier_score_loss(rows["label"], rows["score"]))


def test_intervals_hold_their_estimate_and_name_their_method(measured):
    table = of(measured)
    # The ICI is a mean of absolute errors, which resampling can only blow up.
    bounded = table.dropna(subset=["low"]).drop(index="ici")
    assert (bounded["low"] <= bounded["value"]).all()
    assert (bounded["value"] <= bounded["high"]).all()
    assert table.loc["auc", "method"] == "delong logit"
    assert table.loc["sensitivity", "method"] == "wilson"
    assert table.loc["brier", "method"] == "bootstrap percentile"


def test_threshold_depends_on_the_training_cohort_alone(predictions, settings):
    changed = predictions.copy()
    elsewhere = changed["cohort"] != "training"
    changed.loc[elsewhere, "score"] = changed.loc[elsewhere, "score"] ** 3
    pd.testing.assert_frame_equal(
        operating_thresholds(predictions, settings), operating_thresholds(changed, settings)
    )


def test_threshold_from_in_sample_scores_is_refused_under_the_leak_free_protocol(
    predictions, settings
):
    table = predictions.copy()
    table["fold"] = -1
    with pytest.raises(EvaluationError, match="rule cross_fitted_threshold"):
        operating_thresholds(table, settings)


def test_threshold_without_a_training_cohort_is_refused(predictions, settings):
    with pytest.raises(EvaluationError, match="rule threshold_from_training"):
        operating_thresholds(predictions.query("cohort == 'validation'"), settings)


def test_results_do_not_depend_on_row_order_and_repeat_exactly(measured, predictions, settings):
    again = measure_all(predictions.sample(frac=1, random_state=3), settings)
    pd.testing.assert_frame_equal(measured, again, check_exact=True)


def test_results_of_a_cell_do_not_depend_on_what_else_is_evaluated(measured, predictions, settings):
    alone = measure_all(predictions.query("model == 'rad'"), settings)
    pd.testing.assert_frame_equal(
        of(alone, "rad", "external"), of(measured, "rad", "external"), check_exact=True
    )


def test_another_seed_moves_the_bootstrap_intervals_only(measured, predictions, settings):
    table = of(measured)
    other = of(
        measure_all(validation_of_cdlr(predictions), settings.model_copy(update={"seed": 1}))
    )
    pd.testing.assert_series_equal(table["value"], other["value"])
    assert table.loc["brier", "low"] != other.loc["brier", "low"]
    assert table.loc["sensitivity", "low"] == other.loc["sensitivity", "low"]


def test_a_stated_prevalence_adds_predictive_values(predictions):
    predictions = validation_of_cdlr(predictions)
    table = of(measure_all(predictions, EvaluationSettings(n_bootstrap=100, prevalence=0.2)))
    assert {"ppv_at_prevalence", "npv_at_prevalence"} <= set(table.index)
    # Malignancy is rarer at 0.2 than in the cohort, so a positive call is worth less.
    assert table.loc["ppv_at_prevalence", "value"] < table.loc["ppv", "value"]
    assert table.loc["npv_at_prevalence", "value"] > table.loc["npv", "value"]


def test_several_lesions_of_a_patient_widen_the_intervals_and_change_their_method(
    predictions, settings
):
    predictions = validation_of_cdlr(predictions)
    copies = predictions.assign(lesion_id=predictions["lesion_id"] + "b")
    table = of(measure_all(pd.concat([predictions, copies], ignore_index=True), settings))
    single = of(measure_all(predictions, settings))
    assert table.loc["auc", "method"] == "obuchowski logit"
    assert table.loc["sensitivity", "method"] == "bootstrap percentile"
    assert table.loc["auc", "low"] == pytest.approx(single.loc["auc", "low"], rel=1e-9)
    pooled = measure_all(
        pd.concat([predictions, copies], ignore_index=True),
        settings.model_copy(update={"pooling": "mean"}),
    )
    assert of(pooled).loc["sensitivity", "method"] == "wilson"
    np.testing.assert_allclose(of(pooled)["value"], single["value"], rtol=1e-9)


def test_a_cohort_with_one_class_is_marked_and_sinks_nothing(predictions, settings):
    table = predictions.copy()
    table.loc[table["cohort"] == "external", "label"] = 1
    results = measure_all(table, settings)
    assert (of(results, cohort="external")["method"] == SINGLE_CLASS).all()
    assert of(results, cohort="external")["value"].isna().all()
    assert of(results)["value"].notna().all()


def test_perfect_separation_is_named_where_it_leaves_no_value(predictions, settings):
    predictions = validation_of_cdlr(predictions)
    apart = rewritten(predictions, "validation", lambda label: 0.2 + 0.6 * label)
    jitter = np.random.default_rng(1).uniform(0, 0.1, len(apart))
    apart["score"] = np.where(
        apart["cohort"] == "validation", apart["score"] + jitter, apart["score"]
    )
    table = of(measure_all(apart, settings))
    assert table.loc["auc", "value"] == 1
    assert table.loc["auc", "method"] == "newcombe"
    assert table.loc["auc", "low"] < 1
    assert table.loc[["calibration_slope", "ici"], "method"].tolist() == [SEPARATED, SEPARATED]
    assert np.isfinite(table.loc["calibration_intercept", "value"])


def test_constant_scores_are_named_where_they_leave_no_value(predictions, settings):
    predictions = validation_of_cdlr(predictions)
    table = of(measure_all(rewritten(predictions, "validation", lambda label: 0.3), settings))
    assert table.loc["auc", "value"] == 0.5
    assert table.loc["calibration_slope", "method"] == CONSTANT
    assert np.isfinite(table.loc["ici", "value"])


def test_five_lesions_are_measured_without_a_warning(predictions, settings, recwarn):
    predictions = validation_of_cdlr(predictions)
    few = predictions[
        (predictions["cohort"] != "validation")
        | predictions["lesion_id"].isin(_five_of_both_classes(predictions))
    ]
    table = of(measure_all(few, settings))
    assert set(table["n"]) == {5}
    assert np.isfinite(table.loc["auc", ["value", "low", "high"]].astype(float)).all()
    assert not [w for w in recwarn if issubclass(w.category, RuntimeWarning)]


def _five_of_both_classes(predictions):
    rows = predictions.query("model == 'cdlr' and cohort == 'validation'").drop_duplicates(
        "lesion_id"
    )
    benign, malignant = rows[rows["label"] == 0], rows[rows["label"] == 1]
    return [*benign["lesion_id"].head(3), *malignant["lesion_id"].head(2)]


def test_a_table_of_thresholds_that_lacks_a_model_is_refused(predictions, settings):
    thresholds = operating_thresholds(predictions, settings).query("model != 'dlr'")
    with pytest.raises(EvaluationError, match="no threshold for dlr"):
        performance(predictions, thresholds, settings)


def test_optimism_is_the_difference_of_the_protocols_aucs(measured, predictions, settings):
    optimism = optimism_table(measured, predictions, settings).set_index(["cohort", "model"])
    row = optimism.loc[("training", "cdlr")]
    published = of(measured, "cdlr", "training", "as_published").loc["auc", "value"]
    leak_free = of(measured, "cdlr", "training").loc["auc", "value"]
    assert row["optimism"] == published - leak_free > 0
    assert len(optimism) == 15
    assert (optimism["low"] < optimism["optimism"]).all()
    assert (optimism["optimism"] < optimism["high"]).all()


def test_optimism_of_one_protocol_is_an_empty_table(predictions, settings):
    alone = predictions.query("protocol == 'leak_free'")
    assert optimism_table(measure_all(alone, settings), alone, settings).empty
