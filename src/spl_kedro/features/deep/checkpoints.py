"""Where an interrupted training goes on from."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.serialization import get_crc32_options, set_crc32_options

from spl_kedro import store
from spl_kedro.features.deep.settings import DeepSettings

# Where to work, and what happens after training. Who belongs to which fold is an array of the key.
_WITHOUT_EFFECT = {
    "checkpoints", "folds", "nested", "unseen_embedding", "alignment", "components",
}  # fmt: skip


def content_key(settings: DeepSettings, *arrays: np.ndarray) -> str:
    """Return a key that changes with anything the networks depend on.

    Covers the settings that training follows, the content of a weights file, the arrays and
    PyTorch's version.
    """
    weights = Path(settings.weights)
    own = settings.weights not in ("none", "imagenet") and weights.is_file()
    content = hashlib.sha256(weights.read_bytes()).hexdigest() if own else None
    followed = json.dumps(settings.model_dump(exclude=_WITHOUT_EFFECT))
    return store.content_key(torch.__version__, followed, content, *arrays)[:24]


@contextmanager
def _no_checksums() -> Iterator[None]:
    """Save without checksums: they take longer than writing, and ``torch.load`` reads none."""
    before = get_crc32_options()
    set_crc32_options(False)
    try:
        yield
    finally:
        set_crc32_options(before)


class CheckpointStore:
    """Files of one training under one key; without a folder it stores nothing.

    Parameters
    ----------
    folder : str or None
        Parent of all trainings' folders.
    key : str
        From :func:`content_key`: other data or settings never meet these files.
    """

    def __init__(self, folder: str | None, key: str) -> None:
        self._folder = Path(folder) / key if folder else None

    def load(self, name: str) -> dict[str, Any] | None:
        """Return what was stored under a name, or None; a damaged file counts as none."""
        if self._folder is None:
            return None
        path = self._folder / f"{name}.pt"
        try:
            return torch.load(path, map_location="cpu", weights_only=True)
        except FileNotFoundError:
            return None
        except Exception:
            # Written by an older version or cut short by a full disk: train that part again.
            path.unlink(missing_ok=True)
            return None

    def save(self, name: str, content: dict[str, Any]) -> None:
        """Store tensors and plain values; the file appears whole or not at all.

        It is written over the space of the file it replaces by the next one, and so on in turns:
        asking the system for hundreds of megabytes and giving as much back takes several times
        as long as writing them.
        """
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.pt"
        spare, replaced = (self._folder / f"{os.getpid()}.{kind}" for kind in ("spare", "replaced"))
        spare.touch()
        if spare.stat().st_nlink > 1:  # another process has the same space to spare
            spare.unlink()
            spare.touch()
        with _no_checksums(), spare.open("r+b") as file:
            torch.save(content, file)
            file.truncate()
        with suppress(OSError):  # nothing to replace, or a disk without hard links
            os.link(path, replaced)
        spare.replace(path)
        if replaced.exists():
            replaced.replace(spare)

    def discard(self, name: str) -> None:
        """Remove what was stored under a name, if anything."""
        if self._folder is not None:
            (self._folder / f"{name}.pt").unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove the files: the training is complete."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
