"""Names of files by a pattern, such as ``mask_{id}``, and which lesion each belongs to."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable
from functools import cached_property
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any
from unicodedata import normalize

import pandas as pd
from pydantic import Field, model_validator

from spl_kedro.cohort.frames import FramePattern
from spl_kedro.imaging.reader import SUFFIXES, suffix_of
from spl_kedro.parameters import Settings

log = logging.getLogger(__name__)

_PARTS = re.compile(r"(\{id(?::\d+)?\}|\{folder\}|\*)")
_PLACES = {"{folder}": "(?P<folder>[^/]+)", "*": "[^/]*"}
_REGULAR = "(?P<id>"


class NamePattern:
    """Where the identifier stands in a file's name.

    Of several readings of a name the one with the longest identifier counts. Letters' case is
    passed over, but in the identifier.

    Parameters
    ----------
    text : str
        The name with ``{id}`` for the identifier, ``*`` for anything, ``{folder}/`` where folders
        tell files of one name apart (their identifiers are then ``folder_id``), and ``{id:4}`` for
        a number that the files, not the table, fill with zeros to four digits. With the suffix
        of a picture or without, which is any; with ``/`` also the folders above. Or a regular
        expression with a group named ``id``, for the name without suffix.

    Raises
    ------
    ValueError
        If it holds no identifier, or does not say where this ends.

    Examples
    --------
    >>> NamePattern("mask_{id}.png").key("Masks/mask_0001-l.png")
    '0001-l'
    >>> NamePattern("{id}_mask*").key("benign/benign (1)_mask_1.png")
    'benign (1)'
    >>> NamePattern("{folder}/{id}").key("benign/1.png")
    'benign_1'
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._regular = _REGULAR in text
        width = re.search(r"\{id:(\d+)\}", text)
        self._width = int(width[1]) if width else 0
        self._with_suffix = not self._regular and suffix_of(text) in SUFFIXES
        self._expression = re.compile(self._written(), re.IGNORECASE)

    def _written(self) -> str:
        if self._regular:
            return normalize("NFC", self.text)
        parts = [part for part in _PARTS.split(normalize("NFC", self.text)) if part]
        if sum(part.startswith("{id") for part in parts) != 1:
            raise ValueError(f"the pattern '{self.text}' holds not one {{id}}, but none or several")
        if parts.count("{folder}") > 1 or any(
            "{" in part or "}" in part for part in parts if not _PARTS.fullmatch(part)
        ):
            raise ValueError(
                f"the pattern '{self.text}' holds braces other than {{id}} and one {{folder}}"
            )
        open_ended = [{first[:3], second[:3]} >= {"{id", "*"} for first, second in pairwise(parts)]
        if any(open_ended):
            raise ValueError(
                f"the pattern '{self.text}' has * beside {{id}}, so that nothing says where the "
                "identifier ends"
            )
        return "".join(
            "(?P<id>[^/]+)" if part.startswith("{id") else _PLACES.get(part, re.escape(part))
            for part in parts
        )

    @cached_property
    def letters(self) -> int:
        """How many letters of its own it has: of two that fit a name, the one with more counts."""
        return len(self.text if self._regular else _PARTS.sub("", self.text))

    @property
    def holds_identifier(self) -> bool:
        """Whether there is a group for the identifier, which an escaped bracket is not."""
        return "id" in self._expression.groupindex

    def key(self, name: str) -> str | None:
        """Return the identifier in a file's name, or None where the name does not fit."""
        path = normalize("NFC", name)
        suffix = "" if self._with_suffix else suffix_of(PurePosixPath(path).name)
        return self._found(path[: -len(suffix)] if suffix else path)

    def _found(self, path: str) -> str | None:
        if not (self._regular and "/" in self.text):
            path = "/".join(path.split("/")[-(self.text.count("/") + 1) :])
        found = self._expression.fullmatch(path)
        if found is None:
            return None
        groups = found.groupdict()
        return "_".join(groups[name] for name in ("folder", "id") if groups.get(name))

    def key_of_lesion(self, lesion_id: str) -> str:
        """Return what stands for ``{id}`` in the names of a lesion's files.

        An identifier written with what the pattern adds (``bus_0001`` where images are
        ``bus_{id}``) stands for its part.
        """
        name = normalize("NFC", lesion_id)
        suffix = suffix_of(self.text) if self._with_suffix else ""
        fitting = None if "/" in self.text else self._found(name + suffix)
        return (fitting or name).zfill(self._width)


class FilePatterns(Settings):
    """How files are named, where neither the table names them nor the identifier alone does."""

    image: str | None = Field(None, description="such as bus_{id}; null: named as the lesion")
    outline: str | None = Field(
        None,
        description="such as mask_{id} or {id}_mask*, which takes several; null: named as the "
        "lesion, or as it and _anything",
    )
    frame: str = Field(
        "_f{frame}",
        description="the part of an outline's name that tells which frame of a clip it is of, "
        "counted from 1",
    )
    several_images: bool = Field(
        False,
        description="a row of the table has several images: those that its cell names, those "
        "named as its identifier or as it and _anything, or outlined frames of a clip; each "
        "becomes a lesion of its patient",
    )

    @model_validator(mode="after")
    def _patterns_can_be_read(self) -> FilePatterns:
        for text in (self.image, self.outline):
            if text is not None:
                try:
                    pattern = NamePattern(text)
                except re.error as error:
                    raise ValueError(f"'{text}' is no regular expression: {error}") from None
                if not pattern.holds_identifier:
                    raise ValueError(f"'{text}' holds no group named id")
        try:
            FramePattern(self.frame)
        except re.error as error:
            raise ValueError(f"'{self.frame}' is no regular expression: {error}") from None
        return self

    @model_validator(mode="after")
    def _several_images_need_names_of_their_own(self) -> FilePatterns:
        if self.several_images and self.image is not None:
            raise ValueError(
                f"several_images: the pattern '{self.image}' names one image for each lesion; "
                "leave it null and name the files as the identifier and _anything, or in the table"
            )
        return self

    @cached_property
    def image_pattern(self) -> NamePattern:
        """The pattern of images; any name, where there is none."""
        return NamePattern(self.image or "{id}")

    @cached_property
    def outline_pattern(self) -> NamePattern | None:
        """The pattern of outlines."""
        return None if self.outline is None else NamePattern(self.outline)

    def image_key(self, name: str) -> str | None:
        """Return the identifier in an image's name; None for an outline or another file."""
        image, outline = self.image_pattern, self.outline_pattern
        if outline and outline.letters > image.letters and outline.key(name) is not None:
            return None
        return image.key(name)

    def outline_key(self, name: str) -> str | None:
        """Return the identifier in an outline's name; None for an image or another file."""
        image, outline = self.image_pattern, self.outline_pattern
        if outline is None or (image.letters > outline.letters and image.key(name) is not None):
            return None
        return outline.key(name)


def named_as_lesions(
    files: dict[str, Callable[[], Any]],
    lesion_ids: Iterable[str],
    patterns: FilePatterns,
    kind: str,
    elsewhere: Collection[str] = (),
) -> dict[str, Callable[[], Any]]:
    """Return a folder's readers, each by the name of its lesion; one pass over the files.

    Parameters
    ----------
    files : dict of str to function
        Readers by the file's name within the folder.
    lesion_ids : iterable of str
        Of the table.
    patterns : FilePatterns
    kind : {"image", "outline"}
    elsewhere : collection of str
        Names in the folder of the other kind: where both lie in one, a file of the other kind is
        no file too many.

    Returns
    -------
    dict of str to function
        A file that fits its pattern, under ``its own name/lesion.suffix``; others
        are passed over. Without a pattern files keep their names, and outlines among images are
        passed over.
    """
    pattern = patterns.image if kind == "image" else patterns.outline
    key_of = patterns.image_key if kind == "image" else patterns.outline_key
    if pattern is None:
        if kind == "outline" or patterns.outline is None:
            return files
        return {name: read for name, read in files.items() if key_of(name) is not None}
    owners: dict[str, str] = {}
    outline = patterns.outline_pattern if kind == "outline" else None
    for lesion_id in lesion_ids:
        key = patterns.image_pattern.key_of_lesion(lesion_id)
        key = key if outline is None else outline.key_of_lesion(key)
        if owners.get(key) != key:  # where two have one key, the identifier that is the key
            owners[key] = lesion_id
    named, unfitting = {}, 0
    for name, read in files.items():
        if (found := key_of(name)) is not None:
            suffix = suffix_of(PurePosixPath(name).name)
            named[f"{name}/{owners.get(found, found)}{suffix}"] = read
        elif name not in elsewhere:
            unfitting += 1
    if unfitting:
        log.warning("%d %ss do not fit '%s', and are passed over.", unfitting, kind, pattern)
    return named


def files_table(names: Iterable[str], patterns: FilePatterns) -> pd.DataFrame:
    """Make the table of a cohort that has none: a row for each image, its folder the diagnosis.

    Parameters
    ----------
    names : iterable of str
        Of the files within the folder of images.
    patterns : FilePatterns
        Outlines among them get no row.

    Returns
    -------
    DataFrame of str
        `lesion_id` and `folder`, the path below the folder of images.
    """
    rows = []
    for name in sorted(names):
        key = patterns.image_key(name)
        if key is not None and suffix_of(PurePosixPath(name).name) in SUFFIXES:
            folder = str(PurePosixPath(name).parent)
            rows.append((key, "" if folder == "." else folder))
    return pd.DataFrame(rows, columns=["lesion_id", "folder"], dtype="str")
