import pytest
from pydantic import ValidationError

from spl_kedro.features.measurement import ExecutionSettings, RadiomicsParameters, RadiomicsSettings


@pytest.mark.parametrize(
    "values",
    [{"bin_widht": 5}, {"bin_width": 0}, {"preset": "us2d"}, {"resample_mm": 0.5}],
)
def test_a_misspelt_or_impossible_setting_is_refused(values):
    with pytest.raises(ValidationError):
        RadiomicsSettings(**values)


def test_a_cluster_is_no_setting_of_radiomics_alone():
    with pytest.raises(ValidationError, match="unknown key 'scheduler'"):
        ExecutionSettings(scheduler="tcp://host:8786")


def test_defaults_are_the_study_s():
    parameters = RadiomicsParameters()
    assert parameters.extraction.preset == "us2d-1561"
    assert parameters.extraction.bin_width == 5
    assert parameters.extraction.spacing == "pixel"
