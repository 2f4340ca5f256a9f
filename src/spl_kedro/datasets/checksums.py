"""What a run wrote, known again by its checksum: of files, and of folders as a whole.

The checksum of ``table.parquet`` lies beside it in ``.checksums/table.parquet.sha256``; that of a
folder, with one line for each of its files, in ``.checksums/<folder>.files``. What has none was not
written by a run of this project, and is read as it is, but for pickles, which are refused. They are
kept on this machine's file systems alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from spl_kedro.errors import UnusableStudyError
from spl_kedro.store import beside_its_place, whole_file

log = logging.getLogger(__name__)

#: The folder of checksums, beside what they are of.
FOLDER = ".checksums"
_AGAIN = "Run the pipeline that makes it again; it replaces what is there."


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, as ``sha256sum`` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_file(path: Path) -> Path:
    return path.parent / FOLDER / f"{path.name}.sha256"


def _of_folder(folder: Path) -> Path:
    return folder.parent / FOLDER / f"{folder.name}.files"


@contextmanager
def with_checksum(path: Path) -> Iterator[Path]:
    """Write a file that appears whole or not at all, and keep its checksum.

    A run killed in between leaves the old file, or a whole file without a checksum.

    Parameters
    ----------
    path : Path

    Yields
    ------
    Path
        Where to write.
    """
    with beside_its_place(path) as temporary:
        yield temporary
        found = checksum(temporary)
        _of_file(path).unlink(missing_ok=True)
    with whole_file(_of_file(path)) as file:
        file.write(f"{found}\n".encode())


def fault_of(path: Path, *, required: bool = False) -> UnusableStudyError | None:
    """Return what is wrong with a file's content, or None.

    Parameters
    ----------
    path : Path
        Of a file that is there.
    required : bool
        Whether a file without a checksum is a fault.
    """
    kept = _of_file(path)
    if not kept.is_file():
        return _unknown(path) if required else None
    stated = kept.read_text(encoding="utf-8").strip()
    return None if checksum(path) == stated else _changed(path)


def check(path: Path, *, required: bool = False) -> None:
    """Refuse a file that is not what a run wrote.

    Raises
    ------
    UnusableStudyError
        Naming the file.
    """
    if path.is_file() and (fault := fault_of(path, required=required)):
        raise fault


def mark_unfinished(folder: Path) -> None:
    """Let a folder be refused until it is written again."""
    with whole_file(_of_folder(folder)) as file:
        file.write(b"null\n")


def is_unfinished(folder: Path) -> bool:
    """Return whether the writing of a folder was cut short."""
    kept = _of_folder(folder)
    return kept.is_file() and json.loads(kept.read_text(encoding="utf-8")) is None


def refuse_unfinished(folder: Path) -> None:
    """Refuse a folder whose writing was cut short.

    Raises
    ------
    UnusableStudyError
        Naming the folder.
    """
    if is_unfinished(folder):
        raise _unfinished(folder)


def kept_for(place: Path) -> tuple[Path, Path]:
    """Return where the checksums of a file, and those of a folder, lie or would lie."""
    return _of_file(place), _of_folder(place)


@contextmanager
def whole_folder(folder: Path, pattern: str = "*", *, checksums: bool = True) -> Iterator[None]:
    """Write a folder that is refused as long as it is not whole.

    Parameters
    ----------
    folder : Path
    pattern : str
        Which files are the folder's; others may lie there too.
    checksums : bool
        Whether the checksums of its files are kept, as of what nobody but a run is to change.
    """
    kept = _of_folder(folder)
    mark_unfinished(folder)
    yield
    if checksums:
        found = {
            path.relative_to(folder).as_posix(): checksum(path) for path in _files(folder, pattern)
        }
        with whole_file(kept) as file:
            file.write((json.dumps(found, indent=0) + "\n").encode())
    else:
        kept.unlink()


def checksums_of(folder: Path, pattern: str = "*") -> Mapping[str, str] | None:
    """Return the checksum of each file of a folder, or None where none are kept.

    Raises
    ------
    UnusableStudyError
        Where the writing of the folder was cut short, or a file is missing or too many.
    """
    kept = _of_folder(folder)
    if not kept.is_file():
        return None
    stated: dict[str, str] | None = json.loads(kept.read_text(encoding="utf-8"))
    if stated is None:
        raise _unfinished(folder)
    there = {path.relative_to(folder).as_posix() for path in _files(folder, pattern)}
    for word, names in (("lacks", set(stated) - there), ("has besides", there - set(stated))):
        if names:
            raise UnusableStudyError(
                "a folder as the run wrote it",
                f"the folder '{folder.name}' {word} {len(names)} files, such as '{min(names)}'.",
                _AGAIN,
            )
    return stated


def check_against(path: Path, stated: str) -> None:
    """Refuse a file whose checksum is another.

    Raises
    ------
    UnusableStudyError
        Naming the file.
    """
    if checksum(path) != stated:
        raise _changed(path)


def _files(folder: Path, pattern: str) -> list[Path]:
    """Files of a folder, without those of the system and of killed runs, which have a dot."""
    return sorted(
        path
        for path in folder.rglob(pattern)
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )


def _changed(path: Path) -> UnusableStudyError:
    return UnusableStudyError(
        "a file as the run wrote it",
        f"'{path.parent.name}/{path.name}' was changed or damaged since: its checksum differs.",
        _AGAIN,
    )


def _unfinished(folder: Path) -> UnusableStudyError:
    return UnusableStudyError(
        "a folder that was written to its end",
        f"the run that wrote the folder '{folder.name}' was interrupted.",
        _AGAIN,
    )


def _unknown(path: Path) -> UnusableStudyError:
    return UnusableStudyError(
        "pickles that a run of this project wrote",
        f"'{path.parent.name}/{path.name}' has no checksum; opening a pickle runs what is in it.",
        _AGAIN,
    )
