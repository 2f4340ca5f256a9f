from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.explainability.calibrated import calibrated_parts
from spl_kedro.modeling.evaluation.delong import auc_within
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.schemas import MODELS, Predictions

from .conftest import make_inputs, quick_settings

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


@pytest.fixture(scope="module")
def as_published(study, settings):
    return run_protocol(study, settings, "as_published")


def scores(result, cohort):
    rows = result.predictions[result.predictions["cohort"] == cohort]
    return rows.set_index(["model", "lesion_id"])["score"]


def test_every_lesion_has_one_score_of_every_model(leak_free, as_published, study):
    both = pd.concat([leak_free.predictions, as_published.predictions], ignore_index=True)
    Predictions.validate(both)
    assert len(both) == (len(leak_free.models) + len(MODELS)) * len(study.X)


def test_every_repeat_of_the_cross_fitting_has_its_score_and_fold(study):
    protocol = {"n_splits": 3, "n_repeats": 2}
    result = run_protocol(study, quick_settings(protocol=protocol), only=["clinical"])
    Predictions.validate(result.predictions)
    training = study.rows("training")
    rows = result.predictions.query("cohort == 'training'")
    assert len(rows) == 2 * len(training)
    for repeat, part in rows.groupby("repeat"):
        fit = result.cross_fits["clinical"]
        np.testing.assert_array_equal(part["lesion_id"], study.X.index[training])
        np.testing.assert_array_equal(part["score"], fit.scores[repeat])
        np.testing.assert_array_equal(part["fold"], fit.folds[repeat])
    first, second = (part for _, part in rows.groupby("repeat"))
    assert (first["fold"].to_numpy() != second["fold"].to_numpy()).any()
    assert (first["score"].to_numpy() != second["score"].to_numpy()).any()
    assert set(result.predictions.query("cohort != 'training'")["repeat"]) == {0}


def test_leak_free_training_scores_are_cross_fitted_and_the_others_are_not(leak_free):
    fold = leak_free.predictions.groupby("cohort")["fold"]
    assert fold.min()["training"] == 0
    assert fold.max()["validation"] == fold.max()["external"] == -1


def test_nothing_leak_free_depends_on_the_labels_of_the_test_cohorts(study, settings, leak_free):
    label = study.label.where(study.cohort == "training", 1 - study.label)
    again = run_protocol(replace(study, label=label), settings)
    np.testing.assert_array_equal(
        again.predictions["score"].to_numpy(), leak_free.predictions["score"].to_numpy()
    )


def test_nothing_leak_free_depends_on_the_features_of_the_test_cohorts(study, settings, leak_free):
    X = study.X.copy()
    X.loc[study.cohort != "training", study.features(["radiomics"])] *= -3.0
    again = run_protocol(replace(study, X=X), settings)
    pd.testing.assert_series_equal(scores(again, "training"), scores(leak_free, "training"))


def test_as_published_looks_at_the_validation_labels(study, settings, as_published):
    label = study.label.where(study.cohort != "validation", 1 - study.label)
    again = run_protocol(replace(study, label=label), settings, "as_published")
    assert (scores(again, "training") != scores(as_published, "training")).any()


def test_as_published_sees_the_degenerate_features_and_leak_free_does_not(
    study, settings, leak_free
):
    # Make a degenerate feature the best of all.
    X = study.X.assign(rad_28=study.label + 0.01 * study.X["rad_05"])
    table = replace(study, X=X)
    assert (
        "rad_28" in run_protocol(table, settings, "as_published").models["rad"].selected_features_
    )
    again = run_protocol(table, settings)
    pd.testing.assert_series_equal(scores(again, "validation"), scores(leak_free, "validation"))


def test_on_noise_the_in_sample_recipe_looks_good_in_training_and_leak_free_does_not():
    """Mean AUC within folds over four draws of features.

    Fails if selection, LASSO or calibration sees the lesions that it scores.
    """
    settings = quick_settings()
    found = []
    for seed in range(4, 8):
        table = assemble_study_table(*make_inputs(n_radiomics=200, signal=0.0, seed=seed))
        for protocol in ("leak_free", "as_published"):
            result = run_protocol(table, settings, protocol, only=["rad"])
            rows = result.predictions.query("cohort == 'training'")
            auc = auc_within(rows["label"], rows["score"], rows["fold"])
            found.append((result.protocol, auc))
    mean = pd.DataFrame(found, columns=["protocol", "auc"]).groupby("protocol")["auc"].mean()
    # Mann & Whitney (1947): variance of the AUC of 15 against 15 lesions at a half, three folds,
    # four draws.
    assert abs(mean["leak_free"] - 0.5) < 3 * np.sqrt(31 / (12 * 15**2) / 3 / 4)
    assert mean["as_published"] > 0.75


@pytest.fixture(scope="module")
def second_scanner(study):
    """Return the study with an external centre of its own, whose scanner shifts and stretches."""
    X = study.X.copy()
    external = study.cohort == "external"
    X.loc[external, "site"] = "C"
    X.loc[external, study.features(["radiomics"])] = (
        4 * X.loc[external, study.features(["radiomics"])] - 6
    )
    return replace(study, X=X)


def rad_scores(study, **harmonisation):
    settings = quick_settings(harmonisation=harmonisation)
    result = run_protocol(study, settings, only=["rad"])
    rows = result.predictions.query("cohort == 'external'")
    return rows["score"].to_numpy(), result


def test_a_new_site_is_left_as_it_is_or_harmonised_by_its_own_lesions(second_scanner, study):
    untouched, _ = rad_scores(study, method="combat")
    left, model = rad_scores(second_scanner, method="combat")
    learnt, learning = rad_scores(second_scanner, method="combat", unseen_sites="own_moments")
    assert model.models["rad"].harmonizer_.sites_ == ["A", "B"]
    assert learning.models["rad"].harmonizer_.sites_ == ["A", "B", "C"]
    # A scanner that shifts and stretches every feature moves the scores, unless it was learnt.
    moved, kept = (np.abs(scores - untouched).mean() for scores in (left, learnt))
    assert moved > 0.2
    assert kept < 0.1


def test_harmonisation_uses_no_label_of_the_new_site(second_scanner):
    label = second_scanner.label.where(second_scanner.cohort == "training", 1)
    chosen = {"method": "combat", "unseen_sites": "own_moments"}
    settings = quick_settings(harmonisation=chosen)
    one = run_protocol(second_scanner, settings, only=["cdlr"])
    two = run_protocol(replace(second_scanner, label=label), settings, only=["cdlr"])
    np.testing.assert_array_equal(one.predictions["score"], two.predictions["score"])


def test_results_do_not_depend_on_the_number_of_workers(study, leak_free):
    two = run_protocol(study, quick_settings(n_jobs=2))
    pd.testing.assert_frame_equal(two.predictions, leak_free.predictions)


def test_models_score_a_new_patient_from_the_wide_table_alone(leak_free, study):
    new = study.X.tail(1).drop(columns=list(study.sources["radiomics"].degenerate))
    for name, model in leak_free.models.items():
        expected = scores(leak_free, "external")[name, new.index[0]]
        assert model.predict_proba(new)[0, 1] == pytest.approx(expected, abs=1e-12)


def test_several_lesions_of_a_patient_stay_in_one_fold():
    cohort, tables = make_inputs()
    cohort["patient_id"] = [f"P{i // 3:03d}" for i in range(len(cohort))]
    result = run_protocol(assemble_study_table(cohort, tables), quick_settings())
    training = result.predictions.query("cohort == 'training'")
    assert training.groupby(["model", "patient_id"])["fold"].nunique().max() == 1


def test_a_cohort_without_an_external_centre_is_scored_as_well():
    table = assemble_study_table(*make_inputs(sizes=(60, 20, 0)))
    result = run_protocol(table, quick_settings())
    assert set(result.predictions["cohort"]) == {"training", "validation"}


def test_the_radial_machine_gives_way_when_there_are_too_many_lesions_and_only_then(study):
    def fitted(most):
        settings = quick_settings(
            classifier={"calibration_folds": 3, "max_radial_lesions": most, "tune": False}
        )
        result = run_protocol(study, settings, "as_published_radial", only=["rad", "cdlr"])
        models = result.models["rad"], result.models["cdlr"]
        return [type(raw_model(model.classifier_)).__name__ for model in models], result

    training = len(study.rows("training"))
    names, exact = fitted(training)
    assert names == ["SVC", "SVC"]
    names, approximate = fitted(training - 1)
    assert names == ["Pipeline", "Pipeline"]
    # As many landmarks as lesions: the kernel is the same, the loss is squared.
    both = np.corrcoef(scores(exact, "external"), scores(approximate, "external"))
    assert both[0, 1] > 0.95


def raw_model(classifier):
    return calibrated_parts(classifier).model


def test_a_lesion_scored_alone_has_the_bits_it_has_in_its_cohort(leak_free, study):
    unseen = study.lesions("validation", "external")
    told = leak_free.predictions.query("cohort != 'training'").set_index(["model", "lesion_id"])
    for name, model in leak_free.models.items():
        alone = [model.predict_proba(study.X.loc[[lesion]])[0, 1] for lesion in unseen]
        np.testing.assert_array_equal(alone, told.loc[name].loc[unseen, "score"])
