"""Faults a user can mend end a run with one line; everything else with its traceback."""

from __future__ import annotations

import errno
import logging
import os
import sys
from collections.abc import Iterator
from types import TracebackType

from pydantic import ValidationError

from spl_kedro.errors import UnusableStudyError

#: Set to show the traceback of these faults too.
DEBUG = "SPL_KEDRO_TRACEBACK"
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


def one_line(error: BaseException | None) -> str | None:
    """Return a fault in one line, or None where it is no fault of data, parameters or disk.

    Kedro and the configuration loader wrap what they meet, so the causes are searched too.

    Parameters
    ----------
    error : exception or None

    Returns
    -------
    str or None
    """
    chain = list(_causes(error))
    for kind in (UnusableStudyError, ValidationError, OSError):
        for link in chain:
            if isinstance(link, kind):
                return " ".join(_words(link).split())
    return None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _words(error: BaseException) -> str:
    if isinstance(error, ValidationError):
        lines = [
            f"{'.'.join(map(str, line['loc']))}: {line['msg']}" if line["loc"] else line["msg"]
            for line in error.errors(include_url=False)
        ]
        return (
            f"parameters ({error.title}): {'; '.join(lines)}. "
            "Remedy: correct the value in the parameters of the environment, or in --params."
        )
    if isinstance(error, OSError) and error.errno is not None:
        where = f" '{error.filename}'" if error.filename else ""
        remedy = _REMEDIES.get(error.errno, "Check the disk and the path.")
        return f"file system:{where} {error.strerror}. Remedy: {remedy}"
    return str(error)


def _told(error: BaseException | None) -> bool:
    return not os.environ.get(DEBUG) and one_line(error) is not None


class WithoutRepetition(logging.Filter):
    """Drop what Kedro logs while a fault passes that ends the run with one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is shown."""
        return not _told(sys.exc_info()[1])


def install() -> None:
    """Show faults in one line at the end of a command, and only there."""
    for name in ("kedro.pipeline.node", *(f"kedro.runner.{kind}_runner" for kind in
                                          ("sequential", "thread", "parallel"))):  # fmt: skip
        logging.getLogger(name).addFilter(WithoutRepetition())
    previous = sys.excepthook

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if _told(error):
            print(f"Error: {one_line(error)}", file=sys.stderr)
        else:
            previous(kind, error, trace)

    sys.excepthook = show
