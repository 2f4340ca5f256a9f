"""What Pydantic refused, in the words of the person who wrote it."""

from __future__ import annotations

import json
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from spl_kedro.parameters import UNKNOWN_KEY, allowed

_SHOWN = 60
_PLAIN = (str, int, float, bool, type(None))
#: What Pydantic calls a value of another type, or outside the range or the words of its field.
_OF_THE_FIELD = ("_type", "_parsing", "int_from_float", "literal_error", "greater_than",
                 "greater_than_equal", "less_than", "less_than_equal")  # fmt: skip


class Refused(NamedTuple):
    """A parameter that was refused: its keys, the group first; what was given, what is allowed."""

    path: tuple[str, ...]
    message: str

    @property
    def name(self) -> str:
        """Its name as it is written in ``--params``."""
        return ".".join(self.path)


def refused_by(
    error: ValidationError, kind: type[BaseModel], values: Any, group: tuple[str, ...]
) -> Iterator[Refused]:
    """Say of each parameter that was refused what was given and what is allowed.

    Parameters
    ----------
    error : ValidationError
        Of `values`.
    kind : type
        The settings that `values` were to become.
    values : object
        As the configuration gives them.
    group : tuple of str
        The keys that lead to `values`.

    Yields
    ------
    Refused
        Once for each, in the order of the settings.

    Examples
    --------
    >>> from pydantic import Field
    >>> from spl_kedro.parameters import Settings
    >>> class Folds(Settings):
    ...     number: int = Field(5, ge=2, le=10)
    >>> for values in ({"number": "x"}, {"nubmer": 3}):
    ...     try:
    ...         Folds.model_validate(values)
    ...     except ValidationError as error:
    ...         for refused in refused_by(error, Folds, values, ("folds",)):
    ...             print(refused.name, "|", refused.message)
    folds.number | given 'x', allowed is a whole number, 2 to 10.
    folds.nubmer | there is no such key; did you mean 'number'?
    """
    told: set[tuple[str, ...]] = set()
    for line in error.errors(include_url=False):
        path, given = _place(line["loc"], values)
        if line["type"] == UNKNOWN_KEY:
            context = line["ctx"]
            path = (*path, context["key"])
            message = (
                f"there is no such key; did you mean '{context['near']}'?"
                if context["near"]
                else f"there is no such key; there are {context['known']}."
            )
        elif line["type"] == "missing":
            path = (*path, str(line["loc"][-1]))
            message = f"not given; allowed is {_allowed(kind, path)}."
        elif line["type"].endswith(_OF_THE_FIELD) and (words := _allowed(kind, path)):
            message = f"given {_shown(given)}, allowed is {words}."
        else:
            said = line["msg"].removeprefix("Value error, ").rstrip(".")
            said = said.replace("Input should be", "allowed is", 1)
            plain = isinstance(given, _PLAIN)
            message = f"given {_shown(given)}; {said}." if plain else f"{said}."
        if path not in told:
            told.add(path)
            yield Refused((*group, *path), message)


def _place(location: Sequence[str | int], values: Any) -> tuple[tuple[str, ...], Any]:
    """Return the keys by which a value was given, and the value; tags of unions are passed over."""
    path: list[str] = []
    for part in location:
        found, below = inside(values, str(part))
        if found:
            values = below
            path.append(str(part))
    return tuple(path), values


def inside(values: Any, key: str) -> tuple[bool, Any]:
    """Return whether a mapping holds a key, or a list as many elements, and what stands there."""
    if isinstance(values, Mapping) and key in values:
        return True, values[key]
    if isinstance(values, list | tuple) and key.isdecimal() and int(key) < len(values):
        return True, values[int(key)]
    return False, None


def _allowed(kind: type[BaseModel], path: tuple[str, ...]) -> str:
    """Return what a parameter takes in words; nothing where that is an element's affair."""
    kinds, field = [kind], None
    for part in path:
        found = [one.model_fields[part] for one in kinds if part in one.model_fields]
        field = found[0] if found else None
        if field is not None:
            kinds = list(_settings_in(field.annotation))
    if field is None:
        return "" if path else _keys(kind)
    if kinds and kinds[0] is field.annotation:
        return _keys(kinds[0])
    return _with_article(allowed(field, repr))


def _settings_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _settings_in(part)


def _keys(kind: type[BaseModel]) -> str:
    return f"a mapping with the keys {', '.join(kind.model_fields)}"


def _with_article(words: str) -> str:
    nouns = ("whole number", "number", "mapping", "list", "path")
    return f"a {words}" if words.startswith(nouns) else words


def _shown(value: Any) -> str:
    """Return a value as YAML has it, cut where it is long."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
