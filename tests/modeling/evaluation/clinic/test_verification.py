import numpy as np
import pytest

from spl_kedro.modeling.evaluation import EvaluationSettings, verification_bias_table
from spl_kedro.modeling.evaluation.clinic.verification import (
    ASSUMPTIONS,
    EASY_BENIGN,
    LIKE_BENIGN,
    OBSERVED,
    SAME_CALL,
    rates_in_clinic,
)

from .conftest import of

N = 400_000
#: Three standard errors of a share of the smallest group that is counted.
NEAR = 3 * 0.5 / np.sqrt(0.1 * N)


@pytest.fixture(scope="module")
def biopsied():
    """Return labels and scores of many biopsied lesions, and a threshold."""
    rng = np.random.default_rng(11)
    label = rng.random(N) < 0.6
    return label, rng.normal(1.5 * label), 0.1, rng


def rates(label, score, threshold):
    called = score >= threshold
    return label.mean(), called[label].mean(), (~called)[~label].mean()


@pytest.mark.parametrize("assumption", ASSUMPTIONS)
def test_a_clinic_simulated_by_each_assumption_has_the_rates_computed(biopsied, assumption):
    label, score, threshold, rng = biopsied
    unbiopsied = 0.4
    others = int(N * unbiopsied / (1 - unbiopsied))
    if assumption == SAME_CALL:
        low = score <= np.median(score)
        new_score = rng.choice(score[low], others)
        called = new_score >= threshold
        risk = np.where(called, label[score >= threshold].mean(), label[score < threshold].mean())
        new_label = rng.random(others) < risk
    else:
        pool = score[~label]
        pool = pool if assumption == LIKE_BENIGN else pool[pool <= np.median(pool)]
        new_score, new_label = rng.choice(pool, others), np.zeros(others, dtype=bool)
    everyone = np.append(label, new_label), np.append(score, new_score)
    observed = rates(label, score, threshold)
    found = rates_in_clinic(observed[1], observed[2], observed[0], unbiopsied, assumption)
    assert tuple(found) == pytest.approx(rates(*everyone, threshold), abs=NEAR)
    assert abs(found.prevalence - observed[0]) > 3 * NEAR, "the assumption changes nothing here"


def test_begg_and_greenes_correct_for_biopsies_that_the_call_decided(biopsied):
    # Of all lesions with a negative call half are biopsied, of others all: the corrected rates are
    # those of all lesions, the observed ones are not. Since most of the biopsied have a negative
    # call, so has the whole lower half of them, as all of the unbiopsied here.
    label, score, _, rng = biopsied
    threshold = np.quantile(score, 0.75)
    sent = (score >= threshold) | (rng.random(N) < 0.5)
    observed = rates(label[sent], score[sent], threshold)
    missing = (~sent).mean()
    found = rates_in_clinic(observed[1], observed[2], observed[0], missing, SAME_CALL)
    true = rates(label, score, threshold)
    assert tuple(found) == pytest.approx(true, abs=NEAR)
    assert abs(observed[1] - true[1]) > 10 * NEAR


def test_no_unbiopsied_lesion_leaves_what_was_observed(use, settings):
    table = verification_bias_table(use, settings)
    zones = of(use, rule="zones")
    found = of(table, threshold="rule_out", assumption=OBSERVED)
    for metric in ("sensitivity", "npv", "avoided", "missed"):
        for column in ("value", "low", "high"):
            assert found[column][metric] == pytest.approx(zones[column][metric])
    into = of(table, threshold="rule_in", assumption=OBSERVED)
    assert into["value"]["specificity"] == pytest.approx(zones["value"]["specificity"])
    assert into["value"]["ppv"] == pytest.approx(zones["value"]["ppv"])
    assert "avoided" not in into.index


def test_every_assumption_is_tabulated_at_every_share(use):
    settings = EvaluationSettings(clinic={"unbiopsied": [0.1, 0.3]})
    table = verification_bias_table(use, settings)
    at = table[table["assumption"] != OBSERVED]
    assert set(zip(at["assumption"], at["unbiopsied"], strict=True)) == {
        (name, share) for name in ASSUMPTIONS for share in (0.1, 0.3)
    }
    values = of(table, threshold="rule_out", unbiopsied=0.3)
    like, easy = (values[values["assumption"] == name] for name in (LIKE_BENIGN, EASY_BENIGN))
    assert easy["value"]["specificity"] > like["value"]["specificity"]
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
