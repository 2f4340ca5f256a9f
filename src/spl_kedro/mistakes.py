"""Mistakes in a command or in the configuration that Kedro meets, in words and with a remedy."""

from __future__ import annotations

import re
from difflib import get_close_matches
from importlib.resources import files

import click
from kedro.config import MissingConfigException
from kedro.io import DatasetError
from yaml import MarkedYAMLError

from spl_kedro.errors import UnusableStudyError

_DEFAULT = "__default__"
_NO_PIPELINE = re.compile(r"importing the 'spl_kedro\.pipelines\.(\w+)' module")
_NO_NODE = re.compile(r"Pipeline does not contain .*")
_TWICE = "Duplicate keys found in"
_NO_RUNNER = re.compile(r"module 'kedro\.runner' has no attribute '(\w+)'")
_ENTRY = re.compile(
    r"An exception occurred when parsing config for dataset|Dataset '.*' must only contain "
    r"arguments valid|Catalog entry '.*' is not a valid",
    re.DOTALL,
)


def mistake(error: BaseException) -> UnusableStudyError | None:
    """Return what a person has to mend where Kedro met a mistake of theirs, else None.

    Parameters
    ----------
    error : exception
        As Kedro or the configuration loader raised it; causes are the caller's to follow.
    """
    told = str(error)
    if isinstance(error, MarkedYAMLError):
        return UnusableStudyError(
            "configuration that can be read as YAML",
            f"{_sentence(told)}",
            "Correct the indentation, quotation marks or brackets of this line and the one above; "
            "a key stands once, and blanks indent, never tabs.",
        )
    if isinstance(error, MissingConfigException):
        return UnusableStudyError(
            "an environment that exists",
            f"{_sentence(told)}",
            "Correct --env: the environments are the folders in conf.",
        )
    if isinstance(error, DatasetError) and _ENTRY.search(told):
        return UnusableStudyError(
            "a catalog whose entries can be read",
            f"{_sentence(told.partition('Hint:')[0])}",
            "Correct the entry in conf/<environment>/catalog.yml; conf/base has examples.",
        )
    if isinstance(error, ImportError) and error.__cause__ is None:
        unknown = _NO_PIPELINE.search(told)
        return _no_pipeline(unknown[1]) if unknown else None
    if isinstance(error, ValueError) and _NO_NODE.match(told):
        return UnusableStudyError(
            "steps and datasets that the pipeline has",
            f"{_sentence(told)}",
            "Correct the name: kedro registry describe <pipeline> lists the steps.",
        )
    if isinstance(error, ValueError) and told.startswith(_TWICE):
        return UnusableStudyError(
            "a key in one file of an environment",
            f"{_sentence(told)}",
            "Take the key out of one of these files.",
        )
    runner = _NO_RUNNER.match(told) if isinstance(error, AttributeError) else None
    if runner:
        return UnusableStudyError(
            "a runner that exists",
            f"there is no runner '{runner[1]}'.",
            "Name SequentialRunner, ThreadRunner or ParallelRunner.",
        )
    return None


def refuse_unknown_pipelines() -> None:
    """Raise where the command names a pipeline that does not exist.

    Kedro looks a pipeline up after MLflow is set up, which takes longer than all before it.

    Raises
    ------
    UnusableStudyError
        Naming the pipeline and those of like names.
    """
    command = click.get_current_context(silent=True)
    given = {} if command is None else command.params
    for name in (given.get("pipeline"), *(given.get("pipelines") or ())):
        if name and name not in (_DEFAULT, *_known()):
            raise _no_pipeline(name)


def _known() -> list[str]:
    from spl_kedro import pipelines

    folders = (entry.name for entry in files(pipelines).iterdir() if entry.is_dir())
    return [name for name in folders if not name.startswith("_")]


def _no_pipeline(name: str) -> UnusableStudyError:
    near = get_close_matches(name, _known(), n=2)
    hint = f" (near: {', '.join(map(repr, near))})" if near else ""
    hint = hint or f" (there are: {', '.join(sorted(_known()))})"
    return UnusableStudyError(
        "a pipeline that exists",
        f"there is no pipeline '{name}'{hint}.",
        "Correct the name: kedro registry list shows them all.",
    )


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith(".") else f"{text}."
