from dataclasses import replace

import numpy as np
import pytest
from tests.modeling.signatures.conftest import make_inputs, quick_settings

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.sceptic.stability import refits as module
from spl_kedro.sceptic.stability.measures import lesion_table, summary_table
from spl_kedro.sceptic.stability.refits import bootstrap_sample, refit_study
from spl_kedro.sceptic.stability.sums import refit_columns
from spl_kedro.store import ContentStore

from .conftest import REFITS


@pytest.fixture
def training(table):
    own = table.lesions("training")
    return table.label.loc[own].to_numpy(), table.patient_id.loc[own].to_numpy()


def test_a_sample_draws_as_many_patients_as_there_are_with_all_their_lesions(training):
    label, groups = training
    patients, of = np.unique(groups, return_inverse=True)
    assert len(patients) < len(groups)
    for number in range(20):
        counts = np.bincount(bootstrap_sample(label, groups, 1, number), minlength=len(label))
        per_patient = [set(counts[of == patient]) for patient in range(len(patients))]
        assert all(len(own) == 1 for own in per_patient)
        assert sum(own.pop() for own in per_patient) == len(patients)


def test_samples_differ_and_depend_on_seed_and_number_alone(training):
    first, again, other, later = (
        bootstrap_sample(*training, *which) for which in ((1, 0), (1, 0), (2, 0), (1, 1))
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first, later)


def test_a_sample_always_holds_both_classes():
    label, groups = np.array([0, 0, 0, 0, 0, 1]), np.arange(6)
    # One in three draws of six patients lacks the last one.
    samples = [bootstrap_sample(label, groups, 0, number) for number in range(40)]
    assert all(set(label[rows]) == {0, 1} for rows in samples)


def test_the_copies_of_a_patient_stay_together_in_the_folds_of_a_refit(
    fitted, table, settings, monkeypatch
):
    # Fault: copies told apart, so that a fold is scored by a model that has seen its lesions.
    seen = []

    class Recorded(module.FitModels):
        def __init__(self, models, X, label, groups):
            seen.append((X.index, groups))
            super().__init__(models, X, label, groups)

    monkeypatch.setattr(module, "FitModels", Recorded)
    refit_study(fitted, table, settings, refits=1, seed=1, n_jobs=1, only=["clinical"])
    ((lesions, groups),) = seen
    assert lesions.has_duplicates
    np.testing.assert_array_equal(groups, table.patient_id.loc[lesions])


def test_a_refit_uses_nothing_of_the_labels_of_patients_it_did_not_draw(
    fitted, table, settings, refits
):
    absent = refits.draws.loc[refits.draws["r0000"] == 0, "lesion_id"]
    assert len(absent) > 10

    def with_labels_of(lesions):
        label = table.label.copy()
        label.loc[lesions] = 1 - label.loc[lesions]
        other = replace(table, label=label)
        return refit_study(fitted, other, settings, refits=1, seed=1, n_jobs=1).scores["r0000"]

    drawn = refits.draws.loc[refits.draws["r0000"] > 0, "lesion_id"]
    np.testing.assert_allclose(with_labels_of(absent), refits.scores["r0000"], rtol=0, atol=1e-12)
    assert np.abs(with_labels_of(drawn.iloc[:15]) - refits.scores["r0000"]).max() > 0.01


def test_every_main_model_is_refitted_and_scores_every_original_lesion(fitted, table, refits):
    scores = refits.scores
    assert list(scores["model"].unique()) == fitted.names("main")
    lesions = table.lesions("training")
    for name, own in scores.groupby("model"):
        assert list(own["lesion_id"]) == list(lesions)
        told = fitted.models[name].predict_proba(table.X.loc[lesions])[:, 1]
        np.testing.assert_array_equal(own["original"], told)
        values = own[refit_columns(scores)].to_numpy()
        assert values.shape == (len(lesions), REFITS)
        assert ((values >= 0) & (values <= 1)).all()
        assert np.ptp(values, axis=1).max() > 0.01


def test_an_interrupted_run_goes_on_where_it_was(
    fitted, table, settings, refits, tmp_path, monkeypatch
):
    store = ContentStore(str(tmp_path))
    fits = []

    class Counted(module.FitModels):
        def __call__(self):
            fits.append(1)
            if len(fits) == REFITS:
                raise KeyboardInterrupt
            return super().__call__()

    monkeypatch.setattr(module, "FitModels", Counted)
    told = {"refits": REFITS, "seed": 1, "n_jobs": 1, "store": store}
    with pytest.raises(KeyboardInterrupt):
        refit_study(fitted, table, settings, **told)
    again = refit_study(fitted, table, settings, **told)
    assert len(fits) == REFITS + 1
    for one, two in zip(again, refits, strict=True):
        assert one.equals(two)
    assert "0 entries" in store.report()


def test_a_model_that_is_no_weighted_sum_is_refitted_and_does_not_travel(table):
    settings = quick_settings(
        classifier={"calibration_folds": 2, "kind": "radial_svm", "tune": False}
    )
    fitted = run_protocol(table, settings, only=["clinical", "rad"])
    found = refit_study(fitted, table, settings, refits=2, seed=1, n_jobs=1)
    assert set(found.scores["model"]) == {"clinical", "rad"}
    assert set(found.weights["model"]) == {"clinical"}


def test_a_model_that_the_study_lacks_is_refused(fitted, table, settings):
    with pytest.raises(UnusableStudyError, match="names 'radd'"):
        refit_study(fitted, table, settings, refits=2, seed=1, n_jobs=1, only=["radd"])


def test_predictions_are_steadier_in_a_larger_study():
    settings = quick_settings(clinical={"univariate_p": 1, "multivariable_p": 1})
    mape = []
    for n in (60, 600):
        table = assemble_study_table(*make_inputs((n, 30, 30)))
        fitted = run_protocol(table, settings, only=["clinical"])
        found = refit_study(fitted, table, settings, refits=20, seed=1, n_jobs=1)
        at = fitted.predictions[["model"]].drop_duplicates().assign(threshold=0.5)
        mape.append(summary_table(lesion_table(found.scores, found.draws, at))["mape"].item())
    # Ten times as many patients: a third of the error, give or take.
    assert 0.15 < mape[1] / mape[0] < 0.6
