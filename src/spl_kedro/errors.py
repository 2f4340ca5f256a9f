"""The error of a study that cannot begin or go on, in words for the person who started it."""

from __future__ import annotations


class UnusableStudyError(ValueError):
    """A fault of the whole study (its table, its parameters), where no single case can be left out.

    A run that meets one ends with one line, see :mod:`spl_kedro.faults`; a fault of a single
    case is an :class:`spl_kedro.imaging.UnusableCaseError` instead.

    Parameters
    ----------
    rule : str
        What must hold, such as ``"one name a column"``.
    message : str
        What was found, naming the file or the parameter.
    remedy : str
        What the user can do about it.
    """

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(f"{rule}: {message} Remedy: {remedy}")
        self.rule = rule
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple:
        """Travel between processes whole: an exception is pickled by its arguments."""
        return type(self), (self.rule, self.message, self.remedy)
