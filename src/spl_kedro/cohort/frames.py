"""Which frame of a clip is outlined: as the table states, an outline's name or the outline says.

Frames are counted from 1, as DICOM counts them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

import pandas as pd

from spl_kedro.imaging.clips import TELL_THE_FRAME
from spl_kedro.imaging.decode import suffix_of
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.outline import Clip
from spl_kedro.imaging.outline_files import SUFFIXES, TELL_FRAMES, AnyOutline
from spl_kedro.rules import Rule

_PLACE, _GROUP = "{frame}", "(?P<frame>"
_WHOLE = re.compile(r"(\d+)(\.0+)?")
_OF_FRAME = re.compile(r"(.+)_f\d+")


class FramePattern:
    """Where the number of the frame stands in an outline's name.

    Parameters
    ----------
    text : str
        A part of the name with ``{frame}`` for the number, or a regular expression with a group
        named ``frame``. Letters' case is passed over.

    Raises
    ------
    ValueError
        If it holds no place for the number, or several.

    Examples
    --------
    >>> FramePattern("_f{frame}").number("clip_f012_mask.png", "clip")
    12
    >>> FramePattern("_f{frame}").number("P_f3_mask.png", "P_f3") is None
    True
    """

    def __init__(self, text: str) -> None:
        if _GROUP in text:
            written = text
        else:
            before, *after = text.split(_PLACE)
            if len(after) != 1:
                raise ValueError(
                    f"the pattern '{text}' holds not one {_PLACE}, but none or several"
                )
            written = f"{re.escape(before)}{_GROUP}\\d+)(?!\\d){re.escape(after[0])}"
        self._expression = re.compile(written, re.IGNORECASE)

    def number(self, name: str, *beginnings: str) -> int | None:
        """Return the frame in the name of an outline, or None.

        Parameters
        ----------
        name : str
            Of the file within its folder, perhaps behind the lesion's, see
            :func:`.name_patterns.named_as_lesions`.
        *beginnings : str
            Names of the lesion and of its image, in which no frame is looked for.
        """
        path = PurePosixPath(name)
        own = path.parent.name if suffix_of(path.parent.name) in SUFFIXES else path.name
        for beginning in sorted(filter(None, beginnings), key=len, reverse=True):
            own, cut = re.subn(rf"(?<![^\W_]){re.escape(beginning)}(?![^\W_])", "", own, count=1)
            if cut:
                break
        numbers = [int(found["frame"]) for found in self._expression.finditer(own)]
        return numbers[-1] if numbers else None


def told_frame(number: int | None) -> str:
    """Return the ending of a pseudonym by which :data:`IN_PSEUDONYMS` finds the frame again."""
    return "" if number is None else f"~f{number}~"


#: Where the frame stands in the pseudonym of an outline, which holds no other such mark.
IN_PSEUDONYMS = FramePattern("~f{frame}~")


def stated_frames(cell: object, separator: str) -> tuple[int, ...]:
    """Return the frames that a cell of the table states; none of an empty one.

    Raises
    ------
    UnusableLesionError
        If it holds something else than whole numbers from 1.

    Examples
    --------
    >>> stated_frames("12; 40", ";")
    (12, 40)
    """
    if not isinstance(cell, str):
        return ()
    parts = [part.strip() for part in cell.split(separator) if part.strip()]
    found = [_WHOLE.fullmatch(part) for part in parts]
    numbers = [int(one[1]) for one in found if one is not None]
    if len(numbers) < len(parts) or 0 in numbers:
        raise UnusableLesionError(Rule.FRAME, f"the table states the frame '{cell}'.")
    return tuple(dict.fromkeys(numbers))


def frames_of(outline: AnyOutline, clip: Clip) -> frozenset[int] | None:
    """Return which frames of a clip an outline says it is of; None where it does not say.

    Raises
    ------
    UnusableLesionError
        If it is of another image, or has not a slice for each frame.
    """
    return outline.frames_of(clip) if isinstance(outline, TELL_FRAMES) else None


def silent(frames: int) -> UnusableLesionError:
    """Return the refusal of a clip of which one outline tells no frame, and others do."""
    return UnusableLesionError(
        Rule.SINGLE_FRAME,
        f"the clip holds {frames} frames, and one of its outlines does not say which it is of.",
        TELL_THE_FRAME,
    )


def no_outline(frame: int | None) -> UnusableLesionError:
    """Return the refusal of a frame that no outline is of."""
    return UnusableLesionError(
        Rule.OUTLINE,
        f"no outline is of frame {frame}.",
        "Outline the frame, or correct its number in the table or in the outline's name.",
    )


def name_of_frame(lesion_id: str, frame: int) -> str:
    """Return the identifier of a frame that is an image of its own.

    Examples
    --------
    >>> name_of_frame("7", 12)
    '7_f012'
    """
    return f"{lesion_id}_f{frame:03d}"


def with_rows_of_frames(rows: pd.DataFrame, lesion_ids: Iterable[str]) -> pd.DataFrame:
    """Return a table with rows of frames too, each as that of its clip.

    Parameters
    ----------
    rows : DataFrame, index `lesion_id`
        As the hospital's table names the lesions.
    lesion_ids : iterable of str
        As the study does; those that are not frames of a row are passed over.
    """
    found = {
        name: match[1]
        for name in map(str, lesion_ids)
        if name not in rows.index
        and (match := _OF_FRAME.fullmatch(name))
        and match[1] in rows.index
    }
    own = rows.loc[list(found.values())].set_axis(pd.Index(found, name=rows.index.name))
    return pd.concat([rows, own]) if found else rows
