import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from spl_kedro.modeling.evaluation.reader_accuracy import reader_areas
from spl_kedro.simulation import ReaderStudy, RoeMetz, roe_metz_scores, simulate_reader_scores


@pytest.fixture
def table():
    kinds = np.where(np.arange(60) % 3, "malignant", "benign")
    return pd.DataFrame({"case_id": [f"SPL{i:04d}" for i in range(60)], "pathology": kinds})


def test_simulated_readers_reach_the_expected_auc():
    label, areas = np.repeat([0, 1], 100), (0.7, 0.9)
    rng = np.random.default_rng(0)
    found = np.array(
        [
            reader_areas(label, roe_metz_scores(label, areas, 6, RoeMetz(), rng))[0].mean(axis=1)
            for _ in range(200)
        ]
    )
    error = found.std(axis=0) / len(found) ** 0.5
    assert (abs(found.mean(axis=0) - areas) <= 3 * error).all()


def test_scores_of_a_lesion_vary_by_one_and_correlate_as_stated():
    variances = RoeMetz(reader=0, modality_reader=0)
    label = np.zeros(40_000, dtype=int)
    scores = roe_metz_scores(label, (0.7, 0.8), 2, variances, np.random.default_rng(1))
    correlation = np.corrcoef(scores.reshape(4, -1))
    tolerance = 4 / label.size**0.5
    assert scores.var(axis=-1) == pytest.approx(1, abs=2 * tolerance)
    assert correlation[0, 1] == pytest.approx(0.6, abs=tolerance)  # same modality
    assert correlation[0, 2] == pytest.approx(0.5, abs=tolerance)  # same reader
    assert correlation[0, 3] == pytest.approx(0.3, abs=tolerance)


def test_variances_of_lesions_that_do_not_add_up_to_one_are_refused():
    with pytest.raises(ValidationError, match=r"add up to 1\.1; they must"):
        RoeMetz(case=0.4)


def test_the_table_has_a_row_for_each_reading_and_depends_on_the_seed_alone(table):
    study = ReaderStudy(readers=3, lesions=20)
    rows = simulate_reader_scores(table, study, seed=7)
    assert len(rows) == 3 * 20 * 2
    assert not rows.duplicated(["reader", "lesion_id", "modality"]).any()
    assert rows["score"].between(0, 1).all()
    assert set(rows["lesion_id"]) <= set(table["case_id"])
    pd.testing.assert_frame_equal(rows, simulate_reader_scores(table, study, seed=7))
    assert not rows.equals(simulate_reader_scores(table, study, seed=8))


def test_no_more_lesions_are_read_than_there_are(table):
    rows = simulate_reader_scores(table, ReaderStudy(lesions=1000), seed=7)
    assert rows["lesion_id"].nunique() == len(table)
