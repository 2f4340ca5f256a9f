import unicodedata

import pytest

from spl_kedro.cohort.name_patterns import FilePatterns, NamePattern, files_table, named_as_lesions


@pytest.mark.parametrize(
    ("pattern", "name", "key"),
    [
        ("bus_{id}", "Images/bus_0001-l.png", "0001-l"),
        ("bus_{id}", "mask_0001-l.png", None),
        ("mask_{id}.png", "MASK_7.PNG", "7"),
        ("mask_{id}.png", "mask_7.bmp", None),
        ("{id}_mask*", "benign (1)_mask.png", "benign (1)"),
        ("{id}_mask*", "benign (1)_mask_1.png", "benign (1)"),
        ("{id}_mask*", "benign (1).png", None),
        ("{id}/image", "cohort/P 7/image.dcm", "P 7"),
        ("{id}/mask*", "P 7/mask_left.nii.gz", "P 7"),
        ("{folder}/{id}", "malignant/1.png", "malignant_1"),
        ("[a] {id}", "[a] 1.png", "1"),
        (r"scan(?P<id>\d+)_.*", "x/scan12_left.png", "12"),
        (r"(?P<id>\d+)/roi", "12/roi.png", "12"),
        ("Läsion {id}", unicodedata.normalize("NFD", "Läsion 1.png"), "1"),
        ("us{id}", "us1.2.840", "1.2"),  # as stem_of reads a name without a known suffix
    ],
)
def test_the_identifier_in_a_name(pattern, name, key):
    assert NamePattern(pattern).key(name) == key


@pytest.mark.parametrize(
    ("pattern", "lesion", "key"),
    [
        ("bus_{id}", "bus_0001-l", "0001-l"),
        ("bus_{id}", "0001-l", "0001-l"),
        ("bus_{id}.png", "bus_1", "1"),
        ("us{id:4}", "7", "0007"),
        ("{id}", "SPL.7", "SPL.7"),
        ("{id}/image", "P 7", "P 7"),
    ],
)
def test_an_identifier_with_what_the_pattern_adds_stands_for_its_part(pattern, lesion, key):
    assert NamePattern(pattern).key_of_lesion(lesion) == key


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("mask", "none or several"),
        ("{id}{id}", "none or several"),
        ("{id}*", "nothing says where"),
        ("{case}_{id}", "braces other than"),
        ("(?P<id>", "no regular expression"),
        (r"\(?P<id>", "no group named id"),
    ],
)
def test_a_pattern_that_cannot_be_read_says_why(pattern, why):
    with pytest.raises(ValueError, match=why):
        FilePatterns(outline=pattern)


def named(names, lesions, kind, **patterns):
    files = dict(zip(names, names, strict=True))
    return named_as_lesions(files, lesions, FilePatterns(**patterns), kind)


def test_images_and_outlines_in_one_folder_are_told_apart_by_the_pattern_with_more_letters():
    names = ["a/1.png", "a/1_mask.png", "a/1_mask_1.png", "a/2.png"]
    assert list(named(names, ["1", "2"], "image", outline="{id}_mask*")) == ["a/1.png", "a/2.png"]
    outlines = named(names, ["1", "2"], "outline", outline="{id}_mask*")
    assert list(outlines) == ["a/1_mask.png/1.png", "a/1_mask_1.png/1.png"]
    both = ["bus_1.png", "mask_1.png"]
    patterns = {"image": "bus_{id}", "outline": "{id}"}
    assert list(named(both, ["1"], "outline", **patterns)) == ["mask_1.png/mask_1.png"]


def test_folders_of_their_own_may_hold_files_of_one_name():
    for kind in ("image", "outline"):
        found = named(["us_1.png"], ["1"], kind, image="us_{id}", outline="us_{id}")
        assert list(found) == ["us_1.png/1.png"]


def test_files_are_renamed_to_the_identifier_as_the_table_has_it():
    patterns = {"image": "bus_{id}", "outline": "mask_{id}"}
    names = ["mask_0001-l.png", "other.png"]
    assert named(names, ["bus_0001-l"], "outline", **patterns) == {
        "mask_0001-l.png/bus_0001-l.png": "mask_0001-l.png"
    }
    zeros = {"image": "us{id:4}", "outline": "roi{id:4}"}
    assert list(named(["us0007.png"], ["7"], "image", **zeros)) == ["us0007.png/7.png"]
    assert list(named(["roi0007.png"], ["7"], "outline", **zeros)) == ["roi0007.png/7.png"]


def test_an_identifier_that_is_the_key_goes_before_one_that_holds_it():
    for lesions in (["1", "bus_1"], ["bus_1", "1"]):
        assert list(named(["bus_1.png"], lesions, "image", image="bus_{id}")) == ["bus_1.png/1.png"]


def test_files_that_fit_no_pattern_are_counted_in_the_log_and_images_beside_outlines_are_not(
    caplog,
):
    files = dict.fromkeys(["1.png", "1_mask.png", "2-roi.png"], len)
    patterns = FilePatterns(outline="{id}_mask*")
    named_as_lesions(files, ["1"], patterns, "outline", ["1.png", "1_mask.png"])
    assert [record.getMessage() for record in caplog.records] == [
        "1 outlines do not fit '{id}_mask*', and are passed over."
    ]


def test_without_patterns_files_keep_their_names():
    files = {"1.png": "1.png"}
    assert named_as_lesions(files, ["1"], FilePatterns(), "image") is files


def test_the_table_of_files_has_a_row_for_each_image():
    names = ["benign/1.png", "benign/1_mask.png", "malignant/1.png", "README.txt", "2.png"]
    table = files_table(names, FilePatterns(outline="{id}_mask*"))
    assert table.to_numpy().tolist() == [["2", ""], ["1", "benign"], ["1", "malignant"]]
    table = files_table(names, FilePatterns(image="{folder}/{id}", outline="{id}_mask*"))
    assert table["lesion_id"].tolist() == ["benign_1", "malignant_1"]


def test_a_hundred_thousand_files_take_one_pass():
    """A pass over all lesions for each file takes minutes, beyond the limit of a test."""
    lesions = [f"bus_{number}" for number in range(50_000)]
    names = [f"mask_{number}{end}.png" for number in range(50_000) for end in ("", "-b")]
    found = named(names, lesions, "outline", image="bus_{id}", outline="mask_{id}")
    assert len(found) == 100_000
