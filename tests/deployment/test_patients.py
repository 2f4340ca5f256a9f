from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.deployment.external import require_pooling
from spl_kedro.deployment.pack import conformal_limits
from spl_kedro.deployment.page import patient_page
from spl_kedro.deployment.patients import file_names, patient_scores
from spl_kedro.deployment.scoring import score_cases
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.evaluation import EvaluationSettings, operating_thresholds
from spl_kedro.modeling.evaluation.units import scored_units
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.recalibrate.nodes import recalibrate
from spl_kedro.pipelines.recalibrate.parameters import RecalibrationParameters

EVERYTHING = ["age", "crp", "sex"]


@pytest.fixture(params=["mean", "max"])
def pooled(request, packaged):
    return replace(packaged, thresholds=packaged.thresholds.assign(pooling=request.param))


@pytest.fixture
def pairs(cases):
    """The external cases, each two of one patient."""
    return cases.assign(patient_id=[f"P{number // 2}" for number in range(len(cases))])


@pytest.fixture
def scores(packaged, pairs, measured):
    return score_cases(packaged, pairs, measured, EVERYTHING)


def test_a_new_patients_score_is_that_of_the_evaluation(pooled, scores, pairs, fitted):
    # Fault: a rule of its own in inference.
    told = fitted.predictions.query("cohort == 'external'")
    told = told.assign(patient_id=told["lesion_id"].map(pairs["patient_id"]))
    units = scored_units(told, pooled.pooling).set_index(["model", "patient_id"])["score"]
    own = patient_scores(pooled, scores, pairs).set_index(["model", "patient_id"])
    np.testing.assert_array_equal(own["score"].loc[units.index], units)
    called = own["score"] >= own["threshold"]
    assert (own["decision"] == np.where(called, "malignant", "benign")).all()
    assert set(own["images"]) <= {1, 2}
    assert own["images"].max() == 2


def test_the_image_named_has_the_highest_score(pooled, scores, pairs):
    own = patient_scores(pooled, scores, pairs)
    known = scores.set_index(["model", "lesion_id"])["score"]
    for row in own.to_dict("records"):
        images = pairs.index[pairs["patient_id"] == row["patient_id"]]
        theirs = known.loc[[(row["model"], image) for image in images]]
        assert known[row["model"], row["highest_image"]] == theirs.max()


def test_an_image_without_a_score_does_not_count(pooled, scores, pairs):
    gone = pairs.index[0]
    lost = scores.assign(
        score=scores["score"].where(scores["lesion_id"] != gone),
        note=scores["note"].where(scores["lesion_id"] != gone, "needs an image"),
    )
    own = patient_scores(pooled, lost, pairs).query("patient_id == 'P0'")
    other = scores[scores["lesion_id"] == pairs.index[1]].set_index("model")["score"]
    np.testing.assert_array_equal(own.set_index("model")["score"].loc[other.index], other)
    assert set(own["images"]) == {1}
    nothing = lost.assign(score=np.nan, note="needs an image")
    none = patient_scores(pooled, nothing, pairs)
    assert none["score"].isna().all()
    assert set(none["note"]) == {"needs an image"}
    assert set(none["decision"]) == set(none["highest_image"]) == {""}


def test_a_study_that_pools_nothing_has_no_patients_scores(packaged, scores, pairs):
    assert packaged.pooling == "none"
    assert patient_scores(packaged, scores, pairs).empty


def test_prediction_sets_of_a_pooled_study_are_calibrated_on_patients(fitted):
    # Two lesions of a patient are not two patients: fewer, hence other limits.
    predictions = fitted.predictions.copy()
    training = predictions["cohort"] == "training"
    ids = sorted(predictions.loc[training, "lesion_id"].unique())
    settings = EvaluationSettings(pooling="max", n_bootstrap=100)
    same_label = predictions.loc[training].groupby("lesion_id")["label"].first()
    pairs = {}
    for label in (0, 1):
        own = [name for name in ids if same_label[name] == label]
        pairs |= {name: f"{label}-{place // 2}" for place, name in enumerate(own)}
    predictions.loc[training, "patient_id"] = predictions.loc[training, "lesion_id"].map(pairs)
    # One fold for both of a pair, as a patient's lesions have.
    folds = predictions[training].groupby(["patient_id", "model", "repeat"])["fold"]
    predictions.loc[training, "fold"] = folds.transform("first")
    thresholds = operating_thresholds(predictions, settings)
    assert set(thresholds["pooling"]) == {"max"}
    by_patient = conformal_limits(
        replace(fitted, predictions=predictions, thresholds=thresholds), 0.9
    )
    by_lesion = conformal_limits(replace(fitted, predictions=predictions), 0.9)
    assert not by_patient.equals(by_lesion)


def test_a_patients_page_shows_every_image_and_explains_the_highest(pooled, scores, pairs):
    patients = patient_scores(pooled, scores, pairs).query("patient_id == 'P1'")
    own = scores[scores["lesion_id"].map(pairs["patient_id"]) == "P1"]
    empty = pd.DataFrame(
        columns=["lesion_id", "field", "message", "model", "view", "source", "label", "value",
                 "category", "shap"]
    )  # fmt: skip
    page = patient_page(pooled, patients, own, empty, empty, {})
    assert "<title>P1</title>" in page
    for image in pairs.index[pairs["patient_id"] == "P1"]:
        assert f">{image}</th>" in page
    how = {"mean": "the mean of the scores", "max": "the image with the highest one"}
    assert how[pooled.pooling] in page


def test_what_is_unusual_of_all_images_is_said_once(pooled, scores, pairs):
    patients = patient_scores(pooled, scores, pairs).query("patient_id == 'P1'")
    images = list(pairs.index[pairs["patient_id"] == "P1"])
    own = scores[scores["lesion_id"].isin(images)]
    findings = pd.DataFrame(
        [(images[0], "site", "new site."), (images[1], "site", "new site."),
         (images[1], "image", "odd.")],
        columns=["lesion_id", "field", "message"],
    )  # fmt: skip
    reasons = pd.DataFrame(
        columns=["lesion_id", "model", "view", "source", "label", "value", "category", "shap"]
    )
    page = patient_page(pooled, patients, own, reasons, findings, {})
    assert page.count("new site.") == 1
    assert f"<li>{images[1]}, <strong>" in page


def test_a_patient_that_is_no_name_of_a_file_has_the_first_images():
    cases = pd.DataFrame({"patient_id": ["a/b", "P", "p", "Q"]}, index=["l1", "l2", "l3", "l4"])
    assert file_names(cases) == {"a/b": "l1", "P": "l2", "p": "l3", "Q": "Q"}


def test_a_cohort_is_validated_with_the_studys_own_rule(pooled, packaged):
    require_pooling(pooled, pooled.pooling)
    require_pooling(packaged, "none")
    with pytest.raises(UnusableStudyError, match=r"Set modeling\.evaluation\.pooling: none"):
        require_pooling(packaged, "mean")


def test_a_study_of_patients_scores_is_not_recalibrated(pooled, fitted, inputs):
    with pytest.raises(UnusableStudyError, match="one score for each image"):
        recalibrate(
            pooled,
            fitted.predictions,
            inputs[0],
            RecalibrationParameters(seed=1),
            ModelingParameters(),
        )
