"""What the table says of each learner, and that validation decides nothing."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.learners.judging import learner_table
from spl_kedro.learners.section import learner_section, learners_drawing
from spl_kedro.modeling.evaluation.settings import EvaluationSettings

QUICK = EvaluationSettings(n_bootstrap=100)
NOBODY = pd.DataFrame({"learner": [], "reason": []}, dtype="str")


def moved(own, model, gain, cohorts=("training", "validation", "external")):
    """Scores of a learner: the study's, moved towards the truth in some cohorts."""
    scores = own.assign(model=model)
    truth = scores["label"].to_numpy()
    inside = scores["cohort"].isin(cohorts).to_numpy()
    score = scores["score"].to_numpy()
    scores["score"] = np.where(inside, np.clip(score + gain * (truth - 0.5), 0.01, 0.99), score)
    return scores


@pytest.fixture(scope="module")
def judged(board, own):
    return learner_table(board.predictions, own, board.not_run, "cdlr", QUICK)


def test_each_cohort_has_the_study_first_and_every_learner_with_its_difference(judged):
    assert list(dict.fromkeys(judged["cohort"])) == ["training", "validation", "external"]
    for _, rows in judged.groupby("cohort"):
        assert rows["role"].tolist() == ["study"] + 5 * ["learner"]
        own = rows.iloc[0]
        run = rows[rows["difference"].notna()]
        np.testing.assert_allclose(run["difference"], run["auc"] - own["auc"], atol=1e-12)
        assert (run["difference_low"] <= run["difference"]).all()
        assert (run["p_holm"] >= run["p"]).all()
        assert rows.loc[rows["model"] == "tabicl", "note"].str.startswith("not run").all()
    training = judged[(judged["cohort"] == "training") & judged["difference"].notna()]
    assert set(judged.loc[judged["cohort"] == "validation", "test"]) <= {"delong", ""}
    assert training[["brier", "brier_low", "calibration_slope_high"]].notna().all(axis=None)


def test_a_learner_equal_to_the_study_does_not_take_its_place(own):
    table = learner_table(moved(own, "logistic", 0.0), own, NOBODY, "cdlr", QUICK)
    assert (table["difference"].dropna() == 0).all()
    assert set(table.loc[table["kept"], "model"]) == {"cdlr"}


def test_a_learner_that_is_better_in_training_takes_it_and_one_in_validation_alone_does_not(own):
    noise = np.random.default_rng(0).random(len(own))
    own = own.assign(score=0.3 * own["score"] + 0.7 * noise)
    outside = moved(own, "logistic", 0.5, ("validation", "external"))
    better = moved(own, "random_forest", 0.5, ("training",))
    table = learner_table(outside, own, NOBODY, "cdlr", QUICK)
    validated = table[(table["cohort"] == "validation") & (table["model"] == "logistic")].iloc[0]
    assert validated["difference_low"] > 0
    assert set(table.loc[table["kept"], "model"]) == {"cdlr"}
    both = pd.concat([outside, better], ignore_index=True)
    table = learner_table(both, own, NOBODY, "cdlr", QUICK)
    assert set(table.loc[table["kept"], "model"]) == {"random_forest"}


def test_while_validation_is_sealed_training_alone_is_judged(board, own):
    seen = board.predictions[board.predictions["cohort"] == "training"]
    table = learner_table(seen, own[own["cohort"] == "training"], board.not_run, "cdlr", QUICK)
    assert set(table["cohort"]) == {"training"}


def test_the_section_names_what_was_not_run_and_what_decides(judged, board):
    section = learner_section(judged, board.choices, "selected", simulated=True)
    words = " ".join(section.paragraphs)
    assert "TabICL: not run: no weights named" in words
    assert "validation decides nothing" in words
    measures, chosen = section.tables
    assert len(measures.frame) == 3 * 5
    assert "nothing to choose" not in set(chosen.frame["Chosen"])


def test_the_figure_says_that_patients_are_simulated_and_who_was_not_run(judged):
    drawn = learners_drawing(judged, simulated=True).figure()
    said = [text.get_text() for axes in drawn.axes for text in axes.texts]
    assert said.count("not run") == 3
    assert "Simulated patients" in [text.get_text() for text in drawn.texts]
    assert [label.get_text() for label in drawn.axes[0].get_yticklabels()][::4] == [
        "CDLR (the study's)", "Best of these, chosen inside",
    ]  # fmt: skip
