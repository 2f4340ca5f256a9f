"""Calls in the processes that decode files; how one ended is the error of a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from spl_kedro.guarded import EndedError, guarded
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule

Result = TypeVar("Result")


def decoded(name: str, function: Callable[..., Result], *given: object, **named: object) -> Result:
    """Call a function of a file in a process of its own, see :func:`spl_kedro.guarded.guarded`.

    Parameters
    ----------
    name : str
        What messages call the file.
    function : function
    *given, **named
        Its arguments.

    Raises
    ------
    UnusableLesionError
        If it did not return within the limits, or what it raises.
    """
    try:
        return guarded(function, *given, **named)
    except EndedError as error:
        raise UnusableLesionError(Rule.DECODED, f"{name} {error.what}.") from error
