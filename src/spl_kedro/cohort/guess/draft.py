"""What is guessed of a study, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass
class Variable:
    """A clinical variable as guessed.

    Attributes
    ----------
    name, column, kind, group : str
        As in ``data_processing.clinical``.
    mapping : dict of str to str
        Of a category: word in the table, category.
    seen : str
        What the column holds, for the comment.
    """

    name: str
    column: str
    kind: str
    group: str
    mapping: dict[str, str] = field(default_factory=dict)
    seen: str = ""


@dataclass
class Draft:
    """A study's settings as guessed.

    Attributes
    ----------
    columns : dict of str to str or None
        ``data_processing.columns``.
    labels : dict of str to list of str
        Words of either class.
    image, outline : str or None
        ``data_processing.files``.
    missing_words : list of str
    spacing_to_mm : float
    separator : str
    clinical : list of Variable
    excluded : dict of str to str
        Column and reason.
    checks : dict of str to str
        What is unsure, by the place in the settings.
    unused : dict of str to str
        Columns that are named nowhere, and why.
    told : list of str
        What was found, a line each.
    """

    columns: dict[str, str | None] = field(
        default_factory=lambda: dict.fromkeys(
            (
                *("lesion_id", "patient_id", "site", "label"),
                *("image", "masks", "frame", "spacing_mm", "cohort"),
            )
        )
    )
    labels: dict[str, list[str]] = field(
        default_factory=lambda: {"benign": ["benign"], "malignant": ["malignant"]}
    )
    image: str | None = None
    outline: str | None = None
    missing_words: list[str] = field(default_factory=list)
    spacing_to_mm: float = 1.0
    separator: str = ";"
    clinical: list[Variable] = field(default_factory=list)
    excluded: dict[str, str] = field(default_factory=dict)
    checks: dict[str, str] = field(default_factory=dict)
    unused: dict[str, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)

    @property
    def taken(self) -> set[str]:
        """Columns that have their place."""
        keys = {column for column in self.columns.values() if column is not None}
        return keys | {variable.column for variable in self.clinical} | set(self.excluded)


def shown(words: pd.Series, most: int = 8) -> str:
    """Return a column's words with how often each stands there, the frequent ones first."""
    counts = words.value_counts()
    told = ", ".join(f"{word} ({count})" for word, count in counts.head(most).items())
    return told + (f" and {len(counts) - most} more" if len(counts) > most else "")
