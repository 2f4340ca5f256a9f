"""The contract: every value is pyradiomics' own."""

import os
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spl_kedro.features.measurement import RadiomicsSettings, lesion_features
from spl_kedro.features.radiomics import UnmeasurableError, feature_names, measure

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
        except UnmeasurableError:
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
def test_generated_lesions_have_the_values_of_pyradiomics(pyradiomics, lesion, preset, bin_width):
    spacing = "physical" if lesion.spacing_mm else "pixel"
    chosen = RadiomicsSettings(preset=preset, bin_width=bin_width, spacing=spacing)
    theirs = _stock_or_none(lesion, chosen)
    if theirs is None:
        with pytest.raises(UnmeasurableError):
            lesion_features(lesion, chosen)
        return
    difference = relative_difference(lesion_features(lesion, chosen), theirs)
    worst = int(difference.argmax())
    assert difference[worst] < 1e-9, feature_names(preset)[worst]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("centre", [(35, 42), (71, 89), (0, 44)])
def test_speckle_anywhere_in_the_image_has_the_values_of_pyradiomics(pyradiomics, preset, centre):
    chosen = RadiomicsSettings(preset=preset)
    lesion = speckle_lesion(seed=3, centre=centre)
    difference = relative_difference(lesion_features(lesion, chosen), stock_values(lesion, chosen))
    assert difference.max() < 1e-12


def test_black_regions_far_from_any_echo_are_refused():
    # The kurtosis of a sphere of zeros is undefined.
    image = np.zeros((40, 1300))
    image[:, :20] = speckle_lesion().image[:40, :20]
    for columns in (slice(1280, 1290), slice(15, 700)):
        mask = np.zeros(image.shape, dtype=bool)
        mask[10:16, columns] = True
        with pytest.raises(UnmeasurableError, match="derived_images_finite"):
            measure(image, mask)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    ("spacing", "size", "centre"),
    [
        ((0.3, 0.2), 0.4, (35, 42)),
        ((0.3, 0.2), 0.25, (35, 42)),
        ((0.31, 0.17), 0.23, (2, 88)),  # the margin meets the image's border
        ((0.3, 0.3), 0.3, (35, 42)),  # nothing to resample, but cropped all the same
    ],
)
def test_resampled_lesions_have_the_values_of_pyradiomics(
    pyradiomics, preset, spacing, size, centre
):
    lesion = speckle_lesion(spacing=spacing, radii=(9, 11), centre=centre)
    chosen = RadiomicsSettings(preset=preset, spacing="physical", resample_mm=size)
    difference = relative_difference(lesion_features(lesion, chosen), stock_values(lesion, chosen))
    assert difference.max() < 1e-12
