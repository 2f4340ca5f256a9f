"""The explanation's figures say what their tables hold."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.text import Text

from spl_kedro.explainability.figures_cam import (
    energy_figure,
    gradcam_panel,
    outcome,
    spread_over_scores,
)
from spl_kedro.explainability.figures_checks import conformal_figure
from spl_kedro.explainability.figures_shap import MISSING, shap_bar, shap_beeswarm, wrapped
from spl_kedro.explainability.figures_waterfall import shap_waterfalls, steps_of
from spl_kedro.explainability.lesion_map import LesionMap
from spl_kedro.explainability.summaries import energy_summary, importance_table

WORDS = {"title": "Title", "subtitle": "Validation cohort", "simulated": True}


def texts(figure):
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


@pytest.fixture
def values():
    index = pd.Index([f"SPL{i}" for i in range(6)], name="lesion_id")
    random = np.random.default_rng(0)
    shap = pd.DataFrame(random.normal(size=(6, 3)), index, ["age", "crp_mg_l", "margin"])
    shap["crp_mg_l"] *= 10
    table = shap.melt(var_name="feature", value_name="shap", ignore_index=False).reset_index()
    table["value"] = table["shap"].round(1).mask(table["feature"] == "margin")
    table.loc[0, "value"] = np.nan
    category = pd.Series([None] * 12 + ["smooth", "irregular"] * 3, dtype="str")
    return table.assign(
        cohort="validation",
        model="cdlr",
        view="traced",
        fit="full",
        label=table["feature"],
        source="clinical",
        category=category,
        base=0.4,
        score=table["lesion_id"].map(0.4 + shap.sum(axis=1)),
    )


def test_decisions_are_named_by_truth_and_call():
    assert [outcome(1, 1), outcome(0, 1), outcome(0, 0), outcome(1, 0)] == [
        "true positive", "false positive", "true negative", "false negative",
    ]  # fmt: skip


def test_shown_lesions_run_from_the_lowest_to_the_highest_score():
    scores = pd.Series(np.linspace(0, 1, 9), index=list("ihgfedcba"))
    assert spread_over_scores(scores, 3) == ["i", "e", "a"]
    assert spread_over_scores(scores.iloc[:2], 3) == ["i", "h"]


def test_the_most_important_feature_leads_with_its_unit(values):
    importance = importance_table(values)
    for figure in (
        shap_bar(importance, **WORDS, top=2),
        shap_beeswarm(values, importance, **WORDS, top=2),
    ):
        labels = [label.get_text().strip() for label in figure.axes[0].get_yticklabels()]
        assert set(labels) < {"CRP (mg/l)", "Age", "Margin"}
        assert len(labels) == 2
        heights = dict(zip(labels, figure.axes[0].get_yticks(), strict=True))
        top = figure.axes[0].transData.transform([(0, y) for y in heights.values()])[:, 1]
        assert labels[int(np.argmax(top))] == "CRP (mg/l)"


def test_the_bars_are_the_means_of_the_table(values):
    importance = importance_table(values)
    bars = [bar.get_width() for bar in shap_bar(importance, **WORDS).axes[0].patches]
    assert bars[::-1] == importance["importance"].tolist()
    assert importance["importance"].iloc[0] == pytest.approx(
        values.loc[values["feature"] == "crp_mg_l", "shap"].abs().mean()
    )


def test_a_source_of_features_without_a_colour_of_its_own_is_named(values):
    words = texts(shap_bar(importance_table(values.assign(source="vessels")), **WORDS))
    assert "vessels" in words


def test_a_signature_without_features_can_be_drawn(values):
    none, importance = values.iloc[:0], importance_table(values).iloc[:0]
    assert texts(shap_beeswarm(none, importance, **WORDS))
    assert texts(shap_bar(importance, **WORDS))
    assert texts(shap_waterfalls(none, {}, **WORDS))


def test_a_waterfall_names_missing_values_and_counts_the_rest(values):
    words = texts(shap_waterfalls(values, {"SPL0": "True positive"}, **WORDS, top=2))
    assert any(text.startswith("True positive: SPL0, score") for text in words)
    assert "1 other clinical variable" in words
    both = texts(shap_waterfalls(values, {"SPL0": "x"}, **WORDS, top=3))
    assert "Age = missing" in both
    assert "Margin = smooth" in both


def test_what_is_left_of_a_source_is_never_the_largest_bar():
    # Fault: "42 other features" as the largest bar, which explains nothing.
    lesion = pd.DataFrame(
        {
            "feature": ["age", "sex", *(f"original_glcm_F{i}" for i in range(30))],
            "shap": [0.08, -0.05, *[-0.02] * 30],
            "source": ["clinical", "clinical", *["radiomics"] * 30],
            "value": 1.0,
            "category": None,
        }
    )
    bars = steps_of(lesion, 3)
    assert bars[0] == ("all 30 radiomics features", pytest.approx(-0.6))
    assert not any("other" in words for words, _ in bars)
    assert sum(value for _, value in bars) == pytest.approx(lesion["shap"].sum())
    small = lesion.assign(shap=[0.08, -0.05, *[-0.001] * 30])
    bars = steps_of(small, 2)
    assert bars[-1] == ("30 other radiomics features", pytest.approx(-0.03))
    assert sum(value for _, value in bars) == pytest.approx(small["shap"].sum())


def test_categories_have_colours_that_are_named_and_only_what_is_missing_is_grey(values):
    categories = values["category"].astype("object")
    values["category"] = categories.where(values.index != 12)
    figure = shap_beeswarm(values, importance_table(values), **WORDS)
    words = texts(figure)
    assert {"irregular", "smooth"} <= set(words)
    (points,) = figure.axes[0].collections
    colours = [tuple(colour) for colour in points.get_facecolors()]
    rows = np.round(points.get_offsets()[:, 1])
    labels = [label.get_text().split("\n")[0] for label in figure.axes[0].get_yticklabels()]
    own = [c for c, row in zip(colours, rows, strict=True) if row == labels.index("Margin")]
    assert len(set(own)) == 3
    assert own.count(to_rgba(MISSING)) == 1


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
    table = table.assign(cohort="validation", inside_enrichment=1.0)
    figure = energy_figure(table, energy_summary(table), rim="5 mm rim", **WORDS)
    assert any("n = 2" in text for text in texts(figure))


def test_the_boxes_are_the_quartiles_of_the_summary_and_what_lies_beyond_stays_a_point():
    shares = np.array([0.2, 0.25, 0.3, 0.32, 0.35, 0.95])
    table = pd.DataFrame({"cohort": "validation", "outcome": "true positive", "inside": shares})
    for zone in ("rim", "outside"):
        table[zone] = (1 - shares) / 2
    for zone in ("inside", "rim", "outside"):
        table[f"{zone}_area"] = 1 / 3
    summary = energy_summary(table.assign(inside_enrichment=3 * shares))
    row = summary[summary["zone"] == "inside"].iloc[0]
    assert row["median"] == np.median(shares)
    assert (row["whisker_low"], row["whisker_high"]) == (0.2, 0.35)
    axes = energy_figure(table, summary, rim="rim", **WORDS).axes[0]
    drawn = [set(np.round(line.get_ydata(), 9)) for line in axes.lines]
    assert {0.95} in drawn
    assert {round(row["median"], 9)} in drawn


def test_the_conformal_figure_writes_the_shares_of_the_sets():
    coverage = pd.DataFrame(
        {
            "cohort": ["validation"], "diagnosis": ["benign"], "n": [10], "covered": [9],
            "coverage": [0.9], "stated": [0.9], "expected_low": [0.7], "expected_high": [1.0],
            "within": [True], "one_diagnosis": [0.7], "either": [0.3], "neither": [0.0],
            "confidence": [0.9],
        }
    )  # fmt: skip
    words = texts(conformal_figure(coverage, **WORDS))
    assert {"70%", "30%"} <= set(words)
    assert "0%" not in words
    assert "expected (90%)" in words


@pytest.mark.parametrize("simulated", [True, False])
def test_single_lesions_are_named_only_where_they_are_simulated(values, simulated):
    words = WORDS | {"simulated": simulated}
    lesion = LesionMap(
        "SPL0", np.zeros((8, 8)), np.ones((8, 8), bool), np.zeros((8, 8)), None, "fold_0", 1
    )
    panel = gradcam_panel({name: [(lesion, 0.9)] for name in ("true positive",)}, **words)
    waterfalls = shap_waterfalls(values, {"SPL0": "true positive"}, **words)
    for figure in (panel, waterfalls):
        assert any("SPL0" in text for text in texts(figure)) is simulated
