import numpy as np
import pytest
from lifelines.utils import concordance_index

from spl_kedro.survival.concordance import auc_at, censoring_survival, concordance
from spl_kedro.survival.measures import weighted_survival


@pytest.fixture(scope="module")
def watched():
    rng = np.random.default_rng(2)
    risk = rng.normal(size=150).round(1)
    death, end = rng.exponential(np.exp(-risk)), rng.uniform(0.2, 2.5, 150)
    return np.minimum(death, end), death <= end, risk


def once(time):
    return np.ones((1, len(time)))


def test_harrells_c_is_that_of_lifelines(watched):
    time, event, risk = watched
    expected = concordance_index(time, -risk, event)
    assert concordance(time, event, risk, once(time))[0] == pytest.approx(expected)


def test_the_measures_are_those_of_scikit_survival():
    # By its release 0.28: concordance_index_censored, concordance_index_ipcw (tau 30) and
    # cumulative_dynamic_auc, censoring estimated on the same patients.
    i = np.arange(1, 41)
    time, event = (i * 17) % 41 + i % 3 * 0.25, (i * 7) % 5 < 3
    risk = (i * 29) % 31 - time / 2
    told, censoring = (time, event, risk, once(time)), censoring_survival(time, event)
    assert concordance(*told)[0] == pytest.approx(0.6517094017094017)
    uno = concordance(*told, until=30.0, censoring=censoring)[0]
    assert uno == pytest.approx(0.6599639543728213)
    areas = [auc_at(*told, when=when, censoring=censoring)[0] for when in (10.0, 20.0, 30.0)]
    np.testing.assert_allclose(areas, [0.66875519, 0.70332677, 0.78801548], atol=1e-8)


def test_a_known_order_of_four_patients_is_counted_by_hand():
    # The third is censored before the fourth's event: of 5 pairs whose order is known 4 are right.
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, False, True])
    risk = np.array([4.0, 1.0, 2.0, 0.0])
    assert concordance(time, event, risk, once(time))[0] == pytest.approx(4 / 5)


def test_weights_count_patients_several_times(watched):
    time, event, risk = watched
    counts = np.random.default_rng(0).integers(0, 3, len(time))
    again = [np.repeat(part, counts) for part in (time, event, risk)]
    weights = counts[None].astype(float)
    # Copies of a patient have one time; both had the event, so that their order is not known.
    assert concordance(time, event, risk, weights)[0] == pytest.approx(
        concordance(*again, once(again[0]))[0], abs=0.01
    )
    survived = weighted_survival(time, event, weights, 0.7)[0]
    assert survived == pytest.approx(weighted_survival(*again[:2], once(again[0]), 0.7)[0])


def test_only_pairs_of_one_stratum_count(watched):
    time, event, risk = watched
    stratum = np.arange(len(time)) % 3
    # What differs between strata alone changes nothing.
    moved = risk + 100 * stratum
    found = [concordance(time, event, r, once(time), stratum=stratum)[0] for r in (risk, moved)]
    assert found[0] == pytest.approx(found[1])
    censoring = censoring_survival(time, event)
    areas = [
        auc_at(time, event, r, once(time), when=0.6, censoring=censoring, stratum=stratum)[0]
        for r in (risk, moved)
    ]
    assert areas[0] == pytest.approx(areas[1])


def test_unos_c_hardly_moves_with_censoring_where_harrells_does():
    # Fault: a C-index that depends on who was watched for how long.
    rng = np.random.default_rng(3)
    n = 1500
    risk = rng.normal(size=n)
    # The risk foretells early deaths alone: what is watched later is ranked by chance.
    early = rng.random(n) < 0.5
    death = np.where(early, rng.exponential(np.exp(-2 * risk)), 2 + rng.exponential(size=n))
    end = rng.exponential(2.0, size=n)
    time, event = np.minimum(death, end), death <= end
    full = concordance(death, np.ones(n, bool), risk, once(death), until=3.0)[0]
    censoring = censoring_survival(time, event)
    uno = concordance(time, event, risk, once(time), until=3.0, censoring=censoring)[0]
    harrell = concordance(time, event, risk, once(time), until=3.0)[0]
    assert abs(uno - full) < abs(harrell - full)


def test_survival_at_a_time_is_that_of_lifelines(watched):
    from lifelines import KaplanMeierFitter

    time, event, _ = watched
    expected = KaplanMeierFitter().fit(time, event).predict(0.7)
    assert weighted_survival(time, event, once(time), 0.7)[0] == pytest.approx(expected)
    assert np.isnan(weighted_survival(time, event, once(time), 99.0)[0]) or event[time.argmax()]


def test_shuffled_risks_rank_by_chance(watched):
    time, event, risk = watched
    rng = np.random.default_rng(4)
    censoring = censoring_survival(time, event)
    found = []
    for _ in range(60):
        dealt = rng.permutation(risk)
        found.append(
            [
                concordance(time, event, dealt, once(time))[0],
                concordance(time, event, dealt, once(time), until=1.5, censoring=censoring)[0],
                auc_at(time, event, dealt, once(time), when=0.6, censoring=censoring)[0],
            ]
        )
    values = np.array(found)
    error = values.std(axis=0, ddof=1) / np.sqrt(len(values))
    assert (np.abs(values.mean(axis=0) - 0.5) <= 3 * error).all()
