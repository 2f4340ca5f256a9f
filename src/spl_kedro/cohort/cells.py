"""The cells of a hospital's table: blanks, Excel's errors, and numbers as people write them."""

from __future__ import annotations

import math
import re

import pandas as pd

#: What Excel shows where a formula failed.
ERRORS = frozenset(
    {"#n/a", "#null!", "#div/0!", "#value!", "#ref!", "#name?", "#num!", "#getting_data"}
)
# Zero-width marks that editors leave at the start of a text, and Excel's escaped line break.
_INVISIBLE = re.compile("[\ufeff\u200b\u200e\u200f]|_x000D_")
_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_COMMA = re.compile(r"[+-]?\d*,\d+")
_LIKE_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(([ '’]\d{3})+|(\.\d{3}){2,}|(,\d{3}){2,})([.,]\d+)?")
_POINT_LAST = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+\.\d+")
_COMMA_LAST = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+,\d+")


def clean(cell: object) -> str:
    r"""Return a cell as text, without the blanks around it; no-break spaces become spaces.

    Examples
    --------
    >>> clean("\ufeff SPL\u00a01 "), clean(None)
    ('SPL 1', '')
    """
    if cell is None or (isinstance(cell, float) and math.isnan(cell)) or cell is pd.NA:
        return ""
    text = _INVISIBLE.sub("", str(cell))
    return text.replace("\u00a0", " ").replace("\u202f", " ").strip()


def is_figure(cell: str) -> bool:
    """Return whether a cell is a number, a date or the like: digits, and no letter.

    Columns are seldom called so; of a patient's cells one mostly is.

    Examples
    --------
    >>> is_figure("1,234.5"), is_figure("2019-03-01"), is_figure("CRP 1"), is_figure("#")
    (True, True, False, False)
    """
    return any(map(str.isdigit, cell)) and not any(map(str.isalpha, cell))


def without_point_zero(texts: pd.Series) -> pd.Series:
    """Return identifiers that a program wrote as numbers (12.0) as they were (12).

    Only where every identifier of the column ends so; otherwise the ending means something.
    """
    known = texts.dropna()
    if len(known) and known.str.fullmatch(r"\d+\.0").all():
        return texts.str.removesuffix(".0")
    return texts


def parse_numbers(texts: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Read a column of numbers in any of the usual notations.

    Blanks and apostrophes may group thousands, point or comma may be the decimal mark. A cell
    such as ``1,234``, one comma before three digits, is 1.234 in a column whose other decimal
    marks are commas, 1234 where they are points, and ambiguous otherwise; ``1.234`` is 1234 in
    a column of decimal commas, ambiguous where both marks occur, and 1.234 otherwise.

    Parameters
    ----------
    texts : Series of str
        Cleaned cells, missing where there is no value.

    Returns
    -------
    numbers : Series of float
        NaN where missing, no number, or ambiguous.
    no_number, ambiguous : Series of bool
    """
    plain = texts.map(lambda text: text.replace("−", "-"), na_action="ignore")
    known = plain.dropna()
    commas = any(_is_decimal_comma(text) for text in known)
    points = any(_is_decimal_point(text) for text in known)
    read = {row: _number(text, commas=commas, points=points) for row, text in known.items()}

    def told(what: str) -> pd.Series:
        return pd.Series([read.get(row) == what for row in texts.index], texts.index, dtype=bool)

    numbers = {row: number for row, number in read.items() if isinstance(number, float)}
    values = pd.Series(numbers, dtype="float64").reindex(texts.index)
    return values, told("no number"), told("ambiguous")


def _is_decimal_comma(text: str) -> bool:
    simple = bool(_COMMA.fullmatch(text)) and not _LIKE_THOUSANDS.fullmatch(text)
    return simple or bool(_COMMA_LAST.fullmatch(text))


def _is_decimal_point(text: str) -> bool:
    simple = "." in text and bool(_PLAIN.fullmatch(text)) and not _LIKE_THOUSANDS.fullmatch(text)
    return simple or bool(_POINT_LAST.fullmatch(text))


def _number(text: str, *, commas: bool, points: bool) -> float | str:
    """Return the number, or ``no number`` or ``ambiguous``."""
    if _LIKE_THOUSANDS.fullmatch(text):
        if commas and points:
            return "ambiguous"
        if "," in text:
            if not commas and not points:
                return "ambiguous"
            return float(text.replace(",", "." if commas else ""))
        return float(text.replace(".", "")) if commas else float(text)
    if _PLAIN.fullmatch(text):
        return float(text)
    if _COMMA.fullmatch(text):
        return float(text.replace(",", "."))
    if _POINT_LAST.fullmatch(text):
        return float(text.replace(",", ""))
    if _COMMA_LAST.fullmatch(text):
        return float(text.replace(".", "").replace(",", "."))
    grouped = _GROUPED.fullmatch(text)
    if grouped:
        decimals = grouped[5] or ""
        if decimals and decimals[0] in grouped[1]:
            return "no number"
        whole = re.sub(r"[ '’.,]", "", text.removesuffix(decimals))
        return float(whole + decimals.replace(",", "."))
    return "no number"
