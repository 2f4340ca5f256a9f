"""What the tables say of scores under other outlines, checked by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.sceptic.outlines.conftest import SIZES

from spl_kedro.modeling.evaluation.delong import auc_covariance, auc_difference
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.modeling.evaluation.settings import EvaluationSettings
from spl_kedro.sceptic.outlines import figures, tables

SETTINGS = EvaluationSettings()


@pytest.fixture(scope="module")
def auc(examined):
    return tables.auc_table(examined.scores, examined.outlines, SETTINGS)


@pytest.fixture(scope="module")
def spread(examined):
    return tables.spread_table(examined.scores)


@pytest.fixture(scope="module")
def summary(examined):
    return tables.feature_summary(examined.features)


def test_the_spread_of_a_lesion_is_that_of_its_scores_of_one_size(examined, spread):
    row = spread.query("lesion_id == 'SPL0005' and model == 'rad' and size == 1.5").iloc[0]
    own = examined.scores.query("lesion_id == 'SPL0005' and model == 'rad'")
    made = own[(own["size"] == 1.5)]
    scores = [*made["score"], row["original"]]
    assert row["outlines"] == 4
    assert row["sd"] == pytest.approx(np.std(scores, ddof=1), rel=1e-6)
    assert (row["lowest"], row["highest"]) == (min(scores), max(scores))
    above = made["score"] >= row["threshold"]
    assert row["flipped"] == (above != (row["original"] >= row["threshold"])).mean()
    assert len(spread) == 2 * 2 * sum(SIZES.values())


def test_areas_and_differences_in_validation_are_delongs(examined, auc):
    row = auc.query("cohort == 'validation' and model == 'dlr' and kind == 'dilated'").iloc[-1]
    own = examined.scores.query(
        "cohort == 'validation' and model == 'dlr' and kind == 'dilated' and size == 1.5"
    )
    area = roc_auc_score(own["label"], own["score"])
    before = roc_auc_score(own["label"], own["original"])
    assert row["auc"] == pytest.approx(area)
    assert row["difference"] == pytest.approx(area - before)
    test = auc_difference(
        *auc_covariance(own["label"].to_numpy(), [own["original"], own["score"]]), 0, 1
    )
    assert row[["difference_low", "difference_high", "p"]].tolist() == pytest.approx(
        [test.low, test.high, test.p]
    )
    assert row["distance"] == pytest.approx(own["distance"].mean())
    assert row["flipped"] == pytest.approx(own["flipped"].mean())


def test_p_values_are_corrected_within_a_cohort_and_model(auc):
    changed = auc[auc["kind"] != "original"]
    for _, own in changed.groupby(["cohort", "model"]):
        np.testing.assert_allclose(own["p_holm"], holm(own["p"]))
    assert auc.loc[auc["kind"] == "original", ["difference", "p", "p_holm"]].isna().all(axis=None)


def test_lesions_that_could_not_be_measured_are_counted_beside_the_areas(examined):
    lost = examined.outlines.copy()
    place = (lost["lesion_id"] == "SPL0002") & (lost["kind"] == "eroded") & (lost["size"] == 1.5)
    lost.loc[place, "measured"] = False
    gone = (
        (examined.scores["lesion_id"] == "SPL0002")
        & (examined.scores["kind"] == "eroded")
        & (examined.scores["size"] == 1.5)
    )
    table = tables.auc_table(examined.scores[~gone], lost, SETTINGS)
    told = table.query("cohort == 'training' and kind == 'eroded' and size == 1.5")
    assert set(told["left_out"]) == {1}
    assert set(told["n"]) == {SIZES["training"] - 1}
    others = table.drop(told.index).query("kind != 'machine'")  # which has one of its own
    assert others["left_out"].sum() == 0


def test_a_cohort_with_one_class_has_no_area_but_its_flips(examined):
    one = examined.scores[examined.scores["label"] == 1]
    table = tables.auc_table(one, examined.outlines, SETTINGS)
    assert table["auc"].isna().all()
    assert table["flipped"].notna().all()


def test_pooled_scores_are_those_of_patients(examined):
    scores = examined.scores.copy()
    pairs = {f"SPL{i:04d}": f"Q{i // 4 * 2 + i % 2}" for i in range(sum(SIZES.values()))}
    scores["patient_id"] = scores["lesion_id"].map(pairs)
    scores["fold"] = scores["fold"].where(scores["fold"] < 0, 0)
    pooled = tables.auc_table(scores, examined.outlines, EvaluationSettings(pooling="mean"))
    training = pooled.query("cohort == 'training' and kind == 'eroded'")
    assert set(training["n"]) == {SIZES["training"] // 2}
    assert set(pooled["unit_of_n"]) == {"patients"}


def test_surviving_features_are_counted_by_class_and_use(examined, summary):
    own = summary.query("kind == 'eroded' and size == 1.5").set_index("feature_class")
    rows = examined.features.query("kind == 'eroded' and size == 1.5 and not degenerate")
    radiomics = rows[rows["source"] == "radiomics"]
    assert own.loc["all", "features"] == len(radiomics)
    assert own.loc["all", "stable"] == pytest.approx(radiomics["stable"].mean())
    assert own.loc["used", "features"] == (rows["used_by"] != "").sum()
    shape = own.loc["shape2D"]
    assert shape["agreeing"] <= shape["stable"]


def words_of(figure) -> str:
    return " ".join(text.get_text() for text in figure.findobj(match=type(figure.texts[0])))


@pytest.mark.parametrize("simulated", [True, False])
def test_figures_say_what_they_show_and_whether_patients_are_simulated(
    auc, spread, summary, simulated
):
    drawn = {
        "AUC against the error of outlines": figures.auc_figure(auc, simulated=simulated),
        "Spread of each lesion's scores": figures.spread_figure(spread, simulated=simulated),
        "Features that survive": figures.survival_figure(summary, simulated=simulated),
    }
    for title, figure in drawn.items():
        words = words_of(figure)
        assert title in words
        assert ("Simulated patients" in words) == simulated


def test_the_curves_go_through_the_areas_of_the_table(auc):
    figure = figures.auc_figure(auc, simulated=True)
    own = auc.query("cohort == 'training' and model == 'rad'")
    expected = own.query("kind == 'original' or kind == 'eroded'")["auc"]
    lines = [line.get_ydata() for axes in figure.axes for line in axes.lines]
    assert any(len(y) == 3 and np.allclose(y, expected) for y in lines)


def test_a_study_without_enough_of_either_class_has_a_figure_that_says_so(auc):
    figure = figures.auc_figure(auc.assign(events=2), simulated=True)
    assert "No cohort has 5 lesions of each class" in words_of(figure)
