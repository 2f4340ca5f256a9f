"""Log a packaged study as a model of MLflow, and register it."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
from mlflow.exceptions import MlflowException

from spl_kedro.deployment.archive import read_study
from spl_kedro.deployment.packaged import PackagedStudy
from spl_kedro.errors import UnusableStudyError
from spl_kedro.serving import model
from spl_kedro.serving.signature import example_case, signature_of

log = logging.getLogger(__name__)

#: Distributions whose versions can decide a score's last bits.
_PINNED = ("spl_kedro", "numpy", "scipy", "scikit-learn", "torch", "torchvision", "numba")
_ALSO = ("mlflow", "pandas", "pillow", "pydicom", "skops")


@dataclass(frozen=True)
class Registration:
    """A study that is to be served under a name.

    Attributes
    ----------
    package : bytes
        The packaged study, as its file is.
    name : str
        Of the registered model.
    alias : str
        That the new version gets; another version with it loses it.
    """

    package: bytes
    name: str
    alias: str


def register(wanted: Registration) -> dict[str, Any]:
    """Log a study into the current MLflow run and register it as a new version.

    Parameters
    ----------
    wanted : Registration

    Returns
    -------
    dict of str to str
        study_id, name, version, alias and uri (``models:/name@alias``).

    Raises
    ------
    UnusableStudyError
        Where MLflow tracks nothing, or its store keeps no registered models.
    """
    if mlflow.active_run() is None:
        raise UnusableStudyError(
            "an MLflow run that keeps the model",
            "MLflow does not track this run.",
            "Take serve_study out of tracking.disable_tracking in mlflow.yml, and use the "
            "SequentialRunner.",
        )
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "study.spl"
        package.write_bytes(wanted.package)
        study = read_study(package)
        info = mlflow.pyfunc.log_model(name="study", **model_of(study, package))
    try:
        new = mlflow.register_model(info.model_uri, wanted.name, tags={"study_id": study.study_id})
        mlflow.MlflowClient().set_registered_model_alias(wanted.name, wanted.alias, new.version)
    except MlflowException as error:
        raise UnusableStudyError(
            "a store that registers models",
            f"MLflow refused to register {wanted.name} ({error.error_code}).",
            "Use a database as server.mlflow_tracking_uri in mlflow.yml, and a name of letters, "
            "digits and hyphens.",
        ) from error
    log.info("%s, version %s, is %s.", wanted.name, new.version, wanted.alias)
    return {
        "study_id": study.study_id,
        "name": wanted.name,
        "version": str(new.version),
        "alias": wanted.alias,
        "uri": f"models:/{wanted.name}@{wanted.alias}",
    }


def model_of(study: PackagedStudy, package: Path) -> dict[str, Any]:
    """Return what ``mlflow.pyfunc`` needs to log or save a study.

    Parameters
    ----------
    study : PackagedStudy
    package : Path
        Its file.
    """
    return {
        "loader_module": model.__name__,
        "data_path": str(package),
        "signature": signature_of(study),
        "input_example": [example_case(study)],
        "pip_requirements": requirements(),
        "metadata": {"study_id": study.study_id, "simulated": study.simulated},
    }


def requirements() -> list[str]:
    """Return what the model needs, in the versions that are installed here."""
    # What follows a plus names a build of torch that no index has under this name.
    return [f"{name}=={version(name).partition('+')[0]}" for name in (*_PINNED, *_ALSO)]
