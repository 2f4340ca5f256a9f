"""``study.spl``: a zip of parts, and a manifest that names each with its SHA-256.

Nothing in it runs when it is opened: estimators are read by skops, which makes only types that
are named here, weights by PyTorch's ``weights_only``, tables as parquet.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from spl_kedro.deployment.anonymous import kept_rows
from spl_kedro.deployment.errors import PackageError
from spl_kedro.deployment.packaged import LINE, PackagedStudy
from spl_kedro.deployment.signature import sign, verify
from spl_kedro.errors import MendableError
from spl_kedro.features.deep import network_checksums
from spl_kedro.features.deep.alignment import Axes
from spl_kedro.modeling.signatures.fitted_study import program_versions
from spl_kedro.modeling.signatures.sources import FeatureSource

#: Raised when a part is added or changes its meaning.
FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "signature.ed25519"
_TABLES = ("thresholds", "ranges", "calibration", "background", "development", "moments")
#: Of recalibrated studies alone, and of those whose refits travel with them.
_OPTIONAL = ("recalibration", "refits")
#: Parts larger than this together are no study (bytes); a manifest larger than this is none.
_LARGEST, _LARGEST_MANIFEST = 4 * 1024**3, 16 * 1024**2
_WHOLE = "a whole, unchanged packaged study"
_AGAIN = "Get the file again from where the study was packaged, or package the study again."


def write_study(study: PackagedStudy, path: Path, key: Path | None = None) -> dict[str, Any]:
    """Write a study as one file.

    Parameters
    ----------
    study : PackagedStudy
    path : Path
        Written whole beside its place, then renamed.
    key : Path, optional
        Private key to sign the manifest with, see :mod:`spl_kedro.deployment.signature`.

    Returns
    -------
    dict
        The manifest.
    """
    parts = dict(_parts(study))
    manifest = _manifest(study, parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        stated = json.dumps(manifest, indent=1, sort_keys=True).encode()
        archive.writestr(_entry(MANIFEST), stated)
        if key is not None:
            archive.writestr(_entry(SIGNATURE), sign(stated, key))
        for name, content in parts.items():
            archive.writestr(_entry(name), content)
    unfinished.replace(path)
    return manifest


def read_manifest(path: Path, key: Path | None = None) -> dict[str, Any]:
    """Return what a packaged study says of itself, without opening its parts.

    Parameters
    ----------
    path : Path
    key : Path, optional
        Public key that must have signed it.

    Raises
    ------
    PackageError
        If the file is no packaged study, newer than this program, or not signed by the key.
    """
    try:
        with (
            _refused(path.name, "it is not a zip file, or cut short"),
            zipfile.ZipFile(path) as archive,
        ):
            manifest = _checked_manifest(path.name, archive)
            if key is not None:
                signature = archive.read(SIGNATURE) if SIGNATURE in archive.namelist() else None
                verify(path.name, archive.read(MANIFEST), signature, key)
            return manifest
    except FileNotFoundError as error:
        raise PackageError(
            "a packaged study",
            f"there is no file {path.name}.",
            "Make it with: kedro run --pipelines package_study",
        ) from error


def read_study(path: Path, key: Path | None = None) -> PackagedStudy:
    """Open a packaged study.

    Parameters
    ----------
    path : Path
    key : Path, optional
        Public key that must have signed it.

    Returns
    -------
    PackagedStudy

    Raises
    ------
    PackageError
        If the file is cut short, was changed since it was written, is newer than this program, or
        was not signed by the key.
    """
    manifest = read_manifest(path, key)
    with _refused(path.name, "one of its parts cannot be read"):
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise _no_package(path.name, "its parts are larger than those of any study")
            parts = {name: _read(path.name, archive, name, manifest) for name in manifest["parts"]}
        return replace(_assembled(path.name, parts), manifest=manifest)


@contextmanager
def _refused(file: str, what: str) -> Iterator[None]:
    """Refuse a package of which a library says anything but that it is not there."""
    try:
        yield
    except (MendableError, FileNotFoundError, PermissionError):
        raise
    except Exception as error:
        raise _no_package(file, f"{what} ({type(error).__name__})") from error


def _parts(study: PackagedStudy) -> Any:
    import skops.io
    import torch

    settings = {
        "simulated": study.simulated,
        "cohort": study.cohort.model_dump(mode="json"),
        "radiomics": study.radiomics.model_dump(mode="json"),
        "deep": study.deep.model_copy(update={"checkpoints": None}).model_dump(mode="json"),
        "declared": {name: own.model_dump(mode="json") for name, own in study.declared.items()},
        "sources": {name: _source(own) for name, own in study.sources.items()},
        "typical": dict(study.typical),
        "sites": list(study.sites),
        "versions": dict(study.versions),
        "origin": dict(study.origin),
    }
    yield "settings.json", json.dumps(settings, indent=1).encode()
    yield "models.skops", skops.io.dumps(dict(study.models))
    for name, state in study.networks.items():
        buffer = io.BytesIO()
        torch.save(dict(state), buffer)
        yield f"networks/{name}.pt", buffer.getvalue()
    for name, axes in study.axes.items():
        buffer = io.BytesIO()
        rotation = np.empty((0, 0)) if axes.rotation is None else axes.rotation
        np.savez(buffer, mean=axes.mean, scale=axes.scale, rotation=rotation)
        yield f"axes/{name}.npz", buffer.getvalue()
    for name in (*_TABLES, *(name for name in _OPTIONAL if len(getattr(study, name)))):
        buffer = io.BytesIO()
        getattr(study, name).to_parquet(buffer)
        yield f"tables/{name}.parquet", buffer.getvalue()
    for name, text in study.texts.items():
        yield f"texts/{name}.md", text.encode()


def _source(source: Any) -> dict[str, Any]:
    # Only what differs from the usual: a study without it is the same file as ever.
    more = {} if source.missing == "refused" else {"missing": source.missing}
    return {
        "name": source.name,
        "columns": list(source.columns),
        "degenerate": list(source.degenerate),
        "stability": dict(source.stability),
        "labels": source.labels,
        "components": source.components,
        **more,
    }


def _read_source(stored: Mapping[str, Any]) -> FeatureSource:
    columns, degenerate = (tuple(stored[name]) for name in ("columns", "degenerate"))
    return FeatureSource(**{**stored, "columns": columns, "degenerate": degenerate})


def _manifest(study: PackagedStudy, parts: Mapping[str, bytes]) -> dict[str, Any]:
    listed = {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}
        for name, content in parts.items()
    }
    whole = hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()
    rows = kept_rows(study.models)
    return {
        "format": FORMAT,
        "study_id": whole[:16],
        "simulated": study.simulated,
        "origin": dict(study.origin),
        "models": list(study.models),
        "networks": network_checksums(study.networks),
        "versions": program_versions(),
        "rows_of_patients": (
            f"the classifiers of {', '.join(rows)} keep feature rows of training lesions"
            if rows
            else "none"
        ),
        "parts": listed,
    }


def _entry(name: str) -> zipfile.ZipInfo:
    # A fixed date: a zip cannot tell when, and so whose clock, made it.
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _checked_manifest(file: str, archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        if archive.getinfo(MANIFEST).file_size > _LARGEST_MANIFEST:
            raise ValueError("too large")
        manifest = json.loads(archive.read(MANIFEST))
        made, parts = int(manifest["format"]), dict(manifest["parts"])
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise _no_package(file, "it has no manifest that can be read") from error
    if made > FORMAT:
        raise PackageError(
            "a packaged study that this program knows",
            f"{file} has format {made}; this program ({program_versions()['spl_kedro']}) reads "
            f"up to {FORMAT}.",
            f"Install spl_kedro {_version_of(manifest)}.",
        )
    held = [entry.filename for entry in archive.infolist()]
    strange = [name for name in held if not _is_plain(name)]
    if strange or len(held) != len(set(held)) or set(held) - {SIGNATURE} != {MANIFEST, *parts}:
        raise _no_package(file, "it holds other parts than its manifest names")
    return manifest


def _version_of(manifest: Mapping[str, Any]) -> str:
    """Return the version that wrote a manifest, if it states one."""
    versions = manifest.get("versions")
    stated = versions.get("spl_kedro") if isinstance(versions, dict) else None
    return stated if isinstance(stated, str) and len(stated) < 40 else "of its time"


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name


def _read(file: str, archive: zipfile.ZipFile, name: str, manifest: Mapping[str, Any]) -> bytes:
    stated = manifest["parts"][name]
    if archive.getinfo(name).file_size != stated["bytes"]:
        raise _no_package(file, f"{name} has another size than the manifest says")
    content = archive.read(name)
    if hashlib.sha256(content).hexdigest() != stated["sha256"]:
        raise _no_package(file, f"{name} was changed: its SHA-256 is not that of the manifest")
    return content


def _assembled(file: str, parts: Mapping[str, bytes]) -> PackagedStudy:
    import torch

    from spl_kedro.cohort.settings import CohortSettings
    from spl_kedro.features.deep import DeepSettings
    from spl_kedro.features.measurement import RadiomicsSettings
    from spl_kedro.modeling.signatures.declaration import ModelSettings

    settings = json.loads(parts["settings.json"])
    named = {
        folder: {
            PurePosixPath(name).stem: content
            for name, content in parts.items()
            if PurePosixPath(name).parent.name == folder
        }
        for folder in ("networks", "axes", "tables", "texts")
    }
    tables = {name: pd.read_parquet(io.BytesIO(own)) for name, own in named["tables"].items()}
    return PackagedStudy(
        simulated=settings["simulated"],
        cohort=CohortSettings.model_validate(settings["cohort"]),
        radiomics=RadiomicsSettings.model_validate(settings["radiomics"]),
        deep=DeepSettings.model_validate(settings["deep"]),
        declared={
            name: ModelSettings.model_validate(own) for name, own in settings["declared"].items()
        },
        sources={name: _read_source(own) for name, own in settings["sources"].items()},
        models=_models(file, parts["models.skops"]),
        networks={
            name: torch.load(io.BytesIO(own), map_location="cpu", weights_only=True)
            for name, own in named["networks"].items()
        },
        axes={name: _axes(own) for name, own in named["axes"].items()},
        typical=settings["typical"],
        sites=tuple(settings["sites"]),
        texts={name: own.decode() for name, own in named["texts"].items()},
        versions=settings["versions"],
        thresholds=tables["thresholds"],
        ranges=tables["ranges"],
        calibration=tables["calibration"],
        background=tables["background"],
        development=tables["development"],
        moments=tables["moments"],
        recalibration=tables.get("recalibration", pd.DataFrame(columns=LINE)),
        refits=tables.get("refits", pd.DataFrame()),
        origin=settings.get("origin", {}),
    )


def _axes(content: bytes) -> Axes:
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        rotation = stored["rotation"]
        return Axes(stored["mean"], float(stored["scale"]), rotation if rotation.size else None)


def _models(file: str, content: bytes) -> dict[str, Any]:
    """Read estimators, making only types of this project and of the libraries they are built of."""
    import skops.io

    types = skops.io.get_untrusted_types(data=content)
    refused = [name for name in types if name not in _KNOWN and not _is_estimator_of_ours(name)]
    if refused:
        raise _no_package(file, f"its models hold a type that no study has: {refused[0]}")
    models: dict[str, Any] = skops.io.loads(content, trusted=types)
    return models


#: What estimators hold of scikit-learn that skops does not trust by itself.
_KNOWN = frozenset(
    {"sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration"}
)
_OWN = ("spl_kedro.modeling.signatures.", "spl_kedro.features.deep.reduction.")


def _is_estimator_of_ours(name: str) -> bool:
    """Tell whether a name is that of a class of this project's models, not of another thing."""
    module, _, own = name.rpartition(".")
    if not name.startswith(_OWN):
        return False
    try:
        found = getattr(importlib.import_module(module), own, None)
    except ImportError:
        return False
    return isinstance(found, type) and found.__module__ == module


def _no_package(file: str, what: str) -> PackageError:
    return PackageError(_WHOLE, f"{file} is none: {what}.", _AGAIN)
