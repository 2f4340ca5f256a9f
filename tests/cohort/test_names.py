import pandas as pd
import pytest

from spl_kedro.cohort.names import FileNames, alike, check_identifier, owners_of
from spl_kedro.imaging import UnusableLesionError


def rows(*ids, image=None):
    return pd.DataFrame({"image": image or [None] * len(ids)}, index=list(ids))


def owned(table, outlines, images=(), others=()):
    owners = owners_of(table, others, FileNames(images))
    return {lesion: sorted(files) for lesion, files in FileNames(outlines).owned(owners).items()}


def test_the_longest_identifier_owns_a_file():
    files = ["P7.png", "P7_a.png", "P7_2.png", "P7_2_a.png", "P70.png", "P7-2.png"]
    assert owned(rows("P7", "P7_2"), files) == {
        "P7": ["P7.png", "P7_a.png"],
        "P7_2": ["P7_2.png", "P7_2_a.png"],
    }


def test_the_files_of_a_lesion_set_aside_are_nobody_elses():
    assert owned(rows("P7"), ["P7.png", "P7_2.png"], others=["P7_2"]) == {"P7": ["P7.png"]}


def test_the_outline_of_another_image_is_not_a_lesions():
    found = owned(rows("P7"), ["P7.png", "P7_2.png"], images=["P7.png", "P7_2.png"])
    assert found == {"P7": ["P7.png"]}


def test_an_outline_named_as_the_image_belongs_to_the_one_lesion_of_that_image():
    table = rows("L1", "L2", "L3", image=["scan_1.png", "scan_2.png", "scan_2.png"])
    found = owned(
        table, ["scan_1.png", "scan_2.png", "L3.png"], images=["scan_1.png", "scan_2.png"]
    )
    assert found == {"L1": ["scan_1.png"], "L3": ["L3.png"]}


def test_ten_thousand_lesions_are_matched_in_one_pass():
    """A pass over all files for each lesion takes minutes, beyond the limit of a test."""
    ids = [f"centre_{i // 100}_patient_{i}" for i in range(10_000)]
    files = [f"{name}{end}.png" for name in ids for end in ("", "_a", "_b")]
    found = owned(rows(*ids), files, images=[f"{name}.png" for name in ids])
    assert [len(found[name]) for name in ids] == [3] * len(ids)


@pytest.mark.parametrize("name", ["P7", "benign (1)", "Läsion ü", "a b [2]", "100% #7", "a.b"])
def test_awkward_names_are_names(name):
    assert check_identifier(name) is None


@pytest.mark.parametrize(
    "name", ["..", ".a", "a.", "a ", "a/b", "a\\b", "a\nb", "a\x7f", "x" * 201, "ü" * 101, "COM1"]
)
def test_what_cannot_name_a_file_everywhere_is_refused(name):
    with pytest.raises(UnusableLesionError, match="an identifier that can name a file"):
        check_identifier(name)


def test_names_that_only_case_or_accents_tell_apart_are_alike():
    composed, apart = "\u00dc1", "U\u03081"
    assert alike(["a", "A", "b", composed, apart]) == {"a", "A", composed, apart}


def test_letters_case_decides_only_where_no_name_fits():
    files = ["spl1.png", "SPL2.png", "spl2.png", "SPL1_a.PNG"]
    assert owned(rows("SPL1", "SPL2"), files) == {
        "SPL1": ["SPL1_a.PNG"],
        "SPL2": ["SPL2.png"],
    }
    assert owned(rows("SPL1"), ["spl1.png"]) == {"SPL1": ["spl1.png"]}
    names = FileNames(files)
    assert names.exact("SPL2") == ["SPL2.png"]
    assert names.exact("SPL1") == ["spl1.png"]


def test_a_file_of_another_kind_is_found_only_where_there_is_no_other():
    assert FileNames(["a.png", "a.txt"]).exact("a") == ["a.png"]
    assert FileNames(["a.txt"]).exact("a") == ["a.txt"]


def test_a_name_without_its_folder_is_found_where_it_is_the_only_one():
    names = FileNames(["x/a.png", "x/b.png", "y/b.png"])
    assert names.named("a.png; X\\B.PNG") == ["x/a.png", "x/b.png"]
    with pytest.raises(UnusableLesionError, match=r"not found: b\.png; near: 'x/b.png', 'y/b.png'"):
        names.named("b.png")


@pytest.mark.parametrize("name", ["0071", "71 (1)", "Copy of 71", "mask_71", "71-seg", "71.jpg"])
def test_a_file_that_may_be_meant_is_named(name):
    assert FileNames([f"{name}.png"]).near("71") == f"; near: '{name}.png'"
    assert FileNames([f"{name}.png"]).near("72") == ""
