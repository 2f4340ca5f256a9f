"""Hooks of tracking: what a run is called, what it was told, what it worked on, what came out."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from spl_kedro.datasets.training_runs import log_parameters
from spl_kedro.environment_pipelines import KEY
from spl_kedro.parameters import flatten
from spl_kedro.provenance import cohort_checksum, git_state
from spl_kedro.schemas import COHORTS, MODELS, is_simulated
from spl_kedro.trackers import chosen_tracker

log = logging.getLogger(__name__)

#: The pipeline that a run without a name runs.
DEFAULT = "__default__"
#: What is said of each model in the run itself; all else is in the runs below it.
_HEADLINE = ("auc", "sensitivity", "specificity")
_COHORT_TITLES = {"training": "Training, cross-fitted", "validation": "Validation"}


class RunTrackingHooks:
    """Tells the tracker, for a person, what a run is: name, patients, code, data and result."""

    #: The run whose patients have been named.
    _named = ""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Keep the parameters as the configuration gives them, before they are typed."""
        self._parameters: dict[str, Any] = context.config_loader["parameters"]
        globals_ = context.config_loader["globals"]
        self._data: str = globals_["data"]
        # Of what `kedro run` runs here: making patients is no study.
        self._studies = [name for name in globals_.get(KEY) or () if name != "simulation"]
        self._project_path = context.project_path
        note = chosen_tracker(**globals_["tracking"]).note
        if note:
            log.warning(note)

    @hook_impl(trylast=True)
    def before_pipeline_run(
        self, run_params: dict[str, Any], pipeline: Pipeline, catalog: CatalogProtocol
    ) -> None:
        """Log what this pipeline was told, once its MLflow run has started."""
        import mlflow

        if mlflow.active_run() is None:
            return
        used = {
            name.removeprefix("params:").split(".")[0]
            for name in pipeline.inputs()
            if name.startswith("params:")
        }
        log_parameters(
            flatten({key: value for key, value in self._parameters.items() if key in used})
        )
        environment = run_params.get("env") or "base"
        simulated = self._parameters.get("data_processing", {}).get("simulated", False)
        mlflow.set_tags(
            {
                **git_state(self._project_path),
                "mlflow.runName": run_name(
                    run_params, environment, self._studies, simulated=simulated
                ),
                "environment": environment,
                "runner": runner_name(run_params.get("runner")),
                # The folder may name a person or a hospital.
                "project_path": self._project_path.name,
            }
        )

    @hook_impl
    def after_dataset_loaded(self, dataset_name: str, data: Any) -> None:
        """Name the cohort that the run works on."""
        import mlflow

        if dataset_name != "cohort" or not isinstance(data, pd.DataFrame):
            return
        run = mlflow.active_run()
        if run is None or run.info.run_id == self._named:
            return
        self._named = run.info.run_id
        simulated = is_simulated(data)
        mlflow.set_tags(
            {
                "data_sha256": cohort_checksum(data),
                "patients": "simulated" if simulated else "real",
            }
        )
        for dataset, context in cohorts_of(data, simulated=simulated):
            mlflow.log_input(dataset, context=context)

    @hook_impl
    def after_dataset_saved(self, dataset_name: str, data: Any) -> None:
        """Say what the five models reach, in the run itself."""
        import mlflow

        if dataset_name == "performance" and mlflow.active_run() is not None:
            mlflow.log_metrics(headline(data))
            simulated = self._parameters.get("data_processing", {}).get("simulated", False)
            mlflow.set_tag("mlflow.note.content", description(data, self._data, simulated))


def run_name(
    run_params: Mapping[str, Any], environment: str, default: Sequence[str], *, simulated: bool
) -> str:
    """Return what a run is called: pipelines, environment, patients.

    Parameters
    ----------
    run_params : mapping
        Kedro's.
    environment : str
    default : sequence of str
        What runs where no pipeline is named.
    simulated : bool

    Examples
    --------
    >>> run_name({"pipeline_names": ["radiomics", "modeling"]}, "study", ["cdlr"], simulated=False)
    'radiomics + modeling, study'
    >>> run_name({}, "base", ["cdlr"], simulated=True)
    'cdlr, base, simulated patients'
    """
    named = run_params.get("pipeline_names") or run_params.get("pipeline_name") or [DEFAULT]
    names = [named] if isinstance(named, str) else named
    told = [own for name in names for own in (default if name == DEFAULT else [name])]
    parts = " + ".join(told or [DEFAULT])
    return f"{parts}, {environment}" + (", simulated patients" if simulated else "")


def runner_name(runner: Any) -> str:
    """Return the name of a runner's class, of the object or of how Python prints it.

    Examples
    --------
    >>> runner_name("<kedro.runner.sequential_runner.SequentialRunner object at 0x7f>")
    'SequentialRunner'
    """
    told = runner if isinstance(runner, str) else type(runner).__name__
    return told.split(" object at ")[0].rpartition(".")[2]


def cohorts_of(cohort: pd.DataFrame, *, simulated: bool) -> Iterator[tuple[Any, str]]:
    """Yield each cohort as MLflow's UI lists data: a name, a checksum and a size; no row of it.

    Parameters
    ----------
    cohort : DataFrame
        ``schemas.Cohort``.
    simulated : bool
    """
    from mlflow.data.code_dataset_source import CodeDatasetSource
    from mlflow.data.meta_dataset import MetaDataset

    for name in COHORTS:
        part = cohort[cohort["cohort"] == name]
        if len(part):
            kind = "simulated " if simulated else ""
            title = f"{len(part)} {kind}lesions, {int((part['label'] == 1).sum())} malignant"
            digest = cohort_checksum(part)[:16]
            yield MetaDataset(CodeDatasetSource(tags={}), name=title, digest=digest), name


def headline(performance: pd.DataFrame) -> dict[str, float]:
    """Return ``<model>.<cohort>.<metric>`` of the five models, and the AUC's interval."""
    found: dict[str, float] = {}
    for row in _told(performance).to_dict("records"):
        key = f"{row['model']}.{row['cohort']}.{row['metric']}"
        found[key] = row["value"]
        if row["metric"] == "auc":
            found |= {f"{key}_low": row["low"], f"{key}_high": row["high"]}
    return {key: float(value) for key, value in found.items() if pd.notna(value)}


def description(performance: pd.DataFrame, data: str, simulated: bool) -> str:
    """Return the run's description, in Markdown: the AUC of the five models, and where to look.

    Parameters
    ----------
    performance : DataFrame
        From :func:`spl_kedro.modeling.evaluation.performance`.
    data : str
        Folder of the environment's data, as the configuration names it.
    simulated : bool
    """
    from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES

    rows = _told(performance).query("metric == 'auc'")
    cohorts = [name for name in COHORTS if name in set(rows["cohort"])]
    cells = rows.set_index(["model", "cohort"])
    titles = [_COHORT_TITLES.get(name, name.capitalize()) for name in cohorts]
    lines = [
        "AUC with its interval, leak-free protocol"
        + (", SIMULATED patients." if simulated else "."),
        "",
        "| Model | " + " | ".join(titles) + " |",
        "| --- |" + " --- |" * len(cohorts),
    ]
    for model in (name for name in MODELS if name in set(rows["model"])):
        told = (cells.loc[(model, cohort)] for cohort in cohorts)
        shown = (f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})" for row in told)
        lines.append(f"| {MODEL_NAMES[model]} | " + " | ".join(shown) + " |")
    return "\n".join([*lines, "", f"Report: `{data}/08_reporting/study_report.html`"])


def _told(performance: pd.DataFrame) -> pd.DataFrame:
    """Return the leak-free rows of the five models that stand in the run itself."""
    chosen = performance["model"].isin(MODELS) & performance["metric"].isin(_HEADLINE)
    return performance[chosen & (performance["protocol"] == "leak_free")]
