"""Which file belongs to which lesion, by the names of files and lesions alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from unicodedata import category, normalize

import pandas as pd

from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.outline_files import SUFFIXES as OUTLINE_SUFFIXES
from spl_kedro.imaging.reader import SUFFIXES, suffix_of
from spl_kedro.rules import Rule

# What some file system refuses or reads differently; a study's files travel between computers.
_FORBIDDEN = set('/\\:*?"<>|')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
# Names stand at the beginning of a message or after a mark; one in a cell may lack its suffix.
_FILE = re.compile(
    r"(^(?!the first bytes)|(?<=: )|(?<=, )|(?<=bytes of )|(?<=\())[^,:;(]+?("
    + "|".join(map(re.escape, sorted((*OUTLINE_SUFFIXES, ".csv"), key=len, reverse=True)))
    + r")\b",
    re.IGNORECASE,
)
_CELL = re.compile(r"(not found): .*(?=\.)", re.DOTALL)
_MAXIMUM_BYTES = 200  # of 255, so that a suffix fits
# What copying and exporting add to a name, or take from it: for hints alone.
_ADDED = re.compile(
    r"copy of|copie de|kopie von|copy|kopie|[\W_]*\(\d+\)|mask|segmentation|seg|outline|label"
    r"|\.(png|jpe?g|tiff?|bmp|dcm|nii|nrrd|gz)|(?<!\d)0+(?=\d)|[\W_]+"
)


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


def without_file_names(message: str) -> str:
    """Return what was found wrong about a case without the names that its hospital gave to files.

    Such a name may be a patient's; the findings keep it, logs and pages do not.

    Examples
    --------
    >>> without_file_names("Anna B_1.PNG cannot be read (OSError: end of file).")
    'a file cannot be read (OSError: end of file).'
    >>> without_file_names("2 images fit: Anna.bmp, Anna.png.")
    '2 images fit: a file, a file.'
    """
    return _FILE.sub("a file", _CELL.sub(r"\1", message))


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
        File names within the folder, perhaps in folders below it.
    separator : str
        Between several names in a cell of the table.
    suffixes : tuple of str
        Of files that are read; others are taken where a lesion has none of them.
    """

    def __init__(
        self,
        names: Iterable[str],
        separator: str = ";",
        suffixes: tuple[str, ...] = SUFFIXES,
    ) -> None:
        self._separator = separator
        self._suffixes = suffixes
        # By name with folders, by name alone, and both whatever the letters' case.
        self._levels: list[dict[str, list[str]]] = [defaultdict(list) for _ in range(4)]
        self._by_stem: dict[str, list[str]] = defaultdict(list)
        self._by_folded_stem: dict[str, list[str]] = defaultdict(list)
        self._by_bare_stem: dict[str, list[str]] = defaultdict(list)
        for name in sorted(names):
            whole = _normal(name)
            alone = PurePosixPath(whole).name
            keys = whole, alone, whole.casefold(), alone.casefold()
            for level, key in zip(self._levels, keys, strict=True):
                level[key].append(name)
            stem = _normal(stem_of(name))
            self._by_stem[stem].append(name)
            self._by_folded_stem[stem.casefold()].append(name)
            self._by_bare_stem[_bare(stem)].append(name)

    @property
    def stems(self) -> list[str]:
        """Names without folder and suffix."""
        return list(self._by_stem)

    def named(self, cell: object) -> list[str]:
        """Return the files a cell of the table names; an empty list for an empty cell.

        A name without a folder may lie in any, a name in other letters may be the only one.

        Raises
        ------
        UnusableLesionError
            If one of them is not in the folder, or in several folders below it.
        """
        if not isinstance(cell, str):
            return []
        names = [name.strip() for name in cell.split(self._separator) if name.strip()]
        found = {name: self._called(name) for name in names}
        missing = [name for name in names if found[name] is None]
        if missing:
            raise UnusableLesionError(
                Rule.NAMED_FILES,
                f"not found: {', '.join(missing)}{self.near(stem_of(missing[0]))}.",
            )
        return [name for name in found.values() if name is not None]

    def _called(self, name: str) -> str | None:
        wanted = _normal(name.replace("\\", "/"))
        for level, key in zip(
            self._levels, (wanted, wanted, *[wanted.casefold()] * 2), strict=True
        ):
            if files := level.get(key):
                return files[0] if len(files) == 1 else None
        return None

    def exact(self, lesion_id: str) -> list[str]:
        """Return the files named as the lesion, else those that only case tells from it."""
        name = _normal(lesion_id)
        return self._readable(
            self._by_stem.get(name) or self._by_folded_stem.get(name.casefold()) or []
        )

    def near(self, name: str) -> str:
        """Return the hint on files that could be meant; empty where there are none."""
        files = self._by_bare_stem.get(_bare(_normal(name)), []) if _bare(_normal(name)) else []
        return f"; near: {', '.join(map(repr, files[:3]))}" if files else ""

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
            and anything, belongs to the longest such owner and to no other. Where no name fits
            as it is written, letters' case is passed over.
        """
        whatever_case: dict[str, set[str | None]] = defaultdict(set)
        for name, lesion in owners.items():
            whatever_case[name.casefold()].add(lesion)
        folded = {key: next(iter(v)) for key, v in whatever_case.items() if len(v) == 1}
        exact: dict[str, list[str]] = defaultdict(list)
        others: dict[str, list[str]] = defaultdict(list)
        for stem, names in self._by_stem.items():
            beginning = stem
            while beginning and beginning not in owners and beginning.casefold() not in folded:
                beginning = beginning.rpartition("_")[0]
            files, owner = exact, owners.get(beginning)
            if beginning not in owners:
                files, owner = others, folded.get(beginning.casefold())
            if owner is not None:
                files[owner].extend(names)
        return {lesion: self._readable(names) for lesion, names in {**others, **exact}.items()}

    def _readable(self, names: list[str]) -> list[str]:
        """Return the files of a kind that is read, or all where there is none: these are told."""
        return [name for name in names if suffix_of(name) in ("", *self._suffixes)] or names


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
        Every lesion's identifier; further the name of every other image, owned by the one lesion
        whose row names that image, or by none.
    """
    by_image: dict[str, set[str]] = defaultdict(set)
    for lesion_id, cell in rows["image"].items():
        if isinstance(cell, str):
            by_image[_normal(stem_of(cell.strip()))].add(str(lesion_id))
    owners: dict[str, str | None] = {}
    ids = {_normal(str(lesion_id)).casefold() for lesion_id in rows.index}
    for stem in images.stems:
        if stem.casefold() in ids:  # the lesion's own, perhaps in other letters
            continue
        lesions = by_image.get(stem, set())
        owners[stem] = next(iter(lesions)) if len(lesions) == 1 else None
    owners |= {_normal(lesion_id): None for lesion_id in other_ids}
    owners |= {_normal(str(lesion_id)): str(lesion_id) for lesion_id in rows.index}
    return owners


def in_other_letters(wanted: str, names: Iterable[str]) -> list[str]:
    """Return the files that begin as a name does but for the case of its letters.

    Examples
    --------
    >>> in_other_letters("SPL1", ["SPL1.png", "a/spl1_left.PNG", "other.png"])
    ['a/spl1_left.PNG']
    """
    wanted = _normal(wanted)
    stems = {name: _normal(PurePosixPath(name).name) for name in names}
    return [
        name
        for name, stem in stems.items()
        if stem.casefold().startswith(wanted.casefold()) and not stem.startswith(wanted)
    ]


def _normal(name: str) -> str:
    """Return a name with accents in one form: macOS stores them apart from their letters."""
    return normalize("NFC", name)


def stem_of(name: str) -> str:
    """Return a file's name without folder and suffix."""
    base = PurePosixPath(name).name
    suffix = suffix_of(base)
    return base[: -len(suffix)] if suffix else base


def _bare(name: str) -> str:
    """Return what is left of a name without what copying and exporting add to it."""
    return _ADDED.sub("", name.casefold())
