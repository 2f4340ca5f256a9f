"""Kedro's context, which tells of a refused parameter in one line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from kedro.framework.context import KedroContext
from kedro.framework.project import pipelines
from kedro.validation.exceptions import ParameterValidationError
from kedro.validation.type_extractor import TypeExtractor
from pydantic import BaseModel, ValidationError

from spl_kedro.errors import UnusableStudyError
from spl_kedro.refused import Refused, inside, refused_by


class StudyContext(KedroContext):
    """Kedro's context; what it refuses is named as the user wrote it, with the file to correct."""

    @property
    def params(self) -> dict[str, Any]:
        """Return the parameters, checked and typed.

        Raises
        ------
        UnusableStudyError
            Of the first parameter that is refused.
        """
        try:
            return super().params
        except ParameterValidationError:
            told = next(self._refused(), None)
            if told is None:
                raise
            raise self._error(told) from None

    def _refused(self) -> Iterator[Refused]:
        """Check once more what Kedro refused, which tells of it in one text for all."""
        names = self._pipelines_to_validate or list(pipelines)
        typed = TypeExtractor({name: pipelines[name] for name in names})
        stated = self.config_loader["parameters"]
        for group, kind in typed.extract_types_from_pipelines().items():
            keys = tuple(group.split("."))
            reached, values = _reached(keys, stated)
            if reached == len(keys) and isinstance(kind, type) and issubclass(kind, BaseModel):
                try:
                    kind.model_validate(values)
                except ValidationError as error:
                    yield from refused_by(error, kind, values, keys)

    def _error(self, refused: Refused) -> UnusableStudyError:
        given = self._runtime_params or {}
        name, remedy = told(refused.path, Path(self.config_loader.conf_source), self.env, given)
        return UnusableStudyError(f"parameter {name}", refused.message, remedy)


def told(
    path: tuple[str, ...], conf: Path, env: str | None, given: Mapping[str, Any]
) -> tuple[str, str]:
    """Return a parameter's name as it was written, and where it is corrected.

    Parameters
    ----------
    path : tuple of str
        The keys of what was refused, the group first.
    conf : Path
        Folder of the environments.
    env : str or None
        The run's.
    given : mapping
        The parameters of the command line, nested.

    Returns
    -------
    name, remedy : str
        The remedy is a sentence with the file that states the parameter, or ``--params``.
    """
    base = _stated_in(path, conf, "base")
    depth, file = max(_stated_in(path, conf, env or "local"), base, key=lambda found: found[0])
    reached, value = _reached(path, given)
    if reached < len(path):
        place = file or "the parameters of the environment"
    elif depth < len(path) or not isinstance(value, Mapping):
        place = f"--params (described in {base[1]})" if base[1] else "--params"
        while isinstance(value, Mapping) and len(value) == 1:  # of a group that there is not
            ((key, value),) = value.items()
            path = (*path, key)
    else:  # of a group the command line may give one key alone
        place = f"--params or in {file}"
    return ".".join(path), f"Correct it in {place}."


def _stated_in(path: tuple[str, ...], conf: Path, env: str) -> tuple[int, str]:
    """Return the file of an environment that follows a parameter's keys farthest, and how far."""
    best = (0, "")
    folder = conf / env
    named = [*folder.rglob("parameters*.y*ml"), *folder.glob("parameters*/**/*.y*ml")]
    for file in sorted(set(named)):
        reached, _ = _reached(path, yaml.safe_load(file.read_text(encoding="utf-8")))
        if reached > best[0]:
            best = (reached, f"{conf.name}/{file.relative_to(conf).as_posix()}")
    return best


def _reached(path: tuple[str, ...], values: Any) -> tuple[int, Any]:
    """Return how many of the keys can be followed, and the value at the last."""
    for depth, key in enumerate(path):
        found, below = inside(values, key)
        if not found:
            return depth, values
        values = below
    return len(path), values
