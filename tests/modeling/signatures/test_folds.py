import numpy as np

from spl_kedro.modeling.signatures.folds import stratified_splits
from spl_kedro.modeling.signatures.shared_work import sharing


def test_a_patient_with_several_lesions_is_never_on_both_sides():
    groups = np.repeat(np.arange(30), 3)
    labels = np.repeat(np.arange(30) % 2, 3)
    splits = stratified_splits(labels, groups, 5, 0)
    assert len(splits) == 5
    for train, test in splits:
        assert not set(groups[train]) & set(groups[test])


def test_every_lesion_is_left_out_exactly_once():
    labels = np.arange(41) % 2
    left_out = np.concatenate([test for _, test in stratified_splits(labels, None, 4, 1)])
    assert sorted(left_out) == list(range(41))


def test_fewer_folds_are_made_when_the_rarer_class_is_small():
    labels = np.array([0] * 20 + [1] * 3)
    splits = stratified_splits(labels, None, 10, 0)
    assert len(splits) == 3
    assert all(len(np.unique(labels[train])) == 2 for train, _ in splits)


def test_a_class_of_one_patient_cannot_be_split():
    labels = np.array([0] * 20 + [1] * 3)
    groups = np.array([*range(20), 99, 99, 99])
    assert stratified_splits(labels, groups, 5, 0) == []


def test_shared_folds_are_the_folds_of_these_lesions_and_no_others():
    # Fault: folds of other labels, patients, number or seed out of the memory.
    labels, groups = np.arange(60) % 2, np.arange(60) // 2
    asked = [
        (labels, groups, 5, 0), (labels, groups, 5, 0), (1 - labels, groups, 5, 0),
        (labels, np.arange(60) // 3, 5, 0), (labels, groups, 4, 0), (labels, groups, 5, 1),
    ]  # fmt: skip
    alone = [stratified_splits(*each) for each in asked]
    with sharing():
        shared = [stratified_splits(*each) for each in asked]
    assert shared[0] is shared[1]
    assert len({id(splits) for splits in shared}) == len(asked) - 1
    for one, two in zip(alone, shared, strict=True):
        for (train, test), (same, left_out) in zip(one, two, strict=True):
            np.testing.assert_array_equal(train, same)
            np.testing.assert_array_equal(test, left_out)
