"""Which columns identify lesions, patients, sites and files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd

from spl_kedro.cohort.cells import parse_numbers, without_point_zero
from spl_kedro.cohort.guess.draft import Draft
from spl_kedro.cohort.guess.names import Template, tied
from spl_kedro.cohort.guess.vocabulary import plain, reason_to_exclude, speaks_of
from spl_kedro.cohort.names import stem_of
from spl_kedro.imaging.reader import SUFFIXES, suffix_of
from spl_kedro.schemas import COHORTS

_SEPARATORS = (";", "&", "|", ",")
_MOST_SITES = 50


def guess_identifier(
    table: pd.DataFrame, images: Sequence[str], outlines: Sequence[str], draft: Draft
) -> None:
    """Choose the column of lesions and the patterns of files: the one that finds most files.

    Parameters
    ----------
    table : DataFrame of str
        Missing where there is no value.
    images, outlines : sequence of str
        Names within the folders.
    draft : Draft
        Gets ``columns.lesion_id``, ``image`` and ``outline``.
    """
    named_by_table = draft.columns["image"] is not None and draft.columns["masks"] is not None
    scored = []
    for position, column in enumerate(table.columns):
        if named_by_table and column in draft.taken:
            continue
        cells = without_point_zero(table[column].dropna())
        # Blank cells are rows to complete; repeated identifiers are several lesions of a patient.
        if cells.empty or cells.nunique() < 0.5 * len(table) or cells.str.len().max() > 80:
            continue
        identifiers = [_bare(cell) for cell in dict.fromkeys(cells)]
        ways = tied(identifiers, images, outlines)
        found = 0.0 if named_by_table else sum(way.share for way in ways if way is not None)
        distinct = cells.nunique() / len(table)
        named = 0.3 * speaks_of(column, "lesion") - 0.5 * (reason_to_exclude(column) is not None)
        scored.append((found + distinct + named, -position, column, ways))
    if not scored:
        draft.columns["lesion_id"] = str(table.columns[0])
        draft.checks["columns.lesion_id"] = "no column tells the rows apart: name the one that does"
        return
    _, _, column, ways = max(scored, key=lambda entry: entry[:2])
    draft.columns["lesion_id"] = column
    cells = table[column].dropna()
    if cells.duplicated().any():
        draft.checks["columns.lesion_id"] = (
            f"{int(cells.duplicated(keep=False).sum())} rows share an identifier, and would be "
            "left out: one row a lesion"
        )
    elif draft.columns["image"] is None and _share(ways[0]) < 0.5:
        draft.checks["columns.lesion_id"] = "few of its cells stand in a file's name"
    set_patterns(ways, draft)


def set_patterns(
    ways: tuple[Template | None, Template | None], draft: Draft, *, together: bool = False
) -> None:
    """Write how images and outlines are named; null, where they are named as lesions.

    Parameters
    ----------
    ways : tuple of Template or None
        Of images and outlines.
    draft : Draft
    together : bool
        Whether images and outlines lie in one folder, so that names alone tell them apart.
    """
    for kind, key, way in zip(("image", "outline"), ("image", "masks"), ways, strict=True):
        if draft.columns[key] is not None:
            continue
        if way is None or way.share < 0.2:
            draft.checks[f"files.{kind}"] = (
                f"no identifier stands in the names of the {kind}s: write how they are named"
            )
            continue
        as_lesion = way.is_lesion if kind == "outline" else way.text == "{id}"
        setattr(
            draft, kind, None if as_lesion and not (together and kind == "outline") else way.text
        )
        if way.share < 0.95:
            draft.checks[f"files.{kind}"] = f"so named for {way.share:.0%} of the identifiers alone"
        if kind == "image" and len(way.ends) > 1:
            draft.checks["files.image"] = (
                f"several images of an identifier (it and {', '.join(way.ends[:3])}): set "
                "files.several_images: true, or give each lesion one"
            )


def guess_file_columns(
    table: pd.DataFrame, images: Sequence[str], outlines: Sequence[str], draft: Draft
) -> None:
    """Find columns whose cells name the files themselves; they go before patterns."""
    for key, names in (("image", images), ("masks", outlines)):
        known = {part for name in names for part in (name, PurePosixPath(name).name)}
        known = {part.casefold() for part in known}
        for column in table.columns:
            cells = table[column].dropna()
            files = cells.str.contains(
                rf"(?:{'|'.join(map(re.escape, SUFFIXES))})\b", case=False, regex=True
            )
            if cells.empty or files.mean() < 0.5:
                continue
            for separator in _SEPARATORS:
                parts = cells.str.split(separator, regex=False)
                hits = [all(p.strip().casefold() in known for p in cell) for cell in parts]
                if sum(hits) >= 0.5 * len(cells):
                    draft.columns[key] = str(column)
                    if key == "masks" and any(len(cell) > 1 for cell in parts):
                        draft.separator = separator
                    break
            if draft.columns[key] == column:
                break


def guess_other_keys(table: pd.DataFrame, draft: Draft) -> None:
    """Find patients, sites, frames of clips, the pixel size and a split of the hospital's own."""
    lesion = draft.columns["lesion_id"]
    for column in (c for c in table.columns if c not in draft.taken and speaks_of(c, "frame")):
        cells = table[column].dropna()
        if draft.columns["frame"] is None and cells.str.fullmatch(r"[1-9]\d*(\.0)?").all():
            draft.columns["frame"] = column
            draft.checks["columns.frame"] = "is it the outlined frame of a clip, from 1?"
    others = [c for c in table.columns if c not in draft.taken]
    patients = [c for c in others if speaks_of(c, "patient") and _tells_rows_apart(table[c])]
    if not patients:
        # "Case" beside an identifier of its own, where a case has several images.
        repeated = [c for c in others if table[c].duplicated().any()]
        patients = [c for c in repeated if speaks_of(c, "lesion") and _tells_rows_apart(table[c])]
    if patients:
        draft.columns["patient_id"] = patients[0]
        if not speaks_of(patients[0], "patient") or len(patients) > 1:
            draft.checks["columns.patient_id"] = "is it one value a patient?"
    else:
        draft.checks["columns.patient_id"] = (
            f"no column of patients was found, so that each {lesion} is its own patient; two "
            "lesions of one patient could then stand in training and validation"
        )
    for column in others:
        cells = table[column].dropna()
        if column in draft.taken or cells.empty:
            continue
        if draft.columns["site"] is None and speaks_of(column, "site"):
            if cells.nunique() <= _MOST_SITES and len(cells) == len(table):
                draft.columns["site"] = column
        elif draft.columns["spacing_mm"] is None and speaks_of(column, "spacing"):
            if parse_numbers(cells)[0].notna().mean() > 0.9:
                draft.columns["spacing_mm"] = column
                _unit(column, cells, draft)
        elif speaks_of(column, "cohort") and set(cells.str.casefold()) <= set(COHORTS):
            draft.columns["cohort"] = column
            draft.checks["columns.cohort"] = "your own split is used; null: split here, by patient"


def _unit(column: str, cells: pd.Series, draft: Draft) -> None:
    middle = float(parse_numbers(cells)[0].median())
    words = f" {plain(column)} "
    if " cm " in words:
        draft.spacing_to_mm = 10.0
    elif " um " in words or "micro" in words:
        draft.spacing_to_mm = 0.001
    elif " mm " not in words:
        # A pixel of B-mode ultrasound is 0.02 to 0.5 mm.
        draft.spacing_to_mm = 10.0 if middle < 0.02 else 1.0
        unit = "cm" if draft.spacing_to_mm > 1 else "mm"
        draft.checks["spacing_to_mm"] = (
            f"the column's unit is taken as {unit}: half of the images have pixels of less than "
            f"{middle * draft.spacing_to_mm:.3g} mm. Write 1 for mm, 10 for cm, 25.4 for inches"
        )


def _tells_rows_apart(cells: pd.Series) -> bool:
    """Return whether a column can be one of identifiers: full, and not a name or a day."""
    known = cells.dropna()
    return (
        len(known) == len(cells)
        and known.nunique() > 0.2 * len(known)
        and reason_to_exclude(str(cells.name)) is None
    )


def _share(way: Template | None) -> float:
    return 0.0 if way is None else way.share


def _bare(cell: str) -> str:
    """Return an identifier without the suffix of a picture."""
    return stem_of(cell) if suffix_of(cell) in SUFFIXES else cell
