"""Models that a study compares with the same model without what they add."""

from __future__ import annotations

from typing import NamedTuple


class Addition(NamedTuple):
    """A model and the one without what it adds.

    Attributes
    ----------
    base, model : str
    what : str
        What `model` has and `base` lacks, in words.
    titles : tuple of (str, str)
        What `base` and `model` are called for readers.
    """

    base: str
    model: str
    what: str
    titles: tuple[str, str]
