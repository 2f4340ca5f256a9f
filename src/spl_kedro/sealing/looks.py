"""The log of looks at sealed lesions: lines that are added and never changed.

Each line holds the checksum of the line before it and its own, so that a line that was changed or
taken out shows. The last checksum and the number of looks are also kept apart from the log, in
the witness, so that the loss of the last line shows too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from spl_kedro.sealing.changes import checksum

#: Tag of the step that opens sealed lesions.
OPENS_SEALED = "opens_sealed"
#: Of a step that a sealed study cannot have: `unseal` would not do it again.
NEEDS_OPEN = "needs_open"
#: What the first line holds in place of the checksum of a line before it.
START = "0" * 64
RULE = "a complete log of looks at the validation cohort"
REMEDY = (
    "Restore the file from a copy; where there is none, the report keeps saying that looks are "
    "missing."
)

#: One look, ready for JSON.
Look = dict[str, Any]


@dataclass(frozen=True)
class LookLog:
    """The looks taken so far, and what is wrong with their log.

    Attributes
    ----------
    looks : list of dict
        In order; each with `number`, `time`, `kind`, `previous` and `sha256`.
    count : int
        How many were taken: at least those logged, those the witness knows of included.
    head : str
        Checksum of the last line, or of the last that the witness knows of.
    findings : list of str
        One sentence for each fault of the chain; empty where it is whole.
    """

    looks: list[Look] = field(default_factory=list)
    count: int = 0
    head: str = START
    findings: list[str] = field(default_factory=list)

    def witness(self) -> dict[str, Any]:
        """Return what is kept apart from the log."""
        return {"looks": self.count, "head": self.head}


def read_looks(
    text: str, witness: Mapping[str, Any] | None = None, name: str = "the log of looks"
) -> LookLog:
    """Read a log and check its chain.

    Parameters
    ----------
    text : str
        JSON, one look a line.
    witness : mapping, optional
        `looks` and `head` as they were kept apart from the log.
    name : str
        Name of the file, for the findings.

    Returns
    -------
    LookLog
    """
    looks: list[Look] = []
    findings: list[str] = []
    previous, heads, count = START, {START}, 0
    for position, line in enumerate(text.splitlines(), start=1):
        try:
            look = json.loads(line)
            number, own, before = int(look["number"]), look["sha256"], look["previous"]
        except (ValueError, KeyError, TypeError):
            findings.append(f"{name}, line {position}: cannot be read.")
            continue
        if own != look_checksum(look):
            findings.append(
                f"{name}, line {position}: look {number} was changed after it was made."
            )
        if before != previous or number != count + 1:
            missing = number - count - 1
            what = (
                f"{missing} look{'s' if missing > 1 else ''} before it missing"
                if missing > 0
                else ("it does not follow the line before it")
            )
            findings.append(f"{name}, line {position}: look {number}, {what}.")
        looks.append(look)
        previous, count = own, max(count, number)
        heads.add(own)
    known = dict(witness or {})
    if looks and not known:
        findings.append(f"{name}: the file beside it that keeps its last checksum is missing.")
    if known and (known["head"] not in heads or known["looks"] > count):
        missing = known["looks"] - count
        what = f"the last {missing} missing" if missing > 0 else "the last is another"
        findings.append(f"{name}: {known['looks']} looks were taken, {what}.")
        # Kept until a line follows it: the next look hangs on the last that was known.
        if known["looks"] >= count:
            previous, count = known["head"], known["looks"]
    return LookLog(looks, count, previous, findings)


def append_looks(log: LookLog, looks: Sequence[Look]) -> tuple[str, LookLog]:
    """Return the lines to add to the log, and the log with them.

    Parameters
    ----------
    log : LookLog
        As it is stored. Where its chain is broken, the new lines say so themselves.
    looks : sequence of dict
        From :func:`spl_kedro.sealing.state.new_look`. Added are `number`, `same_as` (earlier
        looks by the same analysis), `post_hoc` (it differs from the first look's), `findings`,
        `previous` and `sha256`.

    Returns
    -------
    lines : str
    log : LookLog
    """
    lines, known = "", list(log.looks)
    count, head = log.count, log.head
    for look in looks:
        count += 1
        made = {
            "number": count,
            **look,
            "same_as": [own["number"] for own in known if own["hashes"] == look["hashes"]],
            "post_hoc": count > 1 and look["changes"] != _changes_of_first(known),
            "findings": list(log.findings),
            "previous": head,
        }
        head = look_checksum(made)
        made["sha256"] = head
        lines += json.dumps(made, ensure_ascii=False) + "\n"
        known.append(made)
    return lines, LookLog(known, count, head, log.findings)


def _changes_of_first(looks: Sequence[Look]) -> list[Any]:
    """Return what the first look had other than the plan; nothing where it is lost."""
    return next((look["changes"] for look in looks if look["number"] == 1), [])


def look_checksum(look: Mapping[str, Any]) -> str:
    """Return the checksum of all that a look holds but its own checksum."""
    return checksum({key: value for key, value in look.items() if key != "sha256"})
