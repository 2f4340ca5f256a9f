"""The learners in the study's own folds."""

import pandas as pd
import pytest
from tests.learners.conftest import ASKED

from spl_kedro.errors import UnusableStudyError
from spl_kedro.learners.board import run_learners, unfitted_learners
from spl_kedro.learners.classifier import TableClassifier
from spl_kedro.learners.settings import LearnerParameters
from spl_kedro.schemas import Predictions

RUN = ["linear_svm", "logistic", "hist_gradient_boosting", "best_inside"]
PLACE = ["lesion_id", "patient_id", "label", "cohort", "repeat", "fold"]


def test_every_learner_scores_every_lesion_in_the_folds_of_the_study(board, own):
    Predictions.validate(board.predictions)
    assert list(dict.fromkeys(board.predictions["model"])) == RUN
    expected = own[PLACE].sort_values(PLACE, ignore_index=True)
    for _, scores in board.predictions.groupby("model"):
        pd.testing.assert_frame_equal(scores[PLACE].sort_values(PLACE, ignore_index=True), expected)


def test_a_learner_whose_weights_are_not_there_is_told_and_skipped(board):
    assert board.not_run.to_dict("list") == {
        "learner": ["tabicl"],
        "reason": ["not run: no weights named in tabular_learners.tabicl.weights"],
    }
    assert "tabicl" not in set(board.predictions["model"])


def test_a_choice_among_learners_needs_two_that_can_be_run(table, settings):
    asked = LearnerParameters(learners=("logistic", "tabicl", "best_inside"))
    found = run_learners(table, settings, asked)
    assert set(found.predictions["model"]) == {"logistic"}
    assert found.not_run["reason"].tolist()[1] == (
        "not run: fewer than two learners to choose from"
    )


def test_what_was_chosen_is_of_the_stated_grid_and_told_for_each_fit(board, settings):
    folds = settings.protocol.n_splits
    for learner, rows in board.choices.groupby("learner"):
        assert len(rows) == folds + 1
        assert rows["fit"].iloc[-1] == "all training lesions"
        for row in rows.itertuples():
            grid = TableClassifier.grids[row.chosen]
            chosen = dict(part.rsplit(" ", 1) for part in row.settings.split(", "))
            assert all(float(chosen[key]) in map(float, values) for key, values in grid.items())
            assert row.chosen == learner or learner == "best_inside"
    inside = board.choices.pivot(index="fit", columns="learner", values="inner_auc")
    single = inside.drop(columns="best_inside")
    pd.testing.assert_series_equal(inside["best_inside"], single.max(axis=1), check_names=False)


def test_a_second_run_gives_the_same_scores(board, table, settings):
    kinds = ("hist_gradient_boosting",)
    again = run_learners(table, settings, ASKED.model_copy(update={"learners": kinds}))
    first = board.predictions[board.predictions["model"].isin(kinds)]
    pd.testing.assert_frame_equal(again.predictions, first.reset_index(drop=True))


def test_repeatable_inputs_are_all_image_features_that_are_and_vary(table, settings):
    asked = LearnerParameters(learners=("logistic",), inputs="repeatable")
    model = unfitted_learners(table, settings, asked, {})["logistic"]
    rows = table.rows("training")
    model.fit(table.X.iloc[rows], table.label.iloc[rows], groups=table.patient_id.iloc[rows])
    image = [name for name in table.features(["radiomics", "deep"]) if name != "rad_02"]
    assert model.selected_features_[: len(image)] == image
    assert {"age", "crp"} <= set(model.selected_features_[len(image) :])


@pytest.mark.parametrize("name", ["clinical", "nobody"])
def test_a_model_that_has_no_image_features_to_hand_over_is_refused(table, settings, name):
    asked = LearnerParameters(learners=("logistic",), beside=name)
    with pytest.raises(UnusableStudyError, match=f"tabular_learners.beside names '{name}'"):
        run_learners(table, settings, asked)
