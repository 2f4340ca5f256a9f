"""Clips of a cohort: each outlined frame is an image of the patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.frames import frames_of, name_of_frame, silent
from spl_kedro.cohort.lesion_files import LesionFiles
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.imaging.clips import ClipError, check_frame
from spl_kedro.imaging.outline import Clip
from spl_kedro.rules import Rule


def at_its_frames(files: LesionFiles, clip: ClipError) -> tuple[LesionFiles, ...]:
    """Return the lesion of each outlined frame of a clip.

    The frames are those that the row states. Where it states none, they are those that the
    outlines tell: by their names, else by themselves.

    Parameters
    ----------
    files : LesionFiles
        Of the clip.
    clip : ClipError
        What reading it raised.

    Returns
    -------
    tuple of LesionFiles
        A single one keeps its identifier; several have the frame's number in it.

    Raises
    ------
    ClipError
        If nothing tells the frame.
    UnusableLesionError
        If an outline cannot be read, or tells no frame although others do, if a frame is not in
        the clip, or if several are outlined and the study takes one image a row.
    """
    told: list[frozenset[int] | None] = []
    for named, read in zip(files.told, files.outlines, strict=True):
        if named is None:
            told.append(frames_of(read(), Clip(clip.instance, clip.frames)))
        else:
            told.append(frozenset({named}))
    if not files.stated and all(one is None for one in told):
        raise clip
    outlined = frozenset().union(*(one for one in told if one is not None))
    frames = files.stated or tuple(sorted(outlined))
    for number in frames:
        check_frame(clip.name, number, clip.frames)
    if None in told and len(files.stated) != 1:
        raise silent(clip.frames)
    if not frames:
        raise UnusableLesionError(Rule.NOT_EMPTY, "no frame of the clip is outlined.")
    if len(frames) == 1:
        return (replace(files, frame=frames[0]),)
    if not files.settings.files.several_images:
        raise UnusableLesionError(
            Rule.SINGLE_FRAME,
            f"{clip.name} has {len(frames)} outlined frames: {', '.join(map(str, frames))}.",
            "Set data_processing.files.several_images: true, so that each becomes an image of the "
            "patient, or keep one of the outlines.",
        )
    return tuple(
        replace(
            files,
            lesion_id=name_of_frame(files.lesion_id, number),
            frame=number,
            others=True,
            row=files.lesion_id,
        )
        for number in frames
    )


def one_row_per_frame(
    rows: pd.DataFrame, found: Mapping[str, tuple[LesionFiles, ...]], findings: Findings
) -> tuple[pd.DataFrame, dict[str, LesionFiles]]:
    """Give each outlined frame a row, with all that the table says of its clip.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
    found : mapping of str to tuple of LesionFiles
        By the clip's row, from :func:`at_its_frames`.
    findings : Findings
        Gets the clips whose frames would take the identifiers of other rows.

    Returns
    -------
    rows : DataFrame, index `lesion_id`
        With a row for each frame in place of one for each clip of several.
    files : dict of str to LesionFiles
        Of the frames.
    """
    files: dict[str, LesionFiles] = {}
    places: dict[str, tuple[str, ...]] = {
        str(lesion_id): (str(lesion_id),) for lesion_id in rows.index
    }
    for row, own in found.items():
        names = tuple(one.lesion_id for one in own)
        taken = sorted((set(names) - {row}) & set(places))
        if taken:
            error = UnusableLesionError(
                Rule.ONE_ROW, f"a frame of the clip would be '{taken[0]}', as another row is."
            )
            findings.case(row, error)
            continue
        places[row] = names
        files |= dict(zip(names, own, strict=True))
    if any(names != (row,) for row, names in places.items()):
        own_names = [name for row in rows.index for name in places[str(row)]]
        repeated = rows.loc[[row for row in rows.index for _ in places[str(row)]]]
        rows = repeated.set_axis(pd.Index(own_names, name=rows.index.name)).sort_index()
    return rows, files
