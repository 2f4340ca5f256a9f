"""Inputs and settings are chosen inside each fit, from its own lesions alone."""

import numpy as np
import pytest
from sklearn.base import clone

from spl_kedro.learners.classifier import TableClassifier
from spl_kedro.learners.inputs import TableInputs
from spl_kedro.learners.signature import TableSignature
from spl_kedro.modeling.signatures.cross_fitting import cross_fit
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.folds import repeated_splits
from spl_kedro.modeling.signatures.shared_work import sharing

#: Lesions by number that somebody saw: (what was done, those learnt from, those left out).
SEEN: list[tuple[str, frozenset[int], frozenset[int]]] = []


def numbers(X):
    """The lesions' numbers, which a clinical variable holds: the last input."""
    return frozenset(np.asarray(X)[:, -1].astype(int).tolist())


class Recorder(TableClassifier):
    """A learner that records its lesions."""

    def left_out_scores(self, X, y, left_out, n_lesions):
        SEEN.append(("chose", numbers(X), numbers(left_out)))
        return super().left_out_scores(X, y, left_out, n_lesions)

    def fit(self, X, y, groups=None, chosen=None):
        SEEN.append(("learnt", numbers(X), frozenset()))
        return super().fit(X, y, groups, chosen)


@pytest.fixture
def lesions(table):
    rows = table.rows("training")
    X = table.X.iloc[rows].assign(number=np.arange(len(rows), dtype=float))
    return X, table.label.to_numpy()[rows], table.patient_id.to_numpy()[rows]


def image_of(table):
    return FeatureSignature(np.array(table.features(["radiomics", "deep"])), cv=2)


def test_a_choice_never_sees_the_fold_that_judges_it_nor_a_patient_twice(table, lesions):
    X, label, patient = lesions
    SEEN.clear()
    inputs = TableInputs(image_of(table), ["age", "number"], min_missing=1000)
    models = {"recorder": TableSignature(inputs, (Recorder("logistic"),), cv=3)}
    repeats = repeated_splits(label, patient, n_splits=4, n_repeats=1, seed=0)
    cross_fit(models, X, label, patient, repeats, n_jobs=1)
    told, everyone = 0, set(range(len(label)))
    for _, test in repeats[0]:
        judged = set(test.tolist())
        own = [seen for seen in SEEN if (seen[1] | seen[2]) <= everyone - judged]
        chosen = [seen for seen in own if seen[0] == "chose"]
        # Three inner folds, and one fit on all lesions of the outer one's learning part.
        whole = ("learnt", frozenset(everyone - judged), frozenset())
        assert own.count(whole) == 1
        assert sum(len(seen[1] | seen[2]) == len(everyone - judged) for seen in chosen) == 3
        told += 4
        for _, learnt, left_out in chosen:
            assert not set(patient[list(learnt)]) & set(patient[list(left_out)])
    assert len(SEEN) == told


def test_image_features_are_selected_anew_in_each_inner_fold(table, lesions, monkeypatch):
    X, label, patient = lesions
    sizes = []
    fit = TableInputs.fit
    monkeypatch.setattr(
        TableInputs, "fit", lambda self, X, y, g=None: (sizes.append(len(X)), fit(self, X, y, g))[1]
    )
    model = TableSignature(TableInputs(image_of(table), ["age"]), (TableClassifier(),), cv=3)
    model.fit(X, label, groups=patient)
    assert sizes[0] == len(X)
    assert len(sizes) == 4
    assert sum(sizes[1:]) == 2 * len(X)


def test_the_learner_with_the_largest_inner_auc_is_chosen(table, lesions):
    X, label, patient = lesions
    inputs = TableInputs(image_of(table), ["age"])
    kinds = (TableClassifier("knn"), TableClassifier("logistic"))
    with sharing():
        both, *single = [
            TableSignature(inputs, some, cv=3).fit(X, label, groups=patient)
            for some in (kinds, kinds[:1], kinds[1:])
        ]
    areas = [model.inner_auc_ for model in single]
    best = single[int(np.argmax(areas))]
    assert areas[0] != areas[1]
    assert both.inner_auc_ == max(areas)
    assert both.chosen_ == best.chosen_
    np.testing.assert_array_equal(both.predict_proba(X), best.predict_proba(X))


def test_boosting_of_histograms_is_tuned_and_calibrated_as_the_other_kinds(table, lesions):
    X, label, patient = lesions
    inputs = TableInputs(image_of(table), ["age"])
    model = TableSignature(inputs, (TableClassifier("hist_gradient_boosting"),), cv=3)
    model.fit(X, label, groups=patient)
    assert set(model.chosen_) == {"learner", "max_iter", "max_leaf_nodes"}
    score = model.predict_proba(X)[:, 1]
    assert score[label == 1].mean() > score[label == 0].mean() + 0.2
    assert clone(model).get_params()["classifiers"][0].kind == "hist_gradient_boosting"


def test_a_fit_with_one_patient_of_a_class_gives_the_prevalence(table, lesions):
    X, label, patient = lesions
    few = np.r_[np.flatnonzero(label == 0)[:9], np.flatnonzero(label == 1)[:1]]
    model = TableSignature(TableInputs(image_of(table), ["age"]), (TableClassifier(),))
    with pytest.warns(UserWarning, match="The learner gives the training prevalence"):
        model.fit(X.iloc[few], label[few], groups=patient[few])
    np.testing.assert_allclose(model.predict_proba(X)[:, 1], 0.1)
