"""When a look is refused, before it is logged and before a diagnosis is read."""

from types import SimpleNamespace

import pandas as pd
import pytest
from tests.sealing.plans import SEALED, divided

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines import cdlr, extended
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.sealing.nodes import state_plan
from spl_kedro.pipelines.unseal.nodes import log_look
from spl_kedro.sealing.settings import OPEN
from spl_kedro.sealing_hooks import refuse_extended

COHORT = CohortSettings(
    simulated=True,
    columns={"lesion_id": "case", "label": "result", "cohort": "part"},
    clinical=[],
    split={"seed": 1},
)


def settings(seed: int = 1, sealing=SEALED) -> tuple:
    deep = DeepSettings(trained_blocks=0)
    models = ModelingParameters(seed=seed)
    return COHORT, RadiomicsParameters(), deep, models, ExplainabilityParameters(), sealing


@pytest.fixture(scope="module")
def current() -> dict:
    return state_plan(divided(), *settings())


def fitted_with(plan: dict) -> SimpleNamespace:
    return SimpleNamespace(plan=plan["hashes"]["parameters"])


def test_the_look_says_when_how_by_what_and_how_many_lesions(current):
    (look,) = log_look(current, current, fitted_with(current), {}, divided(), *settings())
    assert (look["kind"], look["changes"]) == ("unseal", [])
    assert look["plan"] == current["sha256"]
    assert look["hashes"] == current["hashes"]
    assert look["scored"]["validation"] == {"lesions": 4, "patients": 2}


def test_parameters_that_were_changed_since_the_fit_are_named(current):
    with pytest.raises(UnusableStudyError, match=r"changed since: modeling\.seed: 1 -> 2"):
        log_look(current, current, fitted_with(current), {}, divided(), *settings(seed=2))


def test_a_split_that_was_changed_since_the_fit_is_refused(current):
    moved = divided()
    moved["cohort"] = moved["cohort"].replace("external", "validation")
    with pytest.raises(UnusableStudyError, match="changed since: split"):
        log_look(current, current, fitted_with(current), {}, moved, *settings())


def test_models_of_an_earlier_run_are_not_looked_at_under_the_plan_of_a_later_one(current):
    # Fault: a plan restated without a fit, under which old models are validated.
    with pytest.raises(UnusableStudyError, match="fitted by another run"):
        log_look(current, current, SimpleNamespace(plan="0" * 64), {}, divided(), *settings())


def test_without_a_seal_a_plan_or_a_sealed_lesion_there_is_nothing_to_unseal(current):
    fitted = fitted_with(current)
    with pytest.raises(UnusableStudyError, match=r"sealing\.sealed is false"):
        log_look(current, current, fitted, {}, divided(), *settings(sealing=OPEN))
    with pytest.raises(UnusableStudyError, match="no analysis plan is stored"):
        log_look({}, current, fitted, {}, divided(), *settings())
    training = divided().query("cohort == 'training'")
    with pytest.raises(UnusableStudyError, match="every lesion is in the training cohort"):
        log_look(current, current, fitted, {}, training, *settings())


def test_a_source_without_any_sealed_lesion_is_refused_before_the_look(current):
    # Fault: rings measured while sealed; every opened lesion was left out, and the look was spent.
    own = divided()
    training = own.index[own["cohort"] == "training"]
    rings = {"rings": {"features": pd.DataFrame(index=training)}}
    with pytest.raises(UnusableStudyError, match=r"'rings'.* has none of the .* sealed"):
        log_look(current, current, fitted_with(current), rings, own, *settings())
    whole = {"rings": {"features": pd.DataFrame(index=own.index)}}
    assert log_look(current, current, fitted_with(current), whole, own, *settings())


def test_a_sealed_study_is_not_extended_by_what_unseal_would_not_measure():
    with pytest.raises(UnusableStudyError, match=r"sealing\.sealed is true.*unseal"):
        refuse_extended(extended.create_pipeline())
    refuse_extended(cdlr.create_pipeline())
