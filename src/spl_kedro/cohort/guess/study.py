"""A study's settings guessed from a table and the names of files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pandas as pd

from spl_kedro.cohort.cells import ERRORS, clean
from spl_kedro.cohort.guess.contents import guess_label, guess_variables
from spl_kedro.cohort.guess.draft import Draft, shown
from spl_kedro.cohort.guess.keys import (
    guess_file_columns,
    guess_identifier,
    guess_other_keys,
    set_patterns,
)
from spl_kedro.cohort.guess.names import outlines_among, pictures, template_of
from spl_kedro.cohort.guess.vocabulary import MISSING, class_of
from spl_kedro.cohort.name_patterns import FilePatterns, files_table, named_as_lesions
from spl_kedro.cohort.names import FileNames, owners_of, stem_of
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import UnusableLesionError

_STANDARD_MISSING = ["", "na", "n/a", "nan", "unknown"]


@dataclass
class Names:
    """The names of a cohort's files.

    Attributes
    ----------
    images, outlines : list of str
        Within their folders.
    together : bool
        Whether both lie in one folder.
    """

    images: list[str]
    outlines: list[str]
    together: bool


def names_in(images: Path, outlines: Path) -> Names:
    """List the files of both folders; of one folder, those are outlines whose names say so.

    Raises
    ------
    UnusableStudyError
        If a folder is absent or holds no picture, or one folder lies in the other.
    """
    for folder in (images, outlines):
        if not folder.is_dir():
            raise UnusableStudyError(
                "folders of images and outlines",
                f"there is no folder '{folder}'.",
                "Write IMAGES=/path/to/images OUTLINES=/path/to/outlines.",
            )
    first, second = images.resolve(), outlines.resolve()
    if first != second and (first in second.parents or second in first.parents):
        raise UnusableStudyError(
            "folders of images and outlines",
            f"one of '{images}' and '{outlines}' lies in the other.",
            "Move it out, or name the outer folder for both, if the files' names tell outlines "
            "from images.",
        )
    listed = pictures(_files(images))
    if first == second:
        marked = outlines_among(listed)
        chosen = set(marked)
        found = Names([name for name in listed if name not in chosen], marked, True)
    else:
        found = Names(listed, pictures(_files(outlines)), False)
    for kind, names in (("image", found.images), ("outline", found.outlines)):
        if not names:
            raise UnusableStudyError(
                f"an {kind} in its folder",
                f"'{images if kind == 'image' else outlines}' holds no file that is one.",
                "Correct the path; the kinds of files that are read stand in docs/inputs.md.",
            )
    return found


def guess(table: pd.DataFrame | None, names: Names) -> Draft:
    """Guess the settings of a study.

    Parameters
    ----------
    table : DataFrame or None
        As :func:`spl_kedro.cohort.table_file.read_table` returns it; None where there is none,
        so that the folders' names are the diagnoses.
    names : Names

    Returns
    -------
    Draft
    """
    draft = Draft()
    if table is None:
        table = _of_files(names, draft)
    else:
        table = _known(table, draft)
        guess_file_columns(table, names.images, names.outlines, draft)
        guess_identifier(table, names.images, names.outlines, draft)
        unnamed = draft.columns["masks"] is None and "files.outline" not in draft.checks
        if names.together and draft.outline is None and unnamed:
            way = template_of(names.outlines, _stems(names.images))
            draft.outline = None if way is None else way.text
    guess_label(table, draft)
    if draft.columns["label"] is None and {0, 1} <= {
        class_of(str(PurePosixPath(name).parent)) for name in names.images
    }:
        draft.checks["columns.label"] += ", or use the folders of the images: make study, no TABLE"
    guess_other_keys(table, draft)
    guess_variables(table, draft)
    draft.checks["reporting.title"] = "say which lesions these are"
    draft.told += _tell(table, names, draft)
    return draft


def _of_files(names: Names, draft: Draft) -> pd.DataFrame:
    """Make the table of the folders' names, and find the patterns that tie the files."""
    stems = _stems(names.images)
    way = template_of(names.outlines, list(dict.fromkeys(stems)))
    if len(set(stems)) == len(stems):
        set_patterns((template_of(names.images, stems), way), draft, together=names.together)
    else:
        draft.image = "{folder}/{id}"
        draft.checks["files.image"] = "one name in several folders: the folder is part of it"
        if way is None:
            draft.checks["files.outline"] = "no outline's name fits an image's: write how"
        else:
            regular = way.text.replace("(?P<id>", "(?:.*/)?(?P<folder>[^/]+)/(?P<id>")
            draft.outline = regular if regular != way.text else f"{{folder}}/{way.text}"
    made = files_table(names.images, FilePatterns(image=draft.image, outline=draft.outline))
    draft.columns["lesion_id"] = "lesion_id"
    return made.mask(made == "")


def _known(table: pd.DataFrame, draft: Draft) -> pd.DataFrame:
    """Return the cells cleaned, those missing that say so; note the words for it."""
    cells = table.map(clean).astype("str")
    folded = cells.apply(lambda column: column.str.casefold())
    missing = {*_STANDARD_MISSING, *MISSING}
    used = [word for word in MISSING if (folded == word).any(axis=None)]
    draft.missing_words = [*_STANDARD_MISSING, *used]
    found = cells.mask(folded.isin(missing | ERRORS))
    found.attrs |= table.attrs
    return found


def _tell(table: pd.DataFrame, names: Names, draft: Draft) -> list[str]:
    """Return what was found, in lines for the terminal."""
    lines = [f"{len(table)} rows, {len(names.images)} images, {len(names.outlines)} outlines"]
    images, outlines = _matched(table, names, draft)
    lines.append(f"of the rows {images} find their image, {outlines} an outline")
    lines += [f"{key}: {column}" for key, column in draft.columns.items() if column is not None]
    for kind, key, pattern in (
        ("image", "image", draft.image),
        ("outline", "masks", draft.outline),
    ):
        if draft.columns[key] is None:
            lines.append(f"{kind}s: named {pattern or 'as the lesion'}")
    label = draft.columns["label"]
    if label is not None:
        lines.append(f"the diagnosis holds {shown(table[label].dropna())}")
    lines += [f"clinical: {v.name} ({v.column}: {v.seen})" for v in draft.clinical]
    lines += [f"excluded: {column}, {reason}" for column, reason in draft.excluded.items()]
    lines += [f"not used: {column}, {reason}" for column, reason in draft.unused.items()]
    return lines


def _matched(table: pd.DataFrame, names: Names, draft: Draft) -> tuple[int, int]:
    """Return how many rows find their image, and an outline, by the names alone."""
    lesion = draft.columns["lesion_id"]
    cells = table[lesion].dropna().drop_duplicates()
    identifiers = [stem_of(cell) if pictures([cell]) else cell for cell in cells]
    patterns = FilePatterns(image=draft.image, outline=draft.outline)
    renamed = [
        FileNames(named_as_lesions(dict.fromkeys(files, dict), identifiers, patterns, kind))
        for files, kind in ((names.images, "image"), (names.outlines, "outline"))
    ]
    image, masks = (
        table.loc[cells.index, column].tolist() if column else [None] * len(cells)
        for column in (draft.columns["image"], draft.columns["masks"])
    )
    rows = pd.DataFrame({"image": image, "masks": masks}, index=identifiers, dtype="object")
    owned = renamed[1].owned(owners_of(rows, [], renamed[0]))
    found = [0, 0]
    for name, row in rows.iterrows():
        try:
            found[0] += bool(renamed[0].named(row["image"]) or renamed[0].exact(str(name)))
            found[1] += bool(_named(renamed[1], row["masks"], draft) or owned.get(str(name)))
        except UnusableLesionError:
            continue
    return found[0], found[1]


def _named(files: FileNames, cell: object, draft: Draft) -> list[str]:
    if isinstance(cell, str) and draft.separator != ";":
        cell = cell.replace(draft.separator, ";")
    return files.named(cell)


def _stems(names: Sequence[str]) -> list[str]:
    return [stem_of(name) for name in names]


def _files(folder: Path) -> list[str]:
    """Return the files below a folder, as the study lists them; hidden ones are passed over."""
    found = []
    for place, _, files in os.walk(folder):
        below = Path(place).relative_to(folder)
        found += [(below / name).as_posix() for name in files if not name.startswith(".")]
    return sorted(found)
