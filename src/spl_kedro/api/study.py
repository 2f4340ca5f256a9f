"""A study as it lies on disk: its settings and what its last run stored."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
from kedro.framework.hooks.specs import DataCatalogSpecs, KedroContextSpecs
from kedro.framework.startup import bootstrap_project
from kedro.io import CatalogProtocol
from pluggy import PluginManager

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep.settings import DeepSettings
from spl_kedro.features.measurement import RadiomicsSettings
from spl_kedro.imaging import Lesion
from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.schemas import is_simulated


@dataclass(frozen=True)
class Study:
    """One environment of a project: settings, and results where it was run.

    Attributes
    ----------
    project : Path
        Folder with ``conf/`` and ``data/``.
    environment : str
        Folder of ``conf/``: base, test, breast, study or one of your own.
    catalog : CatalogProtocol
        Kedro's catalog, for whatever has no method here.
    parameters : dict
        As the files of ``conf/`` say, those of the environment over those of base.
    """

    project: Path
    environment: str
    catalog: CatalogProtocol
    parameters: dict[str, Any]

    @property
    def cohort_settings(self) -> CohortSettings:
        """How tables and files are read."""
        return CohortSettings(**self.parameters["data_processing"])

    @property
    def radiomics_settings(self) -> RadiomicsSettings:
        """What is measured on a lesion."""
        return RadiomicsSettings(**self.parameters["radiomics"]["extraction"])

    @property
    def deep_settings(self) -> DeepSettings:
        """Which network sees a lesion, and how."""
        return DeepSettings(**self.parameters["deep_features"])

    @property
    def evaluation_settings(self) -> EvaluationSettings:
        """How scores are evaluated."""
        return EvaluationSettings(**self.parameters["modeling"]["evaluation"])

    def table(self, name: str) -> pd.DataFrame:
        """Load a table by its name in the catalog.

        Parameters
        ----------
        name : str
            Such as ``cohort``, ``predictions``, ``performance``; docs/architecture.md lists them.

        Raises
        ------
        UnusableStudyError
            If no run has stored it.
        TypeError
            If it is no table.
        """
        if not self.catalog.exists(name):
            raise UnusableStudyError(
                "a finished run",
                f"the environment '{self.environment}' has no '{name}'.",
                f"Correct the name, or run the study: kedro run --env {self.environment}",
            )
        found = self.catalog.load(name)
        if not isinstance(found, pd.DataFrame):
            raise TypeError(f"'{name}' is no table but {type(found).__name__}: use study.catalog")
        return found

    @cached_property
    def cohort(self) -> pd.DataFrame:
        """The usable lesions (``schemas.Cohort``): index lesion_id."""
        return self.table("cohort")

    @property
    def simulated(self) -> bool:
        """Whether patients are simulated: numbers and pictures then have to say so."""
        if self.catalog.exists("cohort"):
            return is_simulated(self.cohort)
        return self.cohort_settings.simulated

    @property
    def patients(self) -> str:
        """What to call the patients: ``simulated patients`` or ``patients``."""
        return "simulated patients" if self.simulated else "patients"

    def lesion(self, lesion_id: str) -> Lesion:
        """Load a lesion of the cohort: grey image, outline, pixel size.

        Parameters
        ----------
        lesion_id : str
            Of :attr:`cohort`'s index.

        Raises
        ------
        UnusableStudyError
            If no run has stored the lesion.
        """
        stored = self.catalog.load("lesions") if self.catalog.exists("lesions") else {}
        if lesion_id not in stored:
            raise UnusableStudyError(
                "a lesion of the study",
                f"the environment '{self.environment}' has no lesion '{lesion_id}'.",
                "Take one of study.cohort.index; api.findings(study) has those left out.",
            )
        return stored[lesion_id]()


def open_study(project: str | Path | None = None, env: str = "base") -> Study:
    """Open a study to read its settings and results; nothing is written.

    Parameters
    ----------
    project : path, optional
        Folder with ``conf/`` and ``data/``; by default ``SPL_KEDRO_ROOT``, else the nearest
        folder from here upwards that is a project.
    env : str
        Environment of the run: ``base`` is that of ``make run``.

    Returns
    -------
    Study

    Raises
    ------
    UnusableStudyError
        If there is no project, or no such environment in it.
    """
    root = _project(project)
    if not (root / "conf" / env).is_dir():
        raise UnusableStudyError(
            "an environment that exists",
            f"there is no folder conf/{env}.",
            "Correct env: the environments are the folders in conf.",
        )
    bootstrap_project(root)
    from kedro.framework.project import settings

    # Without the project's hooks, which prepare a run: tracking, locks, clusters.
    manager = PluginManager("kedro")
    manager.add_hookspecs(DataCatalogSpecs)
    manager.add_hookspecs(KedroContextSpecs)
    loader = settings.CONFIG_LOADER_CLASS(
        conf_source=str(root / "conf"), env=env, **settings.CONFIG_LOADER_ARGS
    )
    context = settings.CONTEXT_CLASS(
        project_path=root,
        config_loader=loader,
        env=env,
        package_name="spl_kedro",
        hook_manager=manager,
    )
    return Study(root, env, context.catalog, loader["parameters"])


def _project(given: str | Path | None) -> Path:
    """Return the folder of the project."""
    start = Path(given or os.environ.get("SPL_KEDRO_ROOT") or Path.cwd()).expanduser().resolve()
    for folder in (start, *(() if given else start.parents)):
        if (folder / "conf/base").is_dir() and (folder / "pyproject.toml").is_file():
            return folder
    raise UnusableStudyError(
        "a project of spl_kedro",
        f"{'this folder' if given is None else start.name} has no conf/base and pyproject.toml.",
        "Name the project's folder: open_study('/path/to/project').",
    )
