"""A small study whose patients have one to three images, and its own models fitted on it."""

import pytest
from tests.modeling.signatures.conftest import make_inputs, quick_settings

from spl_kedro.bags.board import run_bags
from spl_kedro.bags.settings import BagParameters
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table

PARAMETERS = BagParameters(rounds=2)


def several_images():
    """Return cohort and tables: the patients of every sixth lesion have three images, of one class.

    Neighbouring lesions differ in class, so that a patient's images are two rows apart.
    """
    cohort, tables = make_inputs()
    patient = cohort["patient_id"].to_numpy().copy()
    for start in range(0, len(cohort), 6):
        same = [row for row in (start, start + 2, start + 4) if row < len(cohort)]
        same = [row for row in same if cohort["cohort"].iloc[row] == cohort["cohort"].iloc[start]]
        patient[same] = patient[start]
    return cohort.assign(patient_id=patient), tables


@pytest.fixture(scope="session")
def table():
    return assemble_study_table(*several_images())


@pytest.fixture(scope="session")
def settings():
    return quick_settings()


@pytest.fixture(scope="session")
def own(table, settings):
    """The study's scores of images."""
    return run_protocol(table, settings, only=["dlr", "cdlr"]).predictions


@pytest.fixture(scope="session")
def bags(table, own, settings):
    return run_bags(table, own, settings, PARAMETERS)
