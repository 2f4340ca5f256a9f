"""A cohort outlined: by whom, how far from the readers, and what becomes of failures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.segmentation.conftest import SMALL, make_lesion

from spl_kedro.datasets.image_folder import ImageFolderDataset
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import assign_folds
from spl_kedro.imaging import UltrasoundImage
from spl_kedro.imaging.outline import ImagePlace
from spl_kedro.segmentation import (
    agreement,
    agreement_figure,
    agreement_summary,
    draw_prompts,
    examples_figure,
    outline_boxes,
    outline_cohort,
    outline_examples,
    read_boxes,
    train_outline_networks,
)

CLASSICAL = SMALL.model_copy(update={"written": "classical"})


@pytest.fixture(scope="module")
def prompts(lesions):
    masks = ((name, load().mask) for name, load in lesions.items())
    return draw_prompts(masks, SMALL.prompt, SMALL.seed)


@pytest.fixture(scope="module")
def folds(cohort):
    return assign_folds(cohort, 2, SMALL.seed)


@pytest.fixture(scope="module")
def networks(lesions, folds):
    return train_outline_networks(lesions, folds, SMALL)


@pytest.fixture(scope="module")
def outlined(lesions, cohort, prompts, folds, networks):
    return outline_cohort(lesions, cohort, prompts, folds, networks, CLASSICAL, 20)


def test_each_lesion_is_outlined_by_a_network_that_did_not_see_it(outlined, folds):
    own = outlined.scores.query("method == 'network' and prompt == 'box'").set_index("lesion_id")
    wanted = {name: f"box_fold_{fold}" for name, fold in folds["fold"].items()}
    assert own["network"].to_dict() == {name: wanted.get(name, "box_refit") for name in own.index}


def test_every_lesion_has_a_row_for_each_prompt_and_method(outlined, cohort):
    counts = outlined.scores.groupby("lesion_id").size()
    assert set(counts) == {4}
    assert sorted(counts.index) == sorted(cohort.index)
    dark = outlined.scores.query("method == 'classical' and prompt == 'box'")
    assert dark["dice"].min() > 0.75
    assert set(outlined.scores["unit"]) == {"mm"}


def test_a_second_reader_is_compared_with_the_first(lesions, cohort, prompts, folds, networks):
    second = {"L03": lambda: make_lesion("L03", (39, 45), 12)}
    own = outline_cohort(lesions, cohort, prompts, folds, networks, CLASSICAL, 20, second)
    (row,) = own.scores.query("method == 'second reader'").to_dict("records")
    wanted = agreement(second["L03"]().mask, lesions["L03"]().mask, (0.5, 0.5))
    assert (row["lesion_id"], row["prompt"]) == ("L03", "none")
    assert (row["dice"], row["hausdorff_95"]) == (wanted.dice, wanted.hausdorff_95)
    summary = agreement_summary(own.scores, CLASSICAL)
    assert summary.query("method == 'second reader'")["n"].tolist() == [1, 1, 1]


def test_a_cohort_with_an_unknown_pixel_size_is_measured_in_pixels(
    lesions, cohort, prompts, folds, networks, outlined
):
    unknown = cohort.copy()
    unknown.iloc[0, unknown.columns.get_loc("spacing_row_mm")] = np.nan
    own = outline_cohort(lesions, unknown, prompts, folds, networks, CLASSICAL, 20)
    assert set(own.scores["unit"]) == {"pixels"}
    # Pixels are half a millimetre wide.
    np.testing.assert_allclose(
        own.scores["mean_distance"], 2 * outlined.scores["mean_distance"], rtol=1e-9
    )


def test_a_failed_outline_is_named_and_written_nowhere(lesions, cohort, prompts, folds, networks):
    everything_too_small = outline_cohort(
        lesions, cohort, prompts, folds, networks, CLASSICAL, 100_000
    )
    assert everything_too_small.outlines == {}
    findings = everything_too_small.findings
    assert set(findings["lesion_id"]) == set(cohort.index)
    assert findings["message"].str.contains("classical from a box").sum() == len(cohort)
    assert set(findings["action"]) == {"left out"}
    assert (everything_too_small.scores["dice"] == 0).all()
    assert everything_too_small.scores["mean_distance"].isna().all()


def test_outlines_written_are_read_back_as_the_same_masks(outlined, tmp_path):
    folder = ImageFolderDataset(
        path=str(tmp_path), dataset="spl_kedro.datasets.image_folder.OutlineDataset"
    )
    assert len(outlined.outlines) == 12
    folder.save({f"{name}.png": outline for name, outline in outlined.outlines.items()})
    for name, read in folder.load().items():
        own = outlined.outlines[name.removesuffix(".png")] > 0
        mask = read().on(ImagePlace(own.shape))
        np.testing.assert_array_equal(mask, own)


def test_examples_and_figures_show_the_worst_the_middle_and_the_best(outlined, lesions, prompts):
    examples = outline_examples(lesions, outlined.outlines, prompts, outlined.scores, CLASSICAL)
    by_group = examples.groupby("group")["dice"]
    assert by_group.max()["worst"] <= by_group.min()["median"]
    assert by_group.max()["median"] <= by_group.min()["best"]
    assert not examples["lesion_id"].duplicated().any()
    row = examples.iloc[0]
    reader = np.frombuffer(row["reader"], np.uint8).reshape(row["height"], row["width"])
    assert reader.sum() == lesions[row["lesion_id"]]().mask.sum()
    for figure in (
        examples_figure(examples, simulated=True),
        agreement_figure(outlined.scores, simulated=True),
    ):
        assert "Simulated patients" in [text.get_text() for text in figure.texts]
    summary = agreement_summary(outlined.scores, CLASSICAL)
    assert set(summary["cohort"]) == {"training", "validation"}


def image_of(lesion):
    return lambda: UltrasoundImage(lesion.image.astype(np.uint8), None, "0" * 64)


def test_new_images_are_outlined_by_their_boxes_and_failures_are_named(networks):
    images = {"a.png": image_of(make_lesion()), "b.png": image_of(make_lesion(seed=5))}
    table = pd.DataFrame(
        {
            "image": ["a.png", "b", "c.png", "a.png"],
            "lesion_id": ["", "", "", "far"],
            "x": ["31", "45", "1", "500"],
            "y": ["26", "40", "1", "500"],
            "width": ["28", "", "5", "20"],
            "height": ["28", "", "5", "20"],
        }
    )
    boxes = read_boxes(table)
    outlines, findings = outline_boxes(images, boxes, networks, CLASSICAL, 20)
    assert sorted(outlines) == ["a.png", "b.png"]
    inside = outlines["a.png"] > 0
    assert (inside & make_lesion().mask).sum() > 0.8 * inside.sum()
    assert dict(zip(findings["lesion_id"], findings["rule"], strict=True)) == {
        "c": "an image for each row", "far": "an outline inside the image",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"x": None}, "no column 'x'"),
        ({"x": ["left"]}, "row 1: the column 'x' holds no number"),
        ({"height": [""]}, "row 1: a cell of the prompt is empty"),
        ({"width": ["0"]}, "row 1: the box has no area"),
        ({"image": [""]}, "row 1: no image is named"),
    ],
)
def test_a_table_of_boxes_that_cannot_be_read_is_refused(changed, said):
    table = {"image": ["a.png"], "x": ["1"], "y": ["1"], "width": ["9"], "height": ["9"]} | changed
    own = pd.DataFrame({key: value for key, value in table.items() if value is not None})
    with pytest.raises(UnusableStudyError, match=said):
        read_boxes(own)


def test_a_click_without_a_network_for_clicks_is_refused(networks):
    boxes = read_boxes(pd.DataFrame({"image": ["a.png"], "x": ["45"], "y": ["40"]}))
    boxes_alone = {name: state for name, state in networks.items() if name.startswith("box")}
    with pytest.raises(UnusableStudyError, match="no network was trained for one"):
        outline_boxes({}, boxes, boxes_alone, SMALL, 20)


def test_an_image_of_one_grey_value_fails_by_name(networks):
    grey = replace(make_lesion(), image=np.full((80, 90), 9.0))
    boxes = read_boxes(pd.DataFrame({"image": ["a.png"], "x": ["45"], "y": ["40"]}))
    outlines, findings = outline_boxes({"a.png": image_of(grey)}, boxes, networks, CLASSICAL, 4)
    assert outlines == {}
    assert findings["lesion_id"].tolist() == ["a"]
