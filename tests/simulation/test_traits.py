import numpy as np
import pytest
from pydantic import ValidationError

from spl_kedro.simulation import CaseMix, Distribution, PhantomSettings, Trait, TraitSettings

TRAITS = list(TraitSettings.model_fields)


def draws(name, malignant, count=3000, seed=1):
    rng = np.random.default_rng([seed, malignant])
    trait = getattr(TraitSettings(), name)
    return np.array([trait.draw(rng, malignant) for _ in range(count)])


def auc(benign, malignant):
    order = np.sort(benign)
    below = np.searchsorted(order, malignant, "left")
    tied = np.searchsorted(order, malignant, "right") - below
    return float(np.mean(below + tied / 2) / len(benign))


@pytest.mark.parametrize("name", TRAITS)
def test_no_trait_alone_separates_the_classes_yet_each_tells_something(name):
    area = auc(draws(name, False), draws(name, True))
    # Standard error 0.0075 at most; the weakest trait, sex, has 0.53, the strongest 0.73.
    assert 0.505 < max(area, 1 - area) < 0.76


@pytest.mark.parametrize("name", TRAITS)
def test_values_stay_within_the_stated_range(name):
    trait = getattr(TraitSettings(), name)
    values = np.concatenate([draws(name, False), draws(name, True)])
    assert values.min() >= trait.low
    assert values.max() <= trait.high


def test_all_traits_are_independent_within_a_class():
    rng = np.random.default_rng(4)
    table = np.array([list(TraitSettings().draw(rng, True).values()) for _ in range(3000)])
    correlation = np.corrcoef(table.T) - np.eye(len(TRAITS))
    assert np.abs(correlation).max() < 0.08


def test_a_lognormal_trait_has_the_stated_median():
    trait = Trait(
        family="lognormal",
        benign=Distribution(location=10, spread=0.3),
        malignant=Distribution(location=20, spread=0.3),
        low=0.1,
        high=1000,
    )
    rng = np.random.default_rng(0)
    assert np.median([trait.draw(rng, True) for _ in range(4000)]) == pytest.approx(20, rel=0.03)


def test_a_censored_trait_piles_up_at_its_lowest_value():
    never_smoked = np.mean(draws("pack_years", False) == 0)
    assert 0.3 < never_smoked < 0.6


def test_a_shift_moves_a_trait_by_that_many_spreads():
    trait = TraitSettings().age_years
    moved, usual = (
        np.mean([trait.draw(rng, True, shift) for _ in range(4000)])
        for rng, shift in ((np.random.default_rng(0), 0.5), (np.random.default_rng(0), 0.0))
    )
    assert moved - usual == pytest.approx(0.5 * trait.malignant.spread, rel=0.15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 5.0, "high": 1.0}, "low 5.0 must be smaller than high 1.0"),
        ({"family": "bernoulli"}, "must be a probability"),
        ({"benign": {"location": 3.0}}, "benign.spread must be above 0"),
        ({"family": "lognormal", "low": 0.0}, "must be above 0 for a lognormal trait"),
    ],
)
def test_an_impossible_distribution_is_refused(change, message):
    good = {
        "benign": {"location": 3.0, "spread": 1.0},
        "malignant": {"location": 4.0, "spread": 1.0},
        "low": 0.0,
        "high": 10.0,
    }
    Trait(**good)
    with pytest.raises(ValidationError, match=message):
        Trait(**{**good, **change})


def test_a_case_mix_refuses_a_trait_it_does_not_know():
    with pytest.raises(ValidationError, match="unknown trait"):
        CaseMix(shifts={"agee": 0.2})


def test_more_lesions_read_twice_than_there_are_is_refused():
    with pytest.raises(ValidationError, match="second_lesions 50 exceeds"):
        PhantomSettings(training_centre={"patients": 10})
