"""What the stages of a study find: each finding with its rule, the action taken, the remedy."""

from __future__ import annotations

from collections.abc import Container, Iterable

import pandas as pd

from spl_kedro.imaging import CaseWarning, UnusableLesionError
from spl_kedro.rules import FINDING_COLUMNS, ActionTaken, Rule

#: Stands for the lesion where a finding concerns the cohort as a whole.
WHOLE_COHORT = "all lesions"


class Findings:
    """Collects what one stage finds about cases, images, columns or the cohort.

    Parameters
    ----------
    stage : str
        Name of the pipeline.
    unusable : ActionTaken
        What becomes of a case that breaks a rule: it is quarantined, or loses a part and stays.
    """

    def __init__(self, stage: str, unusable: ActionTaken = ActionTaken.QUARANTINED) -> None:
        self._stage = stage
        self._unusable = unusable
        self._records: list[tuple[str, ...]] = []
        self._positions: set[int] = set()

    def case(self, lesion_id: str, found: UnusableLesionError | CaseWarning) -> None:
        """Add what was found about one case; `WHOLE_COHORT` stands for all of them."""
        action = found.action if isinstance(found, CaseWarning) else self._unusable
        self._add(lesion_id, found.rule, action, found.message, found.remedy)

    def rows(
        self,
        broken: pd.Series,
        lesion_ids: pd.Series,
        rule: Rule,
        message: str | pd.Series,
        remedy: str | None = None,
        action: ActionTaken | None = None,
    ) -> None:
        """Add every row of a table where `broken` holds; a message may differ by row.

        Without a remedy the rule's own is given. With an action of its own a row stays in.
        """
        remedy = rule.remedy if remedy is None else remedy
        for position in broken.index[broken.fillna(False).astype(bool)]:
            text = message if isinstance(message, str) else message[position]
            name = lesion_ids[position]
            name = f"row {position + 1}" if pd.isna(name) else str(name)
            self._add(name, rule, action or self._unusable, text, remedy)
            if action is None:
                self._positions.add(position)

    def mask(self, index: Iterable[int]) -> pd.Series:
        """Return which rows of a table :meth:`rows` found unusable."""
        positions = list(index)
        return pd.Series([p in self._positions for p in positions], index=positions, dtype=bool)

    def table(self) -> pd.DataFrame:
        """Return the findings (``schemas.Findings``), sorted by lesion and rule."""
        return findings_table(self._records).sort_values(
            ["lesion_id", "rule"], kind="stable", ignore_index=True
        )

    def _add(self, lesion_id: str, rule: str, action: str, message: str, remedy: str) -> None:
        self._records.append((lesion_id, self._stage, rule, action, message, remedy))

    def __len__(self) -> int:
        return len(self._records)


def findings_table(records: Iterable[tuple[str, ...]] = ()) -> pd.DataFrame:
    """Return findings as a table (``schemas.Findings``), in the order given."""
    return pd.DataFrame(list(records), columns=FINDING_COLUMNS, dtype="str")


def join_findings(*tables: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of several stages, in their order, as one table."""
    return pd.concat([findings_table(), *tables], ignore_index=True).astype("str")


def quarantined(findings: pd.DataFrame) -> pd.DataFrame:
    """Return the findings by which a case is left out; a case may have several."""
    return findings[findings["action"] == ActionTaken.QUARANTINED].reset_index(drop=True)


def count_findings(findings: pd.DataFrame) -> pd.DataFrame:
    """Count the cases by what was done and by rule.

    Parameters
    ----------
    findings : DataFrame
        ``schemas.Findings``.

    Returns
    -------
    DataFrame
        action (in the order of :class:`spl_kedro.rules.ActionTaken`), rule, cases, commonest
        first; a finding on the cohort as a whole counts no case.
    """
    single = findings["lesion_id"].where(findings["lesion_id"] != WHOLE_COHORT)
    sizes = single.groupby([findings["action"], findings["rule"]]).nunique()
    counts = sizes.reset_index(name="cases").astype({"action": "str", "rule": "str"})
    order = {str(action): place for place, action in enumerate(ActionTaken)}
    return (
        counts.assign(place=counts["action"].map(order))
        .sort_values(["place", "cases", "rule"], ascending=[True, False, True], ignore_index=True)
        .drop(columns="place")
    )


def rules_broken(counts: pd.DataFrame, most: int | None = None) -> str:
    """Say which rules were broken in how many cases.

    A rule's words say what must hold: alone they would read as what was found.

    Parameters
    ----------
    counts : DataFrame
        Of one action, from :func:`count_findings`.
    most : int, optional
        Rules named; all by default.

    Examples
    --------
    >>> rules_broken(pd.DataFrame({"rule": ["a site", "one sheet"], "cases": [2, 0]}))
    'rules broken: a site (2), one sheet (all)'
    """
    told = [
        f"{rule} ({cases or 'all'})"
        for rule, cases in zip(counts["rule"], counts["cases"], strict=True)
    ]
    left = len(told) - (most or len(told))
    more = f", and {left} more rule{'s' if left > 1 else ''}" if left > 0 else ""
    return f"rule{'s' if len(told) > 1 else ''} broken: {', '.join(told[:most])}{more}"


def lost_since_check(
    checked: Iterable[str],
    stored: Container[str],
    stage: str,
    unusable: ActionTaken = ActionTaken.QUARANTINED,
) -> Findings:
    """Return the lesions that were checked and could not be stored after it.

    Parameters
    ----------
    checked : iterable of str
        Lesions that could be read.
    stored : container of str
        Those that were stored.
    stage, unusable
        As of :class:`Findings`.
    """
    lost = Findings(stage, unusable)
    for lesion_id in checked:
        if lesion_id not in stored:
            message = "the files could be read when checked, and no more when stored (see the log)."
            lost.case(lesion_id, UnusableLesionError(Rule.UNCHANGED, message))
    return lost
