import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep.folds import assign_folds, inner_split


def cohort(labels, patients=None) -> pd.DataFrame:
    count = len(labels)
    return pd.DataFrame(
        {
            "patient_id": patients or [f"P{i}" for i in range(count)],
            "label": labels,
            "cohort": "training",
        },
        index=pd.Index([f"L{i:03d}" for i in range(count)], name="lesion_id"),
    )


def test_lesions_of_a_patient_share_a_fold():
    table = cohort([0, 1] * 20, [f"P{i // 4}" for i in range(40)])
    folds = assign_folds(table, 3, seed=1)["fold"]
    assert (folds.groupby(table["patient_id"]).nunique() == 1).all()
    assert sorted(folds.unique()) == [0, 1, 2]


def test_every_fold_has_its_share_of_both_classes():
    table = cohort([0] * 60 + [1] * 30)
    folds = assign_folds(table, 3, seed=1)["fold"]
    assert table["label"].groupby(folds).sum().tolist() == [10, 10, 10]
    assert folds.value_counts().tolist() == [30, 30, 30]


def test_validation_lesions_have_no_fold():
    table = cohort([0, 1] * 10)
    table.loc[table.index[:6], "cohort"] = "validation"
    assert set(assign_folds(table, 2, seed=0).index) == set(table.index[6:])


def test_the_order_of_the_rows_does_not_change_the_folds():
    table = cohort([0, 1] * 15)
    shuffled = table.sample(frac=1, random_state=3)
    first = assign_folds(table, 3, seed=5)["fold"]
    assert first.equals(assign_folds(shuffled, 3, seed=5)["fold"].loc[first.index])


def test_another_seed_gives_other_folds():
    table = cohort([0, 1] * 15)
    assert not assign_folds(table, 3, seed=5).equals(assign_folds(table, 3, seed=6))


@pytest.mark.parametrize(
    ("labels", "rule"),
    [
        ([1] * 10, "all 10 training lesions are malignant"),
        ([0] * 10 + [1] * 2, "3 folds need at least 3 patients of each class"),
        ([], "no training lesion"),
    ],
)
def test_a_cohort_that_cannot_be_cross_fitted_is_refused_with_the_rule(labels, rule):
    with pytest.raises(ValueError, match=rule):
        assign_folds(cohort(labels), 3, seed=0)


def test_two_lesions_of_one_patient_count_as_one_patient_when_folds_are_checked():
    table = cohort([0] * 6 + [1] * 3, [f"P{i}" for i in range(6)] + ["Q", "Q", "Q"])
    with pytest.raises(ValueError, match="1 with malignant"):
        assign_folds(table, 2, seed=0)


def test_the_inner_split_shares_no_patient_and_holds_both_classes():
    labels = np.array([0, 1] * 20)
    patients = np.array([f"P{i // 2}" for i in range(20)] + [f"Q{i}" for i in range(20)])
    fit, inner = inner_split(labels, patients, 0.25, seed=2)
    assert set(patients[fit]).isdisjoint(patients[inner])
    assert set(labels[inner]) == {0, 1}
    assert sorted([*fit, *inner]) == list(range(40))


def test_without_an_inner_fraction_all_lesions_are_trained_on():
    fit, inner = inner_split(np.array([0, 1]), np.array(["a", "b"]), 0.0, seed=0)
    assert fit.tolist() == [0, 1]
    assert inner.size == 0


def test_an_inner_fraction_that_leaves_a_side_empty_is_refused():
    with pytest.raises(ValueError, match="inner_fraction"):
        inner_split(np.array([0, 1, 0]), np.array(["a", "b", "c"]), 0.2, seed=0)
