"""Backbones are compared on cross-fitted training lesions, and those without weights say why."""

import numpy as np
import pandas as pd
import pytest
import torch
from kedro.framework.project import configure_project
from pydantic import ValidationError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.imaging.lesion import Lesion
from spl_kedro.pipelines.backbones import create_pipeline
from spl_kedro.pipelines.backbones.nodes import compare_backbones, score_backbones
from spl_kedro.pipelines.backbones.parameters import BackbonesParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)

DEEP = DeepSettings(
    architecture="resnet50", image_size=32, components=6, threads=1, device="cpu", trained_blocks=0
)
MODELING = ModelingParameters.model_validate(
    {
        "n_jobs": 1,
        "selection": {"lasso": False},
        "classifier": {"tune": False, "calibration_folds": 2},
        "protocol": {"n_splits": 3},
        "evaluation": {"n_bootstrap": 100},
    }
)
PARAMETERS = BackbonesParameters.model_validate(
    {
        "candidates": [
            {"architecture": "resnet18", "weights": "packaged", "pooling": "last"},
            {"architecture": "resnet18", "weights": "none", "pooling": "depths"},
            {"architecture": "resnet18", "weights": "none", "pooling": "last"},
            {"architecture": "resnet18", "weights": "imagenet", "pooling": "last"},
        ],
        "classifiers": ["linear_svm", "logistic"],
        "n_repeats": 2,
    }
)


@pytest.fixture(scope="module")
def study():
    """40 training lesions of 20 patients, told apart by their brightness, and 8 others."""
    rng, count = np.random.default_rng(7), 48
    ids = [f"SPL{i:04d}" for i in range(count)]
    patient = np.arange(count) // 2
    label = patient % 2
    rows, columns = np.mgrid[:40, :40]
    mask = (rows - 20) ** 2 + (columns - 20) ** 2 < 12**2
    lesions = {}
    for name, malignant in zip(ids, label, strict=True):
        speckle = rng.rayleigh(1, (40, 40))
        image = np.clip(speckle * np.where(mask, 40 + 60 * malignant, 90), 0, 255)
        made = Lesion(name, image, mask)
        lesions[name] = lambda made=made: made
    cohort = pd.DataFrame(
        {
            "patient_id": [f"P{i:03d}" for i in patient],
            "site": "A",
            "label": label,
            "cohort": ["training"] * 40 + ["validation"] * 4 + ["external"] * 4,
            "simulated": True,
        },
        index=pd.Index(ids, name="lesion_id"),
    )
    return lesions, cohort


@pytest.fixture(scope="module")
def scored(study, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        empty = str(tmp_path_factory.mktemp("hub"))
        patch.setattr(torch.hub, "get_dir", lambda: empty)
        return score_backbones(*study, DEEP, MODELING, PARAMETERS)


@pytest.fixture(scope="module")
def compared(scored):
    return compare_backbones(*scored, MODELING)


def test_there_is_a_row_and_a_record_for_each_backbone_pooling_and_classifier(compared):
    table, records = compared
    assert len(table) == 4 * 2
    assert table["run"].is_unique
    assert [record.name for record in records] == table["run"].tolist()
    known = table[table["status"] == "compared"]
    assert set(known["pooling"]) == {"last", "depths"}
    assert known["auc"].gt(0.8).all()
    assert (known["low"] <= known["auc"]).all()
    assert (known["auc"] <= known["high"]).all()
    assert set(known["method"]) <= {"corrected resampled t, logit", "newcombe"}
    assert known["seconds_per_lesion"].gt(0).all()
    for record, auc in zip(records, table["auc"], strict=True):
        if not np.isnan(auc):
            assert record.metrics["training.auc"] == auc
            assert record.tags["sweep"] == "backbone"


def test_weights_that_cannot_be_had_leave_a_row_that_says_why(compared):
    table, records = compared
    absent = table[table["status"] == "weights not available"].set_index("weights")
    assert absent.index.tolist() == ["packaged"] * 2 + ["imagenet"] * 2
    assert absent["auc"].isna().all()
    assert "no packaged weights for resnet18" in absent.loc["packaged", "why"].iloc[0]
    assert "Remedy: fetch https://" in absent.loc["imagenet", "why"].iloc[0]
    assert records[0].tags["not_available"] == table["why"].iloc[0]
    assert records[0].metrics == {}


def test_gains_are_over_the_first_backbone_whose_weights_are_at_hand(compared):
    table = compared[0].set_index("run")
    for kind in PARAMETERS.classifiers:
        first, other = (f"resnet18 none {pooling} {kind}" for pooling in ("depths", "last"))
        assert table.loc[first, "gain"] == 0
        assert table.loc[other, "reference"] == first
        gain = table.loc[other, "auc"] - table.loc[first, "auc"]
        assert table.loc[other, "gain"] == pytest.approx(gain)


def test_only_training_lesions_are_opened_and_scored(study, scored):
    lesions, cohort = study

    def refuse():
        raise AssertionError("a lesion outside training was read")

    unseen = cohort.index[cohort["cohort"] != "training"]
    closed = lesions | dict.fromkeys(unseen, refuse)
    one = PARAMETERS.model_copy(update={"candidates": PARAMETERS.candidates[2:3]})
    _, predictions = score_backbones(closed, cohort, DEEP, MODELING, one)
    assert set(predictions["lesion_id"]) == set(cohort.index.difference(unseen))
    expected = scored[1][scored[1]["model"].isin(
        set(predictions["model"])
    )].reset_index(drop=True)  # fmt: skip
    pd.testing.assert_frame_equal(predictions, expected)


def test_every_lesion_is_scored_once_a_repeat_by_a_fold_without_its_patient(scored):
    _, predictions = scored
    assert not predictions.duplicated(["model", "repeat", "lesion_id"]).any()
    assert set(predictions["repeat"]) == {0, 1}
    folds = predictions.groupby(["model", "repeat", "patient_id"])["fold"].nunique()
    assert (folds == 1).all()


def test_a_study_without_any_weights_is_told_what_to_name(study):
    one = PARAMETERS.model_copy(update={"candidates": PARAMETERS.candidates[:1]})
    with pytest.raises(UnusableStudyError, match=r"no packaged weights.*efficientnet_lite0"):
        score_backbones(*study, DEEP, MODELING, one)


def test_the_same_backbone_twice_is_refused():
    twice = {"candidates": [PARAMETERS.candidates[0]] * 2}
    with pytest.raises(ValidationError, match=r"candidates names .* twice"):
        BackbonesParameters.model_validate(twice)


def test_the_pipeline_starts_from_lesions_and_is_no_part_of_the_default_run():
    pipeline = create_pipeline()
    assert [node.name for node in pipeline.nodes] == ["score_backbones", "compare_backbones"]
    assert pipeline.inputs() == {
        "lesions", "cohort", "params:deep_features", "params:modeling", "params:backbones",
    }  # fmt: skip
    configure_project("spl_kedro")
    from spl_kedro.pipeline_registry import register_pipelines

    registered = register_pipelines()
    assert "backbones" in registered
    assert "backbones" not in registered["__default__"].all_outputs()
