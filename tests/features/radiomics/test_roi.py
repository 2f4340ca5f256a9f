"""The traps that end in cryptic errors or silent nonsense elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

from spl_kedro.features.measurement import RadiomicsSettings, lesion_features
from spl_kedro.features.radiomics import UnmeasurableError
from spl_kedro.features.radiomics.roi import outlined_within, prepare

from .lesions import speckle_lesion

CHOSEN = RadiomicsSettings()


def _with(**changes):
    return replace(speckle_lesion(), **changes)


def _mask(*pixels):
    mask = np.zeros((72, 90), dtype=bool)
    for pixel in pixels:
        mask[pixel] = True
    return mask


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"image": np.zeros((72, 90, 3))}, "image_is_grey"),
        ({"mask": np.ones((10, 10), dtype=bool)}, "outline_fits_image"),
        ({"mask": _mask()}, "outline_not_empty"),
        ({"mask": _mask((3, 4))}, "outline_two_dimensional"),
        ({"mask": _mask((3, slice(4, 20)))}, "outline_two_dimensional"),
        ({"image": speckle_lesion().image / 255}, "grey_levels_8bit"),
        ({"image": np.zeros((72, 90))}, "image_not_black"),
        ({"image": np.full((72, 90), np.nan)}, "image_is_finite"),
        ({"mask": np.full((72, 90), 7, dtype=np.uint8)}, "outline_is_binary"),
        ({"mask": _mask((3, 4), (9, 20))}, "features_finite"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_an_unusable_lesion_names_the_rule_and_the_remedy(changes, rule):
    with pytest.raises(UnmeasurableError) as caught:
        lesion_features(_with(**changes), CHOSEN)
    assert caught.value.rule == rule
    assert caught.value.remedy.endswith(".")


def test_an_8_bit_image_gives_the_same_values_as_its_floats():
    lesion = speckle_lesion()
    bytes_ = replace(lesion, image=lesion.image.astype(np.uint8))
    assert np.array_equal(lesion_features(bytes_, CHOSEN), lesion_features(lesion, CHOSEN))


def test_a_mask_of_255_gives_the_same_values_as_true():
    lesion = speckle_lesion()
    painted = replace(lesion, mask=lesion.mask.astype(np.uint8) * 255)
    assert np.array_equal(lesion_features(painted, CHOSEN), lesion_features(lesion, CHOSEN))


def test_an_outline_of_the_whole_image_is_measured_though_pyradiomics_refuses_it():
    lesion = _with(mask=np.ones((72, 90), dtype=bool))
    assert np.isfinite(lesion_features(lesion, CHOSEN)).all()


def test_resampling_without_a_known_spacing_is_refused():
    chosen = RadiomicsSettings(spacing="physical", resample_mm=0.5)
    with pytest.raises(UnmeasurableError, match="spacing"):
        lesion_features(speckle_lesion(), chosen)


def test_another_outline_of_a_checked_image_is_prepared_as_it_would_be_by_itself():
    lesion = speckle_lesion()
    whole = prepare(lesion.image, lesion.mask, (0.2, 0.3))
    part = lesion.mask & (np.arange(90) % 7 < 5)
    found, alone = outlined_within(whole, part), prepare(lesion.image, part, (0.2, 0.3))
    assert (found.box, found.spacing, found.largest) == (alone.box, alone.spacing, alone.largest)
    for name in ("image", "mask", "outline", "rows", "columns"):
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name))
    with pytest.raises(UnmeasurableError, match="the outline is empty"):
        outlined_within(whole, np.zeros_like(part))
