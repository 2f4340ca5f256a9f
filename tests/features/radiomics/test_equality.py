"""The contract: every value is pyradiomics' own."""

import os
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spl_kedro.features.radiomics import RadiomicsSettings, feature_names, lesion_features
from spl_kedro.features.radiomics.roi import UnusableLesionError

from .lesion_strategies import lesions
from .lesions import relative_difference, speckle_lesion, stock_values

# RADIOMICS_EXAMPLES=500 runs the long check of docs/radiomics.md.
EXAMPLES = int(os.environ.get("RADIOMICS_EXAMPLES", "25"))
PRESETS = ("us2d-1561", "us2d-native")


def _stock_or_none(lesion, chosen):
    """Pyradiomics' values; None where it refuses the lesion or yields NaN."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            values = stock_values(lesion, chosen)
        except UnusableLesionError:
            return None
    return values if np.isfinite(values).all() else None


@pytest.mark.timeout(max(1800, 6 * EXAMPLES))  # pyradiomics on a busy machine
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=EXAMPLES <= 25,
    suppress_health_check=list(HealthCheck),
)
@given(
    lesion=lesions(),
    preset=st.sampled_from(PRESETS),
    bin_width=st.sampled_from([5.0, 5.0, 1.3, 25.0]),
)
def test_generated_lesions_have_the_values_of_pyradiomics(lesion, preset, bin_width):
    spacing = "physical" if lesion.spacing_mm else "pixel"
    chosen = RadiomicsSettings(preset=preset, bin_width=bin_width, spacing=spacing)
    theirs = _stock_or_none(lesion, chosen)
    if theirs is None:
        with pytest.raises(UnusableLesionError):
            lesion_features(lesion, chosen)
        return
    difference = relative_difference(lesion_features(lesion, chosen), theirs)
    worst = int(difference.argmax())
    assert difference[worst] < 1e-9, feature_names(preset)[worst]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("centre", [(35, 42), (71, 89), (0, 44)])
def test_speckle_anywhere_in_the_image_has_the_values_of_pyradiomics(preset, centre):
    chosen = RadiomicsSettings(preset=preset)
    lesion = speckle_lesion(seed=3, centre=centre)
    difference = relative_difference(lesion_features(lesion, chosen), stock_values(lesion, chosen))
    assert difference.max() < 1e-12


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_black_regions_far_from_any_echo_are_left_to_pyradiomics():
    # The kurtosis of a sphere of zeros is undefined, and pyradiomics describes the NaN.
    image = np.zeros((40, 1300))
    image[:, :20] = speckle_lesion().image[:40, :20]
    mask = np.zeros(image.shape, dtype=bool)
    mask[10:16, 1280:1290] = True
    lesion = type(speckle_lesion())("black", image, mask)
    with pytest.raises(UnusableLesionError, match="pyradiomics_accepts"):
        lesion_features(lesion, RadiomicsSettings())


@pytest.mark.parametrize("setting", [{"engine": "stock"}, {"resample_mm": 0.4}])
def test_settings_without_a_shortcut_take_the_path_of_pyradiomics(setting, caplog):
    from spl_kedro.features.radiomics.extractor import _say_once

    _say_once.cache_clear()
    lesion = speckle_lesion(spacing=(0.3, 0.2), radii=(6, 7))
    chosen = RadiomicsSettings(spacing="physical", preset="us2d-native", **setting)
    with caplog.at_level("INFO"):
        first, second = (lesion_features(lesion, chosen) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(first, stock_values(lesion, chosen))
    assert sum("pyradiomics' own" in record.message for record in caplog.records) == 1
