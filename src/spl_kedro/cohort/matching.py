"""Match each lesion with its image and outline files, and read it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from spl_kedro.cohort.findings import Findings
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
from spl_kedro.imaging import CaseWarning, Lesion, UltrasoundImage, UnusableLesionError
from spl_kedro.imaging.outline_files import AnyOutline
from spl_kedro.imaging.outlines import check_outline, in_pieces, outline_warnings, unite
from spl_kedro.imaging.quality import Finding, Picture, colours_of, examine, inpainted
from spl_kedro.rules import ActionTaken, Rule

ImageReaders = Mapping[str, Callable[[], UltrasoundImage]]
OutlineReaders = Mapping[str, Callable[[], AnyOutline]]


class ReadLesion(NamedTuple):
    """A lesion once it is read.

    Attributes
    ----------
    lesion : Lesion
        Its image inpainted, where the study wants that.
    warnings : list of CaseWarning
        What looks wrong about its outline and pixel size.
    findings : list of Finding
        Of the checks of image quality; empty where the image was not judged.
    inpainted_pixels : int
        Pixels that were filled in.
    """

    lesion: Lesion
    warnings: list[CaseWarning]
    findings: list[Finding]
    inpainted_pixels: int


@dataclass(frozen=True)
class LesionFiles:
    """The readers of one lesion's files, the pixel size its table row states, notes on names."""

    lesion_id: str
    image: Callable[[], UltrasoundImage]
    outlines: tuple[Callable[[], AnyOutline], ...]
    table_spacing_mm: float | None
    settings: CohortSettings
    notes: tuple[CaseWarning, ...] = ()

    def read(self) -> Lesion:
        """Read and check the lesion.

        Returns
        -------
        Lesion
            With the pixel size of the table where it has one, else of the file; inpainted, where
            the study wants that.

        Raises
        ------
        UnusableLesionError
            If a file cannot be read or the outline cannot be measured.
        """
        return self.examine(self.image(), judge=self.settings.quality.action == "inpaint").lesion

    def examine(self, image: UltrasoundImage, *, judge: bool = True) -> ReadLesion:
        """Return the lesion of an image already read, and what looks wrong about it.

        Parameters
        ----------
        image : UltrasoundImage
        judge : bool
            Whether the quality of the image is judged. Colour is read from the file's pixels.
        """
        masks = []
        for read in self.outlines:
            outline = read()
            if outline.sha256 and outline.sha256 == image.sha256:
                raise UnusableLesionError(
                    Rule.NO_PICTURE,
                    "the outline's file is the image's, byte for byte.",
                    "Put the outline in place of the picture.",
                )
            masks.append(outline.on(image.place))
        mask = unite(masks)
        grey = image.grey_within(self.settings.grey.range, self.settings.grey.minimum_share)
        check_outline(mask, grey, self.settings.quality.minimum_lesion_pixels)
        spacing: tuple[float, float] | None
        unknown: list[CaseWarning] = []
        if self.table_spacing_mm is None:
            spacing, unknown = image.spacing_at(mask)
        else:
            spacing = (self.table_spacing_mm, self.table_spacing_mm)
        lesion = Lesion(self.lesion_id, grey, mask, spacing)
        warnings = [
            *self.notes,
            *(in_pieces(mask) if len(masks) == 1 else []),
            *outline_warnings(mask, grey),
            *unknown,
        ]
        if not judge:
            return ReadLesion(lesion, warnings, [], 0)
        quality = self.settings.quality
        rounded = np.rint(grey).astype(np.uint8)
        picture = Picture(rounded, mask, colours_of(image.pixels), quality.near)
        examination = examine(picture, quality)
        filled = grey
        if quality.action == "inpaint":
            filled = inpainted(grey, examination.drawn)
        return ReadLesion(
            replace(lesion, image=filled),
            warnings,
            examination.findings,
            int((filled != grey).sum()),
        )


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
    for lesion_id, row in rows.iterrows():
        try:
            chosen[str(lesion_id)] = _choose(
                str(lesion_id), row, image_names, outline_names, owned, confusable
            )
            notes[str(lesion_id)] = _notes(row, *chosen[str(lesion_id)], settings.file_separator)
        except UnusableLesionError as error:
            quarantined.case(str(lesion_id), error)
    claims = defaultdict(list)
    for lesion_id, (_, names) in chosen.items():
        for name in set(names):
            claims[name].append(lesion_id)
    files = {}
    spacings = rows["spacing_mm"].to_dict()
    for lesion_id, (image, names) in chosen.items():
        shared = sorted(name for name in names if len(claims[name]) > 1)
        if shared:
            several = UnusableLesionError(
                Rule.OWN_OUTLINE,
                f"{shared[0]} could be the outline of {', '.join(sorted(claims[shared[0]]))}.",
            )
            quarantined.case(lesion_id, several)
            continue
        spacing = spacings[lesion_id]
        files[lesion_id] = LesionFiles(
            lesion_id=lesion_id,
            image=images[image],
            outlines=tuple(outlines[name] for name in sorted(set(names))),
            table_spacing_mm=None if pd.isna(spacing) else float(spacing),
            settings=settings,
            notes=tuple(notes[lesion_id]),
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
            f"{len(found)} images fit: {', '.join(sorted(found))}.",
        )
    names = outlines.named(row["masks"]) or owned.get(lesion_id, [])
    if not names:
        raise UnusableLesionError(
            Rule.OUTLINE,
            f"no outline named '{lesion_id}' or as the table says{outlines.near(lesion_id)}.",
        )
    return found[0], names


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
