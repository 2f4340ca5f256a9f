"""Where a study stands: what is sealed, how often it was looked at, what changed since the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from spl_kedro.sealing.changes import Change, changed_by, plan_changes
from spl_kedro.sealing.looks import Look, LookLog
from spl_kedro.sealing.plan import Plan, cohort_sizes, comparable


@dataclass(frozen=True)
class SealState:
    """What report, model card and tracker say of a seal.

    Attributes
    ----------
    sealed : bool
        Whether the study keeps a seal (`sealing.sealed`).
    plan : dict
        The first that was stored.
    looks : list of dict
    count : int
        Looks taken, those lost from the log included.
    head : str
        Last checksum of the log.
    findings : list of str
        What is wrong with the log.
    amended : list of Change
        What the first look, or while there was none this run, has other than the plan.
    since_look : list of Change
        What this run has other than the first look.
    kept : dict
        Lesions and patients of each cohort that the seal keeps.
    """

    sealed: bool
    plan: Plan
    looks: list[Look] = field(default_factory=list)
    count: int = 0
    head: str = ""
    findings: list[str] = field(default_factory=list)
    amended: list[Change] = field(default_factory=list)
    since_look: list[Change] = field(default_factory=list)
    kept: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def post_hoc(self) -> bool:
        """Whether the analysis was changed after validation had been looked at."""
        return self.count > 0 and bool(self.since_look)

    def tags(self) -> dict[str, str]:
        """Return what the tracker says of the run."""
        changes = "; ".join(map(str, self.since_look)) or "none"
        return {
            "seal": "sealed" if self.sealed else "lifted",
            "plan_sha256": self.plan["sha256"],
            "looks": str(self.count),
            "looks_head": self.head,
            "looks_log": "; ".join(self.findings) or "complete",
            "post_hoc": str(self.post_hoc).lower(),
            "post_hoc_changes": changes[:5000],
        }

    def stored(self) -> dict[str, Any]:
        """Return the state, ready for JSON."""
        return {
            **vars(self),
            "amended": [list(change) for change in self.amended],
            "since_look": [list(change) for change in self.since_look],
            "kept": {name: dict(sizes) for name, sizes in self.kept.items()},
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> SealState | None:
        """Return the state that :meth:`stored` gave; None of a study without a plan."""
        if not stored:
            return None
        lists = {key: [Change(*own) for own in stored[key]] for key in ("amended", "since_look")}
        return cls(**{**stored, **lists})


def judge_seal(plan: Plan, current: Plan, log: LookLog, divided: pd.DataFrame) -> SealState:
    """Compare an analysis with the plan that was stored, and with the first look.

    Parameters
    ----------
    plan : dict
        The first that was stored.
    current : dict
        That of the analysis.
    log : LookLog
    divided : DataFrame, index `lesion_id`
        Every usable lesion with its cohort.

    Returns
    -------
    SealState
        What changed before the first look is an amendment; what changed after it is post hoc.
        Where the first look is lost from the log, all that differs from the plan counts as later.
    """
    planned, now = comparable(plan), comparable(current)
    first = next((look for look in log.looks if look["number"] == 1), None)
    if log.count == 0:
        amended, since = plan_changes(planned, now), []
    else:
        amended = [Change(*own) for own in first["changes"]] if first else []
        since = plan_changes(changed_by(planned, amended), now)
    sizes = cohort_sizes(divided)
    return SealState(
        sealed=bool(current["sealed"]),
        plan=plan,
        looks=list(log.looks),
        count=log.count,
        head=log.head,
        findings=list(log.findings),
        amended=amended,
        since_look=since,
        kept={name: size for name, size in sizes.items() if name != "training"},
    )


def new_look(kind: str, plan: Plan, current: Plan, divided: pd.DataFrame, reason: str = "") -> Look:
    """Return a look about to be taken, for :func:`spl_kedro.sealing.looks.append_looks`.

    Parameters
    ----------
    kind : str
        How the lesions are looked at: ``unseal``, ``open run``, ``external validation``.
    plan, current : dict
        The first plan that was stored, and that in force.
    divided : DataFrame, index `lesion_id`
        Every usable lesion with its cohort.
    reason : str

    Returns
    -------
    dict
        `time`, `kind`, `reason`, checksum of the `plan`, `hashes` and `code` of what is in force,
        its `changes` since the plan, and how many lesions and patients are `scored`, by cohort.
    """
    changes = plan_changes(comparable(plan), comparable(current))
    sizes = cohort_sizes(divided)
    return {
        "time": current["stored"],
        "kind": kind,
        "reason": reason,
        "plan": plan["sha256"],
        "hashes": dict(current["hashes"]),
        "code": dict(current["code"]),
        "changes": [list(change) for change in changes],
        "scored": {name: size for name, size in sizes.items() if name != "training"},
    }
