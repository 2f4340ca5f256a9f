"""What differs between benign and malignant lesions, and by how much: the latent traits.

Every trait has one distribution per class. The two overlap widely, so no trait alone tells
the classes apart, and how well any model does follows from the overlap. All numbers are
assumptions; each field's description says where the direction of the difference comes from.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator
from scipy.special import ndtr, ndtri

from spl_kedro.parameters import Settings

Family = Literal["normal", "censored", "lognormal", "bernoulli"]


class Distribution(Settings):
    """Location and spread of a trait in one class."""

    location: float = Field(
        description="mean (normal, censored), median (lognormal) or probability (bernoulli)"
    )
    spread: float = Field(
        default=0.0,
        ge=0.0,
        description="standard deviation (normal, censored) or that of the logarithm (lognormal)",
    )


class Trait(Settings):
    """A trait's distribution in both classes, kept within a plausible range.

    Normal and lognormal traits are truncated at the range's ends. A censored trait is normal
    with all that falls below ``low`` counted as ``low``: patients who never smoked, lesions
    without necrosis.
    """

    family: Family = Field(default="normal", description="shape of both distributions")
    benign: Distribution
    malignant: Distribution
    low: float = Field(default=0.0, description="smallest possible value")
    high: float = Field(default=1.0, description="largest possible value")

    @model_validator(mode="after")
    def _check_range(self) -> Trait:
        if self.low >= self.high:
            raise ValueError(f"low {self.low} must be smaller than high {self.high}")
        for name in ("benign", "malignant"):
            part: Distribution = getattr(self, name)
            if self.family == "bernoulli" and not 0 <= part.location <= 1:
                raise ValueError(f"{name}.location {part.location} must be a probability, 0 to 1")
            if self.family != "bernoulli" and part.spread <= 0:
                raise ValueError(f"{name}.spread must be above 0 for a {self.family} trait")
            if self.family == "lognormal" and (part.location <= 0 or self.low <= 0):
                raise ValueError(f"{name}.location and low must be above 0 for a lognormal trait")
        return self

    def draw(self, rng: np.random.Generator, malignant: bool, shift: float = 0.0) -> float:
        """Draw one value by inverting the distribution function.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness; exactly one number is taken from it.
        malignant : bool
            Which class to draw from.
        shift : float
            Displacement of the location in spreads, for another hospital's case mix.

        Returns
        -------
        float
            A value within ``low`` and ``high``; 0 or 1 for a bernoulli trait.
        """
        part = self.malignant if malignant else self.benign
        uniform = rng.random()
        if self.family == "bernoulli":
            return float(uniform < part.location)
        logarithmic = self.family == "lognormal"
        edges = np.array([self.low, self.high])
        location = np.log(part.location) if logarithmic else part.location
        location = location + shift * part.spread
        edges = np.log(edges) if logarithmic else edges
        below, above = ndtr((edges - location) / part.spread)
        if self.family == "censored":
            below = 0.0
        value = location + part.spread * ndtri(below + uniform * (above - below))
        value = np.clip(value, *edges)
        return float(np.exp(value) if logarithmic else value)


def _trait(
    family: Family,
    benign: tuple[float, float],
    malignant: tuple[float, float],
    limits: tuple[float, float],
    unit: str,
    direction: str,
) -> Any:
    """Return a field holding a trait, its unit and where its direction comes from."""
    trait = Trait(
        family=family,
        benign=Distribution(location=benign[0], spread=benign[1]),
        malignant=Distribution(location=malignant[0], spread=malignant[1]),
        low=limits[0],
        high=limits[1],
    )
    return Field(default=trait, description=direction, json_schema_extra={"unit": unit})


class TraitSettings(Settings):
    """All latent traits: nine seen in the image, five known from the patient's history.

    The first nine drive the image and, read with noise by a sonographer, the signs in the
    clinical table; the others are in the table only. Given the class all are independent.
    """

    size_mm: Trait = _trait(
        "lognormal", (31, 0.36), (38, 0.36), (14, 72), "mm", "Wei H 2024 names size; larger assumed"
    )
    contact_angle_deg: Trait = _trait(
        "normal",
        (95, 20),
        (80, 20),
        (45, 135),
        "degrees",
        "Hao 2025, Bi 2021, Wei H 2024 name the angle; acute in malignancy assumed",
    )
    irregularity: Trait = _trait(
        "lognormal",
        (0.050, 0.50),
        (0.072, 0.50),
        (0.012, 0.25),
        "of the radius",
        "Wei H 2024 names shape and edge; irregular in malignancy assumed",
    )
    echogenicity_db: Trait = _trait(
        "normal", (-7.5, 3.0), (-9.6, 3.0), (-18, 1), "dB to muscle", "assumed"
    )
    heterogeneity_db: Trait = _trait(
        "normal", (2.2, 1.1), (2.95, 1.1), (0.2, 6), "dB (SD)", "assumed"
    )
    necrosis_fraction: Trait = _trait(
        "censored", (0.03, 0.14), (0.10, 0.14), (0, 0.45), "of the area", "assumed"
    )
    air_bronchograms: Trait = _trait(
        "censored",
        (1.9, 2.0),
        (0.5, 2.0),
        (0, 7),
        "bronchi",
        "Hao 2025 and Wei H 2024 name the sign; commoner in benign consolidation assumed",
    )
    attenuation_db_cm_mhz: Trait = _trait(
        "normal",
        (0.53, 0.23),
        (0.70, 0.23),
        (0.1, 1.3),
        "dB/cm/MHz",
        "Hao 2025 names posterior echo; weaker in malignancy assumed",
    )
    pleural_interruption: Trait = _trait(
        "censored",
        (0.20, 0.25),
        (0.41, 0.25),
        (0, 0.95),
        "of the line over the lesion",
        "Hao 2025 names visceral pleural invasion; interrupted in malignancy assumed",
    )
    age_years: Trait = _trait(
        "normal",
        (55, 14),
        (62, 11.5),
        (18, 90),
        "years",
        "Hao 2025, Wei H 2024 name age; older assumed",
    )
    male: Trait = _trait("bernoulli", (0.58, 0), (0.66, 0), (0, 1), "share of patients", "assumed")
    pack_years: Trait = _trait(
        "censored",
        (3, 20),
        (15, 22),
        (0, 90),
        "pack-years",
        "Hao 2025 names pack-years; more in malignancy assumed",
    )
    fever: Trait = _trait("bernoulli", (0.32, 0), (0.14, 0), (0, 1), "share of patients", "assumed")
    crp_mg_l: Trait = _trait("lognormal", (16, 1.05), (9, 1.05), (0.3, 280), "mg/L", "assumed")

    def draw(
        self, rng: np.random.Generator, malignant: bool, shifts: dict[str, float] | None = None
    ) -> dict[str, float]:
        """Draw every trait of one patient, in a fixed order.

        Parameters
        ----------
        rng : numpy.random.Generator
            Source of randomness.
        malignant : bool
            The patient's class.
        shifts : dict of str to float, optional
            Displacements per trait in spreads (see :class:`CaseMix`).

        Returns
        -------
        dict of str to float
            One value per trait, by name.
        """
        shifts = shifts or {}
        return {
            name: getattr(self, name).draw(rng, malignant, shifts.get(name, 0.0))
            for name in type(self).model_fields
        }
