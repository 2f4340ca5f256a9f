"""Simulated patients: a lung-ultrasound phantom with a lesion under the pleura.

``simulate_cohort`` gives what two hospitals would hand over, ``simulate_lesions`` any
number of further lesions. Read :mod:`~spl_kedro.phantom.patient` first: it puts the
parts together.
"""

from spl_kedro.phantom.cohort import SimulatedCohort, simulate_cohort, simulate_lesions
from spl_kedro.phantom.contact_sheet import contact_sheet
from spl_kedro.phantom.describe import trait_table
from spl_kedro.phantom.patient import SimulatedLesion, simulate_patient
from spl_kedro.phantom.settings import (
    CaseMix,
    CentreSettings,
    PhantomSettings,
    ReaderSettings,
    ScannerSettings,
    SonographerSettings,
)
from spl_kedro.phantom.traits import Distribution, Trait, TraitSettings

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
