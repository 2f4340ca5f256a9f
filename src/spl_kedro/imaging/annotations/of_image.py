"""What a file of many images says of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spl_kedro.imaging.annotations.labels import Labelled
from spl_kedro.imaging.annotations.shapes import Size


@dataclass(frozen=True)
class OfImage:
    """What is drawn on one image.

    Attributes
    ----------
    drawn : tuple of Labelled
    size : tuple of int or None
        Height and width, where the file states them.
    times : int
        Entries of the file that have this name.
    """

    drawn: tuple[Labelled, ...]
    size: Size | None = None
    times: int = 1


def by_name(entries: Iterable[tuple[str, OfImage]]) -> dict[str, OfImage]:
    """Return images on which something is drawn by their names, with ``/`` between folders.

    Of several of one name, no outline is taken.
    """
    found: dict[str, OfImage] = {}
    for path, image in entries:
        name = path.replace("\\", "/").strip("/")
        if not image.drawn or not name:
            continue
        known = found.get(name)
        found[name] = image if known is None else replace(known, times=known.times + 1)
    return found
