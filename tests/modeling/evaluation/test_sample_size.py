import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm

from spl_kedro.modeling.evaluation.checks import EvaluationError
from spl_kedro.modeling.evaluation.sample_size import (
    max_r2_cox_snell,
    r2_from_auc,
    required_size,
    sample_size_table,
)


def pmsampsize_binary(parameters, prevalence, r2, shrinkage=0.9):
    """Riley's criteria as R's pmsampsize 1.1.3 writes them, by a null model's deviance."""
    first = np.ceil(parameters / ((shrinkage - 1) * np.log(1 - r2 / shrinkage)))
    outcome = np.r_[np.ones(round(1000 * prevalence)), np.zeros(1000 - round(1000 * prevalence))]
    null = sm.Logit(outcome, np.ones(1000)).fit(disp=0).llf
    largest = 1 - np.exp(2 * null / 1000)
    small_difference = r2 / (r2 + 0.05 * largest)
    second = np.ceil(parameters / ((small_difference - 1) * np.log(1 - r2 / small_difference)))
    third = np.ceil((1.96 / 0.05) ** 2 * prevalence * (1 - prevalence))
    return first, second, third


@pytest.mark.parametrize(
    "case", [(24, 0.174, 0.288), (10, 0.5, 0.2), (40, 0.6, 0.45), (1561, 0.6, 0.3)]
)
def test_rileys_criteria_are_those_of_pmsampsize(case):
    size = required_size(*case)
    assert tuple(size) == pmsampsize_binary(*case)
    assert size.required == max(tuple(size))


def test_largest_r2_is_that_of_a_model_that_knows_the_outcome():
    for prevalence in (0.5, 0.4, 0.3, 0.2, 0.1):
        outcome = np.arange(1000) < 1000 * prevalence
        null = sm.Logit(outcome.astype(float), np.ones(1000)).fit(disp=0).llf
        # The log-likelihood of a model that knows the outcome is zero.
        cox_snell = 1 - np.exp(2 * (null - 0) / 1000)
        assert max_r2_cox_snell(prevalence) == pytest.approx(cox_snell, rel=1e-9)


@pytest.mark.parametrize(("auc", "prevalence"), [(0.7, 0.2), (0.85, 0.6)])
def test_r2_from_auc_equals_a_statsmodels_fit_to_many_simulated_patients(auc, prevalence):
    # Quantiles stand for draws: 200,000 of these leave an error of 1.5 % in the likelihood ratio.
    label = (np.arange(200_000) < 200_000 * prevalence).astype(float)
    sizes = int(label.sum()), int(label.size - label.sum())
    standard = np.concatenate([norm.ppf((np.arange(n) + 0.5) / n) for n in sizes])
    predictor = standard + np.sqrt(2) * norm.ppf(auc) * label
    fit = sm.Logit(label, sm.add_constant(predictor)).fit(disp=0)
    simulated = 1 - np.exp(-2 * (fit.llf - fit.llnull) / label.size)
    assert r2_from_auc(auc, prevalence) == pytest.approx(simulated, rel=2e-3)


def test_table_says_which_models_had_enough_patients():
    performance = pd.DataFrame(
        {
            "protocol": "leak_free",
            "model": ["clinical", "rad", "dtl"],
            "cohort": "training",
            "metric": "auc",
            "value": [0.85, 0.82, 0.5],
            "n": 487,
            "events": 290,
        }
    )
    table = sample_size_table(performance, {"clinical": 10, "rad": 1561, "dtl": 128})
    table = table.set_index("model")
    assert table.loc["clinical", "events_per_variable"] == pytest.approx(197 / 10)
    assert bool(table.loc["clinical", "enough"])
    assert not bool(table.loc["rad", "enough"])
    assert table.loc["rad", "n_required"] > 10_000
    assert pd.isna(table.loc["dtl", "n_required"])


def test_values_out_of_range_are_refused_by_rule():
    for values in ((24, 0.174, 0.9), (24, 1.0, 0.2), (0, 0.2, 0.2)):
        with pytest.raises(EvaluationError, match="sample_size_range"):
            required_size(*values)
    with pytest.raises(EvaluationError, match="sample_size_range"):
        r2_from_auc(0.5, 0.2)
    with pytest.raises(EvaluationError, match="known_model"):
        sample_size_table(
            pd.DataFrame({"metric": [], "cohort": [], "protocol": [], "model": []}), {"rad": 3}
        )
