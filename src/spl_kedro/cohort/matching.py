"""Match each lesion with its image and outline files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.frames import stated_frames
from spl_kedro.cohort.lesion_files import LesionFiles
from spl_kedro.cohort.name_patterns import named_as_lesions
from spl_kedro.cohort.names import (
    OUTLINE_SUFFIXES,
    FileNames,
    alike,
    check_identifier,
    in_other_letters,
    owners_of,
    stem_of,
)
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.table import lesion_identifiers
from spl_kedro.imaging import CaseWarning, UltrasoundImage, UnusableLesionError
from spl_kedro.imaging.outline_files import AnyOutline
from spl_kedro.natural import in_natural_order
from spl_kedro.rules import ActionTaken, Rule

ImageReaders = Mapping[str, Callable[[], UltrasoundImage]]
OutlineReaders = Mapping[str, Callable[[], AnyOutline]]


def by_lesion(
    folders: Sequence[dict[str, Callable[[], Any]]], table: pd.DataFrame, settings: CohortSettings
) -> list[dict[str, Callable[[], Any]]]:
    """Return the readers under their lesions' names, where a pattern says how files are named.

    Parameters
    ----------
    folders : sequence of dict of str to function
        Images, outlines, and a second reader's outlines.
    table : DataFrame
        As the hospital hands it over.
    settings : CohortSettings
    """
    images, *outlines = folders
    known = lesion_identifiers(table, settings)
    named = images
    if settings.columns.image is None:  # those that the table names keep their names
        named = named_as_lesions(images, known, settings.files, "image", outlines[0])
    return [
        named,
        *(named_as_lesions(one, known, settings.files, "outline", images) for one in outlines),
    ]


def match_files(
    rows: pd.DataFrame,
    images: ImageReaders,
    outlines: OutlineReaders,
    settings: CohortSettings,
    other_ids: Iterable[str] = (),
) -> tuple[dict[str, LesionFiles], Findings, dict[str, str | None]]:
    """Find the files of every table row.

    A file is found by the name the table gives, else by the lesion's identifier: an image named
    like it, outlines named like it or like it followed by ``_`` and anything, where no longer
    identifier fits (`cohort.names`).

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        From :func:`spl_kedro.cohort.table.tidy_table`.
    images, outlines : mapping of file name to function
    settings : CohortSettings
    other_ids : iterable of str
        Lesions of the table already set aside.

    Returns
    -------
    files : dict of str to LesionFiles
    quarantined : Findings
        Lesions without files, with several images, or with an outline that is another's too.
    owners : dict of str to str or None
        Whose a file is, by the beginning of its name (`names.owners_of`).
    """
    quarantined = Findings("data_processing")
    other_ids = list(other_ids)
    image_names = FileNames(images, settings.file_separator)
    outline_names = FileNames(outlines, settings.file_separator, OUTLINE_SUFFIXES)
    owners = owners_of(rows, other_ids, image_names)
    owned = outline_names.owned(owners)
    confusable = alike([*rows.index, *other_ids])
    chosen: dict[str, tuple[str, list[str]]] = {}
    notes: dict[str, list[CaseWarning]] = {}
    stated: dict[str, tuple[int, ...]] = {}
    for lesion_id, row in rows.iterrows():
        try:
            chosen[str(lesion_id)] = _choose(
                str(lesion_id), row, image_names, outline_names, owned, confusable
            )
            stated[str(lesion_id)] = stated_frames(row["frame"], settings.file_separator)
            notes[str(lesion_id)] = _notes(row, *chosen[str(lesion_id)], settings.file_separator)
        except UnusableLesionError as error:
            quarantined.case(str(lesion_id), error)
    claims = defaultdict(list)
    for lesion_id in notes:
        for name in set(chosen[lesion_id][1]):
            claims[name].append(lesion_id)
    files = {}
    spacings = rows["spacing_mm"].to_dict()
    for lesion_id in notes:
        image, names = chosen[lesion_id]
        shared = sorted(name for name in names if _shared(claims[name], chosen, stated))
        if shared:
            lesions = ", ".join(in_natural_order(claims[shared[0]]))
            several = UnusableLesionError(
                Rule.OWN_OUTLINE, f"{shared[0]} could be the outline of {lesions}."
            )
            quarantined.case(lesion_id, several)
            continue
        spacing = spacings[lesion_id]
        own = sorted(set(names))
        files[lesion_id] = LesionFiles(
            lesion_id=lesion_id,
            image=images[image],
            outlines=tuple(outlines[name] for name in own),
            table_spacing_mm=None if pd.isna(spacing) else float(spacing),
            settings=settings,
            notes=tuple(notes[lesion_id]),
            stated=stated[lesion_id],
            outlined=outlined_frames(
                own, (lesion_id, stem_of(image)), settings, names, stated[lesion_id]
            ),
        )
    return files, quarantined, owners


def _choose(
    lesion_id: str,
    row: pd.Series,
    images: FileNames,
    outlines: FileNames,
    owned: Mapping[str, list[str]],
    confusable: set[str],
) -> tuple[str, list[str]]:
    """Return the names of a lesion's image and outlines."""
    check_identifier(lesion_id)
    if lesion_id in confusable:
        raise UnusableLesionError(
            Rule.DISTINCT,
            "another lesion has the same identifier but for case or the way accents are stored.",
        )
    found = images.named(row["image"]) or images.exact(lesion_id)
    if not found:
        raise UnusableLesionError(
            Rule.IMAGE,
            f"no image named '{lesion_id}' or as the table says{images.near(lesion_id)}.",
        )
    if len(found) > 1:
        raise UnusableLesionError(
            Rule.ONE_IMAGE,
            f"{len(found)} images fit: {', '.join(in_natural_order(found))}.",
        )
    names = outlines.named(row["masks"]) or owned.get(lesion_id, [])
    if not names:
        raise UnusableLesionError(
            Rule.OUTLINE,
            f"no outline named '{lesion_id}' or as the table says{outlines.near(lesion_id)}.",
        )
    return found[0], names


def _shared(
    owners: list[str], chosen: Mapping[str, tuple[str, list[str]]], stated: Mapping[str, tuple]
) -> bool:
    """Return whether one outline has several lesions; frames of one clip may have one file."""
    frames = [frame for owner in owners for frame in stated[owner] or (None,)]
    one_clip = len({chosen[owner][0] for owner in owners}) == 1
    return len(owners) > 1 and not (
        one_clip and None not in frames and len(set(frames)) == len(frames)
    )


def outlined_frames(
    outlines: Sequence[str],
    beginnings: Iterable[str],
    settings: CohortSettings,
    named: Sequence[str] = (),
    stated: tuple[int, ...] = (),
) -> tuple[int | None, ...]:
    """Return which frame of a clip each outline is of: by its name, else by its place in the row.

    Parameters
    ----------
    outlines : sequence of str
        Names of files.
    beginnings : iterable of str
        Names of the lesion and of its image.
    settings : CohortSettings
    named : sequence of str
        The outlines in the order of the row.
    stated : tuple of int
        The frames that the row states; as many as outlines belong to them in their order.
    """
    placed: dict[str, int] = {}
    if 1 < len(stated) == len(named) == len(set(named)):
        placed = dict(zip(named, stated, strict=True))
    pattern, own = settings.frame_pattern, tuple(beginnings)
    told = [pattern.number(name, *own) for name in outlines]
    return tuple(
        placed.get(name) if frame is None else frame
        for name, frame in zip(outlines, told, strict=True)
    )


def _notes(row: pd.Series, image: str, outlines: list[str], separator: str) -> list[CaseWarning]:
    """Return the warning on files that were found although their letters' case differs."""
    other = []
    for cell, names in ((row["image"], [image]), (row["masks"], outlines)):
        wanted = cell.split(separator) if isinstance(cell, str) else [str(row.name)]
        for one in wanted:
            other += in_other_letters(stem_of(one.strip()), names)
    if not other:
        return []
    return [
        CaseWarning(
            "files named as in the table",
            f"{', '.join(map(repr, other))} differs in the case of letters, and is taken for it.",
            "Rename the file as in the table, or correct the table.",
            ActionTaken.REPAIRED,
        )
    ]
