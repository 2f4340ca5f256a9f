"""What kind of text is burned in, by optical character recognition; never what it says."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np

from spl_kedro.imaging.quality.picture import Picture

NOT_TOLD = "text of a kind that is not told"
NAME, DATE, NUMBER, WORD = "a name", "a date", "a number", "a word"
#: What a scanner writes itself, of three letters or more: no name.
SCANNER_WORDS = frozenset(
    [
        *("arad", "area", "axilla", "breast", "clock", "convex", "depth", "dist", "fps", "freq"),
        *("frq", "gain", "gen", "harm", "khz", "kidney", "lax", "left", "linear", "liver", "long"),
        *("lung", "map", "mhz", "nipple", "pen", "persist", "power", "prf", "pwr", "rad", "res"),
        *("right", "sax", "thi", "thyroid", "tib", "tis", "trans", "vol"),
    ]
)
_DATE = re.compile(
    r"\b\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}\b"
    r"|\b\d{1,2}[ .-]?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mrz|mai|okt|dez)[a-z]*"
    r"[ .-]?\d{2,4}\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]{3,}")
_MARGIN = 4
_one_at_a_time = Lock()


def kind_of_words(words: str) -> str:
    """Return what words look like: a date, a name, a number or a word.

    A name is a capitalised word of at least three letters that no scanner writes, or one beside a
    comma; everything that holds a date is a date first.

    Examples
    --------
    >>> [kind_of_words(words) for words in ("12/03/2021", "SMITH, JOHN", "2.35 cm", "Gain")]
    ['a date', 'a name', 'a number', 'a word']
    """
    if _DATE.search(words):
        return DATE
    own = [word for word in _LETTERS.findall(words) if word.casefold() not in SCANNER_WORDS]
    if any(word[0].isupper() for word in own):
        return NAME
    return NUMBER if re.search(r"\d", words) else WORD


def kinds_of_text(picture: Picture, boxes: Sequence[tuple[slice, slice]]) -> str:
    """Return what the lines of text in an image look like, such as ``a date and a name``.

    Parameters
    ----------
    picture : Picture
    boxes : sequence of tuple of slice
        Rows and columns of each line.

    Returns
    -------
    str
        `NOT_TOLD` where the extra ``ocr`` is not installed, or nothing could be read. What was
        read is not kept.
    """
    engine = _engine()
    if engine is None:
        return NOT_TOLD
    found = set()
    for rows, columns in boxes:
        beside = _MARGIN + 2 * (rows.stop - rows.start)  # letters that were not told from echoes
        top, left = max(rows.start - _MARGIN, 0), max(columns.start - beside, 0)
        line = picture.brightness[top : rows.stop + _MARGIN, left : columns.stop + beside]
        colour = np.repeat(line[..., None], 3, axis=-1)
        with _one_at_a_time:
            read = engine(colour, use_det=False, use_cls=False, use_rec=True)
        found |= {kind_of_words(words) for words in (read.txts or ()) if words.strip()}
    return " and ".join(sorted(found)) if found else NOT_TOLD


@cache
def _engine() -> Any:
    """Return the reader of text with the models of its wheel, or None where it is not installed."""
    if find_spec("rapidocr") is None or find_spec("onnxruntime") is None:
        return None
    from rapidocr import RapidOCR

    # It logs where its files lie; what it reads must not come into a log at any level.
    logging.getLogger("RapidOCR").setLevel(logging.CRITICAL)
    return RapidOCR(params={"Global.log_level": "critical"})
