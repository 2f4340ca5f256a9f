"""COCO: one JSON file for many images, with polygons or run lengths."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from spl_kedro.imaging.annotations.contents import Part, checked_as
from spl_kedro.imaging.annotations.labels import Labelled, labels_of
from spl_kedro.imaging.annotations.of_image import OfImage, by_name
from spl_kedro.imaging.annotations.shapes import Polygon, RunLengths, Shape

_Key = int | str


class _Image(Part):
    id: _Key
    file_name: str
    height: int | None = None
    width: int | None = None


class _RunLengths(Part):
    counts: str | tuple[int, ...]
    size: tuple[int, int]


class _Annotation(Part):
    image_id: _Key
    category_id: _Key | None = None
    segmentation: _RunLengths | tuple[tuple[float, ...], ...] | None = None


class _Category(Part):
    id: _Key
    name: str


class _File(Part):
    images: tuple[_Image, ...]
    annotations: tuple[_Annotation, ...]
    categories: tuple[_Category, ...] = ()


def is_one(content: dict[str, Any]) -> bool:
    """Return whether a JSON file is COCO's."""
    return "images" in content and "annotations" in content


def read(name: str, content: dict[str, Any]) -> dict[str, OfImage]:
    """Return what is drawn on each image; labels are a category's name and number.

    Raises
    ------
    UnusableLesionError
        If it is no COCO file.
    """
    file = checked_as(_File, name, content, "COCO")
    names = {category.id: category.name for category in file.categories}
    drawn: dict[_Key, list[Labelled]] = defaultdict(list)
    for one in file.annotations:
        labels = labels_of([one.category_id, names.get(one.category_id or 0)])
        drawn[one.image_id].append(Labelled(_areas(one), labels))
    return by_name(
        (
            image.file_name,
            OfImage(
                tuple(drawn[image.id]),
                (image.height, image.width) if image.height and image.width else None,
            ),
        )
        for image in file.images
    )


def _areas(annotation: _Annotation) -> tuple[Shape, ...]:
    outline = annotation.segmentation
    if outline is None:
        return ()
    if isinstance(outline, _RunLengths):
        return (RunLengths(outline.counts, outline.size),)
    if any(len(one) < 6 or len(one) % 2 for one in outline):
        return ()
    return tuple(Polygon(tuple(zip(one[::2], one[1::2], strict=True))) for one in outline)
