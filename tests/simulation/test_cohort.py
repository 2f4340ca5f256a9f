import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import ndimage

from spl_kedro.simulation import CentreSettings, PhantomSettings, simulate_cohort, simulate_lesions
from spl_kedro.simulation.cohort import COLUMNS
from spl_kedro.simulation.outlines import dice


@pytest.fixture(scope="module")
def cohort(small_study):
    return simulate_cohort(small_study)


def same_bytes(first, second):
    return list(first) == list(second) and all(
        first[name].tobytes() == second[name].tobytes() for name in first
    )


def test_the_same_seed_gives_the_same_bytes_however_many_workers(cohort, small_study):
    again = simulate_cohort(small_study.model_copy(update={"workers": 2}))
    pd.testing.assert_frame_equal(cohort.table, again.table)
    pd.testing.assert_frame_equal(cohort.traits, again.traits, check_exact=True)
    assert same_bytes(cohort.images, again.images)
    assert same_bytes(cohort.masks, again.masks)
    assert same_bytes(cohort.reader2_masks, again.reader2_masks)


def test_another_seed_gives_other_patients(cohort, small_study):
    few = small_study.model_copy(
        update={
            "seed": small_study.seed + 1,
            "training_centre": CentreSettings(patients=12),
            "external_centre": small_study.external_centre.model_copy(update={"patients": 0}),
        }
    )
    other = simulate_cohort(few)
    seen = {image.tobytes() for image in cohort.images.values()}
    assert not any(image.tobytes() in seen for image in other.images.values())


def test_the_table_has_a_row_for_every_image_and_outline(cohort):
    table = cohort.table
    assert tuple(table.columns) == COLUMNS
    assert list(table["case_id"]) == [f"SPL{number:04d}" for number in range(1, 21)]
    assert list(table["image_file"]) == list(cohort.images) == list(cohort.masks)
    assert table["patient_id"].is_unique
    assert table["centre"].value_counts().to_dict() == {"centre_a": 15, "centre_b": 5}
    assert all(isinstance(value, str) for value in table.to_numpy().ravel())


def test_each_centre_has_its_exact_share_of_malignant_lesions(cohort):
    share = (cohort.table["pathology"] == "malignant").groupby(cohort.table["centre"]).sum()
    assert share.to_dict() == {"centre_a": 9, "centre_b": 3}


def test_the_two_centres_export_images_of_their_own_size(cohort, small_study):
    for name, image in cohort.images.items():
        centre = cohort.table.set_index("image_file").loc[name, "centre"]
        scanner = (
            small_study.training_centre if centre == "centre_a" else small_study.external_centre
        ).scanner
        assert image.shape == cohort.masks[name].shape
        assert image.shape == (scanner.image_height, scanner.image_width)
        assert image.dtype == np.uint8


def test_every_outline_is_one_usable_region(cohort):
    for name, mask in cohort.masks.items():
        assert set(np.unique(mask)) == {0, 255}
        assert ndimage.label(mask)[1] == 1
        assert 250 < np.count_nonzero(mask) < 60_000
        assert not mask[[0, -1]].any()
        assert not mask[:, [0, -1]].any()
        # Nothing outlined lies in the black around the sector.
        assert np.mean(cohort.images[name][mask > 0] == 0) < 0.6


def test_the_second_reader_outlines_lesions_of_the_first_centre_with_realistic_agreement(cohort):
    assert len(cohort.reader2_masks) == 12
    assert set(cohort.reader2_masks) <= set(cohort.table["image_file"][:15])
    scores = [dice(cohort.masks[name], mask) for name, mask in cohort.reader2_masks.items()]
    assert 0.85 < np.mean(scores) < 0.95
    assert min(scores) > 0.6
    assert max(scores) < 0.995


def test_fresh_lesions_are_never_those_of_the_cohort_and_go_on_where_they_stopped(
    cohort, small_study
):
    seen = {image.tobytes() for image in cohort.images.values()}
    fresh = [lesion.image.tobytes() for lesion in simulate_lesions(small_study, 4)]
    later = [lesion.image.tobytes() for lesion in simulate_lesions(small_study, 2, seed_offset=2)]
    assert not seen & set(fresh)
    assert fresh[2:] == later
    assert len(set(fresh)) == 4


def test_a_negative_count_or_offset_is_refused(small_study):
    with pytest.raises(ValueError, match="count -1 and seed_offset 0 must be 0 or more"):
        next(simulate_lesions(small_study, -1))
    with pytest.raises(ValueError, match="seed_offset -2"):
        next(simulate_lesions(small_study, 1, seed_offset=-2))


def test_the_default_study_has_the_papers_size():
    study = PhantomSettings()
    assert (study.training_centre.patients, study.external_centre.patients) == (609, 200)
    assert study.readers.second_lesions == 50


@pytest.fixture(scope="module")
def several(small_study):
    return simulate_cohort(small_study.model_copy(update={"images_per_patient": (1, 3)}))


def test_a_patients_further_images_change_nothing_of_the_first(cohort, several):
    # Fault: a generator that is drawn from once more shifts whatever comes after it.
    first = {name.split("_")[0]: name for name in several.images if name.endswith("_1.png")}
    assert len(first) == len(cohort.images)
    for name, image in cohort.images.items():
        own = first[name.removesuffix(".png")]
        assert several.images[own].tobytes() == image.tobytes()
        assert several.masks[own].tobytes() == cohort.masks[name].tobytes()
    assert [n.replace("_1.png", ".png") for n in several.reader2_masks] == list(
        cohort.reader2_masks
    )


def test_further_images_are_other_views_of_the_same_patient(several):
    by_patient = several.table.groupby("patient_id")
    counts = by_patient.size()
    assert len(counts) == 20
    assert set(counts) == {1, 2, 3}
    said = several.table.columns.difference(
        ["case_id", "image_file", "outline_file", "pixel_size_mm"]
    )
    assert (by_patient[list(said)].nunique() == 1).all().all()
    assert len({image.tobytes() for image in several.images.values()}) == len(several.table)
    traits = several.traits.groupby(several.traits.index.str.split("_").str[0])
    assert (traits.nunique() == 1).all().all()


def test_several_images_are_the_same_bytes_however_many_workers(several, small_study):
    update = {"images_per_patient": (1, 3), "workers": 2}
    again = simulate_cohort(small_study.model_copy(update=update))
    pd.testing.assert_frame_equal(several.table, again.table)
    assert same_bytes(several.images, again.images)


@pytest.mark.parametrize("images", [(0, 1), (3, 2), (1, 21)])
def test_a_number_of_images_that_cannot_be_is_refused(images):
    with pytest.raises(ValidationError, match=r"images_per_patient is \[fewest, most\]"):
        PhantomSettings(images_per_patient=images)
