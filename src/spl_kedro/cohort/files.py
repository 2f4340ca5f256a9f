"""Match each lesion with its image and outline files, check them, and read the lesion."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from tqdm import tqdm

from spl_kedro.cohort.quarantine import Quarantined
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.imaging import Lesion, UltrasoundImage, UnusableCaseError
from spl_kedro.imaging.outlines import check_outline, unite
from spl_kedro.imaging.reader import suffix_of

log = logging.getLogger(__name__)

ImageReaders = Mapping[str, Callable[[], UltrasoundImage]]
MaskReaders = Mapping[str, Callable[[], np.ndarray]]


@dataclass(frozen=True)
class LesionFiles:
    """The readers of one lesion's files, and the pixel size its table row states."""

    lesion_id: str
    image: Callable[[], UltrasoundImage]
    masks: tuple[Callable[[], np.ndarray], ...]
    table_spacing_mm: float | None
    minimum_pixels: int

    def read(self) -> Lesion:
        """Read and check the lesion.

        Returns
        -------
        Lesion
            With the pixel size of the table where it has one, else of the file.

        Raises
        ------
        UnusableCaseError
            If a file cannot be read or the outline cannot be measured.
        """
        return self.lesion_from(self.image())

    def lesion_from(self, image: UltrasoundImage) -> Lesion:
        """Return the lesion of an image already read."""
        mask = unite([read() for read in self.masks])
        check_outline(mask, image.grey, self.minimum_pixels)
        spacing = image.spacing_mm
        if self.table_spacing_mm is not None:
            spacing = (self.table_spacing_mm, self.table_spacing_mm)
        return Lesion(self.lesion_id, image.grey, mask, spacing)


def match_files(
    row: pd.Series, images: ImageReaders, masks: MaskReaders, settings: CohortSettings
) -> LesionFiles:
    """Find the files of one table row.

    A file is found by the name the table gives, else by the lesion's identifier: an image
    named like it, outlines named like it or like it followed by ``_`` and anything.

    Parameters
    ----------
    row : Series
        Row of :func:`spl_kedro.cohort.table.tidy_table`; its name is the lesion's identifier.
    images, masks : mapping of file name to function
    settings : CohortSettings

    Raises
    ------
    UnusableCaseError
        If a file is missing or a name fits several images.
    """
    lesion_id = str(row.name)
    found = _named(row["image"], images, settings) or _stem_matches(lesion_id, images)
    if not found:
        raise UnusableCaseError(
            "an image for each row",
            f"no image named '{lesion_id}' or as the table says.",
            "Put the image in the folder or correct its name in the table.",
        )
    if len(found) > 1:
        raise UnusableCaseError(
            "one image for each lesion",
            f"{len(found)} images fit: {', '.join(sorted(found))}.",
            "Name the outlined image in the table.",
        )
    outlines = _named(row["masks"], masks, settings) or _outlines_of(lesion_id, masks)
    if not outlines:
        raise UnusableCaseError(
            "an outline for each row",
            f"no outline named '{lesion_id}' or as the table says.",
            "Outline the lesion, or correct the file's name in the table.",
        )
    spacing = row["spacing_mm"]
    return LesionFiles(
        lesion_id=lesion_id,
        image=images[found[0]],
        masks=tuple(masks[name] for name in sorted(outlines)),
        table_spacing_mm=None if pd.isna(spacing) else float(spacing),
        minimum_pixels=settings.quality.minimum_lesion_pixels,
    )


def check_files(
    rows: pd.DataFrame, images: ImageReaders, masks: MaskReaders, settings: CohortSettings
) -> tuple[pd.DataFrame, dict[str, LesionFiles], Quarantined]:
    """Read every lesion once and keep what can be measured.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        From :func:`spl_kedro.cohort.table.tidy_table`.
    images, masks : mapping of file name to function
    settings : CohortSettings

    Returns
    -------
    usable : DataFrame, index `lesion_id`
        `rows` with `image_sha256`, `spacing_row_mm`, `spacing_col_mm` and without the rest.
    files : dict of str to LesionFiles
        How to read each usable lesion again.
    quarantined : Quarantined
        Lesions whose files break a rule, and an image that two patients share.
    """
    quarantined = Quarantined("data_processing")
    files: dict[str, LesionFiles] = {}
    found: dict[str, tuple[str, float, float]] = {}
    owner: dict[str, str] = {}
    for lesion_id, row in tqdm(rows.iterrows(), total=len(rows), desc="checking images"):
        try:
            lesion_files = match_files(row, images, masks, settings)
            image = lesion_files.image()
            lesion = lesion_files.lesion_from(image)
            if owner.setdefault(image.sha256, row["patient_id"]) != row["patient_id"]:
                raise UnusableCaseError(
                    "one patient an image",
                    "the same image file belongs to another patient too.",
                    "Find out whose image it is; it could stand in two cohorts at once.",
                )
        except UnusableCaseError as error:
            quarantined.case(str(lesion_id), error)
            continue
        files[str(lesion_id)] = lesion_files
        found[str(lesion_id)] = (image.sha256, *(lesion.spacing_mm or (np.nan, np.nan)))
    _log_unused(images, files)
    facts = pd.DataFrame.from_dict(
        found, orient="index", columns=["image_sha256", "spacing_row_mm", "spacing_col_mm"]
    )
    usable = rows.loc[rows.index.isin(list(found))].join(facts)
    return usable.drop(columns=["image", "masks", "spacing_mm"]), files, quarantined


def second_reader(
    files: Mapping[str, LesionFiles], reader2_masks: MaskReaders
) -> tuple[dict[str, Callable[[], Lesion]], Quarantined]:
    """Return the readers of the lesions a second reader outlined too.

    Parameters
    ----------
    files : mapping of str to LesionFiles
        Usable lesions.
    reader2_masks : mapping of file name to function
        Named as the lesions; may be empty.
    """
    quarantined = Quarantined("second reader")
    readers: dict[str, Callable[[], Lesion]] = {}
    for lesion_id, lesion_files in files.items():
        outlines = _outlines_of(lesion_id, reader2_masks)
        if not outlines:
            continue
        again = partial(_with_masks, lesion_files, tuple(reader2_masks[n] for n in outlines))
        try:
            again()
        except UnusableCaseError as error:
            quarantined.case(lesion_id, error)
            continue
        readers[lesion_id] = again
    return readers, quarantined


def _with_masks(files: LesionFiles, masks: tuple[Callable[[], np.ndarray], ...]) -> Lesion:
    return LesionFiles(
        files.lesion_id, files.image, masks, files.table_spacing_mm, files.minimum_pixels
    ).read()


def _stem(name: str) -> str:
    base = PurePosixPath(name).name
    suffix = suffix_of(base)
    return base[: -len(suffix)] if suffix else base


def _named(cell: object, readers: Mapping[str, Callable], settings: CohortSettings) -> list[str]:
    """Return the files a table cell names, each present, or an empty list for an empty cell."""
    if not isinstance(cell, str):
        return []
    names = [name.strip() for name in cell.split(settings.file_separator) if name.strip()]
    missing = [name for name in names if name not in readers]
    if missing:
        raise UnusableCaseError(
            "the files the table names",
            f"not found: {', '.join(missing)}.",
            "Put the file in the folder or correct its name in the table.",
        )
    return names


def _stem_matches(lesion_id: str, readers: Mapping[str, Callable]) -> list[str]:
    return [name for name in readers if _stem(name) == lesion_id]


def _outlines_of(lesion_id: str, readers: Mapping[str, Callable]) -> list[str]:
    return [
        name
        for name in readers
        if _stem(name) == lesion_id or _stem(name).startswith(f"{lesion_id}_")
    ]


def _log_unused(images: ImageReaders, files: Mapping[str, LesionFiles]) -> None:
    used = {id(lesion_files.image) for lesion_files in files.values()}
    unused = sum(id(reader) not in used for reader in images.values())
    if unused:
        log.warning("%d images belong to no usable row of the cohort table.", unused)
