"""A hospital's folder: lesions of any kind, and what each must become."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import SimpleITK as sitk
from PIL import Image
from tests.dicom import write_dicom
from tests.matrix.kinds import Kind, Register

from spl_kedro.simulation import PhantomSettings
from spl_kedro.simulation.patient import simulate_patient

PIXEL = 0.1  # mm
_TURNS = 8  # of one simulated patient, so that no two cases are copies of each other


@cache
def simulated(seed: int) -> tuple[np.ndarray, np.ndarray]:
    settings = PhantomSettings()
    lesion = simulate_patient(
        settings, settings.training_centre, np.random.default_rng(seed), False
    )
    return lesion.image, lesion.mask > 0


@dataclass
class Case:
    """One lesion being exported: its true pixels, where its files go, what must come out.

    `row` are the cells of its row in the table, `more_rows` stand at the table's end. `listed` is
    what the tables of cases left out and of warnings call it. `frames` are the frames of a clip
    that become images of the patient, counted from 1.
    """

    folder: Path
    lesion_id: str
    grey: np.ndarray
    mask: np.ndarray
    row: dict[str, str] = field(default_factory=dict)
    number: int = 0
    listed: str = ""
    frames: tuple[int, ...] = ()
    more_rows: list[dict[str, str]] = field(default_factory=list)
    spacing: tuple[float, ...] = ()
    tolerance: float = 0.0

    @property
    def images(self) -> list[str]:
        """What the study calls the outlined frames of a clip."""
        return [f"{self.lesion_id}_f{frame:03d}" for frame in self.frames]

    def path(self, kind: str, suffix: str) -> Path:
        return self.folder / kind / f"{self.lesion_id}{suffix}"

    def image(self, pixels=None, suffix=".png", **options):
        """Write the image with Pillow."""
        pixels = self.grey if pixels is None else pixels
        picture = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
        picture.save(self.path("images", suffix), **options)

    def outline(self, pixels=None, suffix=".png", kind="outlines", **options):
        """Write the outline with Pillow, 0 and 255 by default."""
        pixels = self.mask * np.uint8(255) if pixels is None else np.ascontiguousarray(pixels)
        Image.fromarray(pixels).save(self.path(kind, suffix), **options)

    def grid(self, kind, pixels, suffix=".nrrd", spacing=(PIXEL, PIXEL), origin=None, turn=None):
        """Write pixels with a grid; `spacing`, `origin` in the order x, y[, z] of SimpleITK."""
        image = sitk.GetImageFromArray(np.ascontiguousarray(pixels))
        image.SetSpacing(spacing)
        if origin is not None:
            image.SetOrigin(origin)
        if turn is not None:
            image.SetDirection(turn)
        sitk.WriteImage(image, str(self.path(kind, suffix)))
        return image

    def dicom(self, pixels=None, photometric="MONOCHROME2", bits=8, **elements):
        """Write an ultrasound image without compression; returns the data set."""
        pixels = self.grey if pixels is None else pixels
        return write_dicom(self.path("images", ".dcm"), pixels, photometric, bits, **elements)

    def cut(self, kind, suffix, share=0.6):
        """Cut the end of a file off, as a broken copy does."""
        path = self.path(kind, suffix)
        data = path.read_bytes()
        path.write_bytes(data[: int(len(data) * share)])


def sound(count: int) -> list[Kind]:
    """Return kinds of which nothing is wrong."""
    kind = Register("Sound cases")
    for number in range(count):
        kind(name=f"SPL{number:03d}")(lambda case: (case.image(), case.outline()))
    return kind.kinds


def _turned(pixels: np.ndarray, turn: int) -> np.ndarray:
    """Return a window of a simulated patient, mirrored and turned in one of eight ways."""
    window = pixels[120:290:2, 165:435:2]
    upright = window[:, :: 1 - 2 * (turn % 2)][:: 1 - turn // 2 % 2 * 2]
    return (upright.T if turn >= 4 else upright).copy()


def write_hospital(folder: Path, kinds: Iterable[Kind], *, telling: bool = True) -> dict[str, Case]:
    """Write every kind into one cohort, as conf/study reads it.

    Parameters
    ----------
    folder : Path
    kinds : iterable of Kind
        Of cases; each becomes one patient with one lesion.
    telling : bool
        Whether the ages part the classes: a predictor that equals the label.
    """
    for name in ("images", "outlines", "outlines_reader2"):
        (folder / name).mkdir(parents=True)
    cases = {}
    for number, one in enumerate(kinds):
        patient, turn = divmod(number, _TURNS)
        image, mask = (_turned(half, turn) for half in simulated(patient))
        case = Case(folder, one.name, image, mask)
        case.number, case.listed = number, one.name
        malignant = number % 2 == 1
        age = 70 + number % 9 if telling and malignant else 30 + number % 9
        case.row = {
            "case_id": one.name,
            "patient_id": f"patient {number}",
            "pathology": "malignant" if malignant else "benign",
            "age": str(age),
            "sex": "female" if number % 4 < 2 else "male",
            "outline_file": "",
            "image_file": "",
        }
        one.make(case)
        cases[one.name] = case
    rows = [case.row for case in cases.values()]
    rows += [row for case in cases.values() for row in case.more_rows]
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)
    return cases
