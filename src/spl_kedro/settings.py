"""Project settings: configuration loading, hooks and the session store."""

import logging
import os
from pathlib import Path
from typing import Any

from spl_kedro import faults, terminal
from spl_kedro.context import StudyContext
from spl_kedro.environment_pipelines import EnvironmentPipelineHooks
from spl_kedro.errors import UnusableStudyError
from spl_kedro.hooks import (
    BackboneHooks,
    ClusterHooks,
    DrawingHooks,
    ParameterHooks,
    PatientSafetyHooks,
)
from spl_kedro.interruption import InterruptionHooks
from spl_kedro.one_run import OneRunHooks
from spl_kedro.origins import OriginHooks
from spl_kedro.previews import StudyConfigLoader
from spl_kedro.quiet import LibraryNotes
from spl_kedro.sealing_hooks import SealHooks
from spl_kedro.steps import StepHooks
from spl_kedro.summary_hooks import SummaryHooks
from spl_kedro.timing import TimingHooks
from spl_kedro.trackers import artifact_location, tracking_uri
from spl_kedro.tracking_database import TrackingDatabaseHooks
from spl_kedro.tracking_hooks import RunTrackingHooks


def _required_env(name: str) -> str:
    """Return an environment variable that a configuration cannot do without."""
    value = os.environ.get(name)
    if not value:
        raise UnusableStudyError(
            "the folder with the cohort's files",
            f"the environment variable {name} is not set.",
            f"For example: export {name}=/path/to/files",
        )
    return value if "://" in value else Path(value).expanduser().resolve().as_posix()


def _beside(file: str, name: str) -> str:
    """Return the path or address of what lies in a file's folder under a name."""
    folder, slash, _ = str(file).rpartition("/")
    return f"{folder}{slash}{name}"


def _of_env(env: str, file: str, key: str) -> Any:
    """Return what another environment's file says under a key: environments that share a cohort."""
    from omegaconf import OmegaConf

    return OmegaConf.select(OmegaConf.load(PROJECT_ROOT / "conf" / env / file), key)


# The folder with conf/ and data/: the checkout, unless the package runs from elsewhere.
PROJECT_ROOT = Path(os.environ.get("SPL_KEDRO_ROOT") or Path(__file__).resolve().parents[2])

faults.install()
terminal.install()
logging.getLogger("py.warnings").addFilter(LibraryNotes())

# A thread that waits for another sleeps instead of burning the core that the other needs. Read
# once, when PyTorch is imported, which is later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# Nothing leaves the machine: no usage statistics from Kedro, MLflow or Dask.
os.environ.setdefault("DO_NOT_TRACK", "1")
os.environ.setdefault("KEDRO_DISABLE_TELEMETRY", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
# Of its database and monitors warnings are shown, notes are not.
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
# Processor and memory use of each tracked run.
os.environ.setdefault("MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING", "true")

# Of two that ask to be called first the later one is: the checks, then the lock, then what
# it guards. At the end of a run the first is the last: what the user is told.
HOOKS = (
    SummaryHooks(),
    InterruptionHooks(),
    OriginHooks(),
    OneRunHooks(),
    ParameterHooks(),
    PatientSafetyHooks(),
    BackboneHooks(),
    ClusterHooks(),
    EnvironmentPipelineHooks(),
    TrackingDatabaseHooks(),
    RunTrackingHooks(),
    DrawingHooks(),
    TimingHooks(),
    StepHooks(),
    SealHooks(),
)

CONTEXT_CLASS = StudyContext
CONFIG_LOADER_CLASS = StudyConfigLoader
CONFIG_LOADER_ARGS = {
    "base_env": "base",
    "default_run_env": "local",
    "merge_strategy": {"parameters": "soft", "globals": "soft", "mlflow": "soft"},
    "config_patterns": {"mlflow": ["mlflow*", "mlflow*/**"]},
    "custom_resolvers": {
        # Paths that must not depend on the working directory.
        "project_root": lambda: PROJECT_ROOT.as_posix(),
        "env": lambda name, default=None: os.environ.get(name, default),
        "required_env": _required_env,
        "beside": _beside,
        "of_env": _of_env,
        # Which tracker, where a user names one.
        "tracking_uri": tracking_uri,
        "artifact_location": artifact_location,
    },
}
