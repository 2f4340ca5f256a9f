import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from spl_kedro.modeling.evaluation import EvaluationSettings, reference_error_table
from spl_kedro.modeling.evaluation.clinic.reference import (
    AT_BOUND,
    IMPOSSIBLE,
    KINDS,
    NONE,
    mixture,
    true_auc,
    true_rates,
)
from spl_kedro.modeling.evaluation.delong import auc_covariance

from .conftest import of

N, THRESHOLD = 20_000, 0.4


@pytest.fixture(scope="module")
def truth():
    rng = np.random.default_rng(3)
    label = rng.random(N) < 0.4
    return label, rng.normal(1.4 * label), rng


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rate", [0.02, 0.1])
def test_diagnoses_that_were_flipped_are_corrected_back_within_three_standard_errors(
    truth, kind, rate
):
    label, score, rng = truth
    missed, overcalled = (rate * share for share in KINDS[kind])
    wrong = rng.random(N) < np.where(label, missed, overcalled)
    given = label ^ wrong
    called = score >= THRESHOLD
    made_of = mixture(given.mean(), missed, overcalled)
    assert made_of.prevalence == pytest.approx(label.mean(), abs=3 * np.sqrt(0.1 / N))

    observed = roc_auc_score(given, score)
    _, covariance = auc_covariance(given.astype(float), score[None])
    stretch = 1 / (1 - made_of.wrong_malignant - made_of.wrong_benign)
    error = 3 * stretch * float(covariance[0, 0]) ** 0.5
    assert true_auc(observed, made_of) == pytest.approx(roc_auc_score(label, score), abs=error)
    if rate == 0.1:
        assert abs(observed - roc_auc_score(label, score)) > 0.01

    rates = called[given].mean(), (~called)[~given].mean()
    true = called[label].mean(), (~called)[~label].mean()
    bound = 3 * stretch * 0.5 / np.sqrt(min(given.sum(), (~given).sum()))
    assert true_rates(*rates, made_of) == pytest.approx(true, abs=bound)


def test_mixture_and_rates_of_ten_lesions_counted_by_hand():
    # 60 malignant, 40 benign; a tenth of each has the other diagnosis: 54 + 4 called malignant.
    made_of = mixture(0.58, 0.1, 0.1)
    assert made_of.prevalence == pytest.approx(0.6)
    assert made_of.wrong_malignant == pytest.approx(4 / 58)
    assert made_of.wrong_benign == pytest.approx(6 / 42)
    # True sensitivity .9 and specificity .8: of 54 + 4 called so, 48.6 + .8 test positive.
    observed = (48.6 + 0.8) / 58, (28.8 + 0.6) / 42
    assert true_rates(*observed, made_of) == pytest.approx((0.9, 0.8))


def test_without_errors_the_table_says_what_was_observed(accuracy, use, settings):
    table = reference_error_table(accuracy, use, settings)
    plain = of(table, errors=NONE)
    assert plain.loc["auc", "value"] == of(accuracy)["value"]["auc"]
    out = plain[plain["threshold"] == "rule_out"]
    assert out["value"]["sensitivity"] == of(use, rule="zones")["value"]["sensitivity"]
    worse = of(table, errors="both ways", rate=0.1)
    assert worse.loc["auc", "value"] > plain.loc["auc", "value"]
    assert set(table["rate"]) == {0.0, 0.01, 0.02, 0.05, 0.1}


def test_what_errors_cannot_explain_is_a_bound_and_what_they_exclude_is_undefined(
    accuracy, use, settings
):
    # A model that agrees with all diagnoses, and a cohort with fewer malignant ones than errors.
    perfect = accuracy.assign(value=1.0, low=0.97, high=1.0)
    table = reference_error_table(perfect, use, settings)
    row = of(table, errors="both ways", rate=0.1).loc["auc"]
    assert (row["value"], row["high"], row["note"]) == (1.0, 1.0, AT_BOUND)
    rare = use.assign(events=(0.05 * use["n"]).astype(int))
    table = reference_error_table(accuracy, rare, settings)
    impossible = of(table, errors="benign called malignant", rate=0.1)
    assert set(impossible["note"]) == {IMPOSSIBLE}
    assert impossible["value"].isna().all()


def test_error_rates_are_refused_where_diagnoses_would_say_nothing():
    with pytest.raises(ValueError, match=r"reference_errors"):
        EvaluationSettings(clinic={"reference_errors": [0.5]})
