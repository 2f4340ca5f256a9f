import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import norm

from spl_kedro.evaluation.checks import EvaluationError
from spl_kedro.evaluation.sample_size import (
    max_r2_cox_snell,
    r2_from_auc,
    required_size,
    sample_size_table,
)


def test_riley_s_worked_example_is_reproduced():
    # Riley et al., BMJ 2020;368:m441, and the example of pmsampsize: 24 parameters, outcome
    # in 0.174, Cox-Snell R-squared 0.288: 623, 662 and 221 patients.
    size = required_size(24, 0.174, 0.288)
    assert tuple(size) == (623, 662, 221)
    assert size.required == 662


def test_largest_r2_is_that_of_a_model_that_knows_the_outcome():
    # Riley et al. 2020, box 3: prevalences 0.5, 0.4, 0.3, 0.2, 0.1 -> 0.75, 0.74, 0.71, 0.63, 0.48.
    values = [round(max_r2_cox_snell(p), 2) for p in (0.5, 0.4, 0.3, 0.2, 0.1)]
    assert values == [0.75, 0.74, 0.71, 0.63, 0.48]


@pytest.mark.parametrize(("auc", "prevalence"), [(0.7, 0.2), (0.85, 0.6)])
def test_r2_from_auc_equals_a_statsmodels_fit_to_many_simulated_patients(auc, prevalence):
    rng = np.random.default_rng(8)
    label = (rng.random(200_000) < prevalence).astype(float)
    predictor = rng.normal(size=label.size) + np.sqrt(2) * norm.ppf(auc) * label
    fit = sm.Logit(label, sm.add_constant(predictor)).fit(disp=0)
    simulated = 1 - np.exp(-2 * (fit.llf - fit.llnull) / label.size)
    assert r2_from_auc(auc, prevalence) == pytest.approx(simulated, rel=0.02)


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
