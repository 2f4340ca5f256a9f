"""VIA, the VGG Image Annotator 2: a project, or its annotations as JSON or CSV."""

from __future__ import annotations

import csv
from collections import defaultdict
from io import StringIO
from typing import Any

from pydantic import ValidationError

from spl_kedro.imaging.annotations.contents import Part, checked_as, json_of, not_of_the_format
from spl_kedro.imaging.annotations.labels import Labelled, labels_of
from spl_kedro.imaging.annotations.of_image import OfImage, by_name
from spl_kedro.imaging.annotations.shapes import Ellipse, Polygon, Shape, rectangle

_PROJECT = "_via_img_metadata"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LARGEST_CELL = 2**24  # letters; a polygon of a million corners


class _Polygon(Part):
    all_points_x: tuple[float, ...]
    all_points_y: tuple[float, ...]

    def areas(self) -> tuple[Shape, ...]:
        if len(self.all_points_x) != len(self.all_points_y) or len(self.all_points_x) < 3:
            return ()
        return (Polygon(tuple(zip(self.all_points_x, self.all_points_y, strict=True))),)


class _Rectangle(Part):
    x: float
    y: float
    width: float
    height: float

    def areas(self) -> tuple[Shape, ...]:
        return (rectangle(self.x, self.y, self.width, self.height),)


class _Circle(Part):
    cx: float
    cy: float
    r: float

    def areas(self) -> tuple[Shape, ...]:
        return (Ellipse(self.cx, self.cy, self.r, self.r),) if self.r > 0 else ()


class _Ellipse(Part):
    cx: float
    cy: float
    rx: float
    ry: float
    theta: float = 0.0

    def areas(self) -> tuple[Shape, ...]:
        if min(self.rx, self.ry) <= 0:
            return ()
        return (Ellipse(self.cx, self.cy, self.rx, self.ry, self.theta),)


_KINDS: dict[str, type[_Polygon | _Rectangle | _Circle | _Ellipse]] = {
    "polygon": _Polygon,
    "polyline": _Polygon,  # its ends are joined
    "rect": _Rectangle,
    "circle": _Circle,
    "ellipse": _Ellipse,
}


class _Region(Part):
    shape_attributes: dict[str, Any]
    region_attributes: dict[str, Any] = {}


class _Image(Part):
    filename: str
    regions: tuple[_Region, ...] | dict[str, _Region] = ()


class _File(Part):
    images: dict[str, _Image]


def is_one(content: dict[str, Any]) -> bool:
    """Return whether a JSON file is a project or the annotations of VIA 2."""
    images = content.get(_PROJECT, content)
    return (
        isinstance(images, dict)
        and bool(images)
        and all(isinstance(one, dict) and "filename" in one for one in images.values())
    )


def is_table(data: bytes) -> bool:
    """Return whether a file is VIA's CSV."""
    first = data.removeprefix(_BYTE_ORDER_MARK).partition(b"\n")[0]
    return first.lstrip(b"#").startswith(b"filename,") and b"region_shape_attributes" in first


def read(name: str, content: dict[str, Any]) -> dict[str, OfImage]:
    """Return what is drawn on each image; labels are the values of a region's attributes.

    VIA states no image sizes.

    Raises
    ------
    UnusableLesionError
        If it is no VIA file.
    """
    images = {"images": content.get(_PROJECT, content)}
    file = checked_as(_File, name, images, "VIA")
    return by_name((one.filename, _of_image(one)) for one in file.images.values())


def read_table(name: str, data: bytes) -> dict[str, OfImage]:
    """Return what is drawn on each image by VIA's CSV, a row a region."""
    csv.field_size_limit(_LARGEST_CELL)
    text = data.removeprefix(_BYTE_ORDER_MARK).decode("utf-8").lstrip("#")
    regions: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in csv.DictReader(StringIO(text)):
        cells = [row.get("region_shape_attributes"), row.get("region_attributes")]
        if not row.get("filename") or any(cell is None for cell in cells):
            raise not_of_the_format(name, "VIA")
        shape, attributes = (json_of(name, str(cell or "{}").encode()) for cell in cells)
        if shape:
            image = str(row["filename"]), str(row.get("file_size"))
            regions[image].append({"shape_attributes": shape, "region_attributes": attributes})
    content = {
        f"{image}{size}": {"filename": image, "regions": found}
        for (image, size), found in regions.items()
    }
    return read(name, content)


def _of_image(image: _Image) -> OfImage:
    regions = image.regions.values() if isinstance(image.regions, dict) else image.regions
    return OfImage(tuple(Labelled(_areas(one), _labels(one)) for one in regions))


def _areas(region: _Region) -> tuple[Shape, ...]:
    kind = _KINDS.get(str(region.shape_attributes.get("name")))
    if kind is None:
        return ()
    try:
        return kind.model_validate(region.shape_attributes).areas()
    except ValidationError:
        return ()


def _labels(region: _Region) -> frozenset[str]:
    words: list[object] = []
    for value in region.region_attributes.values():
        # Of a check box: the options that are chosen.
        words += (
            [key for key, chosen in value.items() if chosen] if isinstance(value, dict) else [value]
        )
    return labels_of(words)
