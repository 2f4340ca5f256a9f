"""A small study whose patients have one or two lesions, and the study's own models fitted on it."""

import pytest
from tests.modeling.signatures.conftest import make_inputs, quick_settings

from spl_kedro.learners.board import run_learners
from spl_kedro.learners.settings import LearnerParameters
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table

ASKED = LearnerParameters(
    learners=("linear_svm", "logistic", "hist_gradient_boosting", "tabicl", "best_inside")
)


@pytest.fixture(scope="session")
def table():
    cohort, tables = make_inputs()
    # Every fourth patient has two lesions, of the same class.
    cohort.iloc[2:80:8, cohort.columns.get_loc("patient_id")] = cohort["patient_id"].iloc[0:78:8]
    return assemble_study_table(cohort, tables)


@pytest.fixture(scope="session")
def settings():
    return quick_settings()


@pytest.fixture(scope="session")
def own(table, settings):
    """The study's scores."""
    return run_protocol(table, settings, only=["cdlr"]).predictions


@pytest.fixture(scope="session")
def board(table, settings):
    return run_learners(table, settings, ASKED)
