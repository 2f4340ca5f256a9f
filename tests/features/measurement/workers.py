"""Readers of lesions that worker processes can import: ordinary, broken and deadly."""

import os
import signal
import time
from pathlib import Path

from scipy import ndimage  # noqa: F401 (imported by the workers once, before anything is timed)

from spl_kedro.imaging import Lesion


def _speckle(seed, radii):
    import numpy as np

    rng = np.random.default_rng(seed)
    image = np.round(rng.rayleigh(40, (48, 56)).clip(0, 255))
    y, x = np.ogrid[:48, :56]
    return image, ((y - 24) / radii[0]) ** 2 + ((x - 28) / radii[1]) ** 2 <= 1


class Readable:
    """Reads an ordinary lesion, noting in `folder` that it did; `gate` is a file it waits for."""

    def __init__(self, name, seed, folder=None, delay=0.0, gate=None):
        self.name, self.seed, self.folder, self.delay = name, seed, folder, delay
        self.gate = gate

    def __call__(self):
        if self.folder:
            with (Path(self.folder) / self.name).open("a") as file:
                file.write("read\n")
        time.sleep(self.delay)
        while self.gate and not Path(self.gate).exists():
            time.sleep(0.05)
        return Lesion(self.name, *_speckle(self.seed, (7 + self.seed % 5, 9)))


class Unreadable:
    """Fails as a damaged file does."""

    def __call__(self):
        raise OSError("damaged file")


class Deadly:
    """Kills the process that reads it, the first `times` times."""

    def __init__(self, name, folder, times=10**6):
        self.name, self.folder, self.times = name, str(folder), times

    def __call__(self):
        note = Path(self.folder) / f"{self.name}.deaths"
        deaths = len(note.read_text().splitlines()) if note.exists() else 0
        if deaths < self.times:
            with note.open("a") as file:
                file.write("died\n")
            os.kill(os.getpid(), signal.SIGKILL)
        return Readable(self.name, 3)()
