"""Outlines of many images in one file: COCO and VIA."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spl_kedro.guarded import limits
from spl_kedro.imaging.annotations import coco, via
from spl_kedro.imaging.annotations.contents import json_of
from spl_kedro.imaging.annotations.labels import lesion_among
from spl_kedro.imaging.annotations.of_image import OfImage
from spl_kedro.imaging.annotations.shapes import DrawnOutline
from spl_kedro.imaging.decode import content_of, suffix_of
from spl_kedro.imaging.decoding import decoded
from spl_kedro.imaging.errors import UnusableLesionError, as_unusable_lesion
from spl_kedro.rules import Rule


@dataclass(frozen=True)
class AnnotatedImage:
    """What a file of many images says of one.

    Attributes
    ----------
    file : str
        Name of the file.
    found : OfImage
    sha256 : str
        Checksum of the file.
    """

    file: str
    found: OfImage
    sha256: str

    def outline(self, label: str | None = None) -> DrawnOutline:
        """Return the outline on the image.

        Parameters
        ----------
        label : str, optional
            The lesion's label, where there are several.

        Raises
        ------
        UnusableLesionError
            If the lesion cannot be told.
        """
        if self.found.times > 1:
            raise UnusableLesionError(
                Rule.OWN_OUTLINE,
                f"{self.file} has {self.found.times} entries for the lesion's image.",
                "Keep one entry for each image.",
            )
        shapes = lesion_among(self.file, self.found.drawn, label)
        return DrawnOutline(self.file, shapes, self.found.size, self.sha256, limits())


def read_annotations(path: str | Path) -> dict[str, AnnotatedImage]:
    """Read the file of a cohort's outlines: COCO JSON, or JSON or CSV of VIA 2, by its content.

    Returns
    -------
    dict of str to AnnotatedImage
        By the image's name in the file, with ``/`` between folders; images on which nothing is
        drawn are not in it.

    Raises
    ------
    UnusableLesionError
        If it cannot be read or is of another format.
    """
    path = Path(path)
    images, sha256 = decoded(path.name, _read, path.absolute())
    return {name: AnnotatedImage(path.name, found, sha256) for name, found in images.items()}


def _read(path: Path) -> tuple[dict[str, OfImage], str]:
    try:
        data = content_of(path, (suffix_of(path),))  # the content tells
        images = _images(path.name, data)
    except MemoryError:
        raise
    except Exception as error:
        raise as_unusable_lesion(error, path) from error
    return images, hashlib.sha256(data).hexdigest()


def _images(name: str, data: bytes) -> dict[str, OfImage]:
    if via.is_table(data):
        return via.read_table(name, data)
    content = {}
    with suppress(UnusableLesionError):  # of what is no JSON
        content = json_of(name, data)
    if coco.is_one(content):
        return coco.read(name, content)
    if via.is_one(content):
        return via.read(name, content)
    raise UnusableLesionError(
        Rule.READABLE,
        f"{name} is neither COCO nor VIA 2.",
        "Export COCO JSON, or VIA 2 as JSON or CSV; LabelMe files lie in a folder of outlines.",
    )
