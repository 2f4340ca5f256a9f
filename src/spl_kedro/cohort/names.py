"""Which file belongs to which lesion, by the names of files and lesions alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from unicodedata import category, normalize

import pandas as pd

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.reader import suffix_of
from spl_kedro.rules import Rule

# What some file system refuses or reads differently; a study's files travel between computers.
_FORBIDDEN = set('/\\:*?"<>|')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_MAXIMUM_BYTES = 200  # of 255, so that a suffix fits


def check_identifier(lesion_id: str) -> None:
    """Raise if a lesion's identifier cannot be the name of a file on every computer.

    Raises
    ------
    UnusableLesionError
        Saying what is wrong with it. Blanks, brackets and letters of any script are fine.
    """
    wrong = None
    if any(category(letter).startswith("C") for letter in lesion_id):
        wrong = "holds a control character"
    elif found := sorted(_FORBIDDEN & set(lesion_id)):
        wrong = f"holds {' '.join(found)}"
    elif lesion_id.startswith(".") or lesion_id.endswith((".", " ")):
        wrong = "begins with a dot, or ends with a dot or a blank"
    elif _RESERVED.fullmatch(lesion_id):
        wrong = "is a name Windows reserves"
    elif len(lesion_id.encode("utf-8", "surrogatepass")) > _MAXIMUM_BYTES:
        wrong = f"is longer than {_MAXIMUM_BYTES} bytes"
    if wrong:
        raise UnusableLesionError(
            Rule.NAMEABLE,
            f"the identifier {wrong}.",
        )


def alike(lesion_ids: Iterable[str]) -> set[str]:
    """Return the identifiers that only case or the way accents are stored tells apart.

    Their files would overwrite each other on Windows and macOS.

    Examples
    --------
    >>> sorted(alike(["p1", "P1", "p2"]))
    ['P1', 'p1']
    """
    groups = defaultdict(set)
    for lesion_id in lesion_ids:
        groups[_normal(lesion_id).casefold()].add(lesion_id)
    return {name for group in groups.values() if len(group) > 1 for name in group}


class FileNames:
    """The files of one folder by the lesions they belong to; linear in files and lesions.

    Parameters
    ----------
    names : iterable of str
        File names within the folder.
    separator : str
        Between several names in a cell of the table.
    """

    def __init__(self, names: Iterable[str], separator: str = ";") -> None:
        self._separator = separator
        self._by_name: dict[str, str] = {}
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            self._by_name[_normal(name)] = name
            self._by_stem[_normal(_stem(name))].append(name)

    @property
    def stems(self) -> list[str]:
        """Names without folder and suffix."""
        return list(self._by_stem)

    def named(self, cell: object) -> list[str]:
        """Return the files a cell of the table names; an empty list for an empty cell.

        Raises
        ------
        UnusableLesionError
            If one of them is not in the folder.
        """
        if not isinstance(cell, str):
            return []
        names = [name.strip() for name in cell.split(self._separator) if name.strip()]
        missing = [name for name in names if _normal(name) not in self._by_name]
        if missing:
            raise UnusableLesionError(
                Rule.NAMED_FILES,
                f"not found: {', '.join(missing)}.",
            )
        return [self._by_name[_normal(name)] for name in names]

    def exact(self, lesion_id: str) -> list[str]:
        """Return the files named as the lesion."""
        return self._by_stem.get(_normal(lesion_id), [])

    def owned(self, owners: Mapping[str, str | None]) -> dict[str, list[str]]:
        """Return the files of each lesion: those whose name's longest beginning is its own.

        Parameters
        ----------
        owners : mapping of str to str or None
            From :func:`owners_of`.

        Returns
        -------
        dict of str to list of str
            File names by lesion. A file named exactly as an owner, or like it followed by ``_``
            and anything, belongs to the longest such owner and to no other.
        """
        files: dict[str, list[str]] = defaultdict(list)
        for stem, names in self._by_stem.items():
            beginning = stem
            while beginning and beginning not in owners:
                beginning = beginning.rpartition("_")[0]
            owner = owners.get(beginning)
            if owner is not None:
                files[owner].extend(names)
        return files


def owners_of(
    rows: pd.DataFrame, other_ids: Iterable[str], images: FileNames
) -> dict[str, str | None]:
    """Return which names own files, and for which lesion.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        With the column `image` (a file name or missing).
    other_ids : iterable of str
        Lesions of the table already set aside: their files are nobody else's.
    images : FileNames

    Returns
    -------
    dict of str to str or None
        Every lesion's identifier; further the name of every image, owned by the one lesion whose
        row names that image, or by none.
    """
    by_image: dict[str, set[str]] = defaultdict(set)
    for lesion_id, cell in rows["image"].items():
        if isinstance(cell, str):
            by_image[_normal(_stem(cell.strip()))].add(str(lesion_id))
    owners: dict[str, str | None] = {}
    for stem in images.stems:
        lesions = by_image.get(stem, set())
        owners[stem] = next(iter(lesions)) if len(lesions) == 1 else None
    owners |= {_normal(lesion_id): None for lesion_id in other_ids}
    owners |= {_normal(str(lesion_id)): str(lesion_id) for lesion_id in rows.index}
    return owners


def _normal(name: str) -> str:
    """Return a name with accents in one form: macOS stores them apart from their letters."""
    return normalize("NFC", name)


def _stem(name: str) -> str:
    base = PurePosixPath(name).name
    suffix = suffix_of(base)
    return base[: -len(suffix)] if suffix else base
