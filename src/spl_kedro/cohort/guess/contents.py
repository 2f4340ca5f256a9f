"""Which columns hold the diagnosis, clinical variables, and what no model may see."""

from __future__ import annotations

import re

import pandas as pd

from spl_kedro.cohort.cells import parse_numbers
from spl_kedro.cohort.guess.draft import Draft, Variable, shown
from spl_kedro.cohort.guess.groups import group_of
from spl_kedro.cohort.guess.vocabulary import (
    NO,
    YES,
    class_of,
    plain,
    reason_to_exclude,
    speaks_of,
)
from spl_kedro.schemas import CORE_COLUMNS

_MOST_WORDS = 20
_FEMALE = (
    *("f", "w", "k", "female", "weiblich", "frau", "femme", "mujer", "femenino", "femminile"),
    *("feminin", "feminino", "kobieta", "女", "ж", "женский"),
)
_MALE = (
    *("m", "male", "mannlich", "mann", "homme", "hombre", "masculino", "maschile", "masculin"),
    *("mezczyzna", "男", "м", "мужской"),
)
_SEXES = dict.fromkeys(_FEMALE, "female") | dict.fromkeys(_MALE, "male")


def guess_label(table: pd.DataFrame, draft: Draft) -> None:
    """Find the diagnosis, by its words, else by the column's name.

    Parameters
    ----------
    table : DataFrame of str
        Missing where there is no value.
    draft : Draft
        Gets ``columns.label`` and ``labels``.
    """
    others = [c for c in table.columns if c not in draft.taken]
    scored = []
    for position, column in enumerate(others):
        cells = table[column].dropna()
        classes = cells.map({word: class_of(word) for word in cells.unique()})
        if classes.nunique() == 2 and (share := classes.notna().mean()) >= 0.5:
            named = speaks_of(column, "label")
            scored.append((round(share, 1), named, -cells.nunique(), -position, column))
    if scored:
        *_, column = max(scored)
        cells = table[column].dropna()
        told: dict[str, int | None] = {word: class_of(word) for word in cells.unique()}
        _set_label(column, told, draft)
        neither = cells[cells.map(told).isna()]
        if len(neither):
            draft.checks["labels"] = (
                f"neither, and left out: {shown(neither)}; add a word that is one of the classes"
            )
        return
    likely = [str(c) for c in others if speaks_of(c, "label") or _is_diagnosis(c)]
    for column in likely:
        cells = table[column].dropna()
        words = {word: _yes_or_no(word, set(cells)) for word in cells.unique()}
        if set(words.values()) == {0, 1}:
            _set_label(column, words, draft)
            if "benign" in plain(column) or "gutartig" in plain(column):
                draft.labels = {
                    "benign": draft.labels["malignant"],
                    "malignant": draft.labels["benign"],
                }
            draft.checks["labels"] = f"which is which? The column holds {shown(cells)}"
            return
    if likely:
        draft.columns["label"] = likely[0]
        draft.checks["labels"] = f"write which words are which; there are {shown(table[likely[0]])}"
    else:
        draft.checks["columns.label"] = "no column of the diagnosis was found: name it"
        draft.columns["label"] = None


def guess_variables(table: pd.DataFrame, draft: Draft) -> None:
    """Put every other column among the clinical variables, the excluded or the unused ones."""
    codes = _codes(table, draft)
    for column in [c for c in table.columns if c not in draft.taken]:
        cells = table[column].dropna()
        reason = reason_to_exclude(column)
        if reason is None and codes is not None and _gives_away(table[column], codes):
            reason = "each of its words stands with one diagnosis alone, as if made from it"
            draft.checks[f"excluded.{column}"] = "or is it a finding that may be used?"
        if reason is not None:
            draft.excluded[column] = reason
        elif cells.nunique() < 2:
            draft.unused[column] = "empty, or the same in every row"
        elif _counts(cells) and not speaks_of(column, "age"):
            draft.unused[column] = "a running number"
        elif (variable := _variable(column, cells, draft)) is None:
            draft.unused[column] = f"{cells.nunique()} different texts"
        else:
            draft.clinical.append(variable)


def _variable(column: str, cells: pd.Series, draft: Draft) -> Variable | None:
    numbers, *_ = parse_numbers(cells)
    name = _name(column, draft)
    group, asked = group_of(column, cells)
    check = "" if name in ("age", "sex") else asked
    if numbers.notna().mean() > 0.9 and cells.nunique() > 2:
        if numbers.isna().any():
            faulty = ", ".join(sorted(cells[numbers.isna()].unique())[:3])
            check = f"some cells are no numbers and leave their cases out, such as {faulty}"
        elif name != "age" and cells.nunique() <= 5:
            check = "is it a number, not codes of categories?"
        _ask(name, check, draft)
        seen = f"{numbers.min():g} to {numbers.max():g}"
        return Variable(name, column, "numeric", group, seen=seen)
    if cells.nunique() > _MOST_WORDS or cells.nunique() > 0.5 * len(cells):
        return None
    _ask(name, check, draft)
    words = sorted(cells.unique())
    mapping = {word: _SEXES.get(plain(word), "") if name == "sex" else "" for word in words}
    mapping = {word: told or _slug(word) or word for word, told in mapping.items()}
    return Variable(name, column, "category", group, mapping, shown(cells))


def _ask(name: str, check: str, draft: Draft) -> None:
    if check:
        draft.checks[f"clinical.{name}"] = check


def _name(column: str, draft: Draft) -> str:
    known = {variable.name for variable in draft.clinical} | set(CORE_COLUMNS) | {"lesion_id"}
    for what in ("age", "sex"):
        if speaks_of(column, what) and what not in known:
            return what
    name = _slug(column) or f"variable_{len(draft.clinical) + 1}"
    while name in known:
        name += "_2"
    return name


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", plain(text)).strip("_")


def _set_label(column: str, classes: dict[str, int | None], draft: Draft) -> None:
    draft.columns["label"] = column
    folded = {word.casefold(): (word, code) for word, code in sorted(classes.items())}
    for name, code in (("benign", 0), ("malignant", 1)):
        draft.labels[name] = [word for word, told in folded.values() if told == code]


def _yes_or_no(word: str, words: set[str]) -> int | None:
    if words == {"1", "2"}:
        return int(word) - 1
    told = plain(word)
    return 1 if told in YES or word == "+" else 0 if told in NO or word == "-" else None


def _is_diagnosis(column: str) -> bool:
    return (reason_to_exclude(column) or "").startswith("the diagnosis itself")


def _codes(table: pd.DataFrame, draft: Draft) -> pd.Series | None:
    label = draft.columns["label"]
    if label is None:
        return None
    codes = {word: code for code, words in enumerate(draft.labels.values()) for word in words}
    folded = {word.casefold(): code for word, code in codes.items()}
    return table[label].str.casefold().map(folded)


def _gives_away(cells: pd.Series, codes: pd.Series) -> bool:
    """Return whether a column of few words says the diagnosis of every lesion."""
    both = pd.DataFrame({"word": cells, "code": codes}).dropna()
    if len(both) < 20 or both["word"].nunique() > _MOST_WORDS or both["code"].nunique() < 2:
        return False
    return bool((both.groupby("word")["code"].nunique() == 1).all())


def _counts(cells: pd.Series) -> bool:
    if not cells.str.fullmatch(r"\d+").all():
        return False
    return bool(len(cells) > 2 and cells.astype("float64").diff().iloc[1:].eq(1).all())
