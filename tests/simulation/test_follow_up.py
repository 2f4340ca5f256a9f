import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from spl_kedro.simulation import FollowUpSettings, PhantomSettings, simulate_cohort
from spl_kedro.simulation.cohort import COLUMNS
from spl_kedro.simulation.follow_up import FOLLOW_UP_COLUMNS, follow_up_cells, log_hazard
from spl_kedro.simulation.traits import TraitSettings

TRAITS = TraitSettings()
ON = FollowUpSettings(enabled=True)


def small(**changes):
    values = {
        "training_centre": {"patients": 4},
        "external_centre": {"name": "centre_b", "patients": 2},
        "readers": {"second_lesions": 1},
        "images_per_patient": (1, 2),
        "workers": 1,
    }
    return PhantomSettings.model_validate(values | changes)


def test_follow_up_adds_two_columns_and_changes_no_other_byte():
    without = simulate_cohort(small())
    watched = simulate_cohort(small(follow_up={"enabled": True}))
    assert list(without.table) == list(COLUMNS)
    assert list(watched.table) == [*COLUMNS, *FOLLOW_UP_COLUMNS]
    pd.testing.assert_frame_equal(watched.table[list(COLUMNS)], without.table)
    for kind in ("images", "masks", "reader2_masks"):
        for name, pixels in getattr(without, kind).items():
            np.testing.assert_array_equal(getattr(watched, kind)[name], pixels)
    assert (watched.table.groupby("patient_id")[list(FOLLOW_UP_COLUMNS)].nunique() == 1).all(
        axis=None
    )
    assert set(watched.table["died"]) <= {"yes", "no"}
    assert (watched.table["follow_up_months"].astype(float) > 0).all()


def lives(malignant, n=3000, settings=ON, **traits):
    rng = np.random.default_rng(7)
    drawn = TRAITS.draw(rng, malignant) | traits
    cells = [follow_up_cells(rng, drawn, malignant, settings, TRAITS) for _ in range(n)]
    table = pd.DataFrame(cells)
    return table["follow_up_months"].astype(float), table["died"] == "yes"


def middling(malignant):
    """Return traits of which none adds to the hazard."""
    found = {}
    for name in TraitSettings.model_fields:
        trait = getattr(TRAITS, name)
        ends = np.array([trait.benign.location, trait.malignant.location])
        found[name] = float(
            np.exp(np.log(ends).mean()) if trait.family == "lognormal" else ends.mean()
        )
    return found


def test_the_hazard_is_that_of_class_and_traits():
    traits = middling(malignant=False)
    assert log_hazard(traits, False, ON, TRAITS) == pytest.approx(0)
    assert log_hazard(traits, True, ON, TRAITS) == pytest.approx(ON.malignant)
    rough = traits | {"irregularity": traits["irregularity"] * np.exp(0.5)}
    assert log_hazard(rough, False, ON, TRAITS) == pytest.approx(ON.log_hazards["irregularity"])


def test_half_of_middling_benign_patients_watched_without_end_die_by_the_median():
    forever = FollowUpSettings(
        enabled=True, lost_a_year=0, recruited_over=0, watched_until=600, shape=2
    )
    months, died = lives(False, settings=forever, **middling(malignant=False))
    early = np.mean((months <= forever.median_months) & died)
    assert abs(early - 0.5) < 3 * np.sqrt(0.25 / len(months))
    sooner, _ = lives(True, settings=forever, **middling(malignant=True))
    assert sooner.median() < months.median()


def test_patients_are_censored_by_the_last_day_and_lost_before():
    months, died = lives(False)
    assert months.max() <= ON.watched_until
    # Who is alive was recruited late, or lost.
    assert 0.1 < (~died).mean() < 0.95
    kept = FollowUpSettings(enabled=True, lost_a_year=0)
    assert (lives(False, settings=kept)[0] >= months).all()


def test_an_unknown_trait_is_refused():
    with pytest.raises(ValidationError, match="unknown trait"):
        FollowUpSettings(log_hazards={"colour": 1})
