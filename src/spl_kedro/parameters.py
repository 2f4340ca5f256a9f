"""The base class of every group of settings, so that a misspelt key never passes."""

from __future__ import annotations

import hashlib
import types
import typing
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

#: The type of the error that :class:`Settings` makes of a key it does not know. Its context has the
#: `key`, the `near` one where there is one, and those that are `known`.
UNKNOWN_KEY = "unknown_key"


class Settings(BaseModel):
    """Immutable settings that refuse unknown keys.

    Subclasses state each value's type and range; a bad value raises
    ``pydantic.ValidationError`` naming the key, the value and the allowed range, a misspelt
    key one that names the known keys.
    """

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, allow_inf_nan=False
    )

    @model_validator(mode="before")
    @classmethod
    def _name_the_known_keys(cls, values: Any) -> Any:
        if isinstance(values, dict):
            unknown = sorted(str(key) for key in set(values) - set(cls.model_fields))
            if unknown:
                near = get_close_matches(unknown[0], cls.model_fields, n=1)
                hint = f" Did you mean '{near[0]}'?" if near else ""
                known = ", ".join(cls.model_fields)
                raise PydanticCustomError(
                    UNKNOWN_KEY,
                    "{message}",
                    {
                        "message": f"unknown key '{unknown[0]}'.{hint} Known keys: {known}",
                        "key": unknown[0],
                        "near": near[0] if near else "",
                        "known": known,
                    },
                )
        return values

    @model_validator(mode="wrap")
    @classmethod
    def _name_the_allowed_range(cls, values: Any, handler: Any) -> Any:
        try:
            return handler(values)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                error.title, [cls._with_range(line) for line in error.errors(include_url=False)]
            ) from None

    @classmethod
    def _with_range(cls, line: ErrorDetails) -> InitErrorDetails:
        """Add the range of this class's own field to the message of an error."""
        location = line["loc"]
        field = cls.model_fields.get(str(location[0])) if len(location) == 1 else None
        allowed = _allowed_range(field) if field is not None else None
        message = line["msg"] if allowed is None else f"{line['msg']}; allowed is {allowed}"
        # The message is final: braces in it must not be read as placeholders.
        told = {**line.get("ctx", {}), "message": message}
        kind = PydanticCustomError(line["type"], "{message}", told)
        return InitErrorDetails(type=kind, loc=location, input=line["input"])

    def fingerprint(self) -> str:
        """Return a checksum of all values: 64 hexadecimal digits, equal for equal settings."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def __str__(self) -> str:
        """Name the class and the fingerprint; the tracker shows this beside the flat values."""
        return f"{type(self).__name__} {self.fingerprint()[:12]}"


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested parameters, typed ones too, as one level with dotted names.

    Examples
    --------
    >>> flatten({"radiomics": {"preset": "us2d-1561", "binning": {"width": 5}}})
    {'radiomics.preset': 'us2d-1561', 'radiomics.binning.width': 5}
    """
    flat: dict[str, Any] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, BaseModel):
            value = value.model_dump(mode="json")
        if isinstance(value, Mapping) and value:
            flat |= flatten(value, f"{name}.")
        else:
            flat[name] = value
    return flat


def without_folder(value: object) -> str:
    """Write a parameter's value so that it can be shared.

    Parameters
    ----------
    value : object

    Returns
    -------
    str
        As ``str`` gives it; of an absolute path the last part alone, since its folders may name
        a person or a hospital.

    Examples
    --------
    >>> without_folder("/home/dr.house/weights.pt"), without_folder(0.5), without_folder("a/b")
    ('.../weights.pt', '0.5', 'a/b')
    """
    text = str(value)
    path = PurePath(text)
    return f".../{path.name}" if path.is_absolute() else text


def allowed(field: FieldInfo, quoted: Callable[[object], str] = str) -> str:
    """Return in words what a field of settings takes: its type, and its range where it has one.

    Parameters
    ----------
    field : FieldInfo
    quoted : callable, optional
        How one of several words to choose from is written.

    Examples
    --------
    >>> from pydantic import Field
    >>> class Folds(Settings):
    ...     number: int = Field(5, ge=2, le=10)
    ...     share: float | None = Field(None, gt=0, lt=1)
    >>> [allowed(field) for field in Folds.model_fields.values()]
    ['whole number, 2 to 10', 'number or null, more than 0 and less than 1']
    """
    said = _type_words(field.annotation, quoted)
    limits = _allowed_range(field)
    return f"{said}, {limits}" if limits else said


_NAMES = {
    "bool": "true or false", "int": "whole number", "float": "number", "str": "text",
    "dict": "mapping", "list": "list", "tuple": "list", "Path": "path", "PathLike": "path",
}  # fmt: skip


def _type_words(annotation: Any, quoted: Callable[[object], str]) -> str:
    origin = typing.get_origin(annotation)
    parts = typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(quoted(value) for value in parts)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_type_words(part, quoted) for part in parts)
    if origin is typing.Annotated:
        return _type_words(parts[0], quoted)
    if annotation is type(None):
        return "null"
    if origin is not None:
        inner = [_type_words(part, quoted) for part in parts if part is not Ellipsis]
        return f"{_NAMES.get(origin.__name__, origin.__name__)} of {' to '.join(inner)}"
    name = getattr(annotation, "__name__", str(annotation))
    return _NAMES.get(name, name)


def _allowed_range(field: FieldInfo) -> str | None:
    """Return a field's range in words, or None where it states none."""
    low, high = "", ""
    for limit in field.metadata:
        if isinstance(limit, Ge):
            low = f"at least {limit.ge}"
        elif isinstance(limit, Gt):
            low = f"more than {limit.gt}"
        elif isinstance(limit, Le):
            high = f"at most {limit.le}"
        elif isinstance(limit, Lt):
            high = f"less than {limit.lt}"
    if low.startswith("at least ") and high.startswith("at most "):
        return f"{low.removeprefix('at least ')} to {high.removeprefix('at most ')}"
    return " and ".join(filter(None, (low, high))) or None
