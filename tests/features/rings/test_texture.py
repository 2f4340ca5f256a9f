"""The features of rings are the engine's."""

import numpy as np
import pytest
from tests.features.rings.conftest import make_lesion

from spl_kedro.features.measurement import RadiomicsSettings
from spl_kedro.features.radiomics import UnmeasurableError, feature_names, measure
from spl_kedro.features.rings import RingDistances, ring_features, ring_schema, rings_of
from spl_kedro.features.rings.texture import texture_of

MM = RingDistances("mm", ((0.0, 2.0), (2.0, 5.0)))


@pytest.mark.parametrize("preset", ["us2d-1561", "us2d-native"])
@pytest.mark.parametrize(("spacing", "centre"), [((0.5, 0.5), (40, 45)), ((0.3, 0.6), (5, 80))])
def test_rings_measured_together_have_the_bits_of_each_measured_alone(preset, spacing, centre):
    lesion = make_lesion(centre=centre, spacing=spacing)
    masks = [ring.mask for ring in rings_of(lesion, MM)]
    settings = RadiomicsSettings(preset=preset, spacing="physical")
    for mask, values in zip(masks, texture_of(lesion, masks, settings), strict=True):
        alone = measure(lesion.image, mask, preset=preset, spacing=spacing)
        np.testing.assert_array_equal(values, alone[-len(values) :])


def test_where_images_are_resampled_each_ring_is_resampled(lesion):
    masks = [ring.mask for ring in rings_of(lesion, MM)]
    settings = RadiomicsSettings(spacing="physical", resample_mm=0.7)
    found = texture_of(lesion, masks, settings)
    alone = measure(lesion.image, masks[0], spacing=(0.5, 0.5), resample=0.7)
    np.testing.assert_array_equal(found[0], alone[-len(found[0]) :])


def test_a_mask_that_cannot_be_measured_says_so_and_stops_no_other(lesion):
    line = np.zeros_like(lesion.mask)
    line[10, 20:40] = True
    found = texture_of(lesion, [line, lesion.mask], RadiomicsSettings())
    assert isinstance(found[0], UnmeasurableError)
    assert found[0].rule == "outline_two_dimensional"
    assert np.isfinite(found[1]).all()


@pytest.mark.parametrize(("preset", "count"), [("us2d-1561", 1547), ("us2d-native", 1274)])
def test_the_columns_are_texture_and_first_order_of_each_ring(preset, count):
    names = ring_features(preset)
    assert len(names) == count
    assert names == feature_names(preset)[-count:]
    schema = ring_schema(preset, MM)
    assert schema.index.is_unique
    assert schema.groupby("ring").size().to_dict() == {1: count, 2: count}
    assert not schema["feature_class"].str.startswith("shape").any()
    assert schema.loc["ring2_original_firstorder_Mean", ["inner", "outer"]].tolist() == [2, 5]
