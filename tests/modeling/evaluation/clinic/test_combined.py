import numpy as np
import pytest
from statsmodels.stats.proportion import confint_proportions_2indep

from spl_kedro.modeling.evaluation.clinic.combined import Estimate, combined
from spl_kedro.modeling.evaluation.clinic.use import per_thousand
from spl_kedro.modeling.evaluation.operating_point import predictive_values_at, wilson_interval


def wilson(successes, trials):
    low, high = wilson_interval(successes, trials)
    return Estimate(successes / trials, float(low), float(high))


def test_the_difference_of_two_shares_has_newcombes_hybrid_score_interval_of_statsmodels():
    found = combined(lambda a, b: a - b, wilson(56, 70), wilson(48, 80))
    expected = confint_proportions_2indep(56, 70, 48, 80, method="newcomb")
    assert (found.low, found.high) == pytest.approx(expected, abs=1e-12)


def test_a_share_of_one_still_leaves_a_width():
    found = combined(lambda a, b: a * b, wilson(20, 20), wilson(30, 30), highest=1)
    assert found.value == found.high == 1
    assert found.low < 0.9


def test_a_part_without_an_interval_leaves_the_whole_without_one():
    found = combined(lambda a, b: a + b, wilson(5, 10), Estimate(0.5, np.nan, np.nan))
    assert found.value == 1.0
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(("sensitivity", "specificity"), [(0.95, 0.45), (0.8, 0.8)])
def test_intervals_of_counts_and_npv_cover_the_truth_as_often_as_they_say(sensitivity, specificity):
    # Fault: an interval of one share used for what two decide. 1,500 cohorts like the validation
    # cohort's; three standard errors below .95.
    draws, prevalence = 1500, 0.3
    rng = np.random.default_rng(5)
    found, spared = rng.binomial(70, sensitivity, draws), rng.binomial(50, specificity, draws)

    def npv(a, b):
        return float(predictive_values_at(1 - a, b, prevalence)[1])

    covered = np.zeros(2)
    truths = (
        1000 * (prevalence * (1 - sensitivity) + (1 - prevalence) * specificity),
        npv(1 - sensitivity, specificity),
    )
    for tp, tn in zip(found, spared, strict=True):
        sick, well = wilson(tp, 70).complement(), wilson(tn, 50)
        intervals = per_thousand(sick, well, prevalence), combined(npv, sick, well, highest=1)
        covered += [low <= t <= high for (_, low, high), t in zip(intervals, truths, strict=True)]
    assert (covered / draws >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / draws)).all(), covered / draws
