"""Finished pieces of work on disk, so that an interrupted run resumes and serves nothing stale.

An entry is named by a hash of everything it depends on: changing any of it names another file.
Files are written beside their place and renamed, so a killed run leaves a whole entry or none; a
checksum guards against the rest.

Run as ``python -m spl_kedro.store --report`` or ``--clean``.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel

#: Folder of all stores, in the project.
FOLDER = ".cache"
_SUFFIX = ".entry"
_PART = ".part"


def content_key(*parts: Any) -> str:
    """Return a hash of values: another one for any difference in type, shape or content.

    Parameters
    ----------
    *parts : ndarray, DataFrame, pydantic model, str, bytes, number, None, or tuple or list of these

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    TypeError
        For a value of another type, whose text need not say all it holds.

    Examples
    --------
    >>> content_key(np.zeros(3), "a") == content_key(np.zeros(3), "a")
    True
    >>> content_key("ab", "c") == content_key("a", "bc")
    False
    """
    digest = hashlib.sha256()
    for part in parts:
        kind, content = _as_bytes(part)
        digest.update(f"{kind} {len(content)} ".encode())
        digest.update(content)
    return digest.hexdigest()


def _as_bytes(part: Any) -> tuple[str, Any]:
    if isinstance(part, np.ndarray):
        if part.dtype.hasobject:
            raise TypeError("an array of objects has no content of its own to hash")
        array = np.ascontiguousarray(part)
        return f"array {part.dtype.str} {part.shape}", array.reshape(-1).view(np.uint8).data
    if isinstance(part, pd.DataFrame):
        names = repr((part.index.name, list(part.columns), [str(t) for t in part.dtypes]))
        return f"table {names}", pd.util.hash_pandas_object(part).to_numpy().tobytes()
    if isinstance(part, BaseModel):
        return type(part).__name__, part.model_dump_json().encode()
    if isinstance(part, bytes):
        return "bytes", part
    if isinstance(part, tuple | list):
        return "several", content_key(*part).encode()
    if part is None or isinstance(part, str | bool | int | float):
        return type(part).__name__, repr(part).encode()
    raise TypeError(f"a {type(part).__name__} cannot be part of a key")


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that appears whole or not at all.

    Parameters
    ----------
    path : Path
        Where it appears when the block ends without an error; its folder is made.

    Yields
    ------
    file object
        A file beside its place, open for binary writing.
    """
    with beside_its_place(path) as temporary, temporary.open("xb") as file:
        yield file


@contextmanager
def beside_its_place(path: Path) -> Iterator[Path]:
    """Give a name to write a file under, which gets its own name when it is whole.

    Parameters
    ----------
    path : Path
        Where the file appears when the block ends without an error; its folder is made.

    Yields
    ------
    Path
        In the same folder; its suffix is that of what a killed run leaves.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{uuid.uuid4().hex}{_PART}")
    try:
        yield temporary
        os.replace(temporary, path)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno and error.filename in (None, str(temporary)):
            error.filename = str(path)
        raise


def remove_parts(folder: Path) -> int:
    """Delete what killed runs left half written under a folder, and return how many files.

    To be called while nobody else writes there.
    """
    left = [
        Path(place) / name
        for place, _, names in os.walk(folder)
        for name in names
        if name.startswith(".") and name.endswith(_PART)
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


@dataclass(frozen=True)
class ContentStore:
    """Entries under one folder.

    Parameters
    ----------
    directory : str or None
        Folder; made when the first entry is stored. None stores nothing.
    """

    directory: str | None

    def _path(self, key: str) -> Path:
        return Path(self.directory or "") / key[:2] / (key + _SUFFIX)

    def load(self, key: str) -> bytes | None:
        """Read an entry, or None where there is no whole one.

        Parameters
        ----------
        key : str
            From :func:`content_key`.
        """
        if self.directory is None:
            return None
        try:
            stored = self._path(key).read_bytes()
        except OSError:
            return None
        checksum, content = stored[:32], stored[32:]
        return content if hashlib.sha256(content).digest() == checksum else None

    def save(self, key: str, content: bytes) -> None:
        """Keep an entry; a reader at the same time sees all of it or nothing.

        Parameters
        ----------
        key : str
            From :func:`content_key`.
        content : bytes
        """
        if self.directory is None:
            return
        with whole_file(self._path(key)) as file:
            file.write(hashlib.sha256(content).digest())
            file.write(content)

    def holds(self, key: str) -> bool:
        """Return whether there is an entry, without reading whether it is whole."""
        return self.directory is not None and self._path(key).is_file()

    def discard(self, key: str) -> None:
        """Remove an entry, if it is there."""
        if self.directory is not None:
            self._path(key).unlink(missing_ok=True)

    def report(self) -> str:
        """One line: how many entries are kept and how much room they take."""
        files = list(_files(self.directory))
        whole = sum(file.suffix == _SUFFIX for file in files)
        size = sum(file.stat().st_size for file in files)
        return f"{self.directory}: {whole} entries, {size / 1e6:.1f} MB"

    def clean(self) -> str:
        """Delete every entry and say what went.

        Only files a store wrote are touched; a folder goes when nothing else is in it.
        """
        said = self.report()
        for file in list(_files(self.directory)):
            file.unlink(missing_ok=True)
        if self.directory is not None:
            root = Path(self.directory)
            for folder in (*root.glob("[0-9a-f][0-9a-f]"), root):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
        return f"deleted {said}"


def _files(directory: str | None) -> Iterator[Path]:
    """Entries under a folder, and what a killed run left of one."""
    if directory is not None:
        for suffix in (_SUFFIX, _PART):
            yield from Path(directory).glob(f"[0-9a-f][0-9a-f]/*{suffix}")


def project_folder() -> Path:
    """Folder of the stores of the project round the working directory, else round this file.

    Returns
    -------
    Path
        Relative to the working directory where neither lies in a Kedro project.
    """
    here = Path.cwd()
    for folder in (here, *here.parents, *Path(__file__).parents):
        project = folder / "pyproject.toml"
        if project.is_file() and "[tool.kedro]" in project.read_text(encoding="utf-8"):
            return folder / FOLDER
    return Path(FOLDER)


def main(arguments: list[str] | None = None) -> None:
    """Report or clean all stores of a project.

    Parameters
    ----------
    arguments : list of str, optional
        In the place of the command line's.
    """
    parser = argparse.ArgumentParser(prog="python -m spl_kedro.store", description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--report", action="store_true", help="say how large the stores are")
    action.add_argument("--clean", action="store_true", help="delete their entries")
    default = project_folder()
    parser.add_argument(
        "--directory", default=str(default), help=f"the folder they lie in (default {default})"
    )
    options = parser.parse_args(arguments)
    folder = Path(options.directory)
    found = sorted(path for path in folder.glob("*") if path.is_dir()) if folder.is_dir() else []
    for path in found:
        store = ContentStore(str(path))
        print(store.clean() if options.clean else store.report())
    if not found:
        print(f"{folder}: no entries")


if __name__ == "__main__":
    main()
