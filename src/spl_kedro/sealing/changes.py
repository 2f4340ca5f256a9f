"""What differs between two analysis plans, key by key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from spl_kedro.parameters import without_folder

#: In place of a value that one of the two plans does not have.
ABSENT = "not there"
#: Key of the code's version, and what stands before the checksum of its files.
CODE, CHECKSUM = "code", "checksum "
#: Keys that say where and how fast a machine works, and shape no result.
MACHINE = (
    "modeling.n_jobs",
    "explainability.n_jobs",
    "explainability.threads",
    "radiomics.execution",
    "radiomics.cache",
    "deep_features.checkpoints",
    "sealing.sealed",
    "sealing.reason",
)


class Change(NamedTuple):
    """One thing that is other than planned.

    Attributes
    ----------
    key : str
        Dotted name of the parameter, or ``code`` or ``split``.
    planned, now : str
    """

    key: str
    planned: str
    now: str

    def __str__(self) -> str:
        """Write the change as it is printed."""
        return f"{self.key}: {self.planned} -> {self.now}"


def flat_parameters(groups: Mapping[str, Any]) -> dict[str, str]:
    """Return all parameters that shape results, as texts by dotted name.

    Parameters
    ----------
    groups : mapping of str to Settings or mapping
        Parameters by pipeline. Typed ones count with their defaults, so that stating a default
        changes nothing.

    Returns
    -------
    dict of str to str
        An entry of a list goes by its name, column or position; of paths the last part is kept.

    Examples
    --------
    >>> flat_parameters({"a": {"seed": 3, "clinical": [{"name": "age", "minimum": 18}]}})
    {'a.seed': '3', 'a.clinical[age].name': 'age', 'a.clinical[age].minimum': '18'}
    """
    flat: dict[str, str] = {}
    for name, values in groups.items():
        content = values.model_dump(mode="json") if isinstance(values, BaseModel) else values
        _flatten(name, content, flat)
    return {key: value for key, value in flat.items() if not _of_the_machine(key)}


def _flatten(name: str, value: Any, flat: dict[str, str]) -> None:
    if isinstance(value, Mapping) and value:
        for key, part in value.items():
            _flatten(f"{name}.{key}", part, flat)
    elif isinstance(value, list | tuple) and any(isinstance(part, Mapping) for part in value):
        for position, part in enumerate(value):
            own = part if isinstance(part, Mapping) else {}
            _flatten(f"{name}[{own.get('name', own.get('column', position))}]", part, flat)
    elif isinstance(value, list | tuple):
        flat[name] = ", ".join(map(without_folder, value)) or "none"
    else:
        flat[name] = without_folder(value)


def _of_the_machine(key: str) -> bool:
    return any(key == name or key.startswith(f"{name}.") for name in MACHINE)


def checksum(content: Any) -> str:
    """Return the SHA-256 of anything that JSON can hold (64 hexadecimal digits)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_changes(planned: Mapping[str, str], now: Mapping[str, str]) -> list[Change]:
    """Return what differs, in the order of the plan.

    Parameters
    ----------
    planned, now : mapping of str to str
        From :func:`spl_kedro.sealing.plan.comparable`.

    Examples
    --------
    >>> [str(change) for change in plan_changes({"seed": "1", "k": "5"}, {"seed": "2", "k": "5"})]
    ['seed: 1 -> 2']
    """
    keys = dict.fromkeys([*planned, *now])
    pairs = [(key, planned.get(key, ABSENT), now.get(key, ABSENT)) for key in keys]
    return [Change(*pair) for pair in pairs if not _same(*pair)]


def _same(key: str, planned: str, now: str) -> bool:
    """Whether two values are one: of code its files' checksum counts, whatever the commit."""
    if key == CODE:
        planned, now = (text.rpartition(CHECKSUM)[2] for text in (planned, now))
    return planned == now


def changed_by(planned: Mapping[str, str], changes: list[Change]) -> dict[str, str]:
    """Return what was in force after some changes."""
    now = dict(planned) | {change.key: change.now for change in changes}
    return {key: value for key, value in now.items() if value != ABSENT}
