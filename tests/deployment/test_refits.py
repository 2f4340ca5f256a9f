from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.modeling.signatures.conftest import quick_settings

from spl_kedro.deployment.archive import read_study, write_study
from spl_kedro.deployment.findings import find_unusual
from spl_kedro.deployment.packaged import LINE
from spl_kedro.deployment.page import case_page
from spl_kedro.deployment.reasons import explain_cases, explained_model
from spl_kedro.deployment.recalibrated import recalibrated_study
from spl_kedro.deployment.recalibration import Recalibrated
from spl_kedro.deployment.refits import REFITTED, refitted_scores, with_refits
from spl_kedro.deployment.scoring import ImageFeatures, score_cases, wide_tables
from spl_kedro.deployment.sigmoid import Sigmoid
from spl_kedro.explainability.settings import ShapSettings
from spl_kedro.provenance import development_key
from spl_kedro.sceptic.stability.refits import refit_study
from spl_kedro.sceptic.stability.sums import refit_columns
from spl_kedro.schemas import MODELS

EVERYTHING = ["age", "crp", "sex"]


@pytest.fixture(scope="module")
def refits(fitted, table):
    return refit_study(fitted, table, quick_settings(), refits=4, seed=1, n_jobs=1)


@pytest.fixture(scope="module")
def travelled(packaged, refits, tmp_path_factory):
    """Return the study as it was read from a file that holds the refits."""
    path = tmp_path_factory.mktemp("refits") / "study.spl"
    write_study(replace(packaged, refits=refits.weights), path)
    return read_study(path)


@pytest.fixture
def scores(travelled, cases, measured):
    return score_cases(travelled, cases, measured, EVERYTHING)


def test_a_training_lesion_gets_the_bits_of_the_table_through_the_package(travelled, refits, table):
    X = table.X.loc[table.lesions("training")]
    for name, own in refits.scores.groupby("model"):
        told = own.set_index("lesion_id").loc[X.index, refit_columns(own)].to_numpy()
        np.testing.assert_array_equal(refitted_scores(travelled, name, [X]), told)
        alone = refitted_scores(travelled, name, [X.iloc[[7]]])
        np.testing.assert_array_equal(alone, told[[7]])


def test_the_spread_beside_a_score_is_that_of_the_refits(travelled, cases, measured, scores):
    found = with_refits(travelled, scores, cases, measured)
    main = found["model"].isin(MODELS)
    assert set(found.loc[main, "refits"]) == {4}
    # Models that show which part adds what are not refitted.
    assert set(found.loc[~main, "refits"]) == {0}
    pd.testing.assert_frame_equal(found[list(scores)], scores)
    (X,) = wide_tables(travelled, cases, measured)
    for name, own in found[main].groupby("model"):
        told = refitted_scores(travelled, name, [X.loc[own["lesion_id"]]])
        np.testing.assert_allclose(own["refit_low"], np.quantile(told, 0.025, axis=1))
        np.testing.assert_allclose(own["refit_high"], np.quantile(told, 0.975, axis=1))
        malignant = (own["decision"] == "malignant").to_numpy()[:, None]
        otherwise = ((told >= travelled.threshold(name)) != malignant).mean(axis=1)
        np.testing.assert_array_equal(own["refits_otherwise"], otherwise)
    assert found["refits_otherwise"].max() > 0


def test_a_case_without_an_image_has_refits_of_the_models_that_need_none(
    travelled, cases, measured
):
    lost = cases.index[0]
    features = ImageFeatures((measured.tables[0].drop(index=lost),), measured.quarantine)
    scores = score_cases(travelled, cases, features, EVERYTHING)
    found = with_refits(travelled, scores, cases, features)
    own = found[found["lesion_id"] == lost].set_index("model")["refits"]
    assert own["clinical"] == 4
    assert (own.drop("clinical") == 0).all()
    assert (found.loc[found["lesion_id"] != lost].groupby("model")["refits"].max()["rad"]) == 4


def test_scores_of_two_networks_are_averaged_in_each_refit(travelled, table):
    X = table.X.loc[table.lesions("external")]
    deep = [name for name in X if name.startswith("dtl_")]
    other = X.assign(**{name: X[name] + 0.5 for name in deep})
    both = refitted_scores(travelled, "dlr", [X, other])
    each = [refitted_scores(travelled, "dlr", [own]) for own in (X, other)]
    np.testing.assert_array_equal(both, np.mean(each, axis=0))
    assert np.abs(each[0] - each[1]).max() > 0.01


def test_without_refits_nothing_is_said_of_them(packaged, cases, measured):
    scores = score_cases(packaged, cases, measured, EVERYTHING)
    found = with_refits(packaged, scores, cases, measured)
    assert set(found["refits"]) == {0}
    assert found[list(REFITTED[1:])].isna().all(axis=None)
    assert "refit" not in page_of(packaged, found, cases, measured).lower()


def page_of(study, scores, cases, measured):
    lesion = cases.index[0]
    models = explained_model(scores)
    reasons = explain_cases(study, wide_tables(study, cases, measured), models, ShapSettings())
    found = find_unusual(study, cases, measured, EVERYTHING)
    own = scores[scores["lesion_id"] == lesion]
    return case_page(study, lesion, own, reasons[reasons["lesion_id"] == lesion], found, None)


def test_the_page_says_what_refits_give_and_how_many_classify_otherwise(
    travelled, cases, measured, scores
):
    found = with_refits(travelled, scores, cases, measured)
    main = (found["lesion_id"] == cases.index[0]) & (found["model"] == "cdlr")
    found.loc[main, list(REFITTED)] = [200, 0.314, 0.579, 0.12]
    page = page_of(travelled, found, cases, measured).replace("\N{NO-BREAK SPACE}", " ")
    assert "200 refits of the model on resampled patients give 0.31 to 0.58" in page
    assert "12 % of them classify otherwise" in page
    found.loc[main, list(REFITTED[1:])] = [0.001, 0.999, 0.003]
    page = page_of(travelled, found, cases, measured).replace("\N{NO-BREAK SPACE}", " ")
    assert "give under 0.01 to over 0.99" in page
    assert "under 1 % of them classify otherwise" in page


def test_refits_move_with_a_recalibrated_score(travelled, table):
    X = table.X.loc[table.lesions("external")]
    line = pd.DataFrame([("rad", 0.7, 1.4)], columns=LINE)
    moved = refitted_scores(replace(travelled, recalibration=line), "rad", [X])
    told = Sigmoid(0.7, 1.4)(refitted_scores(travelled, "rad", [X]))
    np.testing.assert_array_equal(moved, told)


def test_refits_of_a_fusion_that_was_fitted_anew_stay_behind(travelled, monkeypatch):
    from spl_kedro.deployment import recalibrated as module

    monkeypatch.setattr(module, "with_fusion", lambda model, classifier: object())
    monkeypatch.setattr(module, "limits_of", lambda scored, coverage: (0.0, 1.0))
    monkeypatch.setattr(module, "_scored", lambda cases, scores: None)
    cases = type("Cases", (), {"label": np.array([0, 1])})()
    scores = np.array([[0.2, 0.8]])
    anew = Recalibrated("fusion", Sigmoid(), {"fusion": scores}, {}, object())
    found = recalibrated_study(
        travelled, {"cdlr": cases}, {"cdlr": anew}, keep_decisions=True, simulated=True
    )
    assert set(travelled.refits["model"]) - set(found.refits["model"]) == {"cdlr"}


def test_the_package_leaves_the_refits_of_other_models_out(fitted, refits):
    from spl_kedro.pipelines.package_study.nodes import _own_refits

    own = refits.weights.assign(study=development_key(fitted.predictions))
    pd.testing.assert_frame_equal(_own_refits(own, fitted), refits.weights)
    assert _own_refits(own.assign(study="0" * 16), fitted) is None
    assert _own_refits(pd.DataFrame(), fitted) is None


def test_nothing_of_a_patient_is_in_the_refits(refits):
    from .conftest import CRP, FEATURE, LESION, PATIENT

    held = refits.weights.to_csv()
    assert not any(text in held for text in (PATIENT, LESION, repr(CRP), repr(FEATURE)))
