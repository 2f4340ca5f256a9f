import numpy as np
import pandas as pd
import pytest
from scipy.stats import betabinom, kstest

from spl_kedro.explainability.conformal import (
    conformal_p_values,
    conformal_table,
    coverage_table,
    expected_coverage,
)


def draw(n: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    label = (random.random(n) < 0.6).astype(int)
    logit = 1.4 * (2 * label - 1) + random.normal(scale=1.3, size=n) + shift
    return pd.DataFrame(
        {"cohort": "validation", "label": label, "score": 1 / (1 + np.exp(-logit))},
        index=pd.Index([f"L{i}" for i in range(n)], name="lesion_id"),
    )


@pytest.mark.parametrize("alpha", [0.05, 0.1, 0.2])
def test_coverage_of_exchangeable_lesions_is_within_its_range_as_often_as_stated(alpha):
    # Fault: a binomial range, which takes the calibration lesions for the whole population.
    within = []
    for i in range(60):
        calibration = draw(160, seed=2 * i)
        table = conformal_table(calibration, draw(120, seed=2 * i + 1), alpha=alpha)
        coverage = coverage_table(table, calibration)
        assert list(coverage["diagnosis"]) == ["benign", "malignant"]
        within += coverage["within"].tolist()
    # The range holds at least 95 %, for it ends at whole lesions.
    assert np.mean(within) > 0.95 - 3 * np.sqrt(0.95 * 0.05 / len(within))


def test_coverage_over_many_studies_is_what_was_stated():
    covered = [
        conformal_table(draw(200, seed=2 * i), draw(100, seed=2 * i + 1), alpha=0.1)[
            "covered"
        ].mean()
        for i in range(100)
    ]
    # Variance of a study's coverage: 0.9 x 0.1 over 100 new and over 100 calibration lesions.
    error = np.sqrt(0.09 * (1 / 100 + 1 / 100) / len(covered))
    assert np.mean(covered) == pytest.approx(0.905, abs=3 * error)


def test_lesions_of_another_kind_are_seen_not_to_be_covered():
    calibration = draw(490, seed=1)
    table = conformal_table(calibration, draw(300, seed=2, shift=2.5), alpha=0.1)
    benign = coverage_table(table, calibration).set_index("diagnosis").loc["benign"]
    assert benign["coverage"] < 0.7
    assert not benign["within"]


def test_p_values_of_the_true_diagnosis_are_uniform():
    calibration, lesions = draw(3000, seed=5), draw(2000, seed=6)
    p_values = conformal_p_values(calibration, lesions["score"].to_numpy())
    true = p_values[np.arange(len(lesions)), lesions["label"]]
    # Kolmogorov's 0.9973 quantile, that of three standard errors, for 2000 against 3000 lesions.
    assert kstest(true, "uniform").statistic < 1.82 * np.sqrt(1 / 2000 + 1 / 3000)


def test_p_values_count_calibration_lesions_at_least_as_strange():
    calibration = pd.DataFrame({"label": [0, 0, 0, 1, 1], "score": [0.1, 0.2, 0.6, 0.7, 0.9]})
    p_values = conformal_p_values(calibration, np.array([0.2, 0.95]))
    np.testing.assert_allclose(p_values, [[3 / 4, 1 / 3], [1 / 4, 3 / 3]])


def test_p_values_of_repeated_scores_are_means_over_the_repeats():
    lesions = draw(40, seed=3)["score"].to_numpy()
    repeats = [draw(80, seed=1).assign(score=draw(80, seed=s)["score"]) for s in (1, 4, 5)]
    together = conformal_p_values(pd.concat(repeats), lesions)
    alone = [conformal_p_values(repeat, lesions) for repeat in repeats]
    np.testing.assert_allclose(together, np.mean(alone, axis=0), rtol=1e-12)


def test_repeats_are_no_further_calibration_lesions():
    # Fault: an expected range too narrow by as many lesions as there are repeats.
    once, lesions = draw(80, seed=1), draw(50, seed=2)
    thrice = pd.concat([once] * 3)
    tables = [coverage_table(conformal_table(known, lesions), known) for known in (once, thrice)]
    pd.testing.assert_frame_equal(*tables)


def test_sets_name_one_diagnosis_either_or_neither():
    calibration = draw(400, seed=1)
    lesions = draw(3, seed=0).assign(score=[0.02, 0.5, 0.98], label=[0, 0, 1])
    table = conformal_table(calibration, lesions, alpha=0.05)
    assert list(table["diagnoses"]) == ["benign", "either", "malignant"]
    assert table["covered"].all()
    table = conformal_table(calibration, lesions, alpha=0.45)
    assert table["diagnoses"].iloc[1] == "neither"


def test_the_expected_range_is_that_of_the_beta_binomial():
    low, high = expected_coverage(99, 50, 0.1)
    covered = betabinom(50, 90, 10)
    assert covered.cdf(low * 50 - 1) < 0.025 <= covered.cdf(low * 50)
    assert covered.cdf(high * 50) >= 0.975
    assert expected_coverage(5, 50, 0.1) == (1.0, 1.0)


def test_a_missing_diagnosis_and_an_impossible_alpha_are_refused():
    calibration = draw(50, seed=1)
    with pytest.raises(ValueError, match="no calibration lesion has label 1"):
        conformal_p_values(calibration[calibration["label"] == 0], np.array([0.5]))
    with pytest.raises(ValueError, match="alpha is 1"):
        conformal_table(calibration, calibration, alpha=1)
