import numpy as np

from spl_kedro.modeling.signatures.folds import stratified_splits


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
