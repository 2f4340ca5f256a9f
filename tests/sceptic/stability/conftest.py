"""The small study with patients of several lesions, fitted and refitted once."""

import pytest
from tests.modeling.signatures.conftest import make_inputs, quick_settings

from spl_kedro.modeling import evaluation
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_table import assemble_study_table
from spl_kedro.sceptic.stability.refits import refit_study

REFITS = 3


@pytest.fixture(scope="session")
def table():
    cohort, tables = make_inputs()
    # Every fourth patient has two lesions, of the same class.
    cohort.iloc[2:80:8, cohort.columns.get_loc("patient_id")] = cohort["patient_id"].iloc[0:78:8]
    reduced = tables["deep"]._replace(components=4)
    return assemble_study_table(cohort, tables | {"deep": reduced})


@pytest.fixture(scope="session")
def settings():
    return quick_settings()


@pytest.fixture(scope="session")
def fitted(table, settings):
    study = run_protocol(table, settings)
    chosen = evaluation.EvaluationSettings(n_bootstrap=100)
    return study.knowing(thresholds=evaluation.operating_thresholds(study.predictions, chosen))


@pytest.fixture(scope="session")
def refits(fitted, table, settings):
    return refit_study(fitted, table, settings, refits=REFITS, seed=1, n_jobs=1)
