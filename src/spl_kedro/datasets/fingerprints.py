"""What a stored dataset holds, in one short text: its kept checksum, or that of what is read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from spl_kedro.datasets import checksums
from spl_kedro.datasets.folder import FolderDataset
from spl_kedro.datasets.sources import SourcesDataset
from spl_kedro.datasets.stored_file import StoredFile


def place_of(dataset: Any) -> Path | None:
    """Return the file or folder of a dataset on this machine, or None where it has none.

    Parameters
    ----------
    dataset : AbstractDataset
    """
    if isinstance(dataset, FolderDataset):
        return dataset.local_path
    file = getattr(dataset, "_file", None)
    if isinstance(file, StoredFile):
        return file.local_path
    if getattr(dataset, "_protocol", None) == "file" and hasattr(dataset, "_filepath"):
        return Path(dataset._filepath)
    return None


def has_checksum(place: Path) -> bool:
    """Return whether a run kept the checksum of what lies there."""
    return any(kept.is_file() for kept in checksums.kept_for(place))


def fingerprint(dataset: Any) -> str | None:
    """Return a checksum of all that a dataset holds, or None where it is absent or elsewhere.

    Neither times nor sizes of files count.

    Parameters
    ----------
    dataset : AbstractDataset
    """
    if isinstance(dataset, SourcesDataset):
        parts = [fingerprint(part) for part in dataset.parts()]
        return None if None in parts else _hash("\n".join(str(part) for part in parts))
    place = place_of(dataset)
    if place is None or not place.exists():
        return None
    for kept in checksums.kept_for(place):
        if kept.is_file():
            return _hash(kept.read_text(encoding="utf-8"))
    if place.is_file():
        return checksums.checksum(place)
    files = sorted(path for path in place.rglob("*") if path.is_file())
    lines = (f"{path.relative_to(place).as_posix()} {checksums.checksum(path)}" for path in files)
    return _hash("\n".join(lines))


def forget(place: Path) -> None:
    """Let a file or folder count as missing: it is about to be made again."""
    if place.is_dir():
        checksums.mark_unfinished(place)
    else:
        place.unlink(missing_ok=True)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
