"""Nothing stale: a stored result is reused only for the input, parameters and code that made it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline
from kedro.pipeline.node import Node

from spl_kedro.datasets.checksums import fault_of
from spl_kedro.datasets.durations import DurationsDataset
from spl_kedro.datasets.fingerprints import fingerprint, forget, has_checksum, place_of
from spl_kedro.datasets.optional_table import OptionalTableDataset
from spl_kedro.datasets.study_package import StudyPackageDataset
from spl_kedro.datasets.whole import ObjectDataset, OptionalObjectDataset
from spl_kedro.errors import UnusableStudyError
from spl_kedro.one_run import data_folder
from spl_kedro.provenance import sources_checksum
from spl_kedro.sealing import OPENS_SEALED
from spl_kedro.store import whole_file

log = logging.getLogger(__name__)

#: Folder of what is known of each dataset's making, in the data folder.
FOLDER = ".origins"
#: Set to 1 to reuse what was made otherwise, with a warning instead of the refusal.
REUSE = "SPL_KEDRO_REUSE"
# Settings that say where and how fast, not what.
_WITHOUT_EFFECT = {
    "n_jobs", "workers", "threads", "progress", "backend", "cache", "checkpoints", "device",
}  # fmt: skip
_LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "torch", "SimpleITK")
# They say themselves whose they are: the report drops what is of another development, a package is
# checked as a whole.
_OWN_CHECK = (OptionalTableDataset, OptionalObjectDataset, StudyPackageDataset)
_PARAMS = "params:"
# Its own rules compare the plan with what is run, and tell what changed since.
_COMPARED_ELSEWHERE = "params:sealing"
# Unsealing reads the diagnoses anew, and of the table nothing else.
_READ_ANEW = "cohort_table"

Origin = dict[str, Any]


@cache
def code_version() -> str:
    """Return a checksum of this package's sources and of the versions of the libraries it uses."""
    libraries = " ".join(f"{name}={version(name)}" for name in _LIBRARIES)
    sources = sources_checksum(Path(__file__).parent)
    return hashlib.sha256(f"{libraries} {sources}".encode()).hexdigest()


def parameter_key(parameters: Mapping[str, Any], name: str) -> str:
    """Return a checksum of a parameter, without the settings that change no result.

    Parameters
    ----------
    parameters : mapping
        All of the environment.
    name : str
        With dots.

    Examples
    --------
    >>> one, two = {"a": {"c": 1, "n_jobs": 1}}, {"a": {"c": 1, "n_jobs": 4}}
    >>> parameter_key(one, "a") == parameter_key(two, "a") != parameter_key({"a": {"c": 2}}, "a")
    True
    """
    value: Any = parameters
    for key in name.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return hashlib.sha256(json.dumps(_effective(value), sort_keys=True).encode()).hexdigest()


def _effective(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            str(key): _effective(own) for key, own in value.items() if key not in _WITHOUT_EFFECT
        }
    if isinstance(value, list | tuple):
        return [_effective(own) for own in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


class OriginHooks:
    """Notes what each stored result was made of, and looks before one is reused.

    A run that starts half way is refused where what it would read was made of other input,
    parameters or code, unless `REUSE` is set. With ``--only-missing-outputs`` such results, and
    damaged ones, count as missing. Data on another machine have no notes.

    Opening sealed lesions is the one run that adds lesions and keeps what was learnt without them:
    it notes itself that this is still what belongs to the larger cohort.
    """

    _folder: Path | None = None

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Read where the notes lie and what the parameters are."""
        folder = data_folder(context)
        self._folder = None if folder is None else folder / FOLDER
        self._parameters: Mapping[str, Any] = context.config_loader["parameters"]

    @hook_impl(tryfirst=True)
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Look at what the run would reuse."""
        self._catalog = catalog
        self._inputs: dict[str, dict[str, str | None]] = {}
        if self._folder is None:
            return
        self._opens = any(OPENS_SEALED in node.tags for node in pipeline.nodes)
        known: dict[str, str | None] = {}
        if run_params.get("only_missing_outputs"):
            self._forget_stale(pipeline, known)
        for name in sorted(pipeline.inputs()):
            reason = None if name.startswith("param") else self._reason(name, known)
            if reason is not None:
                self._refuse(reason, name, run_params.get("env"))

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, node: Node) -> None:
        """Note what it was made of."""
        place = None if self._folder is None else place_of(self._catalog.get(dataset_name))
        if self._folder is None or place is None:
            return
        if node.name not in self._inputs:
            written = {place_of(self._catalog.get(name)) for name in node.outputs}
            self._inputs[node.name] = {
                name: self._state(name)
                for name in node.inputs
                if not name.startswith("param")
                and place_of(self._catalog.get(name)) not in written - {None}
            }
        origin: Origin = {
            "place": str(os.path.relpath(place, self._folder)),
            "node": node.name,
            "code": code_version(),
            "parameters": {
                name: parameter_key(self._parameters, name.removeprefix(_PARAMS))
                for name in node.inputs
                if name.startswith(_PARAMS) and not name.startswith(_COMPARED_ELSEWHERE)
            },
            "inputs": self._inputs[node.name],
            "content": fingerprint(self._catalog.get(dataset_name))
            if has_checksum(place)
            else None,
        }
        self._note(dataset_name, origin)

    @hook_impl
    def after_pipeline_run(self, pipeline: Pipeline) -> None:
        """Where sealed lesions were opened, carry over what was learnt without them."""
        if self._folder is None or not self._opens:
            return
        written = {place_of(self._catalog.get(name)) for name in pipeline.all_outputs()} - {None}
        for path in sorted(self._folder.glob("*.json")):
            origin = json.loads(path.read_text(encoding="utf-8"))
            states = {
                name: self._state(name)
                if name == _READ_ANEW or place_of(self._catalog.get(name)) in written
                else stated
                for name, stated in origin["inputs"].items()
            }
            if states != origin["inputs"]:
                self._note(path.stem, origin | {"inputs": states})

    def _note(self, name: str, origin: Origin) -> None:
        assert self._folder is not None
        with whole_file(self._folder / f"{name}.json") as file:
            file.write((json.dumps(origin, indent=1) + "\n").encode())

    def _origin(self, name: str) -> Origin | None:
        assert self._folder is not None
        path = self._folder / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None

    def _state(self, name: str) -> str | None:
        """Return what tells one content of a dataset from another.

        Pickles of equal objects may differ in bytes, so that what made a pickle stands for it; its
        own checksum holds its bytes.
        """
        dataset = self._catalog.get(name)
        if isinstance(dataset, DurationsDataset):
            return None  # every run takes another time
        origin = self._origin(name) if isinstance(dataset, ObjectDataset) else None
        if origin is None:
            return fingerprint(dataset)
        recipe = {key: origin[key] for key in ("node", "code", "parameters", "inputs")}
        return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()

    def _reason(self, name: str, known: dict[str, str | None]) -> str | None:
        """Return why a dataset may not be reused, or None; the first cause, not what follows."""
        if name not in known:
            known[name] = None  # while its inputs are looked at
            known[name] = self._look(name, known)
        return known[name]

    def _look(self, name: str, known: dict[str, str | None]) -> str | None:
        dataset, origin = self._catalog.get(name), self._origin(name)
        place = place_of(dataset)
        if place is None or isinstance(dataset, _OWN_CHECK):
            return None
        fault = fault_of(place) if place.is_file() else None
        if fault is not None:
            return fault.message
        if origin is None or origin["place"] != str(os.path.relpath(place, self._folder)):
            return None  # brought along
        for key, stated in origin["parameters"].items():
            if parameter_key(self._parameters, key.removeprefix(_PARAMS)) != stated:
                return f"'{name}' was made with other values of {key.removeprefix(_PARAMS)}."
        if origin["code"] != code_version():
            return f"'{name}' was made by another version of the code or its libraries."
        for source, stated in origin["inputs"].items():
            if self._opens and source == _READ_ANEW:
                continue
            reason = self._reason(source, known)
            if reason is not None:
                return reason
            # What is absent says nothing of what was made of it; its own note was looked at.
            if self._state(source) not in (stated, None):
                return f"'{name}' was made of another '{source}' than the one that is there."
        if not place.exists() or origin["content"] is None:
            return None
        if fingerprint(dataset) != origin["content"]:
            return f"'{name}' is not the one that the step {origin['node']} finished."
        return None

    def _forget_stale(self, pipeline: Pipeline, known: dict[str, str | None]) -> None:
        stale = {
            name: reason
            for name in sorted(pipeline.all_outputs())
            if (reason := self._reason(name, known)) is not None
        }
        for name, reason in stale.items():
            log.warning("'%s' is made again: %s", name, reason)
            place = place_of(self._catalog.get(name))
            if place is not None:
                forget(place)
            known[name] = None

    def _refuse(self, reason: str, name: str, env: str | None) -> None:
        if os.environ.get(REUSE) == "1":
            log.warning("%s It is reused all the same, as %s=1 says.", reason, REUSE)
            return
        command = "kedro run" + (f" --env {env}" if env else "")
        raise UnusableStudyError(
            "results reused only for the input, parameters and code that made them",
            reason,
            f"Make them again: {command}, or {command} --to-outputs {name}",
        )
