import numpy as np
import pandas as pd
import pytest
from tests.survival.conftest import MODELS, survival_settings

from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.schemas import SurvivalPredictions
from spl_kedro.survival import fit_survival, survival_tables
from spl_kedro.survival.design import signature_features

EVALUATION = EvaluationSettings(n_bootstrap=100)


def test_every_patient_is_scored_once_by_every_model(fitted):
    table, follow_up, _, models, predictions = fitted
    SurvivalPredictions.validate(predictions)
    assert list(models) == list(MODELS)
    for _, rows in predictions.groupby("model"):
        assert set(rows["patient_id"]) == set(table.patient_id[follow_up.index])
    assert ((predictions["fold"] < 0) == (predictions["cohort"] != "training")).all()
    assert predictions[["by_6", "by_12"]].to_numpy().min() >= 0
    assert (predictions["by_12"] >= predictions["by_6"]).all()


def test_no_patient_is_scored_by_a_model_that_has_seen_one_of_their_lesions(fitted):
    table, _, signatures, _, predictions = fitted
    lesions = signatures.folds(table)
    training = predictions[predictions["cohort"] == "training"]
    for _, rows in training.groupby("model"):
        folds = rows.set_index("patient_id")["fold"]
        assert (folds.loc[table.patient_id[lesions.index]].to_numpy() == lesions.to_numpy()).all()


def test_a_fold_s_score_does_not_depend_on_its_own_follow_up(fitted, study):
    # Fault: a Cox model, or its penalty, that has seen the patients it scores.
    table, follow_up, signatures = study
    *_, before = fitted
    own = table.lesions("training")[(signatures.folds(table) == 1).to_numpy()]
    changed = follow_up.copy()
    changed.loc[own, "time"] = changed.loc[own, "time"] + 7
    changed.loc[own, "event"] = ~changed.loc[own, "event"]
    _, after = fit_survival(table, signatures, changed, survival_settings(), seed=1, n_jobs=1)
    mine = before["fold"] == 1
    pd.testing.assert_series_equal(before.loc[mine, "risk"], after.loc[mine, "risk"])
    assert not np.allclose(before.loc[~mine, "risk"], after.loc[~mine, "risk"])


def test_the_fusion_s_features_are_those_of_its_image_signature_and_the_clinical_terms(study):
    table, _, signatures = study
    features = signature_features(signatures.models["cdlr"], table.X)
    assert list(features) == [*signatures.models["cdlr"].image_.selected_features_, "age"]
    np.testing.assert_allclose(features["rad_0"], table.X["rad_0"])


def test_features_that_foretell_rank_better_than_those_that_do_not(fitted):
    *_, predictions = fitted
    performance, comparisons = survival_tables(predictions, survival_settings(), EVALUATION)
    cdlr = performance[
        (performance["model"] == "cdlr") & performance["metric"].str.startswith("c_")
    ]
    assert (cdlr["low"] > 0.5).all()
    assert set(cdlr["cohort"]) == {"training", "validation"}
    gains = comparisons[comparisons["metric"] == "c_harrell"]
    assert len(gains) == 2
    value = performance[performance["metric"] == "c_harrell"].set_index(["cohort", "model"])[
        "value"
    ]
    for row in gains.to_dict("records"):
        expected = value[row["cohort"], row["model_b"]] - value[row["cohort"], row["model_a"]]
        assert row["difference"] == pytest.approx(expected)
        assert row["low"] <= row["difference"] <= row["high"]
    # The same model compared with itself differs in nothing.
    twin = predictions[predictions["model"] == "rad"].assign(model="twin")
    _, same = survival_tables(pd.concat([predictions, twin]), survival_settings(), EVALUATION)
    same = same[(same["model_a"] == "rad") & (same["model_b"] == "twin")]
    assert (same["difference"] == 0).all()


def test_lesions_without_follow_up_have_no_part(study):
    table, follow_up, signatures = study
    some = follow_up.drop(follow_up.index[:12])
    _, predictions = fit_survival(
        table, signatures, some, survival_settings(models=["rad"]), seed=1, n_jobs=1
    )
    assert set(predictions["patient_id"]) == set(table.patient_id[some.index])


def test_too_few_events_and_unknown_models_are_told(study):
    table, follow_up, signatures = study
    for changes, told in (({"min_events": 500}, "min_events asks for 500"),
                          ({"models": ["vision"]}, "survival.models names 'vision'")):  # fmt: skip
        settings = survival_settings(**changes)
        with pytest.raises(UnusableStudyError, match=told):
            fit_survival(table, signatures, follow_up, settings, seed=1, n_jobs=1)
