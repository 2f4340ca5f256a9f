from .cohort import SimulatedCohort, simulate_cohort, simulate_lesions
from .contact_sheet import contact_sheet
from .describe import trait_table
from .patient import SimulatedLesion, simulate_patient
from .settings import (
    CaseMix,
    CentreSettings,
    PhantomSettings,
    ReaderSettings,
    ScannerSettings,
    SonographerSettings,
)
from .traits import Distribution, Trait, TraitSettings

__all__ = [
    "CaseMix",
    "CentreSettings",
    "Distribution",
    "PhantomSettings",
    "ReaderSettings",
    "ScannerSettings",
    "SimulatedCohort",
    "SimulatedLesion",
    "SonographerSettings",
    "Trait",
    "TraitSettings",
    "contact_sheet",
    "simulate_cohort",
    "simulate_lesions",
    "simulate_patient",
    "trait_table",
]
