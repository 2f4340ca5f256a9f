"""Three simulated studies whose signal is known: the controls must find it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.sceptic.controls.studies import study

from spl_kedro.errors import UnusableStudyError
from spl_kedro.sceptic.controls.judging import judge_controls
from spl_kedro.sceptic.controls.measured import measured_features
from spl_kedro.sceptic.controls.scoring import score_controls
from spl_kedro.sceptic.controls.words import account


@pytest.fixture(scope="module")
def inputs():
    return {kind: study(kind) for kind in ("size", "scanner", "texture")}


@pytest.fixture(scope="module")
def judged(inputs):
    return {kind: judge_controls(score_controls(own), own) for kind, own in inputs.items()}


def verdicts(table: pd.DataFrame) -> dict[str, str]:
    return dict(zip(table["control"], table["verdict"], strict=True))


def test_a_study_of_size_alone_is_found_out(judged):
    found = verdicts(judged["size"])
    assert account(judged["size"]).signal == "size"
    for control in ("size", "age_size", "outline", "shuffled"):
        assert found[control] == "explains", control
    # They keep the outline, and with it the size: nothing speaks for the tissue round the lesion.
    assert {found["blanked"], found["moved"]} == {"as_kept"}
    assert found["histogram"] in ("nothing", "part")
    assert found["permuted"] == "passes"


def test_a_study_of_the_scanner_alone_is_found_out(judged):
    found = verdicts(judged["scanner"])
    told = account(judged["scanner"])
    assert told.signal == "acquisition"
    assert any(sentence.startswith("Warning: how the images were made") for sentence in told[1])
    assert found["acquisition"] == "explains"
    # Tissue round the lesion and beside it gives the label away, more than the outline it keeps.
    assert {found["blanked"], found["moved"]} <= {"explains", "part"}
    assert found["site"] == "knows_site"
    assert {found["size"], found["age_size"], found["outline"]} == {"nothing"}
    assert found["permuted"] == "passes"


def test_a_study_of_texture_alone_is_believed(judged):
    found = verdicts(judged["texture"])
    assert account(judged["texture"]).signal == "texture"
    for control in ("size", "age_size", "outline", "histogram", "blanked", "moved"):
        assert found[control] == "nothing", control
    assert found["shuffled"] in ("nothing", "part")
    assert found["permuted"] == "passes"


def test_what_a_study_cannot_be_asked_says_why(judged):
    by_name = judged["texture"].set_index("control")
    assert by_name.loc["site", "verdict"] == "not_applicable"
    assert by_name.loc["site", "note"] == "one site"
    assert by_name.loc["acquisition", "note"].startswith("site, machine and files are the same")


def test_lesions_without_a_place_are_counted_and_the_model_is_compared_on_the_others(
    inputs, judged
):
    for kind, table in judged.items():
        row = table.set_index("control").loc["moved"]
        assert row["n"] + row["left_out"] == len(inputs[kind].training)
        assert row["left_out"] > 0, kind
        assert f"{row['left_out']} of {len(inputs[kind].training)} lesions" in row["note"]


def test_the_models_rows_are_those_of_the_study(inputs, judged):
    # Fault: controls beside a model that was fitted again in other folds.
    from spl_kedro.modeling.evaluation import EvaluationSettings, performance
    from spl_kedro.modeling.evaluation import operating_thresholds as thresholds

    own, settings = inputs["texture"].fitted.predictions, EvaluationSettings(n_bootstrap=100)
    told = performance(own, thresholds(own, settings), settings)
    told = told[(told["metric"] == "auc") & (told["cohort"] == "training")].set_index("model")
    rows = judged["texture"].set_index("control")
    for control, model in (("image", "rad"), ("full", "clinical_rad")):
        assert rows.loc[control, "title"] == model
        for column, own in (("auc", "value"), ("low", "low"), ("high", "high")):
            assert rows.loc[control, column] == pytest.approx(told.loc[model, own], abs=1e-12)


def test_controls_are_scored_in_the_folds_of_the_study(inputs):
    own = inputs["size"]
    folds = own.fitted.cross_fits["rad"].folds
    for repeat, splits in enumerate(own.repeats()):
        for fold, (train, test) in enumerate(splits):
            assert set(folds[repeat][test]) == {fold}
            assert fold not in folds[repeat][train]
    some = np.arange(0, len(own.training), 3)
    for splits in own.repeats(some):
        assert sorted(np.concatenate([test for _, test in splits])) == list(range(len(some)))


def test_unchanged_lesions_measure_as_they_did_for_the_study(inputs):
    # Fault: changed images measured with other settings than the study's.
    own = inputs["texture"]
    some = {name: own.lesions[name] for name in own.training[:4]}
    features = measured_features(some, own, "unchanged")
    assert len(features) == 4
    known = own.table.X.loc[features.index, features.columns]
    np.testing.assert_array_equal(features.to_numpy(), known.to_numpy())


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"image_model": "dlr"}, "names 'dlr'; the study's cross-fitted models are rad"),
        ({"full_model": "cdlr"}, "names 'cdlr'"),
        ({"image_model": "clinical_rad"}, "whose sources are none"),
    ],
)
def test_a_model_that_cannot_be_asked_is_refused_by_name(inputs, changed, said):
    own = inputs["texture"]
    with pytest.raises(UnusableStudyError, match=said):
        replace(own, settings=own.settings.model_copy(update=changed))
