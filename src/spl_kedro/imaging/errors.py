"""What is wrong with a case, in the words the findings table needs."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import NamedTuple

from spl_kedro.errors import MendableError
from spl_kedro.rules import ActionTaken, Rule

#: Characters of a library's words that are repeated.
_LONGEST_REASON = 160


class CaseWarning(NamedTuple):
    """A case that is measured although something about it looks wrong.

    Attributes
    ----------
    rule : str
        Short name of what is expected, such as ``"an outline inside the scanned sector"``.
    message : str
        What was found.
    remedy : str
        What the user can do about it.
    action : str
        What was done about it, of :class:`spl_kedro.rules.ActionTaken`.
    """

    rule: str
    message: str
    remedy: str
    action: str = ActionTaken.FLAGGED


class UnusableLesionError(MendableError):
    """One lesion breaks a rule; the cohort goes on without it.

    Parameters
    ----------
    rule : Rule
        What must hold.
    message : str
        What was found, naming the file, the value or the parameter.
    remedy : str, optional
        What the user can do about it, where more is known than the rule's own remedy says.
    """

    def __init__(self, rule: Rule, message: str, remedy: str | None = None) -> None:
        super().__init__(rule, message, rule.remedy if remedy is None else remedy)


def as_unusable_lesion(error: BaseException, file: str | PurePath) -> UnusableLesionError:
    """Return the error of a case, whatever layer raised it and however it was wrapped.

    Parameters
    ----------
    error : BaseException
        What reading the file raised.
    file : str or Path
        The file that was read; only its name is told, since its folders may identify a patient.

    Returns
    -------
    UnusableLesionError
        The first one among the error and its causes, else a new one with the rule
        ``"readable file"``.
    """
    seen = [error]
    while (cause := seen[-1].__cause__ or seen[-1].__context__) is not None and cause not in seen:
        seen.append(cause)
    for link in seen:
        if isinstance(link, UnusableLesionError):
            return link
    name, first = PurePath(file).name, seen[-1]
    # What the system says of a file names its folder beside the reason.
    reason = first.strerror if isinstance(first, OSError) and first.strerror else str(first)
    # An address in memory tells nobody anything, and is another one each time.
    reason = re.sub(r"<_io\.BytesIO object at \w+>|\(0x\w+\)", "", reason)
    # SimpleITK says where in its source it was met.
    reason = re.sub(r"Exception thrown in SimpleITK.*?ERROR: ", "", reason, flags=re.DOTALL)
    words = _unquoted(" ".join(reason.replace(str(file), name).split()))
    kind = type(first).__name__
    return UnusableLesionError(
        Rule.READABLE,
        f"{name} cannot be read ({kind}: {words})."
        if words
        else f"{name} cannot be read ({kind}).",
    )


def _unquoted(words: str) -> str:
    """Return what a library says up to its first quotation: it may quote what names a patient."""
    before = re.split(r"""(?<!\w)[bur]?['"`]""", words, maxsplit=1)[0]
    return before[:_LONGEST_REASON].rstrip(" :;,.([{<=")
