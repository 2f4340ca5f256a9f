"""Features of finished lesions, kept in a :class:`spl_kedro.store.ContentStore`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version

import numpy as np

from spl_kedro.features.measurement.lesion import pixel_spacing
from spl_kedro.features.measurement.settings import RadiomicsSettings
from spl_kedro.features.radiomics import ENGINE_VERSION
from spl_kedro.imaging import Lesion
from spl_kedro.store import ContentStore, content_key

_LIBRARIES = ("numpy", "scipy", "numba", "SimpleITK", "PyWavelets", "trimesh", "scikit-image")


@lru_cache(maxsize=2)
def _versions(engine: str) -> str:
    names = [*_LIBRARIES, *(["pyradiomics"] if engine == "stock" else [])]
    return " ".join([ENGINE_VERSION, *(f"{name}={version(name)}" for name in names)])


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
    return content_key(
        lesion.image,
        lesion.mask,
        pixel_spacing(lesion, settings),
        settings,
        _versions(settings.engine),
    )


@dataclass(frozen=True)
class FeatureCache:
    """Features of finished lesions under one folder.

    Parameters
    ----------
    directory : str
        Folder; made when the first entry is stored.
    """

    directory: str

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
        content = ContentStore(self.directory).load(key)
        if content is None or len(content) != 8 * length:
            return None
        return np.frombuffer(content, dtype="<f8").copy()

    def store(self, key: str, values: np.ndarray) -> None:
        """Keep a lesion's values.

        Parameters
        ----------
        key : str
            From :func:`lesion_key`.
        values : ndarray of float64
        """
        content = np.ascontiguousarray(values, dtype="<f8").tobytes()
        ContentStore(self.directory).save(key, content)
