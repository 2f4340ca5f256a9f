import numpy as np
import pytest

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.grey import PixelScale, check_contrast, scale_of, to_grey

RAMP = np.arange(4096, dtype=np.uint16).reshape(64, 64)


def test_each_type_states_its_own_range_or_none():
    assert (scale_of(np.dtype("uint8")).white, scale_of(np.dtype("uint8")).binding) == (255, True)
    assert (scale_of(np.dtype("uint16")).white, scale_of(np.dtype("uint16")).binding) == (
        65535, False,
    )  # fmt: skip
    for name in ("int16", "int32", "float32"):
        assert scale_of(np.dtype(name)).white is None


@pytest.mark.parametrize(
    ("pixels", "grey_range", "ends"),
    [
        (RAMP, "format", (0, 4095 * 255 / 65535)),
        (RAMP, (0, 4095), (0, 255)),
        (RAMP + np.uint16(100), "content", (0, 255)),
        (RAMP.astype(np.float32) / 4095, (0, 1), (0, 255)),
        (RAMP.astype(np.int32) - 1000, (-1000, 3095), (0, 255)),
        (RAMP.astype(np.float32) / 16.5, "format", (0, 4095 / 16.5)),
        ((RAMP // 32).astype(np.uint8), (0, 127), (0, 127)),
    ],
)
def test_black_and_white_come_from_the_stated_range(pixels, grey_range, ends):
    grey = to_grey(pixels, grey_range=grey_range)
    assert (grey.min(), grey.max()) == pytest.approx(ends)
    assert (np.diff(grey.ravel()) >= 0).all()


def test_a_range_stated_for_the_study_does_not_override_what_a_header_states():
    scale = PixelScale(0, 4095)
    np.testing.assert_array_equal(to_grey(RAMP, scale, (0, 65535)), to_grey(RAMP, scale))


def test_inverted_pixels_are_turned_round():
    scale = PixelScale(0, 4095, inverted=True)
    np.testing.assert_allclose(to_grey(RAMP, scale), 255 - to_grey(RAMP, PixelScale(0, 4095)))


def test_whole_grey_values_stay_whole_after_scaling():
    deep = np.arange(256, dtype=np.uint16).reshape(16, 16) * 257
    np.testing.assert_array_equal(to_grey(deep).ravel(), np.arange(256))


def test_too_small_a_part_of_the_range_is_refused_and_says_what_to_set():
    grey = to_grey(RAMP)
    with pytest.raises(UnusableLesionError, match=r"from 0 to 4095.*data_processing\.grey\.range"):
        check_contrast(grey, RAMP, scale_of(RAMP.dtype), 0.25)
    check_contrast(grey, RAMP, scale_of(RAMP.dtype), 0.05)
