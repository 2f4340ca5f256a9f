"""DICOM RTSTRUCT, through pydicom: contours in millimetres of the patient (PS3.3 C.8.8.6)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spl_kedro.guarded import Limits, limits, within
from spl_kedro.guarded.limits import DEFAULT
from spl_kedro.imaging.annotations.labels import no_such_label, normal, several_labels
from spl_kedro.imaging.annotations.shapes import Polygon
from spl_kedro.imaging.decoding import decoded
from spl_kedro.imaging.dicom_files import dataset_of, instance_of, whitelisted
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.grid import TOLERANCE_PIXELS, Grid
from spl_kedro.imaging.outline import Clip, ImagePlace
from spl_kedro.rules import Rule

CLASSES = ("1.2.840.10008.5.1.4.1.1.481.3",)
#: All that is read of a file, by PS3.6 keyword; the rest is dropped before anything looks at it.
WHITELIST = (
    *("SpecificCharacterSet", "SOPClassUID"),
    *("StructureSetROISequence", "ROINumber", "ROIName"),
    *("ROIContourSequence", "ReferencedROINumber", "ContourSequence", "ContourGeometricType"),
    *("ContourData", "ContourImageSequence", "ReferencedSOPInstanceUID"),
    "ReferencedFrameNumber",
)
_CLOSED = ("CLOSED_PLANAR", "CLOSEDPLANAR_XOR")


@dataclass(frozen=True)
class Contour:
    """One closed contour.

    Attributes
    ----------
    points : ndarray, shape (points, 3)
        Places in millimetres.
    instance : str
        Its image, or empty where the file names none.
    number : int or None
        Its frame, where the image is a clip and the file names one.
    """

    points: np.ndarray
    instance: str = ""
    number: int | None = None

    def is_of(self, instance: str, number: int | None) -> bool:
        """Return whether it may be of an image: it names no other, and no other frame."""
        if instance and self.instance and instance != self.instance:
            return False
        return None in (number, self.number) or number == self.number


@dataclass(frozen=True)
class PatientOutline:
    """One outline as contours in the patient.

    Attributes
    ----------
    name : str
        Its file.
    contours : tuple of Contour
        A contour within another is a hole.
    sha256 : str
        Checksum of the file.
    limits : Limits
        Of drawing it.
    """

    name: str
    contours: tuple[Contour, ...]
    sha256: str = ""
    limits: Limits = DEFAULT

    def frames_of(self, clip: Clip) -> frozenset[int] | None:
        """Return which frames of a clip are outlined; None where a contour does not say."""
        numbers = [one.number for one in self.contours if one.is_of(clip.instance, None)]
        named = frozenset(number for number in numbers if number is not None)
        return named if numbers and None not in numbers else None

    def on(self, image: ImagePlace) -> np.ndarray:
        """Return the mask on its image: of the contours that lie in its plane.

        Raises
        ------
        UnusableLesionError
            If the image's file does not say where it lies, no contour lies in its plane, or one
            reaches out of it.
        """
        grid = image.grid
        if grid is None or not grid.states_size:
            raise UnusableLesionError(
                Rule.PLACED,
                f"{self.name} has contours in millimetres of the patient, and the image's file "
                "does not say where its pixels lie.",
            )
        named = [one.points for one in self.contours if one.is_of(image.instance, image.number)]
        if not named:
            raise UnusableLesionError(
                Rule.DRAWN_ON, f"{self.name} names another image than that of the lesion."
            )
        placed = [points for points in named if _in_plane(points, grid)]
        if not placed:
            raise UnusableLesionError(
                Rule.SAME_PLANE, f"no contour of {self.name} lies in the plane of the image."
            )
        polygons = [_pixels(points, grid) for points in placed]
        edge = TOLERANCE_PIXELS
        for polygon in polygons:
            left, top, right, below = polygon.ends
            if (
                min(left, top) < -edge
                or right > image.shape[1] + edge
                or below > image.shape[0] + edge
            ):
                raise UnusableLesionError(
                    Rule.INSIDE, f"a contour of {self.name} reaches out of the image."
                )
        with within(self.limits):
            return decoded(self.name, _even_odd, polygons, image.shape)


def read(name: str, data: bytes, label: str | None) -> PatientOutline:
    """Return the contours of the lesion's structure.

    Parameters
    ----------
    name : str
    data : bytes
    label : str or None
        The structure's name; None where one alone has contours.

    Raises
    ------
    UnusableLesionError
        If it cannot be read, or the lesion's structure cannot be told or is no closed contour.
    """
    dataset = whitelisted(dataset_of(name, data), WHITELIST)
    names = {
        int(one.ROINumber): normal(one.get("ROIName", ""))
        for one in dataset.get("StructureSetROISequence") or []
    }
    drawn = [
        (names.get(int(one.ReferencedROINumber), ""), list(one.get("ContourSequence") or []))
        for one in dataset.get("ROIContourSequence") or []
    ]
    found = [items for _, items in drawn if items]
    if label is not None:
        found = [items for own, items in drawn if items and own == normal(label)]
    if not found and label is not None and drawn:
        raise no_such_label(name)
    if not found:
        raise UnusableLesionError(Rule.NOT_EMPTY, f"{name} holds no contour.")
    if len(found) > 1:
        raise several_labels(name, len(found))
    return PatientOutline(name, tuple(_contour(name, item) for item in found[0]), limits=limits())


def _contour(name: str, item) -> Contour:
    points = np.asarray(item.get("ContourData") or [], dtype=np.float64)
    if str(item.get("ContourGeometricType")) not in _CLOSED or points.size < 9:
        raise UnusableLesionError(
            Rule.FILLED, f"{name} has a contour that is not closed.", "Close the contour."
        )
    if points.size % 3 or not np.isfinite(points).all():
        raise UnusableLesionError(Rule.READABLE, f"{name} has a contour with broken coordinates.")
    images = item.get("ContourImageSequence") or []
    uid = images[0].get("ReferencedSOPInstanceUID") if images else None
    number = images[0].get("ReferencedFrameNumber") if images else None
    return Contour(points.reshape(-1, 3), instance_of(uid), None if number is None else int(number))


def _in_plane(points: np.ndarray, grid: Grid) -> bool:
    """Return whether a contour lies in the plane of an image, or within half its thickness."""
    if grid.planar:
        return True
    normal_ = np.cross(*grid.directions.T)
    distance = np.abs((points - grid.origin) @ (normal_ / np.linalg.norm(normal_)))
    return bool(distance.max() <= max(grid.thickness_mm / 2, TOLERANCE_PIXELS))


def _pixels(points: np.ndarray, grid: Grid) -> Polygon:
    """Return a contour in the coordinates of `shapes`, whose pixels begin at whole numbers."""
    rows, columns = np.linalg.pinv(grid.steps) @ (points - grid.origin).T + 0.5
    return Polygon(tuple(zip(columns.tolist(), rows.tolist(), strict=True)))


def _even_odd(polygons: list[Polygon], size: tuple[int, int]) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    for polygon in polygons:
        mask ^= polygon.on(size)
    return mask
