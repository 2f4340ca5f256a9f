"""The table of kinds: what an export may do, and the one outcome of each."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from spl_kedro.rules import Rule


class Outcome(StrEnum):
    """What becomes of a kind of input."""

    ACCEPTED = "accepted"
    REPAIRED = "repaired, with a note"
    WARNED = "accepted, with a warning"
    QUARANTINED = "quarantined"
    REFUSED = "refused before any work"


@dataclass(frozen=True)
class Kind:
    """One row of the matrix.

    Attributes
    ----------
    name : str
        Unique; of a case also its identifier.
    group : str
        Heading of the page it stands under.
    what : str
        What the export does, as the page says it.
    make : function
        Writes a case or a table, or returns what is to be run.
    outcome : Outcome
    rule, remedy : str or None
        In the words of the quarantine, of the warnings or of the line that ends a run.
    """

    name: str
    group: str
    what: str
    make: Callable
    outcome: Outcome
    rule: str | None = None
    remedy: str | None = None


class Register:
    """Collects the kinds of one group; a maker's docstring says what the export does."""

    def __init__(self, group: str) -> None:
        self._group = group
        self.kinds: list[Kind] = []

    def __call__(
        self,
        rule: str | None = None,
        *,
        name: str | None = None,
        what: str | None = None,
        remedy: str | None = None,
        outcome: Outcome | None = None,
    ) -> Callable:
        """Register a maker; with a rule it is quarantined, else accepted."""

        def register(make: Callable) -> Callable:
            title = name or make.__name__
            words = what or make.__doc__ or title.replace("_", " ")
            found = outcome or (Outcome.QUARANTINED if rule else Outcome.ACCEPTED)
            told = remedy
            if told is None and found is Outcome.QUARANTINED:
                told = Rule(rule).remedy
            self.kinds.append(
                Kind(title, self._group, words.strip().rstrip("."), make, found, rule, told)
            )
            return make

        return register

    def warned(self, rule: str, remedy: str, *, repaired: bool = False, **words: str) -> Callable:
        """Register a maker of what is measured all the same, with a row among the warnings."""
        found = Outcome.REPAIRED if repaired else Outcome.WARNED
        return self(rule, remedy=remedy, outcome=found, **words)
