"""Clips: DICOM files of several frames, of which one is read at a time.

Frames are counted from 1, as DICOM counts them (PS3.3, 10.3: Referenced Frame Number).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule

#: What a person can do about a clip of which no frame is told.
TELL_THE_FRAME = (
    "State the outlined frame in the table (data_processing.columns.frame, counted from 1), name "
    "the outline after it (7_f012.png, data_processing.files.frame), outline it in DICOM SEG, or "
    "in a file with a slice for each frame; or export the one frame that was outlined."
)
_frame: ContextVar[int | None] = ContextVar("frame", default=None)


class ClipError(UnusableLesionError):
    """A clip was read without saying which frame; none was decoded.

    Parameters
    ----------
    name : str
        The file.
    frames : int
        How many it holds.
    instance : str
        Which DICOM image it is, see :func:`.dicom_files.instance_of`.
    """

    def __init__(self, name: str, frames: int, instance: str) -> None:
        super().__init__(Rule.SINGLE_FRAME, f"{name} holds {frames} frames.", TELL_THE_FRAME)
        self.name = name
        self.frames = frames
        self.instance = instance

    def __reduce__(self) -> tuple:
        """Travel between processes whole."""
        return type(self), (self.name, self.frames, self.instance)


def chosen_frame() -> int | None:
    """Return the frame that is to be read here: that of the nearest :func:`at_frame`, or None."""
    return _frame.get()


@contextmanager
def at_frame(number: int | None) -> Iterator[None]:
    """Let one frame of every clip be read in a block, in this thread.

    Parameters
    ----------
    number : int or None
        From 1. None: a clip is refused.

    Examples
    --------
    >>> with at_frame(12):
    ...     chosen_frame()
    12
    """
    before = _frame.set(number)
    try:
        yield
    finally:
        _frame.reset(before)


def check_frame(name: str, number: int, frames: int) -> None:
    """Raise if a file does not have the frame that is to be read.

    Parameters
    ----------
    name : str
        The file.
    number : int
        From 1.
    frames : int
        How many it holds.

    Raises
    ------
    UnusableLesionError
    """
    if not 1 <= number <= frames:
        held = f"{frames} frames" if frames > 1 else "one frame"
        raise UnusableLesionError(
            Rule.FRAME, f"{name} holds {held}, and frame {number} is asked for."
        )
