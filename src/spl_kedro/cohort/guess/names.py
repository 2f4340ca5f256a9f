"""How names of files are made of lesions' identifiers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from spl_kedro.cohort.guess.vocabulary import holds, plain
from spl_kedro.cohort.names import stem_of
from spl_kedro.imaging.reader import SUFFIXES, suffix_of

_RUNS = re.compile(r"[^\W\d_]+|\d+|[\W_]")
_MOST_RUNS = 24
_LISTED = 6
_OUTLINE_WORDS = (
    *("mask*", "maske*", "seg", "segment*", "outline*", "contour*", "kontur*", "roi", "gt"),
    *("annotation*", "mascara*", "masque*", "maschera*", "truth"),
)


class Template(NamedTuple):
    """What stands before and after the identifier in the names of a folder.

    Attributes
    ----------
    prefix : str
    ends : tuple of str
        Every end there is, sorted.
    share : float
        Share of the identifiers that have a file so.
    zeros : int
        Digits to which a number is filled with zeros; 0 for none.
    """

    prefix: str
    ends: tuple[str, ...]
    share: float
    zeros: int = 0

    @property
    def text(self) -> str:
        """The pattern, as ``data_processing.files`` has it."""
        place = f"{{id:{self.zeros}}}" if self.zeros else "{id}"
        shared = _beginning(self.ends)
        plain_text = not set("{}*") & set("".join((self.prefix, *self.ends)))
        if plain_text and len(self.ends) == 1:
            return f"{self.prefix}{place}{shared}"
        if plain_text and shared:
            return f"{self.prefix}{place}{shared}*"
        ends = "|".join(map(re.escape, self.ends[:_LISTED]))
        return f"{re.escape(self.prefix)}(?P<id>.+?)(?:{ends})"

    @property
    def is_lesion(self) -> bool:
        """Whether a file is named as the lesion, or as it and ``_anything``: no pattern needed."""
        return (
            not self.prefix
            and not self.zeros
            and all(end == "" or (end.startswith("_") and "/" not in end) for end in self.ends)
        )


def pictures(names: Iterable[str]) -> list[str]:
    """Return the names of files of a kind that is read."""
    return [name for name in names if suffix_of(PurePosixPath(name).name) in SUFFIXES]


def outlines_among(names: Sequence[str]) -> list[str]:
    """Return the files of a folder whose names say that they are outlines."""
    return [name for name in names if holds(plain(stem_of(name)), _OUTLINE_WORDS)]


def template_of(names: Sequence[str], identifiers: Sequence[str]) -> Template | None:
    """Return how most files of a folder are named; None where no identifier stands in any.

    One pass over the files, each looked at by its runs of letters and digits.

    Parameters
    ----------
    names : sequence of str
        Names within the folder.
    identifiers : sequence of str
    """
    stems = [stem_of(name) for name in names]
    ways = [_template(stems, identifiers)]
    if _share(ways) < 0.5:
        below = [f"{PurePosixPath(name).parent.name}/{stem_of(name)}" for name in names]
        ways.append(_template(below, identifiers))
    if _share(ways) < 0.5 and identifiers and all(name.isdigit() for name in identifiers):
        for width in range(2, 9):
            found = _template(stems, [name.zfill(width) for name in identifiers])
            ways.append(found._replace(zeros=width) if found else None)
    return max((way for way in ways if way is not None), key=_found, default=None)


def cores(identifiers: Sequence[str]) -> list[str]:
    """Return identifiers without the beginning that all share, digits left whole.

    Examples
    --------
    >>> cores(["bus_0001-l", "bus_0002-r"])
    ['0001-l', '0002-r']
    """
    shared = _beginning(identifiers).rstrip("0123456789")
    cut = [name[len(shared) :] for name in identifiers]
    return cut if all(cut) else list(identifiers)


def tied(
    identifiers: Sequence[str], images: Sequence[str], outlines: Sequence[str]
) -> tuple[Template | None, Template | None]:
    """Return how images and outlines are named, by identifiers or by what these do not share."""
    whole = template_of(images, identifiers), template_of(outlines, identifiers)
    if min(_share([whole[0]]), _share([whole[1]])) >= 0.5:
        return whole
    parts = cores(identifiers)
    other = template_of(images, parts), template_of(outlines, parts)
    return max((whole, other), key=lambda way: _share([way[0]]) + _share([way[1]]))


def _found(way: Template) -> float:
    return way.share


def _share(ways: Sequence[Template | None]) -> float:
    return max((way.share for way in ways if way is not None), default=0.0)


def _template(stems: Sequence[str], identifiers: Sequence[str]) -> Template | None:
    known = {name.casefold() for name in identifiers}
    votes: Counter[str] = Counter()
    for stem in stems:
        places = _places(stem)
        spans = ((end - start, -start) for start in places for end in places if end > start)
        for length, start in sorted(spans, reverse=True):
            if stem[-start : length - start].casefold() in known:
                votes[stem[:-start] if start else ""] += 1
                break
    if not votes:
        return None
    prefix = max(votes, key=lambda text: (votes[text], -len(text), text))
    found: dict[str, set[str]] = {}
    for stem in stems:
        if stem.startswith(prefix):
            for end in sorted(_places(stem), reverse=True):
                name = stem[len(prefix) : end].casefold()
                if name in known:
                    found.setdefault(stem[end:], set()).add(name)
                    break
    names = set().union(*found.values())
    return Template(prefix, tuple(sorted(found)), len(names) / max(len(known), 1))


def _places(stem: str) -> list[int]:
    """Return where an identifier may begin or end."""
    ends = [run.end() for run in _RUNS.finditer(stem)][:_MOST_RUNS]
    return sorted({0, *ends, len(stem)})


def _beginning(texts: Sequence[str]) -> str:
    """Return the letters with which all texts begin: those of the first and the last in order."""
    first, last = min(texts), max(texts)
    same = 0
    while same < min(len(first), len(last)) and first[same] == last[same]:
        same += 1
    return first[:same]
