"""What ends a run with one line, and what keeps its traceback."""

import errno
import sqlite3

import pytest
from kedro.io import DatasetError
from kedro.validation.exceptions import ParameterValidationError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.faults import one_line

OURS = UnusableStudyError("a table", "the file\nis empty.", "Export it again.")


def raised(error, cause=None, context=None):
    """Return an error as Python leaves it when it is raised from, or while handling, another."""
    try:
        if context is not None:
            try:
                raise context
            except type(context):
                raise error from cause
        raise error from cause
    except type(error) as found:
        return found


def test_our_own_fault_is_found_however_deep_it_was_wrapped():
    line = "a table: the file is empty. Remedy: Export it again."
    assert one_line(OURS) == line
    assert one_line(raised(DatasetError("Failed while loading"), cause=OURS)) == line
    # As the configuration loader does: the cause is suppressed, the context is left.
    assert one_line(raised(RuntimeError("interpolation"), context=OURS)) == line


def test_an_error_of_the_file_system_names_file_and_remedy():
    full = OSError(errno.ENOSPC, "No space left on device", "/data/lesions")
    line = one_line(raised(DatasetError("Failed while saving"), cause=full))
    assert line == (
        "file system: '/data/lesions' No space left on device. Remedy: Free space on the disk."
    )


@pytest.mark.parametrize(
    "words", ["database or disk is full", "attempt to write a readonly database"]
)
def test_a_full_or_read_only_disk_is_one_line_whatever_failed_after_it(words):
    # As a run ends whose MLflow run can no longer be closed.
    full = OSError(errno.ENOSPC, "No space left on device", "/data/lesions")
    assert "'/data/lesions' No space" in one_line(raised(RuntimeError("mlflow"), context=full))
    database = raised(RuntimeError("sqlalchemy"), cause=sqlite3.OperationalError(words))
    line = one_line(raised(TypeError("mlflow"), context=database))
    assert line.startswith(f"file system: MLflow's database: {words}. Remedy: ")
    assert one_line(sqlite3.OperationalError("no such table")) is None


def test_refused_parameters_are_one_line_without_technical_notes():
    told = one_line(
        ParameterValidationError(
            "Parameter validation failed:\n- Parameter 'radiomics': unknown key 'prest' "
            "[type=value_error, input_value={'a': ['b']}, input_type=dict]"
        )
    )
    assert told.startswith("Parameter validation failed: - Parameter 'radiomics': unknown key")
    assert "input_value" not in told
    assert "Remedy: " in told


@pytest.mark.parametrize(
    "bug",
    [
        KeyError("age"),
        DatasetError("no cause"),
        # A bug met while another fault was dealt with must not hide behind it.
        raised(TypeError("a bug"), context=FileNotFoundError(errno.ENOENT, "none", "x")),
    ],
)
def test_a_bug_keeps_its_traceback(bug):
    assert one_line(bug) is None


def test_a_fault_travels_between_processes_whole():
    import pickle

    copy = pickle.loads(pickle.dumps(OURS))
    assert (copy.rule, copy.message, copy.remedy) == (OURS.rule, OURS.message, OURS.remedy)
