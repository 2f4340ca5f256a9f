"""A file on any file system that fsspec knows: a disk, a bucket, the memory of a test."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any


class StoredFile:
    """A file by its path or address.

    Credentials of a remote file system are those that fsspec finds in its configuration or in the
    environment.

    Parameters
    ----------
    filepath : str
        A path of this machine, or an address such as ``s3://bucket/study/lesion.npz``.

    Examples
    --------
    >>> file = StoredFile("memory://study/notes.txt")
    >>> file.write(b"twelve lesions")
    >>> file.name, file.exists(), file.read()
    ('notes.txt', True, b'twelve lesions')
    """

    def __init__(self, filepath: str) -> None:
        self.filepath = filepath

    @property
    def name(self) -> str:
        """The file's name, without folders."""
        return PurePosixPath(self.filepath).name

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return PurePosixPath(self.filepath).stem

    def exists(self) -> bool:
        """Return whether the file is there."""
        files, path = self._place()
        return files.isfile(path)

    def read(self) -> bytes:
        """Return the file's content."""
        with self.here() as path:
            return path.read_bytes()

    def write(self, content: bytes) -> None:
        """Write the file, making its folder."""
        files, path = self._place()
        files.makedirs(files._parent(path), exist_ok=True)
        with files.open(path, "wb") as file:
            file.write(content)

    def append(self, content: bytes) -> None:
        """Add to the end of the file, making it and its folder where they are not there."""
        files, path = self._place()
        files.makedirs(files._parent(path), exist_ok=True)
        with files.open(path, "ab") as file:
            file.write(content)

    def remove(self) -> None:
        """Delete the file."""
        files, path = self._place()
        files.rm_file(path)

    @contextmanager
    def writing(self) -> Iterator[BytesIO]:
        """Collect what a library writes; the file is written when the block ends."""
        buffer = BytesIO()
        yield buffer
        self.write(buffer.getvalue())

    @contextmanager
    def here(self) -> Iterator[Path]:
        """Give a path of this machine: the file's own, or that of a copy, for the block alone.

        Raises
        ------
        FileNotFoundError
            Where a file that is to be copied is not there.
        """
        files, path = self._place()
        if "file" in _protocols(files):
            yield Path(path)
            return
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / self.name
            try:
                copy.write_bytes(files.cat_file(path))
            except FileNotFoundError as error:
                words = os.strerror(errno.ENOENT)
                raise FileNotFoundError(errno.ENOENT, words, self.filepath) from error
            yield copy

    def _place(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs

        files, path = url_to_fs(self.filepath)
        return files, path


def _protocols(files: Any) -> tuple[str, ...]:
    return (files.protocol,) if isinstance(files.protocol, str) else tuple(files.protocol)
