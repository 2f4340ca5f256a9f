"""What a run found finished in its stores, for the line at its end that says so."""

from __future__ import annotations

from threading import Lock

_lock = Lock()
_counts: dict[str, tuple[int, int]] = {}


def note_reuse(what: str, reused: int, total: int) -> None:
    """Count pieces of work that were finished before, of all that a step needs.

    Parameters
    ----------
    what : str
        The pieces, such as ``radiomics``; counts of one name add up.
    reused, total : int
    """
    with _lock:
        before = _counts.get(what, (0, 0))
        _counts[what] = (before[0] + reused, before[1] + total)


def reuse_told() -> str:
    """Return in one line what was reused; empty where nothing was.

    Examples
    --------
    >>> forget_reuse()
    >>> note_reuse("radiomics", 76, 76), note_reuse("refits", 0, 6)
    (None, None)
    >>> reuse_told()
    'radiomics: 76 of 76'
    """
    return "; ".join(
        f"{what}: {reused} of {total}" for what, (reused, total) in _counts.items() if reused
    )


def forget_reuse() -> None:
    """Begin to count anew."""
    with _lock:
        _counts.clear()
