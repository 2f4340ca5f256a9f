import numpy as np
import pytest
from tests.hospital import simulate
from tests.imaging.duplicates import copies

from spl_kedro.imaging.duplicates import DuplicateSettings, find_pairs, print_of
from spl_kedro.imaging.duplicates.candidates import near_pairs
from spl_kedro.imaging.duplicates.prints import CROP_SIDE, perceptual_hash

SETTINGS = DuplicateSettings()


@pytest.fixture(scope="module")
def lesions():
    cohort = simulate(24)
    table = cohort.table
    return [
        (cohort.images[image].astype(float), cohort.masks[outline] > 0)
        for image, outline in zip(table["image_file"], table["outline_file"], strict=True)
    ]


def pairs_of(*images, checksums=None):
    prints = [print_of(*image) for image in images]
    return find_pairs(prints, checksums or [str(n) for n in range(len(prints))], SETTINGS)


def test_different_lesions_are_no_pairs(lesions):
    assert len(lesions) >= 24
    assert pairs_of(*lesions) == []


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        (copies.encoded_anew, {"re-encoded"}),
        (copies.resized, {"re-encoded"}),
        (copies.brighter, {"brightness", "re-encoded"}),
        (copies.measured, {"re-encoded", "brightness"}),
        (copies.outlined_anew, {"re-encoded"}),
        (copies.cropped, {"cropped"}),
        (copies.moved, {"near", "re-encoded", "brightness"}),
    ],
)
def test_a_copy_is_found_and_called_by_what_was_done(lesions, change, kinds):
    found = []
    for number, image in enumerate(lesions):
        copy = change(*image, np.random.default_rng([1, number]))
        found += [pair.kind for pair in pairs_of(image, copy)]
    # Wilson's lower limit for 24 of 24 at three standard errors is 0.73.
    assert len(found) >= 0.9 * len(lesions)
    assert set(found) <= kinds


def test_the_same_pixels_are_exact_whatever_is_outlined(lesions):
    grey, mask = lesions[0]
    elsewhere = np.zeros_like(mask)
    elsewhere[5:40, 5:40] = True
    (pair,) = pairs_of((grey, mask), (grey, elsewhere), checksums=["one", "one"])
    assert (pair.kind, pair.same_lesion) == ("exact", False)
    (pair,) = pairs_of((grey, mask), (grey, mask), checksums=["one", "one"])
    assert pair.same_lesion
    assert pair.frame_similarity == 1


def test_two_lesions_of_one_image_that_was_encoded_anew_are_told_from_one(lesions):
    grey, mask = lesions[0]
    elsewhere = np.zeros_like(mask)
    elsewhere[5:40, 5:40] = True
    again, _ = copies.encoded_anew(grey, mask, np.random.default_rng(0))
    (pair,) = pairs_of((grey, mask), (again, elsewhere))
    assert (pair.kind, pair.same_lesion) == ("re-encoded", False)


def test_brightness_and_contrast_leave_a_hash_as_it_is():
    picture = np.random.default_rng(0).integers(60, 120, (64, 64)).astype(np.uint8)
    first, second = perceptual_hash(picture), perceptual_hash(picture * 2 + 10)
    assert np.bitwise_count(first ^ second).sum() <= 3
    other = np.random.default_rng(1).integers(60, 120, (64, 64)).astype(np.uint8)
    assert np.bitwise_count(first ^ perceptual_hash(other)).sum() > 40


def test_near_pairs_are_those_of_all_pairs_one_by_one(monkeypatch):
    rng = np.random.default_rng(2)
    hashes = rng.integers(0, 2**63, (40, 3), dtype=np.uint64)
    hashes[7] = hashes[31] ^ np.uint64(5)
    for at_once in (1_000_000, 1):
        monkeypatch.setattr("spl_kedro.imaging.duplicates.candidates._AT_ONCE", at_once)
        expected = [
            (i, j)
            for i in range(40)
            for j in range(i + 1, 40)
            if np.bitwise_count(hashes[i] ^ hashes[j]).sum() <= int(0.58 * 143)
        ]
        assert 1 < len(expected) < 780
        found = near_pairs(hashes, hashes, 0.58)
        assert [tuple(pair) for pair in found.tolist()] == expected


def test_a_lesion_at_the_border_has_a_crop_of_full_size_and_says_what_is_inside():
    grey = np.random.default_rng(3).uniform(0, 255, (60, 90))
    mask = np.zeros((60, 90), bool)
    mask[:20, :20] = True
    printed = print_of(grey, mask)
    assert printed.crop.shape == (CROP_SIDE, CROP_SIDE)
    top, bottom, left, right = printed.inside
    assert (top, left) == (24, 24)
    assert (bottom, right) == (CROP_SIDE, CROP_SIDE)
    assert printed.longer_side == 20


def test_an_image_without_texture_resembles_nothing():
    flat = np.full((80, 80), 90.0)
    mask = np.zeros((80, 80), bool)
    mask[20:60, 20:60] = True
    assert pairs_of((flat, mask), (flat + 1, mask)) == []


def test_exact_alone_finds_the_same_pixels_and_no_other_copy(lesions):
    grey, mask = lesions[0]
    again = copies.encoded_anew(grey, mask, np.random.default_rng(0))
    prints = [print_of(*image) for image in ((grey, mask), (grey, mask), again)]
    found = find_pairs(prints, ["one", "one", "two"], SETTINGS.exact_alone())
    assert [(pair.first, pair.second) for pair in found] == [(0, 1)]
