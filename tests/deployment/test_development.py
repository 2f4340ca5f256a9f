"""A measure here beside the same measure where the study was made."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.deployment.development import NO_INTERVAL, development_comparison
from spl_kedro.modeling.evaluation.operating_point import wilson_interval


def performance(cohort, successes, trials, confidence=0.95, metric="sensitivity"):
    low, high = wilson_interval(successes, trials, confidence)
    return pd.DataFrame(
        {
            "protocol": "leak_free", "model": "cdlr", "cohort": cohort, "metric": metric,
            "value": successes / trials, "low": low, "high": high, "n": trials,
            "events": successes, "confidence": confidence,
        },
        index=[0],
    )  # fmt: skip


def test_the_interval_of_two_proportions_is_newcombes():
    # Newcombe, Stat Med 1998;17:873, example (a), method 10: 56/70 and 48/80.
    table = development_comparison(
        performance("validation", 48, 80), performance("external", 56, 70), ["validation"]
    )
    row = table.iloc[0]
    assert row["difference"] == pytest.approx(0.2)
    assert row["difference_low"] == pytest.approx(0.0524, abs=5e-5)
    assert row["difference_high"] == pytest.approx(0.3339, abs=5e-5)


def test_only_the_cohorts_asked_for_are_compared_with():
    development = pd.concat([performance(name, 40, 80) for name in ("training", "external")])
    table = development_comparison(development, performance("external", 50, 80), ["training"])
    assert table["development_cohort"].tolist() == ["training"]


@pytest.mark.parametrize("fault", ["coverage", "no interval"])
def test_without_two_intervals_of_one_coverage_the_difference_has_none(fault):
    there, here = performance("validation", 48, 80), performance("external", 56, 70)
    if fault == "coverage":
        there = performance("validation", 48, 80, confidence=0.9)
    else:
        here = here.assign(low=np.nan, high=np.nan)
    row = development_comparison(there, here, ["validation"]).iloc[0]
    assert row["difference"] == pytest.approx(0.2)
    assert np.isnan([row["difference_low"], row["difference_high"]]).all()
    assert row["method"] == NO_INTERVAL
