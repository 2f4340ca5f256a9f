"""What the tables and the part of the report say of ways from images to a patient's score."""

import numpy as np
import pytest
from tests.bags.conftest import PARAMETERS

from spl_kedro.bags.board import ways
from spl_kedro.bags.judging import judge_bags
from spl_kedro.bags.section import ONE_EACH, bags_drawing, bags_section
from spl_kedro.modeling.evaluation.settings import EvaluationSettings

QUICK = EvaluationSettings(n_bootstrap=100)
WAYS = ways(PARAMETERS)


@pytest.fixture(scope="module")
def judged(bags):
    return judge_bags(bags.scores, WAYS, QUICK)


def test_every_learnt_way_is_compared_with_both_rules_on_the_same_patients(judged, bags):
    measures, differences = judged
    pairs = differences.groupby("cohort").apply(
        lambda rows: set(zip(rows["base"], rows["model"], strict=True))
    )
    expected = {
        (f"{model}_{base}", f"{model}_{way}")
        for model, learnt in (("dlr", ("embedding", "witness")), ("cdlr", ("embedding",)))
        for base in ("mean", "max") for way in (*learnt, "max") if base != way
    }  # fmt: skip
    assert all(found == expected for found in pairs)
    assert set(measures["unit"]) == {"patients"}
    auc = measures.set_index(["cohort", "model"])["auc"]
    gains = [
        auc[cohort, model] - auc[cohort, base]
        for cohort, base, model in differences[["cohort", "base", "model"]].to_numpy()
    ]
    np.testing.assert_allclose(differences["difference"], gains, atol=1e-12)
    training = differences[differences["cohort"] == "training"]
    assert (training["p_holm"] >= training["p"]).all()


def test_one_way_of_each_model_is_kept(judged):
    measures, _ = judged
    training = measures[(measures["cohort"] == "training") & measures["kept"]]
    assert [name.split("_")[0] for name in training["model"]] == ["dlr", "cdlr"]


def test_the_section_and_its_figure_say_what_was_compared(judged, bags):
    measures, differences = judged
    section = bags_section(measures, differences, bags.selected, WAYS, simulated=True)
    assert [len(table.frame) for table in section.tables[:2]] == [len(measures), len(differences)]
    kept = list(measures.loc[measures["kept"], "model"].unique())
    said = section.paragraphs[1]
    assert said.count("the mean stays") == sum(name.endswith("_mean") for name in kept)
    assert "validation decides nothing" in said
    drawn = bags_drawing(measures, WAYS, simulated=True).figure()
    assert len(drawn.axes) == 3
    assert "Simulated patients" in [text.get_text() for text in drawn.texts]


def test_a_study_of_one_image_each_says_so(bags):
    measures, differences = judge_bags(bags.scores.iloc[:0], WAYS, QUICK)
    section = bags_section(measures, differences, bags.selected, WAYS, simulated=True)
    assert section.paragraphs == (ONE_EACH,)
    assert not section.tables
    assert bags_drawing(measures, WAYS, simulated=True).figure().axes
