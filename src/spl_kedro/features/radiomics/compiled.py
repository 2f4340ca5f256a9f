"""Compile for this processor: once, and again when the engine's source changes.

numba keeps what it compiles on disk until the function's own file changes. It does not see that a
function called from there, in another file, has changed, and would go on running the old one. So
the name it keeps a function under ends in a digest of all the engine's files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable)


def digest_of_sources(folder: Path) -> str:
    """Digest of the Python files of a folder and its subfolders.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.py")):
        digest.update(file.relative_to(folder).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


_DIGEST = digest_of_sources(Path(__file__).parent)


def compiled(function: Function) -> Function:
    """Compile a function when it is first called, and keep the result on disk.

    It runs without Python's global lock. Division by zero gives infinity or NaN, as in NumPy.

    Parameters
    ----------
    function : callable

    Returns
    -------
    callable
    """
    function.__qualname__ = f"{function.__qualname__}_{_DIGEST}"
    return cast(Function, numba.njit(cache=True, nogil=True, error_model="numpy")(function))
