"""Faults a user can mend end a run with one line; everything else with its traceback."""

from __future__ import annotations

import errno
import logging
import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from types import TracebackType

from kedro.validation.exceptions import ParameterValidationError
from pydantic import ValidationError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.mistakes import mistake

#: Set to show the traceback of these faults too.
DEBUG = "SPL_KEDRO_TRACEBACK"
_VALIDATOR = "kedro.validation.parameter_validator"
_LOGGERS = (
    _VALIDATOR,
    "kedro.pipeline.node",
    "kedro.runner.sequential_runner",
    "kedro.runner.thread_runner",
    "kedro.runner.parallel_runner",
    "mlflow.store.db.utils",
    "mlflow.system_metrics.system_metrics_monitor",
)
_REMEDIES = {
    errno.ENOSPC: "Free space on the disk.",
    errno.EDQUOT: "Free space within your quota.",
    errno.EACCES: "Correct the permissions.",
    errno.EPERM: "Correct the permissions.",
    errno.EROFS: "Use a folder that can be written to.",
    errno.ENOENT: "Put the file there, correct its path, or run the pipeline that makes it.",
    errno.ENOTDIR: "Correct the path.",
    errno.EISDIR: "Correct the path.",
    errno.ENAMETOOLONG: "Shorten the name.",
}

# What SQLite says of a full disk and of a folder that cannot be written to.
_DATABASE = {
    "disk is full": _REMEDIES[errno.ENOSPC],
    "disk I/O error": "Free space on the disk, or check it.",
    "readonly database": _REMEDIES[errno.EROFS],
    "unable to open database file": _REMEDIES[errno.EROFS],
}


def one_line(error: BaseException | None) -> str | None:
    """Return a fault in one line, or None where it is none of data, configuration or disk.

    Kedro and the configuration loader wrap what they meet, so the causes are searched too.

    Parameters
    ----------
    error : exception or None

    Returns
    -------
    str or None
    """
    # A context may be a fault that was dealt with before the real one: only our own error counts.
    for link in _chain(error, contexts=True):
        if isinstance(link, UnusableStudyError):
            return " ".join(str(link).split())
    for link in _chain(error, contexts=True):
        if _is_the_disks(link):
            return " ".join(_words(link).split())
    for link in _chain(error, contexts=False):
        if isinstance(link, ParameterValidationError | ValidationError | OSError):
            return " ".join(_words(link).split())
        if (made := mistake(link)) is not None:
            return " ".join(str(made).split())
    return None


def _is_the_disks(error: BaseException) -> bool:
    """Return whether a disk took no more: what fails after it is no fault of its own."""
    if isinstance(error, sqlite3.OperationalError):
        return any(words in str(error) for words in _DATABASE)
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def _chain(error: BaseException | None, *, contexts: bool) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (error.__context__ if contexts else None)


def _words(error: BaseException) -> str:
    if isinstance(error, ParameterValidationError | ValidationError):
        # Without pydantic's technical notes, which repeat the whole value.
        told = re.sub(r"\[type=.*?, input_type=\w+\]|For further information visit \S+", "",
                      str(error))  # fmt: skip
        return f"{told} Remedy: correct the value in the environment's parameters or in --params."
    if isinstance(error, sqlite3.OperationalError):
        remedy = next(remedy for words, remedy in _DATABASE.items() if words in str(error))
        return f"file system: MLflow's database: {error}. Remedy: {remedy}"
    if isinstance(error, OSError) and error.errno is not None:
        where = f" '{error.filename}'" if error.filename else ""
        remedy = _REMEDIES.get(error.errno, "Check the disk and the path.")
        return f"file system:{where} {error.strerror}. Remedy: {remedy}"
    if isinstance(error, FileNotFoundError):  # as fsspec raises it: the path alone
        return f"file system: there is no '{error}'. Remedy: {_REMEDIES[errno.ENOENT]}"
    return str(error)


def _told(error: BaseException | None) -> bool:
    return not os.environ.get(DEBUG) and one_line(error) is not None


class WithoutRepetition(logging.Filter):
    """Drop what Kedro and MLflow log of a fault that ends the run with one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is shown."""
        if record.name == _VALIDATOR:  # it logs what it raises next
            return bool(os.environ.get(DEBUG)) or record.levelno < logging.ERROR
        return not _told(sys.exc_info()[1])


def install() -> None:
    """Show faults in one line at the end of a command, and only there."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(WithoutRepetition())
    previous = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if _told(error):
            print(f"Error: {one_line(error)}", file=sys.stderr)
        else:
            previous(kind, error, trace)

    sys.excepthook = show
