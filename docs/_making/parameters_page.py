"""The page of parameters, from the classes by which Kedro checks them and the files of conf/."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

_ENVIRONMENTS = ("study", "breast", "test")


def parameter_tables(root: Path) -> str:
    """Return the page's tables: one for each group of settings.

    Parameters
    ----------
    root : Path
        Folder of the project.

    Returns
    -------
    str
        Markdown; a heading for each top-level key of ``conf/base/parameters_*.yml`` that Kedro
        checks by a class of settings.
    """
    parts = []
    for name, settings in sorted(checked_types(root).items()):
        file = _file_of(root, name)
        parts.append(f"## {name}\n")
        parts.append(f"`conf/base/{file.name}`, checked by `{settings.__name__}`.\n")
        rows = list(_rows(settings, Values(root, name), ()))
        parts.append("| key | in conf/base | allowed | what |\n| --- | --- | --- | --- |")
        parts.extend(f"| {' | '.join(row)} |" for row in rows)
        parts.append("")
    return "\n".join(parts)


@cache
def checked_types(root: Path) -> dict[str, type[BaseModel]]:
    """Return the class by which Kedro checks each top-level group of parameters."""
    from kedro.framework.project import pipelines
    from kedro.framework.startup import bootstrap_project
    from kedro.validation.type_extractor import TypeExtractor

    bootstrap_project(root)
    registered = {name: pipelines[name] for name in sorted(pipelines)}
    typed = TypeExtractor(registered).extract_types_from_pipelines()
    return {
        name: kind
        for name, kind in typed.items()
        if isinstance(kind, type) and issubclass(kind, BaseModel) and "." not in name
    }


class Values:
    """What the files of conf/ say of one group: values, comments, and who says otherwise.

    Parameters
    ----------
    root : Path
    name : str
        Top-level key.
    """

    def __init__(self, root: Path, name: str) -> None:
        self._base = _load(_file_of(root, name)).get(name) or {}
        self._comments = _comments(_file_of(root, name))
        self._elsewhere = {}
        for environment in _ENVIRONMENTS:
            for file in (root / "conf" / environment).glob("parameters_*.yml"):
                if name in (loaded := _load(file)):
                    self._elsewhere[environment] = loaded[name]

    def base(self, path: tuple[str, ...]) -> Any:
        """Return the value of conf/base, or `PydanticUndefined` where it states none."""
        return _at(self._base, path)

    def comment(self, path: tuple[str, ...]) -> str:
        """Return what the file says beside the key."""
        return self._comments.get(path, "")

    def elsewhere(self, path: tuple[str, ...]) -> dict[str, Any]:
        """Return the environments that state another value, and which."""
        found = {name: _at(values, path) for name, values in self._elsewhere.items()}
        return {name: value for name, value in found.items() if value is not PydanticUndefined}


def _rows(kind: type[BaseModel], values: Values, path: tuple[str, ...]) -> Any:
    for key, field in kind.model_fields.items():
        here = (*path, key)
        inner = _settings_in(field.annotation)
        if inner is not None:
            yield from _rows(inner, values, here)
            continue
        told = values.base(here)
        value = (
            told if told is not PydanticUndefined else field.get_default(call_default_factory=True)
        )
        shown = "" if value is PydanticUndefined else _code(value)
        others = "".join(
            f"<br>{name}: {_code(other)}" for name, other in values.elsewhere(here).items()
        )
        what = field.description or values.comment(here)
        yield f"`{'.'.join(here)}`", shown + others, _cell(_allowed(field)), _cell(what)


def _settings_in(annotation: Any) -> type[BaseModel] | None:
    """Return the class of settings that a field holds one of, where it does."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return None


def _allowed(field: FieldInfo) -> str:
    from spl_kedro.parameters import allowed

    return allowed(field, "`{}`".format)


def _code(value: Any) -> str:
    if isinstance(value, str) and value.startswith("${globals:"):
        return f"`{value.removeprefix('${globals:').rstrip('}')}` of the globals"
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    written = yaml.safe_dump(_plain(value), default_flow_style=True, width=10_000, sort_keys=False)
    written = written.removesuffix("...\n").strip()
    if len(written) > 60:
        return (
            "see the file" if isinstance(value, (dict, list, tuple)) else _tick(written[:57] + "…")
        )
    return _tick(written)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(part) for part in value]
    if isinstance(value, BaseModel):
        return _plain(value.model_dump(mode="json"))
    return value if isinstance(value, (int, float, bool, str, type(None))) else str(value)


def _tick(text: str) -> str:
    return f"`{_cell(text)}`"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "&#124;").replace("<", "&lt;")


@cache
def _file_of(root: Path, name: str) -> Path:
    for file in sorted((root / "conf/base").glob("parameters_*.yml")):
        if name in _load(file):
            return file
    raise LookupError(f"no file of conf/base holds the parameters '{name}'")


def _load(file: Path) -> dict[str, Any]:
    return yaml.safe_load(file.read_text(encoding="utf-8")) or {}


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        if not isinstance(values, dict) or key not in values:
            return PydanticUndefined
        values = values[key]
    return values


_LINE = re.compile(r"^(\s*)([\w-]+):(?:\s[^#]*)?(?:#\s*(.*))?$")


def _comments(file: Path) -> dict[tuple[str, ...], str]:
    """Return the comments beside keys, by the path below the top-level key."""
    found: dict[tuple[str, ...], str] = {}
    stack: list[tuple[int, str]] = []
    for line in file.read_text(encoding="utf-8").splitlines():
        match = _LINE.match(line)
        if match is None:
            continue
        depth = len(match[1])
        while stack and stack[-1][0] >= depth:
            stack.pop()
        stack.append((depth, match[2]))
        if match[3]:
            found[tuple(key for _, key in stack[1:])] = match[3]
    return found
