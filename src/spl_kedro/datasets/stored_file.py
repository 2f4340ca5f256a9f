"""A file on any file system that fsspec knows: a disk, a bucket, the memory of a test."""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePath, PurePosixPath
from typing import IO, Any

from kedro.io.core import get_filepath_str

from spl_kedro.datasets.checksums import check, fault_of, with_checksum
from spl_kedro.store import beside_its_place

log = logging.getLogger(__name__)


class StoredFile:
    """A file by its path or address.

    Credentials of a remote file system are those that fsspec finds in its configuration or in the
    environment.

    Parameters
    ----------
    filepath : str
        A path of this machine, or an address such as ``s3://bucket/study/lesion.npz``.
    checksum : bool
        Whether the file's checksum is kept when it is written, and must hold when it is read.

    Notes
    -----
    On this machine's file systems a file is written beside its place and renamed: a killed run
    leaves the old file or the new one, whole.

    Examples
    --------
    >>> file = StoredFile("memory://study/notes.txt")
    >>> file.write(b"twelve lesions")
    >>> file.name, file.exists(), file.read()
    ('notes.txt', True, b'twelve lesions')
    """

    def __init__(self, filepath: str, *, checksum: bool = False) -> None:
        self.filepath = filepath
        self._checksum = checksum

    @classmethod
    def of_dataset(cls, path: PurePath, protocol: str) -> StoredFile:
        """Return the file of a dataset of Kedro's, which keeps path and protocol apart.

        Parameters
        ----------
        path : PurePath
            As `_get_save_path` or `_get_load_path` give it: without protocol.
        protocol : str
            Of fsspec, such as ``file`` or ``s3``.

        Examples
        --------
        >>> StoredFile.of_dataset(PurePosixPath("bucket/roc.png"), "s3").filepath
        's3://bucket/roc.png'
        """
        known = get_filepath_str(path, protocol)
        return cls(known if protocol == "file" or "://" in known else f"{protocol}://{known}")

    @property
    def name(self) -> str:
        """The file's name, without folders."""
        return PurePosixPath(self.filepath).name

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return PurePosixPath(self.filepath).stem

    @property
    def local_path(self) -> Path | None:
        """The file on this machine, or None where it lies on another."""
        files, path = self._place()
        return Path(path) if is_local(files) else None

    def exists(self) -> bool:
        """Return whether the file is there."""
        files, path = self._place()
        return files.isfile(path)

    def sound(self) -> bool:
        """Return whether the file is there and is what was written; say where it is not."""
        files, path = self._place()
        if not files.isfile(path):
            return False
        fault = fault_of(Path(path)) if self._checksum and is_local(files) else None
        if fault is not None:
            log.warning("%s It counts as missing.", fault)
        return fault is None

    def read(self) -> bytes:
        """Return the file's content."""
        with self.here() as path:
            return path.read_bytes()

    def write(self, content: bytes) -> None:
        """Write the file, making its folder."""
        with self.writing() as file:
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
    def writing(self) -> Iterator[IO[bytes]]:
        """Give a file for a library to write to; it has its name when the block ends."""
        files, path = self._place()
        if not is_local(files):
            buffer = BytesIO()
            yield buffer
            files.makedirs(files._parent(path), exist_ok=True)
            with files.open(path, "wb") as there:
                there.write(buffer.getvalue())
            return
        place = with_checksum if self._checksum else beside_its_place
        with place(Path(path)) as temporary, temporary.open("xb") as file:
            yield file

    @contextmanager
    def here(self) -> Iterator[Path]:
        """Give a path of this machine: the file's own, or that of a copy, for the block alone.

        Raises
        ------
        FileNotFoundError
            Where a file that is to be copied is not there.
        """
        files, path = self._place()
        if is_local(files):
            if self._checksum:
                check(Path(path))
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


def is_local(files: Any) -> bool:
    """Return whether a file system of fsspec is this machine's."""
    known = files.protocol
    return "file" in ((known,) if isinstance(known, str) else known)
