"""The tables of a reader study."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation import (
    ReaderComparisonSettings,
    reader_comparison_table,
    reader_performance_table,
    reader_reclassification_table,
    reader_roc_table,
    reader_variance_table,
)
from spl_kedro.modeling.evaluation.delong import auc_covariance, auc_difference, auc_interval
from spl_kedro.modeling.evaluation.figures import reader_difference_figure, reader_roc_figure
from spl_kedro.modeling.evaluation.mrmc import compare_modalities
from spl_kedro.modeling.evaluation.reader_accuracy import PARTS, crossed_scores, reader_shares
from spl_kedro.simulation import RoeMetz, roe_metz_scores

SETTINGS = ReaderComparisonSettings(cut=0.0)
MODALITIES = ["without", "with", "twice"]
READERS = ["A", "B", "C"]


def readings_of(scores, label, patient):
    modalities, readers, lesions = scores.shape
    index = pd.MultiIndex.from_product(
        [MODALITIES[:modalities], READERS[:readers], [f"L{i:03d}" for i in range(lesions)]],
        names=["modality", "reader", "lesion_id"],
    )
    rows = pd.Series(scores.ravel(), index, name="score").reset_index()
    return rows.assign(
        label=np.tile(label, modalities * readers),
        patient_id=np.tile(patient, modalities * readers),
    )


@pytest.fixture(scope="module")
def study():
    """90 lesions of 60 patients, read by three with three modalities."""
    label = np.arange(90) % 2
    patient = np.arange(90) % 60
    scores = roe_metz_scores(label, (0.7, 0.8, 0.9), 3, RoeMetz(), np.random.default_rng(3))
    return readings_of(scores, label, patient), scores, label, patient


def test_readings_become_an_array_whatever_the_order_of_readers_and_lesions(study):
    readings, scores, label, patient = study
    found = crossed_scores(readings.sort_values("score").sort_values(
        "modality", key=lambda m: m.map(MODALITIES.index), kind="stable"
    ))  # fmt: skip
    assert found.modalities == MODALITIES
    assert found.readers == READERS
    assert np.array_equal(found.scores, scores)
    assert np.array_equal(found.label, label)
    assert np.array_equal(found.patient, patient)


def test_each_reader_has_the_auc_and_interval_of_a_model_and_the_mean_its_own(study):
    readings, scores, label, patient = study
    table = reader_performance_table(readings, SETTINGS).set_index(["modality", "reader"])
    expected = auc_interval(label, scores[1, 2], patient=patient)
    row = table.loc[("with", "C")]
    assert (row["auc"], row["low"], row["high"]) == (expected.auc, expected.low, expected.high)
    assert row["method"] == "obuchowski logit"
    mean = table.loc[("with", "all readers")].set_index("method")
    assert mean["auc"].unique() == pytest.approx([table.loc["with"].loc[READERS, "auc"].mean()])
    width = mean["high"] - mean["low"]
    assert width["random readers"] > width["these readers"]
    assert (table["n"] == 90).all()
    assert (table["events"] == 45).all()


def test_every_two_modalities_are_compared_by_reader_and_on_average(study):
    readings, scores, label, patient = study
    table = reader_comparison_table(readings, SETTINGS)
    pairs = table[["modality_a", "modality_b"]].drop_duplicates()
    assert list(pairs.itertuples(index=False, name=None)) == [
        ("without", "with"), ("without", "twice"), ("with", "twice"),
    ]  # fmt: skip
    assert len(table) == 3 * (3 + 2)
    auc, covariance = auc_covariance(label, [scores[0, 1], scores[2, 1]], patient)
    test = auc_difference(auc, covariance, 0, 1)
    row = table.set_index(["modality_a", "modality_b", "reader"]).loc[("without", "twice", "B")]
    found = row[["difference", "low", "high", "statistic", "p"]]
    assert found.to_numpy(dtype=float).ravel().tolist() == pytest.approx(list(test))
    assert (table["p_holm"] >= table["p"]).all()
    gained = (table["auc_b"] - table["auc_a"]).tolist()
    assert table["difference"].tolist() == pytest.approx(gained)


def test_a_pair_of_modalities_is_compared_as_if_there_were_no_other(study):
    readings = study[0]
    alone = reader_comparison_table(readings[readings["modality"] != "twice"], SETTINGS)
    among = reader_comparison_table(readings, SETTINGS).query("modality_b == 'with'")
    same = ["difference", "standard_error", "low", "high", "df", "p"]
    pd.testing.assert_frame_equal(alone[same], among[same].reset_index(drop=True))


def test_what_varies_is_given_for_every_two_modalities(study):
    table = reader_variance_table(study[0], SETTINGS)
    assert len(table) == 3 * 6
    wide = table.pivot(index=["modality_a", "modality_b"], columns="component", values="value")
    share = table.query("component == 'cov2'").set_index(["modality_a", "modality_b"])
    assert share["correlation"].to_dict() == pytest.approx((wide["cov2"] / wide["error"]).to_dict())
    assert table.loc[table["component"] == "reader", "correlation"].isna().all()


@pytest.fixture(scope="module")
def moved():
    """Four malignant and four benign lesions, two readers, counted by hand."""
    label = np.array([1, 1, 1, 1, 0, 0, 0, 0])
    calls = np.array(
        [
            [[1, 0, 0, 0, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0, 0]],
            [[0, 1, 1, 1, 0, 1, 0, 0], [1, 1, 1, 0, 0, 0, 0, 1]],
        ]
    )
    return readings_of(calls.astype(float), label, np.arange(8))


def test_lesions_moved_over_the_cut_are_those_counted_by_hand(moved):
    table = reader_reclassification_table(moved, ReaderComparisonSettings(cut=1.0))
    own = table[table["method"] == "this reader"].set_index(["reader", "part"])
    counts = own[["moved_up", "moved_down", "n", "right_a", "right_b", "net"]]
    assert counts.loc[("A", "malignant")].tolist() == [3, 1, 4, 0.25, 0.75, 0.5]
    assert counts.loc[("A", "benign")].tolist() == [0, 1, 4, 0.5, 0.75, 0.25]
    assert counts.loc[("A", "both")].tolist() == [3, 2, 8, 0.75, 1.5, 0.75]
    assert counts.loc[("B", "malignant")].tolist() == [1, 0, 4, 0.5, 0.75, 0.25]
    assert counts.loc[("B", "benign")].tolist() == [1, 0, 4, 1, 0.75, -0.25]
    mean = table[table["method"] == "random readers"].set_index("part")
    assert mean.loc["malignant", ["moved_up", "moved_down", "net"]].tolist() == [2, 0.5, 0.375]
    assert mean.loc["both", "net"] == pytest.approx(0.375)
    assert (table["cut"] == 1).all()


def test_a_score_at_the_cut_is_called_malignant(moved):
    just_above = reader_reclassification_table(moved, ReaderComparisonSettings(cut=1.0001))
    assert (just_above["right_a"] == just_above["part"].map(
        {"malignant": 0, "benign": 1, "both": 1}
    )).all()  # fmt: skip
    assert (just_above["p"] == 1).all()


@pytest.mark.parametrize("part", PARTS)
def test_the_covariance_of_shares_is_that_of_a_bootstrap_of_patients(part):
    rng = np.random.default_rng(8)
    label, patient = np.arange(120) % 2, np.arange(120) // 3
    scores = roe_metz_scores(label, (0.7, 0.85), 2, RoeMetz(), rng)
    calls = scores > 0
    share, covariance = reader_shares(label, calls, part, patient)
    resampled = []
    for _ in range(2000):
        drawn = rng.integers(0, 40, 40)
        rows = (drawn[:, None] * 3 + np.arange(3)).ravel()
        resampled.append(reader_shares(label[rows], calls[..., rows], part)[0].ravel())
    bootstrap = np.cov(np.array(resampled).T)
    own = covariance.reshape(4, 4)
    # A variance of 2000 draws has a standard error of about 3 %; the bootstrap's is 1/40 smaller.
    assert np.diag(bootstrap) == pytest.approx(np.diag(own), rel=0.15)
    scale = np.sqrt(np.outer(np.diag(own), np.diag(own)))
    assert bootstrap / scale == pytest.approx(own / scale, abs=0.15)
    assert share.shape == (2, 2)


def test_intervals_of_the_net_reclassification_cover_the_truth_as_often_as_they_say():
    label, draws, variances = np.repeat([0, 1], 60), 400, RoeMetz()
    rng, covered = np.random.default_rng(9), 0
    for _ in range(draws):
        calls = roe_metz_scores(label, (0.8, 0.8), 5, variances, rng) > 0
        found = compare_modalities(*reader_shares(label, calls, "both"))
        covered += found.low <= 0 <= found.high
    assert abs(covered / draws - 0.95) <= 3 * (0.95 * 0.05 / draws) ** 0.5


def test_the_mean_curve_has_the_mean_area(study):
    readings = study[0]
    curves = reader_roc_table(readings)
    areas = reader_performance_table(readings, SETTINGS).drop_duplicates(["reader", "modality"])
    for row in areas.itertuples():
        curve = curves[(curves["reader"] == row.reader) & (curves["modality"] == row.modality)]
        area = np.trapezoid(curve["sensitivity"], curve["false_positive_rate"])
        assert area == pytest.approx(row.auc)


def test_readers_that_score_alike_with_both_modalities_show_no_difference(study):
    scores, label, patient = study[1:]
    readings = readings_of(scores[[0, 0]], label, patient)
    table = reader_comparison_table(readings, SETTINGS)
    assert (table[["difference", "low", "high"]] == 0).all(axis=None)
    assert (table["p"] == 1).all()
    assert (reader_reclassification_table(readings, SETTINGS)["net"] == 0).all()


def words_of(figure):
    return " ".join(text.get_text() for text in figure.findobj(lambda a: hasattr(a, "get_text")))


def test_the_figures_show_every_reader_and_say_when_patients_are_simulated(study):
    readings = study[0]
    performance = reader_performance_table(readings, SETTINGS)
    curves = reader_roc_figure(reader_roc_table(readings), performance, simulated=True)
    panels = [axes for axes in curves.axes if axes.axison]
    assert len(panels) == len(READERS) + 1
    comparison = reader_comparison_table(readings, SETTINGS)
    forest = reader_difference_figure(comparison, simulated=True)
    for figure in (curves, forest):
        words = words_of(figure)
        assert "Simulated patients" in words
        assert all(reader in words for reader in READERS)
        assert "n = 90 (45 malignant)" in words
    plain = reader_difference_figure(comparison, simulated=False)
    assert "Simulated" not in words_of(plain)
    assert "twice minus with" in words_of(plain)
