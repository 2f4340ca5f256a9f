"""Which variables are named, or worded, like the label."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from spl_kedro.cohort.settings import CategoryVariable, ClinicalVariable, CohortSettings

#: A shorter word of the label (m, b, yes) stands in many a variable that has nothing to do with it.
SHORTEST = 4


def label_words(settings: CohortSettings) -> list[str]:
    """Return the words that tell the label: its own, its column's and the general ones."""
    labels = settings.labels
    column = [] if settings.columns.label is None else [settings.columns.label]
    own = [spaced(word) for word in (*labels.benign, *labels.malignant, *column)]
    general = [spaced(word) for word in settings.leaks.words]
    return list(dict.fromkeys([*general, *(word for word in own if len(word) >= SHORTEST)]))


def spaced(text: str) -> str:
    """Return the words of a text in small letters, one blank between them.

    Examples
    --------
    >>> spaced("BI-RADS_score"), spaced("biopsyResult")
    ('bi rads score', 'biopsy result')
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return " ".join(re.findall(r"[^\W_]+", parted.casefold()))


def telling_words(variable: ClinicalVariable, values: pd.Series, words: Iterable[str]) -> list[str]:
    """Return the label's words that the names or categories of a variable begin a word with.

    Parameters
    ----------
    variable : NumericVariable or CategoryVariable
    values : Series
        The variable's own in the lesions that are looked at.
    words : iterable of str
        As :func:`label_words` gives them.
    """
    texts = [variable.name, variable.column]
    if isinstance(variable, CategoryVariable):
        texts += [str(value) for value in values.dropna().unique()]
        texts += [*(variable.mapping or {})]
    spoken = [f" {spaced(text)}" for text in texts]
    return [word for word in words if any(f" {word}" in text for text in spoken)]
