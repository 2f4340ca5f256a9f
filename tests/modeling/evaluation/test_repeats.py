"""Cross-fitted scores of several repeats: what is reported is one model, not their mean score."""

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from spl_kedro.modeling.evaluation import (
    EvaluationError,
    EvaluationSettings,
    calibration_table,
    decision_curve_table,
    operating_thresholds,
    optimism_table,
    performance,
)
from spl_kedro.modeling.evaluation.checks import NO_THRESHOLD
from spl_kedro.modeling.evaluation.curves import (
    average_precision,
    mean_precision_recall_points,
    mean_roc_points,
    precision_recall_points,
    roc_points,
)
from spl_kedro.modeling.evaluation.delong import auc_covariance, auc_interval
from spl_kedro.modeling.evaluation.thresholds import applied_thresholds, youden_threshold
from spl_kedro.modeling.evaluation.units import cells, scored_units

from .conftest import compared, grouped

CDLR = "model == 'cdlr' and protocol == 'leak_free' and cohort == 'training'"


@pytest.fixture(scope="module")
def predictions(predictions):
    """The repeated training scores of two models, and their validation scores."""
    return predictions.query("model in ['rad', 'cdlr'] and cohort != 'external'").reset_index(
        drop=True
    )


@pytest.fixture(scope="module")
def comparisons(predictions, settings):
    """The two models compared."""
    return compared(predictions, settings)


@pytest.fixture(scope="module")
def training(predictions, settings):
    """Performance of CDLR on the training lesions, by metric."""
    table = performance(predictions, operating_thresholds(predictions, settings), settings)
    return table.query(CDLR).set_index("metric")


def repeats_of(predictions):
    """Label, scores and folds of CDLR's training lesions, each repeat a row."""
    rows = predictions.query(CDLR).sort_values(["repeat", "lesion_id"])
    shape = rows["repeat"].nunique(), -1
    label = rows["label"].to_numpy().reshape(shape)[0]
    return label, rows["score"].to_numpy().reshape(shape), rows["fold"].to_numpy().reshape(shape)


def single(predictions, repeat):
    """The predictions as if the training lesions had been cross-fitted this once."""
    kept = predictions.query("cohort != 'training' or protocol != 'leak_free' or repeat == @repeat")
    return kept.assign(repeat=0)


def naive_variance(label, scores):
    """Variance of the mean AUC from the averaged kernel, pair by pair."""
    malignant, benign = scores[:, label == 1, None], scores[:, None, label == 0]
    kernel = ((malignant > benign) + 0.5 * (malignant == benign)).mean(axis=0)
    by_malignant, by_benign = kernel.mean(axis=1), kernel.mean(axis=0)
    return np.var(by_malignant, ddof=1) / len(by_malignant) + np.var(by_benign, ddof=1) / len(
        by_benign
    )


def test_a_metric_is_the_mean_of_the_repeats_and_not_that_of_the_mean_score(predictions, training):
    # Fault: scores averaged over repeats first, an ensemble that nobody deploys.
    label, scores, _ = repeats_of(predictions)
    for metric, statistic in {
        "auc": metrics.roc_auc_score,
        "average_precision": metrics.average_precision_score,
        "brier": metrics.brier_score_loss,
    }.items():
        expected = np.mean([statistic(label, score) for score in scores])
        assert training.loc[metric, "value"] == pytest.approx(expected, rel=1e-12)
        assert training.loc[metric, "value"] != pytest.approx(
            statistic(label, scores.mean(axis=0)), abs=1e-3
        )


@pytest.mark.parametrize("metric", ["calibration_slope", "calibration_intercept", "ici"])
def test_calibration_is_the_mean_of_the_repeats(predictions, training, settings, metric):
    values = []
    for repeat in range(3):
        alone = single(predictions, repeat)
        table = performance(alone, operating_thresholds(alone, settings), settings)
        values.append(table.query(CDLR).set_index("metric").loc[metric, "value"])
    assert np.ptp(values) > 0
    assert training.loc[metric, "value"] == pytest.approx(np.mean(values), rel=1e-12)


def test_the_variance_is_that_of_the_averaged_kernel_pair_by_pair(predictions):
    label, scores, _ = repeats_of(predictions)
    scores = np.round(scores, 1)
    auc, covariance = auc_covariance(label, [scores, scores[0]])
    assert auc[0] == pytest.approx(np.mean([metrics.roc_auc_score(label, s) for s in scores]))
    assert covariance[0, 0] == pytest.approx(naive_variance(label, scores), rel=1e-10)
    assert covariance[1, 1] == pytest.approx(naive_variance(label, scores[:1]), rel=1e-10)


def test_the_interval_agrees_with_a_bootstrap_of_patients_with_their_repeats():
    # Faults: repeats taken for new patients (standard error too small by the square root of their
    # number), or for nothing at all (that of one repeat).
    rng = np.random.default_rng(5)
    n, repeats = 200, 5
    label = np.arange(n) % 2
    own = label + rng.normal(size=n)
    scores = own + rng.normal(size=(repeats, n))
    fit = auc_interval(label, scores)
    malignant, benign = scores[:, label == 1, None], scores[:, None, label == 0]
    wins = malignant > benign
    areas = []
    for _ in range(1500):
        rows, columns = rng.integers(0, n // 2, (2, n // 2))
        areas.append(np.mean([repeat[np.ix_(rows, columns)].mean() for repeat in wins]))
    error = fit.variance**0.5
    # A bootstrap's standard error has a relative one of 1/sqrt(2 x 1500) = 0.018.
    assert np.std(areas) == pytest.approx(error, rel=4 * 0.018)
    one = auc_interval(label, scores[0]).variance ** 0.5
    assert error < 0.92 * one
    assert error > 1.4 * one / repeats**0.5


def test_lesions_of_a_patient_and_their_repeats_are_one_unit():
    rng = np.random.default_rng(6)
    label = np.arange(60) % 2
    scores = label + rng.normal(size=(3, 60))
    once = auc_interval(label, scores, patient=np.arange(60))
    twice = auc_interval(np.tile(label, 2), np.tile(scores, 2), patient=np.tile(np.arange(60), 2))
    assert (once.method, twice.method) == ("delong logit", "obuchowski logit")
    assert twice.variance == pytest.approx(once.variance, rel=1e-10)


def test_the_deployed_threshold_is_chosen_on_the_scores_of_all_repeats(predictions, settings):
    label, scores, _ = repeats_of(predictions)
    table = operating_thresholds(predictions, settings)
    deployed = table.query("model == 'cdlr' and protocol == 'leak_free'")["threshold"].item()
    assert deployed == youden_threshold(np.tile(label, 3), scores.ravel())


def called_by_other_folds(predictions):
    """Calls of each repeat at the Youden threshold of the other folds."""
    label, scores, folds = repeats_of(predictions)
    called = np.zeros(scores.shape, dtype=bool)
    for score, fold, own in zip(scores, folds, called, strict=True):
        for k in range(5):
            cut = youden_threshold(label[fold != k], score[fold != k])
            own[fold == k] = score[fold == k] >= cut
    return label, called


def test_what_a_threshold_decides_in_training_is_judged_by_that_of_the_other_folds(
    predictions, training
):
    label, called = called_by_other_folds(predictions)
    for metric, statistic in {
        "sensitivity": metrics.recall_score,
        "specificity": lambda y, c: metrics.recall_score(1 - y, ~c),
        "accuracy": metrics.accuracy_score,
        "ppv": metrics.precision_score,
        "f1": metrics.f1_score,
        "mcc": metrics.matthews_corrcoef,
    }.items():
        expected = np.mean([statistic(label, row) for row in called])
        assert training.loc[metric, "value"] == pytest.approx(expected, rel=1e-12)
        assert training.loc[metric, "method"] == (
            "bootstrap of the threshold, threshold from the other folds"
        )
    assert training.loc["auc", "method"] == "corrected resampled t, logit"


def test_a_folds_own_labels_have_no_say_in_how_it_is_judged(predictions, settings):
    # Fault: apparent sensitivity, the threshold chosen on what it is judged by.
    before = single(predictions, 0).query(CDLR)
    own = before["fold"] == 2
    turned = before.assign(label=before["label"].where(~own, 1 - before["label"]))
    cuts = []
    for table in (before, turned):
        (cell,) = cells(scored_units(table))
        cuts.append(applied_thresholds(cell, 0.5, settings)[0])
        mine = cell.folds[0] == 2
    np.testing.assert_array_equal(*(cut[mine] for cut in cuts))
    assert (cuts[0] != cuts[1])[~mine].any()
    assert 0.5 not in cuts[0]


def test_on_noise_the_youden_index_is_zero_and_the_apparent_one_is_not():
    """Mean over forty draws of scores that know nothing, folds of ten and ten.

    Fails if training lesions are judged by a threshold they helped to choose.
    """
    settings = EvaluationSettings(n_bootstrap=100, subgroups=())
    honest, apparent = [], []
    for seed in range(40):
        rng = np.random.default_rng([31, seed])
        label = np.arange(100) % 2
        table = pd.DataFrame(
            {
                "lesion_id": [f"l{i:03d}" for i in range(100)],
                "patient_id": [f"p{i:03d}" for i in range(100)],
                "label": label,
                "model": "rad",
                "protocol": "leak_free",
                "cohort": "training",
                "repeat": 0,
                "fold": np.arange(100) // 20,
                "score": rng.random(100),
            }
        )
        thresholds = operating_thresholds(table, settings)
        values = performance(table, thresholds, settings).set_index("metric")["value"]
        honest.append(values["sensitivity"] + values["specificity"] - 1)
        called = table["score"] >= thresholds["threshold"].item()
        apparent.append(called[label == 1].mean() - called[label == 0].mean())
    error = np.std(honest, ddof=1) / len(honest) ** 0.5
    assert abs(np.mean(honest)) < 3 * error
    assert np.mean(apparent) > 3 * error


def test_validation_is_judged_by_the_deployed_threshold_and_in_sample_scores_too(
    predictions, settings
):
    thresholds = operating_thresholds(predictions, settings)
    table = performance(predictions, thresholds, settings)
    for row in thresholds.itertuples():
        for cohort in ("validation", "training"):
            if cohort == "training" and row.protocol == "leak_free":
                continue
            chosen = "model == @row.model and protocol == @row.protocol and cohort == @cohort"
            lesions = predictions.query(chosen)
            called = lesions["score"] >= row.threshold
            result = table.query(chosen).set_index("metric").loc["sensitivity"]
            assert result["value"] == pytest.approx(metrics.recall_score(lesions["label"], called))
            assert result["method"] == "wilson"


def test_repeats_that_are_all_the_same_give_what_one_gives(predictions, settings):
    """Every table at once; only the method of proportions and groups may be another.

    Fails if repeats are counted as lesions anywhere.
    """
    one = single(predictions, 0)
    inside = (one["cohort"] == "training") & (one["protocol"] == "leak_free")
    same = pd.concat([one, *(one[inside].assign(repeat=r) for r in (1, 2))], ignore_index=True)
    cut_one, cut_same = (operating_thresholds(table, settings) for table in (one, same))
    pd.testing.assert_frame_equal(cut_one, cut_same)
    measured = [performance(table, cut_one, settings) for table in (one, same)]
    bounds = ~measured[0]["method"].str.startswith("wilson") & ~measured[0]["metric"].isin(
        ["hosmer_lemeshow_p", "auc"]
    )
    left, right = (table.drop(columns="method") for table in measured)
    pd.testing.assert_frame_equal(left[bounds], right[bounds], rtol=1e-9)
    np.testing.assert_allclose(
        left.query("metric == 'sensitivity'")["value"],
        right.query("metric == 'sensitivity'")["value"],
    )
    # The folds of repeats count as folds, so that the intervals of areas are others.
    folds = ["auc_difference_low", "auc_difference_high", "z", "p", "p_holm", "differs"]
    for make, others in ((compared, folds), (decision_curve_table, [])):
        tables = (make(table, settings).drop(columns=others) for table in (one, same))
        pd.testing.assert_frame_equal(*tables, rtol=1e-9)
    curves = [calibration_table(table, settings) for table in (one, same)]
    pd.testing.assert_frame_equal(*(table.query("kind == 'smooth'") for table in curves), rtol=1e-9)
    groups = [table.query("kind == 'group'").drop(columns=["low", "high"]) for table in curves]
    assert groups[0].query(CDLR)["n"].sum() == pytest.approx(120)
    assert groups[1].query(CDLR)["n"].sum() == pytest.approx(120)


def test_repeats_that_call_all_lesions_right_keep_an_interval_of_some_width(predictions, settings):
    table = predictions.copy()
    inside = table.eval(CDLR)
    table.loc[inside, "score"] = 0.2 + 0.6 * table.loc[inside, "label"]
    result = performance(table, operating_thresholds(table, settings), settings).query(CDLR)
    row = result.set_index("metric").loc["sensitivity"]
    assert (row["value"], row["high"]) == (1, 1)
    assert row["low"] < 0.97
    assert row["method"] == "wilson, threshold from the other folds"


def test_predictive_values_at_a_prevalence_are_means_over_the_repeats(predictions):
    settings = EvaluationSettings(n_bootstrap=100, prevalence=0.2)
    table = performance(predictions, operating_thresholds(predictions, settings), settings)
    row = table.query(CDLR).set_index("metric").loc["ppv_at_prevalence"]
    label, called = called_by_other_folds(predictions)
    expected = []
    for calls in called:
        sick, well = 0.2 * calls[label == 1].mean(), 0.8 * calls[label == 0].mean()
        expected.append(sick / (sick + well))
    assert row["value"] == pytest.approx(np.mean(expected))
    assert row["low"] < row["value"] < row["high"]


def test_a_fold_whose_other_folds_hold_one_class_has_no_threshold_and_says_so(
    predictions, settings
):
    table = single(predictions, 0)
    inside = (table["cohort"] == "training") & (table["protocol"] == "leak_free")
    table.loc[inside, "fold"] = 1 - table.loc[inside, "label"]
    result = performance(table, operating_thresholds(table, settings), settings)
    decided = result.query(CDLR).set_index("metric").loc[["sensitivity", "ppv", "mcc"]]
    assert decided["value"].isna().all()
    assert set(decided["method"]) == {NO_THRESHOLD}
    gains = compared(table, settings).query("cohort == 'training'")
    assert gains.query("protocol == 'leak_free'")["nri"].isna().all()
    assert gains["idi"].notna().all()


def test_comparisons_in_training_are_means_of_those_within_a_repeat(
    predictions, settings, comparisons
):
    chosen = "protocol == 'leak_free' and cohort == 'training'"
    columns = ["auc_a", "auc_b", "auc_difference", "nri", "nri_continuous", "idi"]
    together = comparisons.query(chosen)[columns]
    alone = [compared(single(predictions, r), settings).query(chosen)[columns] for r in range(3)]
    assert np.ptp([table["idi"].item() for table in alone]) > 0
    np.testing.assert_allclose(together, np.mean(alone, axis=0), rtol=1e-10)


def test_the_two_category_nri_of_training_is_the_gain_at_the_reported_rates(
    predictions, settings, comparisons
):
    row = comparisons.query("protocol == 'leak_free' and cohort == 'training'").iloc[0]
    table = performance(predictions, operating_thresholds(predictions, settings), settings)
    values = table.query("protocol == 'leak_free' and cohort == 'training'").pivot_table(
        index="model", columns="metric", values="value"
    )
    gain = values.loc[row["model_b"]] - values.loc[row["model_a"]]
    assert row["nri"] == pytest.approx(gain["sensitivity"] + gain["specificity"])


def test_optimism_compares_repeated_with_single_scores(predictions, settings):
    table = performance(predictions, operating_thresholds(predictions, settings), settings)
    row = optimism_table(table, predictions, settings).query("cohort == 'training'").iloc[0]
    assert row["low"] < row["optimism"] < row["high"]


def test_decision_curves_of_training_are_means_over_the_repeats(predictions, settings):
    together = decision_curve_table(predictions, settings).query(CDLR)["net_benefit"]
    alone = [
        decision_curve_table(single(predictions, r), settings).query(CDLR)["net_benefit"]
        for r in range(3)
    ]
    np.testing.assert_allclose(together, np.mean(alone, axis=0), rtol=1e-10, atol=1e-12)


def test_subgroups_of_training_are_judged_as_the_cohort_is(predictions, training, settings):
    lesions = predictions.drop_duplicates("lesion_id").set_index("lesion_id")
    cohort = lesions[["patient_id", "label", "cohort"]].assign(site="A")
    table = grouped(predictions, cohort, settings).query(CDLR).set_index("metric")
    for metric in ("auc", "sensitivity", "specificity"):
        assert table.loc[metric, "value"] == pytest.approx(training.loc[metric, "value"])
        assert table.loc[metric, "method"] == training.loc[metric, "method"]


@pytest.mark.parametrize("digits", [1, 6], ids=["ties", "no ties"])
def test_the_area_under_the_averaged_curves_is_the_reported_value(predictions, digits):
    # Fault: all repeats pooled into one curve, whose area is another.
    label, scores, _ = repeats_of(predictions)
    scores = np.round(scores, digits)
    false_positive, sensitivity = mean_roc_points(label, scores)
    expected = np.mean([metrics.roc_auc_score(label, score) for score in scores])
    assert np.trapezoid(sensitivity, false_positive) == pytest.approx(expected, rel=1e-12)
    assert (np.diff(false_positive) >= 0).all()
    assert (np.diff(sensitivity) >= -1e-12).all()
    recall, precision = mean_precision_recall_points(label, scores)
    average = np.mean([average_precision(label, s, np.ones(label.size)) for s in scores])
    assert (np.diff(recall) * precision[1:]).sum() == pytest.approx(average, rel=1e-12)


def test_the_curves_of_one_repeat_are_its_own(predictions):
    label, scores, _ = repeats_of(predictions)
    for mean, alone in (
        (mean_roc_points, lambda *a: roc_points(*a)[:2]),
        (mean_precision_recall_points, precision_recall_points),
    ):
        for ours, theirs in zip(mean(label, scores[:1]), alone(label, scores[0]), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_models_with_different_repeats_are_not_compared(predictions, settings):
    fewer = predictions[~((predictions["model"] == "rad") & (predictions["repeat"] == 2))]
    with pytest.raises(EvaluationError, match=r"same_repeats: rad has 2 scores .* cdlr 3"):
        compared(fewer, settings)
