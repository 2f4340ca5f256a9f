"""Scores of patients, in the folds of the study."""

import numpy as np
import pandas as pd
import pytest
from tests.bags.conftest import PARAMETERS
from tests.modeling.signatures.conftest import make_inputs

from spl_kedro.bags.board import patient_splits, run_bags, ways
from spl_kedro.bags.settings import BagParameters
from spl_kedro.bags.table import bag_table
from spl_kedro.bags.witness import WitnessSignature, witnesses
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.evaluation.units import scored_units
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.protocol import run_models, run_protocol
from spl_kedro.modeling.signatures.study_models import study_models
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.schemas import Predictions

PLACE = ["lesion_id", "patient_id", "label", "cohort", "repeat", "fold"]


def test_every_way_scores_every_patient_in_the_folds_of_the_study(bags, own, table):
    Predictions.validate(bags.scores)
    assert set(bags.scores["model"]) == {
        name for names in ways(PARAMETERS).values() for name in names
    }
    expected = scored_units(own[own["model"] == "dlr"], "mean")[PLACE]
    for _, scores in bags.scores.groupby("model"):
        found = scores[PLACE].sort_values(PLACE, ignore_index=True)
        pd.testing.assert_frame_equal(found, expected.sort_values(PLACE, ignore_index=True))
    assert bags.scores["patient_id"].nunique() == table.patient_id.nunique()


def test_no_patient_is_on_both_sides_of_a_fold(own, table):
    bags = bag_table(table, ("mean",))
    patients = bags.lesions("training")
    training = own[(own["cohort"] == "training") & (own["model"] == "cdlr")]
    for repeat, splits in enumerate(patient_splits(own, bags)):
        assert sorted(np.concatenate([test for _, test in splits])) == list(range(len(patients)))
        for fold, (train, test) in enumerate(splits):
            assert not set(train) & set(test)
            images = training[(training["repeat"] == repeat) & (training["fold"] == fold)]
            assert set(images["patient_id"]) == set(patients[test])


def test_the_rules_are_the_mean_and_the_highest_of_the_images_scores(bags, own):
    images = own[(own["model"] == "dlr") & (own["cohort"] == "validation")]
    for rule in ("mean", "max"):
        scores = bags.scores[bags.scores["model"] == f"dlr_{rule}"]
        scores = scores[scores["cohort"] == "validation"].set_index("patient_id")["score"]
        expected = images.groupby("patient_id")["score"].agg(rule)
        pd.testing.assert_series_equal(scores.sort_index(), expected, check_names=False)


def test_a_bag_of_one_image_is_scored_as_the_image(settings):
    table = assemble_study_table(*make_inputs())
    images = run_protocol(table, settings, only=["dlr", "cdlr"]).predictions
    bags = bag_table(table, ("mean", "max", "std"))
    rules = settings.protocols["leak_free"]
    models = study_models(bags, settings, rules, ["dlr", "cdlr"]).models
    found = run_models(models, {}, bags, settings, rules, patient_splits(images, bags)).predictions
    key = ["model", "cohort", "repeat", "patient_id"]
    pd.testing.assert_series_equal(
        found.set_index(key)["score"].sort_index(), images.set_index(key)["score"].sort_index(),
        check_exact=True,
    )  # fmt: skip
    witness = {"dlr": WitnessSignature(study_models(table, settings, rules, ["dlr"]).models["dlr"])}
    alone = run_models(witness, {}, table, settings, rules).predictions
    pd.testing.assert_series_equal(
        alone["score"], images.loc[images["model"] == "dlr", "score"].reset_index(drop=True)
    )


def test_where_every_patient_has_one_image_nothing_is_learnt_from_patients(settings):
    table = assemble_study_table(*make_inputs())
    own = pd.DataFrame({"protocol": ["leak_free"], "model": ["dlr"]})
    found = run_bags(table, own, settings, PARAMETERS)
    assert found.scores.empty
    assert found.selected.empty


@pytest.mark.parametrize(
    "changes", [{"models": ("clinical",), "witness": ()}, {"witness": ("cdlr",)}]
)
def test_a_model_that_cannot_learn_from_patients_is_refused(table, own, settings, changes):
    with pytest.raises(UnusableStudyError, match="multiple_instance"):
        run_bags(table, own, settings, BagParameters(**changes))
    with pytest.raises(ValueError, match="witness names 'rad'"):
        BagParameters(witness=("rad",))


def test_one_image_of_each_malignant_patient_is_chosen_and_every_benign_one():
    label = np.array([1, 1, 1, 0, 0, 1, 1])
    who = np.array(["a", "a", "b", "c", "c", "d", "d"])
    score = np.array([0.2, 0.7, 0.1, 0.9, 0.3, 0.5, 0.5])
    assert witnesses(score, label, who).tolist() == [False, True, True, True, True, True, False]


def test_the_image_that_shows_it_is_found_among_those_that_do_not():
    rng = np.random.default_rng(0)
    n = 80
    who = np.repeat(np.arange(n), 2)
    label = np.repeat(np.arange(n) % 2, 2)
    # Of a malignant patient the second image alone shows anything.
    shows = (label == 1) & (np.arange(2 * n) % 2 == 1)
    X = pd.DataFrame(rng.normal(size=(2 * n, 3)), columns=["a", "b", "c"])
    X["a"] += 2.5 * shows
    model = WitnessSignature(FeatureSignature(["a", "b", "c"], cv=3), rounds=5)
    model.fit(X, label, groups=who)
    chosen = model.chosen_[label == 1]
    assert chosen.sum() == n / 2
    # By chance half of them would be the second; three standard errors above is 0.74.
    assert (model.chosen_ & shows).sum() / (n / 2) > 0.85
    assert model.rounds_ >= 2
