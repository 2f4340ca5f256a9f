from pathlib import Path

import pytest
from kedro.config import OmegaConfigLoader
from pydantic import ValidationError

from spl_kedro.pipelines.simulation.parameters import SimulationParameters
from spl_kedro.settings import CONFIG_LOADER_ARGS
from spl_kedro.simulation import trait_table

ROOT = Path(__file__).parents[3]


def parameters(env):
    loader = OmegaConfigLoader(
        str(ROOT / "conf"), env=env, **{**CONFIG_LOADER_ARGS, "default_run_env": env}
    )
    return SimulationParameters(**loader["parameters"]["simulation"])


def test_the_base_parameters_are_the_settings_defaults_written_out():
    assert parameters("base") == SimulationParameters()


def test_the_test_environment_is_the_same_study_with_fewer_patients():
    base, small = parameters("base"), parameters("test")
    assert small.training_centre.patients == 60
    assert small.external_centre.patients == 16
    assert small.traits == base.traits
    assert small.training_centre.scanner == base.training_centre.scanner


def test_a_misspelt_key_and_a_value_out_of_range_are_named():
    with pytest.raises(ValidationError, match="frequenzy_mhz"):
        SimulationParameters(training_centre={"scanner": {"frequenzy_mhz": 3.5}})
    with pytest.raises(ValidationError, match=r"frequency_mhz(.|\n)*(12|less than)"):
        SimulationParameters(training_centre={"scanner": {"frequency_mhz": 40}})


def test_the_documented_table_of_traits_is_that_of_the_parameters():
    page = (ROOT / "docs" / "simulation.md").read_text(encoding="utf-8")
    assert trait_table(parameters("base").traits) in page
