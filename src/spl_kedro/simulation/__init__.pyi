from .cohort import SimulatedCohort, simulate_cohort, simulate_lesions
from .contact_sheet import contact_sheet
from .describe import trait_table
from .follow_up import FollowUpSettings
from .patient import SimulatedLesion, simulate_patient
from .reader_settings import ReaderStudy, RoeMetz
from .readers import roe_metz_scores, simulate_reader_scores
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
    "FollowUpSettings",
    "PhantomSettings",
    "ReaderSettings",
    "ReaderStudy",
    "RoeMetz",
    "ScannerSettings",
    "SimulatedCohort",
    "SimulatedLesion",
    "SonographerSettings",
    "Trait",
    "TraitSettings",
    "contact_sheet",
    "roe_metz_scores",
    "simulate_cohort",
    "simulate_lesions",
    "simulate_patient",
    "simulate_reader_scores",
    "trait_table",
]
