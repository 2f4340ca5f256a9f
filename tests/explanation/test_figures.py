"""The explanation's figures say what their tables hold."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from spl_kedro.explanation.figures_cam import (
    energy_figure,
    gradcam_panel,
    outcome,
    spread_over_scores,
)
from spl_kedro.explanation.figures_checks import conformal_figure
from spl_kedro.explanation.figures_shap import shap_bar, shap_beeswarm, shap_waterfalls, wrapped
from spl_kedro.explanation.lesion_maps import LesionMap
from spl_kedro.explanation.trace import Explanation

WORDS = {"title": "Title", "subtitle": "Validation cohort", "simulated": True}


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.fixture
def explanation():
    index = pd.Index([f"SPL{i}" for i in range(6)], name="lesion_id")
    random = np.random.default_rng(0)
    shap = pd.DataFrame(random.normal(size=(6, 3)), index, ["age", "crp_mg_l", "margin"])
    shap["crp_mg_l"] *= 10
    features = shap.round(1).assign(margin=["smooth", "irregular"] * 3)
    features.loc["SPL0", "age"] = np.nan
    return Explanation(shap, features, 0.4 + shap.sum(axis=1), 0.4)


def test_decisions_are_named_by_truth_and_call():
    assert [outcome(1, 1), outcome(0, 1), outcome(0, 0), outcome(1, 0)] == [
        "true positive", "false positive", "true negative", "false negative",
    ]  # fmt: skip


def test_shown_lesions_run_from_the_lowest_to_the_highest_score():
    scores = pd.Series(np.linspace(0, 1, 9), index=list("ihgfedcba"))
    assert spread_over_scores(scores, 3) == ["i", "e", "a"]
    assert spread_over_scores(scores.iloc[:2], 3) == ["i", "h"]


def test_the_most_important_feature_leads_with_its_unit(explanation):
    for draw in (shap_bar, shap_beeswarm):
        figure = draw(explanation, **WORDS, top=2)
        labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
        assert set(labels) < {"CRP (mg/l)", "Age", "Margin"}
        assert len(labels) == 2
        heights = dict(zip(labels, figure.axes[0].get_yticks(), strict=True))
        top = figure.axes[0].transData.transform([(0, y) for y in heights.values()])[:, 1]
        assert labels[int(np.argmax(top))] == "CRP (mg/l)"


def test_a_waterfall_names_missing_values_and_counts_the_rest(explanation):
    words = texts(shap_waterfalls(explanation, {"SPL0": "True positive"}, **WORDS, top=2))
    assert any(text.startswith("True positive: SPL0, score") for text in words)
    assert "1 other feature" in words
    both = texts(shap_waterfalls(explanation, {"SPL0": "x"}, **WORDS, top=3))
    assert "Age = missing" in both
    assert "Margin = smooth" in both


def test_long_names_are_wrapped_between_words():
    lines = wrapped("wavelet-HLH_glszm_GrayLevelNonUniformity", 20).split("\n")
    assert len(lines) > 1
    assert max(map(len, lines)) <= 20


def test_the_panel_names_each_lesion_and_says_where_an_outcome_has_none():
    image = np.random.default_rng(0).uniform(0, 255, (16, 16))
    mask = np.zeros((16, 16), dtype=bool)
    mask[4:12, 4:12] = True
    lesion = LesionMap("SPL7", image, mask, image / 255, (0.5, 0.5), "fold_0", 1)
    rows = {
        "true positive": [(lesion, 0.91)],
        "false positive": [],
        "true negative": [],
        "false negative": [],
    }
    words = texts(gradcam_panel(rows, columns=2, **WORDS))
    assert "SPL7, score 0.91" in words
    assert "evidence for malignant" in words
    assert words.count("no such lesion") == 3


def test_lesions_without_a_map_are_not_counted_in_the_energy():
    zones = ("inside", "rim", "outside")
    table = pd.DataFrame({"outcome": ["true positive"] * 3})
    for zone in zones:
        table[zone] = [0.2, 0.5, np.nan]
        table[f"{zone}_area"] = 1 / 3
    words = texts(energy_figure(table, rim="5 mm rim", **WORDS))
    assert any("n = 2" in text for text in words)


def test_the_conformal_figure_writes_the_shares_of_the_sets():
    coverage = pd.DataFrame(
        {
            "cohort": ["validation"], "diagnosis": ["benign"], "n": [10], "covered": [9],
            "coverage": [0.9], "stated": [0.9], "expected_low": [0.7], "expected_high": [1.0],
            "within": [True], "one_diagnosis": [0.7], "either": [0.3], "neither": [0.0],
        }
    )  # fmt: skip
    words = texts(conformal_figure(coverage, **WORDS))
    assert {"70%", "30%"} <= set(words)
    assert "0%" not in words


@pytest.mark.parametrize("simulated", [True, False])
def test_single_lesions_are_named_only_where_they_are_simulated(explanation, simulated):
    words = WORDS | {"simulated": simulated}
    lesion = LesionMap(
        "SPL0", np.zeros((8, 8)), np.ones((8, 8), bool), np.zeros((8, 8)), None, "fold_0", 1
    )
    panel = gradcam_panel({name: [(lesion, 0.9)] for name in ("true positive",)}, **words)
    waterfalls = shap_waterfalls(explanation, {"SPL0": "true positive"}, **words)
    for figure in (panel, waterfalls):
        assert any("SPL0" in text for text in texts(figure)) is simulated
