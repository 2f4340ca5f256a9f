"""The errors of data a person can mend, each with its rule, what was found and the remedy."""

from __future__ import annotations

#: Characters of a message; the names of a hundred columns fit.
_LONGEST = 2000


def _line(text: str) -> str:
    """Return a text on one line: names of files and columns may hold line breaks and escapes."""
    if text.isprintable() and len(text) <= _LONGEST:
        return text
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."


class MendableError(ValueError):
    """A fault in words for the person who can mend it.

    Parameters
    ----------
    rule : str
        What must hold, such as ``"one name a column"``.
    message : str
        What was found, naming the file, the value or the parameter.
    remedy : str
        What the user can do about it.
    """

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        rule, message, remedy = (_line(text) for text in (rule, message, remedy))
        super().__init__(f"{rule}: {message} Remedy: {remedy}")
        self.rule = rule
        self.message = message
        self.remedy = remedy

    def __reduce__(self) -> tuple:
        """Travel between processes whole: an exception is pickled by its arguments."""
        return type(self), (self.rule, self.message, self.remedy)


class UnusableStudyError(MendableError):
    """A fault of the whole study (its table, its parameters), where no single case can be left out.

    A run that meets one ends with one line, see :mod:`spl_kedro.faults`; a fault of a single
    case is an :class:`spl_kedro.imaging.UnusableLesionError` instead.
    """
