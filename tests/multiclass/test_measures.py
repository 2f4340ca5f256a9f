import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import (
    accuracy_score,
    balanced_accuracy_score,
    brier_score_loss,
    confusion_matrix,
    precision_score,
    recall_score,
    roc_auc_score,
)

from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.multiclass import (
    class_performance,
    class_roc_curves,
    confusion_counts,
    scored_classes,
)
from spl_kedro.multiclass.measures import weighted_auc

CLASSES = ["a", "b", "c"]
SHARES = {"a": 0.5, "b": 0.3, "c": 0.2}
SETTINGS = EvaluationSettings(n_bootstrap=200)


def made(n=60, lesions=1, seed=3):
    """Return predictions of random probabilities that know a little, and the wide table."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(3, n)
    raw = rng.gamma(1.0, size=(n, 3)).round(1) + 0.1
    raw[np.arange(n), truth] += 0.5
    probability = raw / raw.sum(axis=1, keepdims=True)
    rows = pd.DataFrame(
        {
            "lesion_id": np.repeat([f"L{i:03d}" for i in range(n)], 3),
            "patient_id": np.repeat([f"P{i // lesions:03d}" for i in range(n)], 3),
            "truth": np.repeat(np.array(CLASSES)[truth], 3),
            "model": "rad",
            "cohort": "validation",
            "repeat": 0,
            "fold": -1,
            "of_class": np.tile(CLASSES, n),
            "score": probability.ravel(),
            "probability": probability.ravel(),
        }
    )
    return rows, truth, probability


def values_of(rows):
    table = class_performance(rows, SHARES, SETTINGS)
    return table.set_index(["metric", "of_class"])


def test_the_measures_are_those_of_scikit_learn():
    rows, truth, probability = made()
    found = values_of(rows)["value"]
    called = probability.argmax(axis=1)
    areas = roc_auc_score(truth, probability, multi_class="ovr", average=None)
    np.testing.assert_allclose(found["auc"][CLASSES], areas)
    macro = roc_auc_score(truth, probability, multi_class="ovr", average="macro")
    assert found["auc_macro", "all"] == pytest.approx(macro)
    np.testing.assert_allclose(found["sensitivity"], recall_score(truth, called, average=None))
    np.testing.assert_allclose(found["ppv"], precision_score(truth, called, average=None))
    assert found["accuracy", "all"] == pytest.approx(accuracy_score(truth, called))
    balanced = balanced_accuracy_score(truth, called)
    assert found["balanced_accuracy", "all"] == pytest.approx(balanced)
    brier = brier_score_loss(truth, probability, labels=[0, 1, 2], scale_by_half=False)
    assert found["brier", "all"] == pytest.approx(brier)


def test_giving_every_lesion_the_training_shares_has_the_brier_score_told_beside():
    rows, truth, _ = made()
    shares = np.tile(list(SHARES.values()), (len(truth), 1))
    brier = brier_score_loss(truth, shares, labels=[0, 1, 2], scale_by_half=False)
    assert values_of(rows)["value"]["brier_shares", "all"] == pytest.approx(brier)


def test_probabilities_that_are_too_large_for_a_class_show_as_a_difference():
    rows, truth, probability = made()
    found = values_of(rows)["value"]["calibration_difference"]
    expected = probability.mean(axis=0) - np.bincount(truth) / len(truth)
    np.testing.assert_allclose(found[CLASSES], expected)


def test_intervals_hold_the_estimate_and_widen_where_patients_have_several_lesions():
    rows, _, _ = made()
    table = values_of(rows)
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    # Each lesion four times, as one patient's: as many lesions, a quarter of the patients.
    again = [rows.assign(lesion_id=rows["lesion_id"] + str(i)) for i in range(4)]
    many = pd.concat(again)
    apart = many.assign(patient_id=many["lesion_id"])
    width = {name: values_of(part) for name, part in (("one", many), ("apart", apart))}
    wide, narrow = (
        width[name].loc[("auc_macro", "all"), "high"] - width[name].loc[("auc_macro", "all"), "low"]
        for name in ("one", "apart")
    )
    assert wide > 1.5 * narrow


def test_training_lesions_are_measured_in_each_repeat_and_averaged():
    first, _, _ = made(seed=3)
    second, _, _ = made(seed=3)
    second = second.assign(repeat=1, probability=made(seed=3)[2][:, [0, 2, 1]].ravel())
    both = pd.concat([first, second]).assign(cohort="training")
    parts = [values_of(part.assign(repeat=0))["value"] for part in (first, second)]
    found = values_of(both)["value"]
    for key in (("auc", "b"), ("auc_macro", "all"), ("ppv", "a"), ("brier", "all")):
        assert found[key] == pytest.approx((parts[0][key] + parts[1][key]) / 2)
    counts = confusion_counts(both, CLASSES)
    assert counts["count"].sum() == pytest.approx(60)


def test_counts_are_those_of_a_confusion_matrix():
    rows, truth, probability = made()
    counts = confusion_counts(rows, CLASSES).pivot(index="truth", columns="called", values="count")
    expected = confusion_matrix(truth, probability.argmax(axis=1))
    np.testing.assert_array_equal(counts.loc[CLASSES, CLASSES], expected)


def test_a_class_that_a_cohort_lacks_has_no_curve_and_no_area():
    rows, _, _ = made()
    without = rows[rows["truth"] != "c"]
    table = values_of(without)
    assert np.isnan(table.loc[("auc", "c"), "value"])
    assert np.isnan(table.loc[("auc_macro", "all"), "value"])
    assert set(class_roc_curves(without, CLASSES)["of_class"]) == {"a", "b"}


def test_a_lesion_that_counts_twice_is_two_lesions():
    rng = np.random.default_rng(0)
    label, score = rng.random(30) < 0.4, rng.integers(0, 8, 30).astype(float)
    weights = rng.integers(0, 3, (2, 30)).astype(float)
    expected = [roc_auc_score(label, score, sample_weight=row) for row in weights]
    np.testing.assert_allclose(weighted_auc(label, score, weights), expected)


@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_of_patients_the_mean_probabilities_of_their_images_are_measured(pooling):
    rows, truth, probability = made(n=90, lesions=3)
    rows["truth"] = np.repeat(np.array(CLASSES)[truth[::3]], 9)  # one diagnosis a patient
    scored = scored_classes(rows, pooling)
    settings = EvaluationSettings(n_bootstrap=100, pooling=pooling)
    found = class_performance(scored, SHARES, settings).set_index(["metric", "of_class"])
    pooled = probability.reshape(30, 3, 3).mean(axis=1)
    areas = roc_auc_score(truth[::3], pooled, multi_class="ovr", average=None)
    np.testing.assert_allclose(found["value"]["auc"][CLASSES], areas)
    assert set(found["n"]) == {30}
    assert set(found["unit"]) == {"patients"}
    assert confusion_counts(scored, CLASSES)["count"].sum() == 30
    assert scored_classes(rows) is rows


def test_a_patient_with_lesions_of_two_classes_counts_in_both():
    rows, *_ = made(n=20, lesions=2)
    assert len(scored_classes(rows, "mean")) == 3 * len(rows.groupby(["patient_id", "truth"]))
