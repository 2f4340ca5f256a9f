"""Each check finds what is drawn for it on a simulated image, and nothing on the image itself."""

import numpy as np
import pytest
from tests.imaging.quality.drawn import POSITIVES, crosses, dots_across, rgb_of, written_on
from tests.matrix.hospital import simulated

from spl_kedro.imaging.quality import (
    CHECKS,
    Picture,
    QualitySettings,
    colours_of,
    examine,
    inpainted,
    warning_of,
)

SILENT = QualitySettings(read_text=False)
WHOLE = SILENT.model_copy(update={"near": 10})


def found_in(image, mask, settings=SILENT):
    grey = np.asarray(image if image.ndim == 2 else np.rint(image @ [0.299, 0.587, 0.114]))
    picture = Picture(grey.astype(np.uint8), mask, colours_of(image), settings.near)
    return {finding.check for finding in examine(picture, settings).found}


@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_found_in_a_simulated_image(seed):
    assert found_in(*simulated(seed)) == set()


@pytest.mark.parametrize("check", POSITIVES)
def test_a_check_finds_what_is_drawn_for_it(check):
    settings = WHOLE if check in ("body_mark", "scale_line", "scale_ticks", "grey_bar") else SILENT
    hits = 0
    for seed in range(6):
        image, mask = simulated(seed % 3)
        hits += check in found_in(
            POSITIVES[check](image, mask, np.random.default_rng(seed)), mask, settings
        )
    # Of each check nearly all are found on real images, of dotted lines four in five.
    assert hits >= (3 if check == "dotted_line" else 4)


def test_every_check_but_painting_over_has_a_drawn_positive():
    assert {check.name for check in CHECKS} - set(POSITIVES) == {"painted_over"}
    assert {check.name for check in CHECKS} == set(type(SILENT.thresholds).model_fields)


def test_marks_painted_over_in_a_tinted_image_are_found_near_the_lesion_alone():
    image, mask = simulated(0)
    tinted = np.stack([image // 2, image // 2 + image // 4, image], axis=-1)
    assert found_in(tinted, mask) == set()
    rows, columns = Picture(image, mask).window
    near, far = tinted.copy(), tinted.copy()
    near[rows.start : rows.start + 6, columns.start : columns.start + 6, 0] += 8
    assert "painted_over" in found_in(near, mask)
    assert rows.start > 6
    far[:6, :6, 0] += 8
    assert "painted_over" not in found_in(far, mask)


def test_a_check_without_a_threshold_is_left_out():
    image, mask = simulated(0)
    off = SILENT.thresholds.model_copy(update={"text": None})
    settings = SILENT.model_copy(update={"thresholds": off})
    written = written_on(image, "SMITH, JOHN")
    assert "text" in found_in(written, mask)
    assert "text" not in found_in(written, mask, settings)


def test_a_grey_image_has_no_colour_to_judge():
    image, mask = simulated(0)
    values = {f.check: f.value for f in examine(Picture(image, mask), SILENT).findings}
    assert np.isnan(values["painted_over"])
    assert values["colour_doppler"] == 0


@pytest.mark.parametrize("size", [(8, 8), (9, 40), (40, 9), (24, 25)])
def test_an_image_of_few_pixels_is_judged_too(size):
    mask = np.zeros(size, dtype=bool)
    mask[2:6, 2:6] = True
    grey = np.random.default_rng(0).integers(0, 256, size).astype(np.uint8)
    assert len(examine(Picture(grey, mask), SILENT).findings) == len(CHECKS)


def test_what_is_said_of_a_finding_names_its_parameter_and_never_the_text():
    image, mask = simulated(1)
    written = written_on(image, "SMITH, JOHN")
    (finding,) = examine(Picture(written[..., 0], mask, colours_of(written)), SILENT).found
    warning = warning_of(finding)
    assert warning.rule == "an image without burned-in text"
    assert "data_processing.quality.thresholds.text" in warning.message
    assert "SMITH" not in warning.message


@pytest.mark.parametrize(
    "draw", [crosses, dots_across, lambda image, *_: written_on(image, "SMITH, JOHN")]
)
def test_inpainting_takes_away_what_was_drawn_and_touches_nothing_else(draw):
    image, mask = simulated(2)
    drawn = draw(image, mask, np.random.default_rng(2))
    grey = np.rint(drawn @ [0.299, 0.587, 0.114])
    picture = Picture(grey.astype(np.uint8), mask, colours_of(drawn))
    examination = examine(picture, SILENT)
    filled = inpainted(grey, examination.drawn)
    changed = filled != grey
    assert 20 < changed.sum() < 0.05 * grey.size
    assert found_in(filled.astype(np.uint8), mask) == set()
    truth = image.astype(float)
    assert np.abs(filled - truth)[changed].mean() < np.abs(grey - truth)[changed].mean()


def test_colours_are_none_where_all_channels_are_one_and_alpha_is_laid_on_black():
    image, _ = simulated(0)
    assert colours_of(image) is None
    assert colours_of(rgb_of(image)) is None
    rgba = np.zeros((4, 4, 4), dtype=np.uint8)
    rgba[..., 0], rgba[:2, :, 3] = 200, 255
    np.testing.assert_array_equal(colours_of(rgba)[:, 0, 0], [200, 200, 0, 0])
