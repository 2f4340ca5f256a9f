"""Net benefit at the operating threshold itself."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation import EvaluationSettings, threshold_benefit_table

SETTINGS = EvaluationSettings(n_bootstrap=200)


def predictions(n=200):
    rng = np.random.default_rng(5)
    label = rng.integers(0, 2, n)
    score = 1 / (1 + np.exp(-(label + rng.normal(size=n))))
    lesion = [f"L{i}" for i in range(n)]
    return pd.DataFrame(
        {
            "lesion_id": lesion, "patient_id": lesion, "label": label, "model": "rad",
            "protocol": "leak_free", "cohort": "external", "repeat": 0, "fold": -1, "score": score,
        }
    )  # fmt: skip


def thresholds(value):
    return pd.DataFrame({"model": ["rad"], "protocol": ["leak_free"], "threshold": [value]})


def test_it_counts_true_positives_net_of_false_ones_at_the_threshold():
    table = predictions()
    row = threshold_benefit_table(table, thresholds(0.6), SETTINGS).iloc[0]
    called = table["score"] >= 0.6
    right, wrong = (called & (table["label"] == 1)).sum(), (called & (table["label"] == 0)).sum()
    assert row["net_benefit"] == pytest.approx((right - wrong * 0.6 / 0.4) / len(table))
    share = table["label"].mean()
    assert row["biopsy_all"] == pytest.approx(share - (1 - share) * 0.6 / 0.4)
    assert row["net_benefit_low"] < row["net_benefit"] < row["net_benefit_high"]


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_threshold_that_decides_nothing_has_no_net_benefit(value):
    row = threshold_benefit_table(predictions(), thresholds(value), SETTINGS).iloc[0]
    assert np.isnan(row["net_benefit"])
    assert row["n"] == 200
