"""The page of tables, from the schemas by which they are checked when they are saved."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pandera.pandas as pa

_HEAD = "| column | type | may be missing | allowed | what |\n| --- | --- | --- | --- | --- |"
_TYPES = {"str": "text", "string[pyarrow]": "text", "int64": "whole number", "float64": "number"}
_TYPES |= {"bool": "true or false", "object": "any"}
_SIGNS = {
    "greater_than": "> {min_value}",
    "greater_than_or_equal_to": "≥ {min_value}",
    "less_than": "< {max_value}",
    "less_than_or_equal_to": "≤ {max_value}",
    "in_range": "{min_value} to {max_value}",
    "str_length": "length {min_value} to {max_value}",
}


def table_schemas(root: Path) -> str:
    """Return a heading and a table of columns for each schema of ``spl_kedro.schemas``.

    Parameters
    ----------
    root : Path
        Folder of the project; unused, since schemas are code.

    Returns
    -------
    str
        Markdown.
    """
    parts = []
    for name, model in schemas().items():
        schema = model.to_schema()
        parts += [f"## {name}\n\n{inspect.getdoc(model) or ''}\n", _HEAD]
        if schema.index is not None and schema.index.name:
            parts.append(_row(f"`{schema.index.name}` (index)", schema.index))
        parts += [
            _row(f"`{column}`" + ("" if field.required else " (not in every table)"), field)
            for column, field in schema.columns.items()
        ]
        further = "It has no other columns." if schema.strict else "Further columns are allowed."
        refused = [check.error for check in schema.checks if check.error]
        refusals = [f"Refused as a whole if {error}." for error in refused]
        parts.append("\n" + " ".join([further, *refusals]) + "\n")
    return "\n".join(parts)


def schemas() -> dict[str, type[pa.DataFrameModel]]:
    """Return the schemas by name, in the order of their file."""
    from spl_kedro import schemas as module

    return {
        name: kind
        for name, kind in vars(module).items()
        if inspect.isclass(kind)
        and issubclass(kind, pa.DataFrameModel)
        and kind.__module__ == module.__name__
    }


def _row(name: str, field: Any) -> str:
    allowed = [_words(check) for check in field.checks] + (["unique"] if field.unique else [])
    cells = [
        name,
        _TYPES.get(str(field.dtype), str(field.dtype)),
        "yes" if field.nullable else "",
        "; ".join(allowed),
        " ".join((field.description or "").split()),
    ]
    return "| " + " | ".join(cell.replace("|", "&#124;") for cell in cells) + " |"


def _words(check: Any) -> str:
    told = dict(check.statistics or {})
    if check.name == "isin":
        return "one of " + ", ".join(f"`{value}`" for value in told["allowed_values"])
    if check.name in _SIGNS:
        return _SIGNS[check.name].format(**{"min_value": "", "max_value": "", **told}).strip()
    return str(check.error or check.name)
