"""Keyed hashes in the place of a hospital's identifiers, before a step has seen them.

Make a key once, outside the project: ``python -m spl_kedro.cohort.pseudonyms --make-key FILE``.
Where a pseudonym has to be led back to a patient, list them, from identifiers of one a line:
``python -m spl_kedro.cohort.pseudonyms --key FILE < identifiers.txt``. No run writes such a list.
"""

from __future__ import annotations

import argparse
import csv
import hmac
import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple, cast
from unicodedata import normalize

import pandas as pd

from spl_kedro.cohort.cells import ERRORS, clean, without_point_zero
from spl_kedro.cohort.frames import FramePattern, told_frame
from spl_kedro.cohort.headers import match_headers
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging.clips import ClipError
from spl_kedro.imaging.errors import UnusableLesionError, as_unusable_lesion
from spl_kedro.imaging.outline_files import SUFFIXES
from spl_kedro.imaging.reader import suffix_of
from spl_kedro.rules import Rule

_DIGITS = 12
_LEAST_BYTES = 32
_RULE = "a secret key for pseudonyms"
_MAKE = (
    "Make one: python -m spl_kedro.cohort.pseudonyms --make-key /a/folder/outside/the/project/key"
)


class Pseudonyms:
    """Names made of names by a key: always the same ones, and no way back without the key.

    Parameters
    ----------
    key : bytes
        At least 32 of them.

    Examples
    --------
    >>> names = Pseudonyms(bytes(32))
    >>> names("Anna"), names("Anna") == names("Anna "), len(names("Berta"))
    ('e86a29b069c9', False, 12)
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def from_variable(cls, variable: str) -> Pseudonyms:
        """Read the key in the file whose path an environment variable holds.

        Raises
        ------
        UnusableStudyError
            If the variable is not set, there is no such file, or it is too short.
        """
        path = os.environ.get(variable)
        if not path:
            raise UnusableStudyError(
                _RULE, f"the environment variable {variable} is not set.", f"{_MAKE}, and name it."
            )
        try:
            key = Path(path).expanduser().read_bytes().rstrip(b"\r\n")
        except OSError as error:
            raise UnusableStudyError(
                _RULE, f"the file that {variable} names cannot be read ({error.strerror}).", _MAKE
            ) from None
        if len(key) < _LEAST_BYTES:
            raise UnusableStudyError(
                _RULE, f"the file that {variable} names holds {len(key)} bytes.", _MAKE
            )
        return cls(key)

    def __call__(self, name: str) -> str:
        """Return a name's HMAC-SHA-256 (RFC 2104), its first 12 hexadecimal digits.

        The two ways in which accents are stored give one pseudonym.
        """
        text = normalize("NFC", name).encode("utf-8", "surrogatepass")
        return hmac.digest(self._key, text, "sha256").hex()[:_DIGITS]


class Handed(NamedTuple):
    """A hospital's table and the readers of its files."""

    table: pd.DataFrame
    images: dict[str, Callable[[], Any]]
    outlines: dict[str, Callable[[], Any]]
    reader2_outlines: dict[str, Callable[[], Any]]


def without_identifiers(handed: Handed, settings: CohortSettings) -> Handed:
    """Rename lesions, patients and files, so that all that follows speaks of pseudonyms.

    Which file belongs to which lesion stays as it was: of a name the part that tells it (an
    identifier or an image's name, perhaps followed by ``_`` and anything) becomes its pseudonym.

    Parameters
    ----------
    handed : Handed
    settings : CohortSettings
        With `pseudonyms`; without, everything is returned as it is.

    Raises
    ------
    UnusableStudyError
        If the key cannot be read, or two identifiers have one pseudonym.
    """
    if settings.pseudonyms is None:
        return handed
    names = Pseudonyms.from_variable(settings.pseudonyms)
    columns = match_headers(handed.table, settings).columns
    keys = [column for column in (columns.lesion_id, columns.patient_id) if column is not None]
    lesions, *patients = (_identifiers(handed.table, key, settings).dropna() for key in keys)
    known = {_parts(name)[0] for name in lesions}
    known |= {_parts(PurePosixPath(name).name)[0] for name in handed.images}
    _require_distinct(known | {_parts(name)[0] for column in patients for name in column}, names)
    frames = FramePattern(settings.files.frame)
    renamed = partial(_renamed, names=names, known=known, frames=frames)
    table = rename_rows(handed.table, keys, names, settings)
    files = [c for c in (columns.image, columns.masks) if c is not None and c not in keys]
    for column in dict.fromkeys(files):
        table[column] = [
            cell if missing else settings.file_separator.join(map(renamed, _files(cell, settings)))
            for cell, missing in zip(
                handed.table[column].map(clean),
                _identifiers(handed.table, column, settings).isna(),
                strict=True,
            )
        ]
    return Handed(table, *(_relabelled(folder, renamed) for folder in handed[1:]))


def rename_rows(
    table: pd.DataFrame, columns: Iterable[str], names: Pseudonyms, settings: CohortSettings
) -> pd.DataFrame:
    """Return a table with pseudonyms in its columns of identifiers; the suffixes of files stay."""
    table = table.copy()
    for column in dict.fromkeys(columns):
        texts, cells = _identifiers(table, column, settings), table[column].map(clean)
        table[column] = [
            cell if pd.isna(text) else names(_parts(text)[0]) + _parts(text)[1]
            for text, cell in zip(texts, cells, strict=True)
        ]
    return table


def _identifiers(table: pd.DataFrame, column: str, settings: CohortSettings) -> pd.Series:
    """Return the texts of a column as the cohort reads them, missing where there is none."""
    text = without_point_zero(table[column].map(clean).astype("str"))
    missing = {word.casefold() for word in settings.missing_words} | {""} | ERRORS
    return text.mask(text.str.casefold().isin(missing))


def _files(cell: str, settings: CohortSettings) -> list[str]:
    return [part.strip() for part in cell.split(settings.file_separator) if part.strip()]


def _require_distinct(identifiers: set[str], names: Pseudonyms) -> None:
    if len({names(name) for name in identifiers}) < len(identifiers):
        raise UnusableStudyError(
            "one pseudonym a name", "two identifiers have the same one.", "Make another key."
        )


def _renamed(file: str, names: Pseudonyms, known: set[str], frames: FramePattern) -> str:
    """Return the new name of a file within its folder, which gets another name too.

    What tells the frame of a clip stays.
    """
    path = PurePosixPath(file)
    stem, suffix = _parts(path.name)
    beginning = stem
    while beginning and beginning not in known:
        beginning = beginning.rpartition("_")[0]
    rest = names(stem) if not beginning else f"{names(beginning)}_{names(stem)}"
    rest += told_frame(frames.number(file, beginning))
    name = (names(stem) if beginning == stem else rest) + suffix
    return name if len(path.parts) == 1 else f"{names(str(path.parent))}/{name}"


def _relabelled(
    readers: Mapping[str, Callable[[], Any]], renamed: Callable[[str], str]
) -> dict[str, Callable[[], Any]]:
    return {
        renamed(name): partial(_read, read, name, renamed(name)) for name, read in readers.items()
    }


def _read(read: Callable[[], Any], name: str, pseudonym: str) -> Any:
    """Read a file; an error speaks of its pseudonym."""
    try:
        return read()
    except Exception as error:
        told = as_unusable_lesion(error, name)
        if isinstance(told, ClipError):
            raise ClipError(pseudonym, told.frames, told.instance) from None
        message, path = told.message, PurePosixPath(name)
        for own in (name, path.name):
            message = message.replace(own, pseudonym)
        if path.parent.name:  # of a file found by a pattern, its own name
            own = rf"(?<!\w){re.escape(path.parent.name)}(?!\w)"
            message = re.sub(own, pseudonym, message)
        # Not from the error itself, which names the file.
        raise UnusableLesionError(cast(Rule, told.rule), message, told.remedy) from None


def _parts(name: str) -> tuple[str, str]:
    """Return a name without a known suffix, accents in one form, and the suffix."""
    suffix = suffix_of(name)
    length = len(name) - (len(suffix) if suffix in SUFFIXES else 0)
    return normalize("NFC", name[:length]), name[length:]


def main() -> None:
    """Make a key, or list the pseudonyms of identifiers."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--make-key", type=Path, metavar="FILE", help="write a new key")
    wanted.add_argument("--key", type=Path, metavar="FILE", help="list pseudonyms by this key")
    told = parser.parse_args()
    if told.make_key is not None:
        with os.fdopen(
            os.open(told.make_key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w"
        ) as f:
            f.write(secrets.token_hex(_LEAST_BYTES) + "\n")
        return
    names = Pseudonyms(told.key.read_bytes().rstrip(b"\r\n"))
    rows = csv.writer(sys.stdout)
    rows.writerow(("identifier", "pseudonym"))
    rows.writerows((name, names(name)) for name in map(str.strip, sys.stdin) if name)


if __name__ == "__main__":
    main()
