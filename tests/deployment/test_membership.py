"""How far cohorts are apart, from means and covariances of one of them."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from spl_kedro.deployment.anonymous import column_moments
from spl_kedro.deployment.membership import membership_table
from spl_kedro.modeling.evaluation import EvaluationSettings

SETTINGS = EvaluationSettings(n_bootstrap=200)


def cohort(rng, n, shift, names=("age", "size", "score: rad")):
    values = rng.normal(size=(n, len(names))) @ np.array([[1, 0.4, 0], [0, 1, 0.2], [0, 0, 1]])
    index = pd.Index([f"L{i}" for i in range(n)], name="lesion_id")
    return pd.DataFrame(values + shift, index=index, columns=list(names))


def measured(there, here, patients=None):
    study = SimpleNamespace(
        moments=column_moments(there), declared={"rad": SimpleNamespace(sources=("radiomics",))}
    )
    patients = pd.Series(here.index, index=here.index) if patients is None else patients
    return membership_table(study, here, patients, SETTINGS).set_index("model")


def test_cohorts_that_are_alike_cannot_be_told_apart():
    # Fault: a distance that is never 0, because chance alone sets two samples apart.
    rng = np.random.default_rng(1)
    found = [
        measured(cohort(rng, 300, 0.0), cohort(rng, 60, 0.0)).loc["rad", "c_statistic"]
        for _ in range(40)
    ]
    assert np.median(found) < 0.55
    assert min(found) == 0.5


def test_the_c_statistic_is_that_of_a_regression_on_both_cohorts_patients():
    rng = np.random.default_rng(2)
    there, here = cohort(rng, 4000, 0.0), cohort(rng, 3000, [0.5, -0.3, 0.8])
    both = pd.concat([there, here]).to_numpy()
    member = np.repeat([0, 1], [len(there), len(here)])
    fit = LogisticRegression(C=np.inf).fit(both, member)
    regression = roc_auc_score(member, fit.decision_function(both))
    row = measured(there, here).loc["rad"]
    assert row["c_statistic"] == pytest.approx(regression, abs=0.01)
    assert row["low"] < row["c_statistic"] < row["high"]
    assert row["c_statistic"] == pytest.approx(norm.cdf(row["distance"] / np.sqrt(2)))


def test_clinical_variables_alone_are_a_row_and_columns_that_never_vary_are_left_out():
    rng = np.random.default_rng(3)
    there, here = (cohort(rng, n, 0.0).assign(missing=0.0) for n in (200, 80))
    table = measured(there, here)
    assert table.index.tolist() == ["", "rad"]
    assert np.isfinite(table[["distance", "low", "high"]].to_numpy()).all()


def test_lesions_of_a_patient_are_drawn_together():
    rng = np.random.default_rng(4)
    there, one = cohort(rng, 400, 0.0), cohort(rng, 60, 0.4)
    twice = pd.concat([one, one]).set_axis([f"L{i}" for i in range(120)])
    together = pd.Series([f"P{i % 60}" for i in range(120)], index=twice.index)
    apart = pd.Series(twice.index, index=twice.index)
    wide, narrow = (measured(there, twice, p).loc["rad"] for p in (together, apart))
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]
