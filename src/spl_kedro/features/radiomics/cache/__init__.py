"""Finished lesions on disk, so that an extraction resumes and never serves anything stale.

One file per lesion, named by a hash of everything its values depend on: image, outline,
pixel size, settings, engine version and library versions. Changing any of them names
another file. Files are written beside their place and renamed, so a killed run leaves
either a whole entry or none; a checksum guards against the rest.

Run as ``python -m spl_kedro.features.radiomics.cache --report`` or ``--clean``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

import numpy as np

from spl_kedro.features.radiomics.extractor import ENGINE_VERSION, pixel_spacing
from spl_kedro.features.radiomics.presets import feature_names
from spl_kedro.features.radiomics.settings import RadiomicsSettings
from spl_kedro.imaging import Lesion

_SUFFIX = ".features"
_LIBRARIES = ("numpy", "scipy", "SimpleITK", "PyWavelets", "pyradiomics", "trimesh", "scikit-image")


@lru_cache(maxsize=1)
def _versions() -> str:
    return " ".join([ENGINE_VERSION, *(f"{name}={version(name)}" for name in _LIBRARIES)])


def lesion_key(lesion: Lesion, settings: RadiomicsSettings) -> str:
    """Hash of everything a lesion's features depend on (not its name).

    Parameters
    ----------
    lesion : Lesion
    settings : RadiomicsSettings

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    digest = hashlib.sha256()
    for array in (lesion.image, lesion.mask):
        digest.update(f"{array.dtype.str}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    digest.update(repr(pixel_spacing(lesion, settings)).encode())
    digest.update(settings.model_dump_json().encode())
    digest.update(_versions().encode())
    return digest.hexdigest()


@dataclass(frozen=True)
class FeatureCache:
    """Features of finished lesions under one folder.

    Parameters
    ----------
    directory : str
        Folder; made when the first entry is stored.
    """

    directory: str

    def _path(self, key: str) -> Path:
        return Path(self.directory) / key[:2] / (key + _SUFFIX)

    def load(self, key: str, length: int) -> np.ndarray | None:
        """Read stored values, or None where there is no whole entry of that length.

        Parameters
        ----------
        key : str
            From :func:`lesion_key`.
        length : int
            Number of features expected.

        Returns
        -------
        ndarray of float64, shape (length,), or None
        """
        try:
            content = self._path(key).read_bytes()
        except OSError:
            return None
        checksum, values = content[:32], content[32:]
        if len(values) != 8 * length or hashlib.sha256(values).digest() != checksum:
            return None
        return np.frombuffer(values, dtype="<f8").copy()

    def store(self, key: str, values: np.ndarray) -> None:
        """Keep a lesion's values; atomic, so that a reader sees all or nothing.

        Parameters
        ----------
        key : str
            From :func:`lesion_key`.
        values : ndarray of float64
        """
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        content = np.ascontiguousarray(values, dtype="<f8").tobytes()
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def report(self) -> str:
        """One line: how many lesions are kept and how much room they take."""
        entries = list(Path(self.directory).glob("*/*"))
        size = sum(entry.stat().st_size for entry in entries)
        whole = sum(entry.suffix == _SUFFIX for entry in entries)
        return f"{self.directory}: {whole} lesions, {size / 1e6:.1f} MB"

    def clean(self) -> str:
        """Delete every entry and say what went.

        Only files this cache wrote are touched; the folder goes when nothing else is in it.
        """
        said = self.report()
        root = Path(self.directory)
        for shard in root.glob("[0-9a-f][0-9a-f]"):
            for entry in shard.iterdir():
                if entry.suffix in (_SUFFIX, ".part"):
                    entry.unlink()
            if not any(shard.iterdir()):
                shutil.rmtree(shard)
        if root.is_dir() and not any(root.iterdir()):
            root.rmdir()
        return f"deleted {said}"


def expected_length(settings: RadiomicsSettings) -> int:
    """Return the number of features an entry holds under the settings."""
    return len(feature_names(settings.preset))
