import pickle

import pytest
from kedro.io import DatasetError

from spl_kedro.datasets.image_folder import ImageFolderDataset
from spl_kedro.guarded import Limits
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.errors import as_unusable_lesion
from spl_kedro.pipelines.data_processing.nodes import case_readers
from spl_kedro.rules import Rule


def wrapped(inner, explicit):
    try:
        try:
            raise inner
        except UnusableLesionError as error:
            if explicit:
                raise RuntimeError("wrapped") from error
            raise RuntimeError("met while handling")  # noqa: B904 - the context is meant
    except RuntimeError as outer:
        return outer


@pytest.mark.parametrize("explicit", [True, False])
def test_the_error_of_a_case_is_found_under_the_errors_that_wrap_it(explicit):
    inner = UnusableLesionError(Rule.FILLED, "what was found.", "what to do.")
    assert as_unusable_lesion(wrapped(inner, explicit), "a.png") is inner


def test_any_other_error_becomes_one_of_the_case_and_names_no_folder():
    error = as_unusable_lesion(PermissionError(13, "Permission denied", "/home/x/a.png"), "a.png")
    assert error.rule == "readable file"
    assert error.message == "a.png cannot be read (PermissionError: Permission denied)."
    assert pickle.loads(pickle.dumps(error)).message == error.message


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "could not convert string to float: 'Zweistein^Anna'",
            "could not convert string to float",
        ),
        ("received b'Zweistein' with length 9", "received"),
        ('couldn\'t parse origin "(Zweistein"', "couldn't parse origin"),
        ("'utf8' codec can't decode byte 0xff", None),
        ("x" * 500, "x" * 160),
    ],
)
def test_what_a_library_quotes_of_a_file_is_not_repeated(said, told):
    error = as_unusable_lesion(ValueError(said), "a.png")
    reason = "ValueError" if told is None else f"ValueError: {told}"
    assert error.message == f"a.png cannot be read ({reason})."


def test_a_message_is_one_line_whatever_a_file_is_called():
    error = as_unusable_lesion(ValueError("bad"), "a\nb\x1b[31m.png")
    assert str(error).isprintable()


def test_errors_that_cause_each_other_end_the_search():
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first
    assert as_unusable_lesion(first, "a.png").rule == "readable file"


def test_what_kedro_wraps_comes_out_of_the_nodes_readers(tmp_path):
    (tmp_path / "a.png").touch()
    folder = ImageFolderDataset(
        path=str(tmp_path), dataset="spl_kedro.datasets.image_folder.UltrasoundImageDataset"
    ).load()
    with pytest.raises(DatasetError):
        folder["a.png"]()
    with pytest.raises(UnusableLesionError, match=r"a\.png cannot be read"):
        case_readers(folder, Limits())["a.png"]()
