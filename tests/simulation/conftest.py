import numpy as np
import pytest

from spl_kedro.simulation import CentreSettings, PhantomSettings, ScannerSettings


@pytest.fixture(scope="session")
def plain_scanner():
    """A scanner without compounding and side lobes, whose beam is a known Gaussian."""
    return ScannerSettings(looks=1, sidelobe_level=0.0, lines=160)


@pytest.fixture(scope="session")
def small_study():
    """A study of a few patients at full image size, in one process."""
    base = PhantomSettings()
    return base.model_copy(
        update={
            "training_centre": CentreSettings(patients=15),
            "external_centre": base.external_centre.model_copy(update={"patients": 5}),
            "readers": base.readers.model_copy(update={"second_lesions": 12}),
            "workers": 1,
        }
    )


@pytest.fixture
def rng():
    return np.random.default_rng(7)
