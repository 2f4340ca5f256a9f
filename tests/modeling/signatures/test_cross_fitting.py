import numpy as np
import pytest

from spl_kedro.modeling.signatures.clinical import ClinicalSignature
from spl_kedro.modeling.signatures.cross_fitting import (
    FitModels,
    cross_fit,
    families,
    same_settings,
)
from spl_kedro.modeling.signatures.folds import repeated_splits, stratified_splits
from spl_kedro.modeling.signatures.study_models import study_models


def test_a_class_of_one_patient_is_refused_with_the_rule():
    labels = np.array([1] + [0] * 9)
    with pytest.raises(ValueError, match="9 patients with a benign and 1 with a malignant"):
        repeated_splits(labels, np.arange(10), n_splits=5, n_repeats=1, seed=0)


def test_no_lesion_is_scored_by_a_model_that_saw_its_label(study, settings):
    """Turning the labels of one fold round leaves the scores of that fold as they were."""
    rows = study.rows("training")
    X, y = study.X.iloc[rows], study.label.to_numpy()[rows]
    groups = study.patient_id.to_numpy()[rows]
    models = study_models(study, settings, settings.protocols["leak_free"]).models
    fold = np.arange(len(y)) // 2 % 3
    splits = [(np.flatnonzero(fold != f), np.flatnonzero(fold == f)) for f in range(3)]
    before = cross_fit(models, X, y, groups, [splits], 1)
    turned = y.copy()
    turned[splits[1][1]] = 1 - turned[splits[1][1]]
    after = cross_fit(models, X, turned, groups, [splits], 1)
    for name in models:
        np.testing.assert_array_equal(
            after[name].scores[0][splits[1][1]], before[name].scores[0][splits[1][1]]
        )
        assert (
            after[name].scores[0][splits[0][1]] != before[name].scores[0][splits[0][1]]
        ).any(), name


def test_an_image_signature_is_fitted_once_for_all_the_fusions_that_use_it(study, settings):
    models = study_models(study, settings, settings.protocols["leak_free"]).models
    shared_by = {next(iter(family)): list(family)[1:] for family in families(models)}
    assert shared_by["dlr"] == ["cdlr"]
    assert shared_by["rad"] == ["clinical_rad"]
    assert shared_by["dtl"] == ["clinical_dtl"]
    rows = study.rows("training")
    X, y = study.X.iloc[rows], study.label.to_numpy()[rows]
    groups = study.patient_id.to_numpy()[rows]
    splits = stratified_splits(y, groups, 3, 0)
    shared = cross_fit(models, X, y, groups, [splits], 1)["dlr"]
    alone = cross_fit({"dlr": models["dlr"]}, X, y, groups, [splits], 1)["dlr"]
    np.testing.assert_array_equal(shared.scores, alone.scores)
    assert shared.selected == alone.selected


def test_a_clinical_model_is_fitted_once_for_all_the_fusions_that_use_it(
    study, settings, monkeypatch
):
    fits = []
    fit = ClinicalSignature.fit

    def counted(self, X, y, groups=None):
        fits.append(tuple(self.columns))
        return fit(self, X, y, groups)

    monkeypatch.setattr(ClinicalSignature, "fit", counted)
    models = study_models(study, settings, settings.protocols["leak_free"]).models
    rows = study.rows("training")
    X, y = study.X.iloc[rows], study.label.to_numpy()[rows]
    groups = study.patient_id.to_numpy()[rows]
    shared = FitModels(models, X, y, groups)()
    assert len(fits) == len(set(fits))
    alone = models["clinical_dtl"].fit(X, y, groups=groups)
    np.testing.assert_array_equal(shared["clinical_dtl"].predict_proba(X), alone.predict_proba(X))


def test_other_image_signatures_are_not_taken_for_the_fusions_own(study, settings):
    models = study_models(study, settings, settings.protocols["leak_free"]).models
    models["dlr"].set_params(cv=4)
    assert ["cdlr"] in [list(family) for family in families(models)]


def test_settings_are_alike_whatever_objects_hold_them(study, settings):
    one = study_models(study, settings, settings.protocols["leak_free"]).models["dlr"]
    two = study_models(study, settings, settings.protocols["leak_free"]).models["dlr"]
    # Fault: a feature without an ICC, which equals nothing, had each fusion fit its image anew.
    for model in (one, two):
        model.selection.steps[0][1].set_params(icc=np.array([0.9, np.nan]))
    assert same_settings(one, two)
    two.selection.steps[0][1].set_params(threshold=0.5)
    assert not same_settings(one, two)
    assert not same_settings(one, one.classifier)
