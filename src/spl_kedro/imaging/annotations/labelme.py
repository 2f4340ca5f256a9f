"""LabelMe: one JSON file an image, with shapes and their labels."""

from __future__ import annotations

import math
from typing import Any

from spl_kedro.guarded import limits
from spl_kedro.imaging.annotations.contents import Part, checked_as
from spl_kedro.imaging.annotations.labels import Labelled, labels_of, lesion_among
from spl_kedro.imaging.annotations.shapes import DrawnOutline, Ellipse, Polygon, Shape, rectangle


class _Shape(Part):
    label: str | None = None
    points: tuple[tuple[float, float], ...]
    shape_type: str | None = "polygon"


class _File(Part):
    shapes: tuple[_Shape, ...]
    imageHeight: int | None = None  # noqa: N815
    imageWidth: int | None = None  # noqa: N815


def is_one(content: dict[str, Any]) -> bool:
    """Return whether a JSON file is LabelMe's."""
    return "shapes" in content


def read(name: str, content: dict[str, Any], label: str | None) -> DrawnOutline:
    """Return the outline of a file: its polygons, rectangles and circles of one label.

    Raises
    ------
    UnusableLesionError
        If it is no LabelMe file, or the lesion cannot be told.
    """
    file = checked_as(_File, name, content, "LabelMe")
    drawn = [Labelled(_areas(one), labels_of([one.label])) for one in file.shapes]
    size = None
    if file.imageHeight and file.imageWidth:
        size = file.imageHeight, file.imageWidth
    return DrawnOutline(name, lesion_among(name, drawn, label), size, limits=limits())


def _areas(shape: _Shape) -> tuple[Shape, ...]:
    points = shape.points
    if shape.shape_type in ("polygon", None) and len(points) >= 3:
        return (Polygon(points),)
    if shape.shape_type == "rectangle" and len(points) == 2:
        (x, y), (right, below) = points
        return (rectangle(x, y, right - x, below - y),)
    if shape.shape_type == "rectangle" and len(points) == 4:
        return (Polygon(points),)  # as later versions store it
    if shape.shape_type == "circle" and len(points) == 2:
        radius = math.dist(*points)
        return (Ellipse(*points[0], radius, radius),) if radius > 0 else ()
    return ()
