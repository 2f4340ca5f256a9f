"""Check the files of a cohort: read every lesion, and keep what can be measured."""

from __future__ import annotations

import hashlib
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import NamedTuple, cast

import numpy as np
import pandas as pd

from spl_kedro.cohort.acquisition import Taking, acquisition_table
from spl_kedro.cohort.clips import at_its_frames, one_row_per_frame
from spl_kedro.cohort.cross_checks import (
    outlines_of_their_own,
    patients_of_one_class,
)
from spl_kedro.cohort.duplicates import settle_duplicates
from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.kept import CompactLesion, KeptLesions
from spl_kedro.cohort.lesion_files import LesionFiles
from spl_kedro.cohort.matching import (
    ImageReaders,
    OutlineReaders,
    match_files,
    outlined_frames,
)
from spl_kedro.cohort.names import OUTLINE_SUFFIXES, FileNames
from spl_kedro.cohort.quality import Judged
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.imaging import CaseWarning, Lesion, UnusableLesionError
from spl_kedro.imaging.clips import ClipError
from spl_kedro.imaging.duplicates import LesionPrint, print_of
from spl_kedro.imaging.quality import Finding
from spl_kedro.parallel import scheduler, spread
from spl_kedro.rules import ActionTaken
from spl_kedro.schemas import INPAINTED_PIXELS

log = logging.getLogger(__name__)


_FACTS = (
    *("image_sha256", "spacing_row_mm", "spacing_col_mm"),
    *(INPAINTED_PIXELS, "pixels", "outline"),
)


class Examined(NamedTuple):
    """What became of a cohort's files.

    Attributes
    ----------
    usable : DataFrame, index `lesion_id`
        The rows with `image_sha256`, `spacing_row_mm`, `spacing_col_mm` and without file names;
        with `inpainted_pixels` where the study has images inpainted.
    files : dict of str to LesionFiles
        How to read each usable lesion again.
    findings : Findings
        Lesions whose files break a rule, and what looks wrong about usable ones.
    quality : DataFrame
        What each check of image quality measured (``schemas.Quality``), also of the lesions left
        out for it.
    owners : dict of str to str or None
        Whose a file is, by the beginning of its name (`names.owners_of`).
    acquisition : DataFrame, index `lesion_id`
        How the images of the usable lesions were made.
    duplicates : DataFrame
        Which images are copies of each other (``schemas.Duplicates``), also of lesions left out for
        it.
    prints : dict of str to LesionPrint
        Small pictures of the images in `duplicates`.
    kept : KeptLesions
        The usable lesions that are still in memory.
    rows : DataFrame, index `lesion_id`
        All rows, one for each outlined frame of a clip.
    """

    usable: pd.DataFrame
    files: dict[str, LesionFiles]
    findings: Findings
    quality: pd.DataFrame
    owners: dict[str, str | None]
    acquisition: pd.DataFrame
    duplicates: pd.DataFrame
    prints: dict[str, LesionPrint]
    kept: KeptLesions
    rows: pd.DataFrame

    @property
    def lesions(self) -> dict[str, Callable[[], Lesion]]:
        """How to get each usable lesion: from memory the first time, where it is there."""
        return {
            lesion_id: self.kept.reader(lesion_id, files.read)
            for lesion_id, files in self.files.items()
        }


def check_files(
    rows: pd.DataFrame,
    images: ImageReaders,
    outlines: OutlineReaders,
    settings: CohortSettings,
    other_ids: Iterable[str] = (),
) -> Examined:
    """Read every lesion once and keep what can be measured.

    Takes what :func:`spl_kedro.cohort.matching.match_files` takes.

    Returns
    -------
    Examined
    """
    files, findings, owners = match_files(rows, images, outlines, settings, other_ids)
    found: dict[str, dict[str, object]] = {}
    warnings: dict[str, list[CaseWarning]] = {}
    takings: dict[str, Taking] = {}
    judged = Judged(settings.quality.action)
    prints: dict[str, LesionPrint] = {}
    kept = KeptLesions()
    clips: dict[str, tuple[LesionFiles, ...]] = {}

    def take(lesion_id: str, outcome: _Outcome | UnusableLesionError) -> None:
        if isinstance(outcome, UnusableLesionError):
            findings.case(lesion_id, outcome)
        elif judged.case(lesion_id, outcome.measured, findings):
            found[lesion_id] = outcome.facts
            warnings[lesion_id] = outcome.warnings
            takings[lesion_id] = outcome.taking
            prints[lesion_id] = outcome.printed
            if outcome.lesion is not None:
                kept.keep(lesion_id, outcome.lesion)

    # On a cluster what waits would travel back, to be stored from here.
    check = partial(_checked, keep=scheduler() is None)
    checked = spread(check, files.values(), "checking images", name=_name)
    for lesion_id, outcome in zip(files, checked, strict=True):
        if isinstance(outcome, _Outcome | UnusableLesionError):
            take(lesion_id, outcome)
        else:
            clips[lesion_id] = outcome
    if clips:
        rows, frames = one_row_per_frame(rows, clips, findings)
        checked = spread(check, frames.values(), "checking frames of clips", name=_name)
        for lesion_id, outcome in zip(frames, checked, strict=True):
            take(lesion_id, cast(_Outcome | UnusableLesionError, outcome))
        files |= frames
    used = list(files.values())
    _log_unused("images", images, [one.image for one in used])
    _log_unused("outlines", outlines, [outline for one in used for outline in one.outlines])
    known = pd.DataFrame.from_dict(found, orient="index", columns=list(_FACTS))
    usable = rows.loc[rows.index.isin(list(found))].join(known)
    if settings.quality.action != "inpaint":
        usable = usable.drop(columns=INPAINTED_PIXELS)
    usable, duplicates = settle_duplicates(
        usable, [prints[lesion_id] for lesion_id in usable.index], settings, findings
    )
    for lesion_id in usable.index:
        for warning in warnings[lesion_id]:
            findings.case(lesion_id, warning)
    looks_wrong = list(outlines_of_their_own(usable))
    if "label" in usable:
        looks_wrong += patients_of_one_class(usable)
    for lesion_id, warning in looks_wrong:
        findings.case(lesion_id, warning)
    usable = usable.drop(columns=["image", "masks", "frame", "spacing_mm", "pixels", "outline"])
    stay = {lesion_id: files[lesion_id] for lesion_id in usable.index}
    acquisition = acquisition_table(
        {lesion_id: takings[lesion_id] for lesion_id in stay}, simulated=settings.simulated
    )
    if "table_row" in usable:
        acquisition["table_row"] = usable["table_row"]
        usable = usable.drop(columns="table_row")
    alike = pd.unique(duplicates[["lesion_id", "other_lesion_id"]].to_numpy().ravel())
    return Examined(
        *(usable, stay, findings, judged.table(), owners, acquisition, duplicates),
        {str(lesion_id): prints[lesion_id] for lesion_id in alike},
        kept,
        rows,
    )


def second_reader(
    examined: Examined, reader2_outlines: OutlineReaders
) -> tuple[dict[str, Callable[[], Lesion]], Findings]:
    """Return the readers of the lesions a second reader outlined too.

    Parameters
    ----------
    examined : Examined
        The first reader's lesions.
    reader2_outlines : mapping of file name to function
        Named as the lesions; may be empty.
    """
    findings = Findings("second reader", ActionTaken.LEFT_OUT)
    readers: dict[str, Callable[[], Lesion]] = {}
    owned = FileNames(reader2_outlines, suffixes=OUTLINE_SUFFIXES).owned(examined.owners)
    kept = KeptLesions()
    beginnings: dict[str, list[str]] = defaultdict(list)
    for beginning, owner in examined.owners.items():
        beginnings[owner or ""].append(beginning)
    twice = {}
    for lesion_id, files in examined.files.items():
        row = files.row or lesion_id
        names = owned.get(row, [])
        frames = outlined_frames(names, beginnings[row], files.settings)
        if any(files.frame in (None, told) or told is None for told in frames):
            outlines = tuple(reader2_outlines[name] for name in names)
            twice[lesion_id] = replace(files, outlines=outlines, outlined=frames)
    check = partial(_read, keep=scheduler() is None)
    read = spread(check, twice.values(), "checking second outlines", name=_name)
    for (lesion_id, files), lesion in zip(twice.items(), read, strict=True):
        if isinstance(lesion, UnusableLesionError):
            findings.case(lesion_id, lesion)
            continue
        if lesion is not None:
            kept.keep(lesion_id, lesion)
        readers[lesion_id] = kept.reader(lesion_id, files.read)
    return readers, findings


def _name(files: LesionFiles) -> str:
    return files.lesion_id


class _Outcome(NamedTuple):
    """What is known of a lesion once read, and what looks wrong about it."""

    facts: dict[str, object]
    warnings: list[CaseWarning]
    measured: list[Finding]
    taking: Taking
    printed: LesionPrint
    lesion: CompactLesion | None


def _checked(
    files: LesionFiles, *, keep: bool
) -> _Outcome | UnusableLesionError | tuple[LesionFiles, ...]:
    """Return what is known of a lesion once read, and itself; of one that is not usable, why.

    Of a clip the lesions of its outlined frames are returned, still to be read.
    """
    try:
        image = files.open()
        read = files.examine(image)
    except ClipError as clip:
        try:
            return at_its_frames(files, clip)
        except UnusableLesionError as error:
            return error
    except UnusableLesionError as error:
        return error
    lesion = read.lesion
    compact = CompactLesion.of(lesion)
    row, column = lesion.spacing_mm or (np.nan, np.nan)
    facts: dict[str, object] = {
        "image_sha256": image.sha256,
        "spacing_row_mm": row,
        "spacing_col_mm": column,
        INPAINTED_PIXELS: read.inpainted_pixels,
        "pixels": _digest(compact.image, lesion.image.shape),
        "outline": _digest(compact.outline, lesion.image.shape),
    }
    taking = Taking(image.acquisition, image.shape)
    printed = print_of(lesion.image, lesion.mask)
    kept = compact if keep else None
    return _Outcome(facts, read.warnings, read.findings, taking, printed, kept)


def _read(files: LesionFiles, *, keep: bool) -> CompactLesion | UnusableLesionError | None:
    """Return a lesion, or nothing where it is not to be kept; of one that is not usable, why."""
    try:
        lesion = files.read()
    except UnusableLesionError as error:
        return error
    return CompactLesion.of(lesion) if keep else None


def _digest(values: np.ndarray, shape: tuple[int, ...]) -> str:
    digest = hashlib.sha256(f"{shape} {values.dtype}".encode())
    digest.update(np.ascontiguousarray(values).data)
    return digest.hexdigest()


def _log_unused(kind: str, readers: Mapping[str, Callable], used: Iterable[Callable]) -> None:
    """Log how many files of a folder belong to no usable row."""
    known = {id(reader) for reader in used}
    unused = sum(id(reader) not in known for reader in readers.values())
    if unused:
        log.warning("%d %s belong to no usable row of the cohort table.", unused, kind)
