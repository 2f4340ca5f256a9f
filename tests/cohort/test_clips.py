"""Clips whose outlined frames are told in every way there is, and those that are not."""

import pickle

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pydantic import ValidationError
from tests.dicom import write_dicom

from spl_kedro.cohort.files import check_files, second_reader
from spl_kedro.cohort.frames import FramePattern, with_rows_of_frames
from spl_kedro.cohort.name_patterns import FilePatterns
from spl_kedro.cohort.pseudonyms import Handed, without_identifiers
from spl_kedro.cohort.sealed import open_rows
from spl_kedro.cohort.table import tidy_table
from spl_kedro.guarded import unguarded
from spl_kedro.imaging import read_image, read_outline
from spl_kedro.imaging.clips import ClipError, at_frame

from .test_cohort import settings

SIZE = (40, 60)
FRAMES = 5
COLUMNS = {"lesion_id": "id", "label": "diagnosis", "frame": "frame"}


@pytest.fixture(autouse=True)
def _here():
    with unguarded():
        yield


def frame(number: int) -> np.ndarray:
    """Return a frame, each with values of its own."""
    return np.random.default_rng(number).integers(0, 256, SIZE).astype(np.uint8)


def blob(row: int = 10) -> np.ndarray:
    mask = np.zeros(SIZE, dtype=bool)
    mask[row : row + 15, 20:40] = True
    return mask


class Folder:
    """A hospital's folder, its files as readers."""

    def __init__(self, path):
        self.path = path
        self.images, self.outlines, self.second = {}, {}, {}

    def clip(self, name="7.dcm"):
        pixels = np.stack([frame(n) for n in range(1, FRAMES + 1)])
        path = self.path / name
        write_dicom(path, pixels[0], NumberOfFrames=FRAMES, PixelData=pixels.tobytes())
        self.images[name] = lambda: read_image(path)

    def outline(self, name, mask=None, *, second=False):
        path = self.path / f"{'second' if second else 'outline'}_{name}"
        Image.fromarray((blob() if mask is None else mask) * np.uint8(255)).save(path)
        (self.second if second else self.outlines)[name] = lambda: read_outline(path)

    def pages(self, name, *outlined):
        masks = [blob() & (n in outlined) for n in range(1, FRAMES + 1)]
        first, *rest = [Image.fromarray(mask * np.uint8(255)) for mask in masks]
        path = self.path / f"outline_{name}"
        first.save(path, save_all=True, append_images=rest)
        self.outlines[name] = lambda: read_outline(path)


@pytest.fixture
def folder(tmp_path):
    made = Folder(tmp_path)
    made.clip()
    return made


def study(columns=COLUMNS, *, several=True, **files):
    return settings(
        columns=dict(columns), clinical=[], excluded=[],
        files={"several_images": several, **files},
        quality={"minimum_lesion_pixels": 16, "action": "flag"},
    )  # fmt: skip


def table(**cells):
    row = {"id": "7", "diagnosis": "malignant", "frame": None, **cells}
    return pd.DataFrame({name: [value] for name, value in row.items()})


def examined(folder, rows=None, own=None):
    own = own or study()
    rows, _ = tidy_table(table() if rows is None else rows, own)
    return check_files(rows, folder.images, folder.outlines, own)


def read(found) -> dict[str, int]:
    """Return which frame became which lesion."""
    known = {frame(n).tobytes(): n for n in range(1, FRAMES + 1)}
    lesions = {name: read() for name, read in found.lesions.items()}
    assert set(lesions) == set(found.usable.index)
    return {name: known[one.image.astype(np.uint8).tobytes()] for name, one in lesions.items()}


def refusal(found):
    (row,) = found.findings.table().to_dict("records")
    assert found.usable.empty
    return row


def test_frames_named_by_outlines_become_images_of_one_patient(folder):
    folder.outline("7_f002.png"), folder.outline("7_f005_mask.png", blob(20))
    found = examined(folder)
    assert read(found) == {"7_f002": 2, "7_f005": 5}
    assert found.usable["patient_id"].tolist() == ["7", "7"]
    assert found.usable["label"].tolist() == [1, 1]
    assert found.usable["image_sha256"].nunique() == 2
    # Stored lesions are read again from their files: the same frame.
    again = {name: files.read() for name, files in found.files.items()}
    assert again["7_f005"].mask[:20].sum() == 0
    np.testing.assert_array_equal(again["7_f005"].image, frame(5))


def test_pages_with_something_drawn_are_the_frames(folder):
    folder.pages("7.tif", 1, 4)
    assert read(examined(folder)) == {"7_f001": 1, "7_f004": 4}


def test_one_outlined_frame_keeps_the_lesions_name_whatever_the_study_takes(folder):
    folder.pages("7.tif", 3)
    assert read(examined(folder, own=study(several=False))) == {"7": 3}


def test_a_stated_frame_goes_before_what_outlines_tell(folder):
    folder.pages("7.tif", 2, 3)
    assert read(examined(folder, table(frame="3.0"), study(several=False))) == {"7": 3}


def test_outlines_belong_to_stated_frames_in_the_order_of_the_row(folder):
    folder.outline("a.png", blob(0)), folder.outline("b.png", blob(20))
    columns = {**COLUMNS, "image": "file", "masks": "masks"}
    rows = table(frame="4;2", file="7.dcm", masks="b.png;a.png")
    found = examined(folder, rows, study(columns))
    assert read(found) == {"7_f002": 2, "7_f004": 4}
    assert found.files["7_f002"].read().mask[0].any()


def test_two_rows_may_share_a_clip_and_the_file_of_its_outlines(folder):
    folder.pages("all.tif", 2, 3)
    columns = {**COLUMNS, "image": "file", "masks": "masks"}
    rows = pd.concat([table(id=name, frame=n, file="7.dcm", masks="all.tif")
                      for name, n in (("x", "2"), ("y", "3"))])  # fmt: skip
    assert read(examined(folder, rows, study(columns, several=False))) == {"x": 2, "y": 3}


@pytest.mark.parametrize(
    ("outlines", "stated", "rule", "words"),
    [
        (["7.png"], None, "a single frame", "7.dcm holds 5 frames."),
        (["7.png", "7_f002.png"], None, "a single frame", "does not say which"),
        (["7_f006.png"], None, "a frame that the file has", "frame 6 is asked for"),
        (["7.png"], "9", "a frame that the file has", "frame 9 is asked for"),
        (["7.png"], "last", "a frame that the file has", "states the frame 'last'"),
        (["7_f002.png"], "3", "an outline for each row", "no outline is of frame 3"),
        (["7.png"], "2;3", "a single frame", "does not say which"),
    ],
)
def test_a_clip_whose_frame_is_not_told_is_left_out_with_the_reason(
    folder, outlines, stated, rule, words
):
    for name in outlines:
        folder.outline(name)
    row = refusal(examined(folder, table(frame=stated)))
    assert (row["lesion_id"], row["rule"]) == ("7", rule)
    assert words in row["message"]
    if rule == "a single frame":
        assert "columns.frame" in row["remedy"]


def test_several_outlined_frames_are_refused_where_a_row_is_one_image(folder):
    folder.pages("7.tif", 1, 4)
    row = refusal(examined(folder, own=study(several=False)))
    assert row["message"] == "7.dcm has 2 outlined frames: 1, 4."
    assert "several_images: true" in row["remedy"]


def test_a_frame_does_not_take_another_rows_name(folder):
    folder.pages("7.tif", 1, 4)
    rows = pd.concat([table(), table(id="7_f001")])
    found = examined(folder, rows)
    told = found.findings.table().set_index("lesion_id")["rule"].to_dict()
    assert told["7"] == "one row a lesion"


def test_a_second_readers_outlines_are_matched_by_frame(folder):
    folder.pages("7.tif", 2, 4)
    folder.outline("7_f004.png", blob(12), second=True)
    readers, missing = second_reader(examined(folder), folder.second)
    assert list(readers) == ["7_f004"]
    assert readers["7_f004"]().mask[11].sum() == 0
    assert missing.table().empty


def test_pseudonyms_keep_what_tells_the_frame(folder, tmp_path, monkeypatch):
    (tmp_path / "key").write_bytes(bytes(range(32)))
    monkeypatch.setenv("A_KEY", str(tmp_path / "key"))
    folder.outline("7_f002.png"), folder.outline("7_f005.png")
    columns = {**COLUMNS, "image": "file"}
    own = study(columns).model_copy(update={"pseudonyms": "A_KEY"})
    handed = without_identifiers(
        Handed(table(file="7.dcm"), folder.images, folder.outlines, {}), own
    )
    rows, _ = tidy_table(handed.table, own)
    found = check_files(rows, handed.images, handed.outlines, own)
    assert sorted(read(found).values()) == [2, 5]
    assert not any("7_f" in name.removeprefix(rows.index[0]) for name in found.usable.index)
    assert {name[:12] for name in found.usable.index} == set(rows.index)
    # A clip of which nothing is told is called by its pseudonym too.
    handed.outlines.clear(), folder.outline("7.png")
    silent = without_identifiers(
        Handed(table(file="7.dcm"), folder.images, {"7.png": folder.outlines["7.png"]}, {}), own
    )
    row = refusal(check_files(rows, silent.images, silent.outlines, own))
    assert row["message"].startswith(rows.index[0])


def test_sealed_frames_get_the_diagnosis_of_their_clips_row():
    # Fault: where the table names files, its rows do not know the frames.
    own = study({**COLUMNS, "image": "file"})
    rows = pd.concat([table(file="7.dcm"), table(id="8", diagnosis="benign", file="8.png")])
    divided = pd.DataFrame(
        {
            "patient_id": ["7", "7", "8"],
            "label": pd.array([None, None, None], dtype="Int64"),
            "cohort": "validation",
        },
        index=pd.Index(["7_f002", "7_f014", "8"], name="lesion_id"),
    )
    cohort, findings = open_rows(divided, rows, own)
    assert cohort["label"].to_dict() == {"7_f002": 1, "7_f014": 1, "8": 0}
    assert findings.empty


def test_rows_that_are_not_of_frames_are_left_alone():
    rows = pd.DataFrame({"label": [1]}, index=pd.Index(["7"], name="lesion_id"))
    assert with_rows_of_frames(rows, ["7", "8_f001"]) is rows


@pytest.mark.parametrize(
    ("pattern", "name", "number"),
    [
        ("_f{frame}", "clip_f012_mask.png", 12),
        ("_f{frame}", "clip_F3_f12.png", 12),
        ("_f{frame}", "clip_mask.png", None),
        ("_f{frame}", "mask_7_f004.png/7_f004.png", 4),
        ("_f{frame}", "scan_f3/7.png", None),
        ("frame{frame}of", "7 frame20of30.png", 20),
        (r"\[(?P<frame>\d+)\]", "7[9].png", 9),
    ],
)
def test_a_pattern_finds_the_frame_in_a_name(pattern, name, number):
    assert FramePattern(pattern).number(name, "7", "clip") == number


def test_numbers_of_other_things_are_not_taken_for_frames():
    assert FramePattern("_f{frame}").number("x_f012.png", "1") == 12
    assert FramePattern("_f{frame}").number("us_f3_f4.png", "us_f3") == 4


@pytest.mark.parametrize("pattern", ["_f", "{frame}{frame}", "(?P<frame>"])
def test_a_pattern_without_one_place_for_the_frame_is_refused(pattern):
    with pytest.raises(ValidationError, match=r"frame|regular"):
        FilePatterns(frame=pattern)


def test_a_clip_is_told_between_processes_and_read_at_one_frame(folder):
    error = pickle.loads(pickle.dumps(ClipError("7.dcm", 5, "x")))
    assert (error.frames, error.instance) == (5, "x")
    with at_frame(2):
        image = folder.images["7.dcm"]()
    np.testing.assert_array_equal(image.pixels, frame(2))
    assert (image.number, image.frames) == (2, FRAMES)
    with pytest.raises(ClipError, match=r"7\.dcm holds 5 frames"):
        folder.images["7.dcm"]()
