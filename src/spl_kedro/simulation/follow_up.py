"""Follow-up of simulated patients: how long each was watched, and who died in that time.

Nobody was watched. Times are Weibull, the hazard proportional to what the settings make of the
lesion's class and traits (Bender, Augustin & Blettner, Stat Med 2005;24:1713); patients are
recruited evenly over some months, watched until one day for all, and some are lost before.
"""

from __future__ import annotations

import numpy as np
from pydantic import Field, field_validator

from spl_kedro.parameters import Settings
from spl_kedro.simulation.traits import Trait, TraitSettings

FOLLOW_UP_COLUMNS = ("follow_up_months", "died")
#: The shortest follow-up that a table tells.
SHORTEST = 0.1


def _log_hazards() -> dict[str, float]:
    return {
        "irregularity": 0.4,
        "necrosis_fraction": 0.3,
        "size_mm": 0.3,
        "heterogeneity_db": 0.2,
        "age_years": 0.3,
    }


class FollowUpSettings(Settings):
    """Whether the simulated table has follow-up, and what it hangs on. All numbers are assumed."""

    enabled: bool = Field(default=False, description="two more columns in the table")
    median_months: float = Field(
        default=60,
        gt=0,
        le=600,
        description="median survival of a benign lesion of middling traits",
    )
    shape: float = Field(
        default=1.2, ge=0.3, le=5, description="of the Weibull distribution; 1: constant hazard"
    )
    malignant: float = Field(
        default=0.9, ge=-5, le=5, description="log hazard ratio of malignant to benign"
    )
    log_hazards: dict[str, float] = Field(
        default_factory=_log_hazards,
        description="log hazard ratio of one spread more of a trait, by trait",
    )
    recruited_over: float = Field(
        default=36, ge=0, le=600, description="months over which patients are recruited"
    )
    watched_until: float = Field(
        default=60, gt=0, le=600, description="months from the first patient to the last day"
    )
    lost_a_year: float = Field(
        default=0.05, ge=0, lt=1, description="share of patients lost to follow-up each year"
    )

    @field_validator("log_hazards")
    @classmethod
    def _are_traits(cls, values: dict[str, float]) -> dict[str, float]:
        unknown = sorted(set(values) - set(TraitSettings.model_fields))
        if unknown:
            raise ValueError(
                f"unknown trait {unknown}; known: {', '.join(TraitSettings.model_fields)}"
            )
        return values


def log_hazard(
    traits: dict[str, float],
    malignant: bool,
    settings: FollowUpSettings,
    distributions: TraitSettings,
) -> float:
    """Return the logarithm of a patient's hazard against a benign lesion of middling traits.

    Parameters
    ----------
    traits : dict of str to float
        Latent traits of the lesion and its patient.
    malignant : bool
    settings : FollowUpSettings
    distributions : TraitSettings
        A trait is counted in spreads from the middle between the classes' locations.

    Returns
    -------
    float
    """
    parts = [
        ratio * _in_spreads(traits[name], getattr(distributions, name))
        for name, ratio in settings.log_hazards.items()
    ]
    return settings.malignant * malignant + float(sum(parts))


def follow_up_cells(
    rng: np.random.Generator,
    traits: dict[str, float],
    malignant: bool,
    settings: FollowUpSettings,
    distributions: TraitSettings,
) -> dict[str, str]:
    """Return one patient's follow-up as the table tells it.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness; exactly three numbers are taken from it.
    traits, malignant, settings, distributions
        As for :func:`log_hazard`.

    Returns
    -------
    dict of str to str
        ``follow_up_months``, with one decimal, and ``died``, yes or no at its end.
    """
    survived, recruited, lost = rng.random(3)
    hazard = np.exp(log_hazard(traits, malignant, settings, distributions))
    scale = settings.median_months / np.log(2) ** (1 / settings.shape)
    death = scale * (-np.log1p(-survived) / hazard) ** (1 / settings.shape)
    end = settings.watched_until - recruited * min(settings.recruited_over, settings.watched_until)
    if settings.lost_a_year:
        end = min(end, -np.log1p(-lost) * 12 / -np.log1p(-settings.lost_a_year))
    months = max(SHORTEST, min(death, end))
    return {"follow_up_months": f"{months:.1f}", "died": "yes" if death <= end else "no"}


def _in_spreads(value: float, trait: Trait) -> float:
    """Return how far a value lies from the middle between the classes, in their mean spread."""
    ends = np.array([trait.benign.location, trait.malignant.location])
    if trait.family == "lognormal":
        value, ends = float(np.log(value)), np.log(ends)
    spread = (trait.benign.spread + trait.malignant.spread) / 2 or 1.0
    return float((value - ends.mean()) / spread)
