"""JSON from elsewhere, checked against what a format says; nothing of it is repeated."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import from_json

from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.rules import Rule

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
Format = TypeVar("Format", bound="Part")


class Part(BaseModel):
    """A part of such a file; what is not named is passed over."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, frozen=True)


def json_of(name: str, data: bytes) -> dict[str, Any]:
    """Return the content of a JSON file whose outermost part is an object.

    Raises
    ------
    UnusableLesionError
        If it is no JSON, or another part is the outermost.
    """
    try:
        content = from_json(data.removeprefix(_BYTE_ORDER_MARK))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise not_of_the_format(name, "JSON")
    return content


def checked_as(model: type[Format], name: str, content: dict[str, Any], kind: str) -> Format:
    """Return a file's content as what its format says.

    Raises
    ------
    UnusableLesionError
        If a part is missing or of another type; saying where, and not what stands there.
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        # Names of the format and numbers of items; keys of the file's own may be anything.
        known = _names_of(model)
        place = error.errors(include_input=False, include_url=False, include_context=False)[0][
            "loc"
        ]
        told = [str(step) for step in place if isinstance(step, int) or step in known]
        raise not_of_the_format(name, kind, ".".join(told)) from None


def not_of_the_format(name: str, kind: str, place: str = "") -> UnusableLesionError:
    """Return the refusal of a file that is not what its format says."""
    where = f" at {place}" if place else ""
    return UnusableLesionError(Rule.READABLE, f"{name} is no {kind} file{where}.")


def _names_of(model: type[BaseModel]) -> set[str]:
    found: set[str] = set()
    open_ = [model.model_json_schema()]
    while open_:
        one = open_.pop()
        found |= set(one.get("properties", {}))
        open_ += one.get("$defs", {}).values()
    return found
