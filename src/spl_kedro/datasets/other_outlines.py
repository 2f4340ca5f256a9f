"""Outlines of a study's lesions that other hands drew: people or programs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from spl_kedro.cohort.names import stem_of
from spl_kedro.datasets.sources import SourcesDataset


class OtherOutlinesDataset(SourcesDataset):
    """Outline files by the hand that drew them; read only.

    Parameters
    ----------
    sources : mapping of str to mapping of str to dict
        By hand: ``outlines``, a folder of outlines, and, where they are not called as the lesions
        are, ``files``, a table with the columns lesion_id and file. Each is a catalog entry of its
        own.
    metadata : dict, optional
        Read by kedro-viz.

    Examples
    --------
    >>> OtherOutlinesDataset(sources={}).load()
    {}
    """

    _NAME = "other_outlines"
    _PARTS = ("outlines", "files")

    def load(self) -> dict[str, dict[str, Callable[[], Any]]]:
        """Return readers of outlines (`spl_kedro.imaging.Outline`) by hand and lesion."""
        return {name: _by_lesion(**parts) for name, parts in self._sources.items()}


def _by_lesion(outlines: Any, files: Any = None) -> dict[str, Callable[[], Any]]:
    there = {stem_of(name): load for name, load in outlines.load().items()}
    if files is None:
        return there
    called = files.load().set_index("lesion_id")["file"].map(stem_of)
    return {str(name): there[stem] for name, stem in called.items() if stem in there}
