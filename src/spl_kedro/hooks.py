"""Hooks: what a run may not do, where it works, and what the user is told at its end."""

from __future__ import annotations

import logging
from collections.abc import Collection
from difflib import get_close_matches
from importlib.resources import files
from typing import Any

from kedro.framework.hooks import hook_impl
from kedro.io import CatalogProtocol
from kedro.pipeline import Pipeline

from spl_kedro import pipelines
from spl_kedro.drawing import Drawing, Rendering, draw
from spl_kedro.errors import UnusableStudyError
from spl_kedro.mistakes import refuse_unknown_pipelines
from spl_kedro.parallel import use_scheduler

log = logging.getLogger(__name__)


def refuse_unknown_groups(parameters: dict[str, Any], given: Collection[str] = ()) -> None:
    """Raise if a top-level parameter belongs to no pipeline: it would be ignored in silence.

    Parameters
    ----------
    parameters : dict
        As the configuration gives them.
    given : collection of str, optional
        Groups of the command line.

    Raises
    ------
    UnusableStudyError
        Naming the first that is unknown, and the nearest of the known ones or all.
    """
    known = sorted(entry.name for entry in files(pipelines).iterdir() if entry.is_dir())
    unknown = sorted(set(parameters) - set(known))
    if unknown:
        near = get_close_matches(unknown[0], known, n=1)
        groups = ", ".join(name for name in known if not name.startswith("_"))
        place = "--params" if unknown[0] in given else "conf/<environment>/parameters*.yml"
        raise UnusableStudyError(
            f"parameter {unknown[0]}",
            f"no pipeline has this name; did you mean '{near[0]}'?"
            if near
            else f"no pipeline has this name; there are {groups}.",
            f"Correct it in {place}.",
        )


def refuse_absent_clinical_model(parameters: dict[str, Any]) -> None:
    """Raise if the explanation is to go by the clinical model of a study without variables.

    Raises
    ------
    UnusableStudyError
        Naming the parameter.
    """
    declared = {
        variable["name"] for variable in parameters.get("data_processing", {}).get("clinical", ())
    }
    excluded = parameters.get("modeling", {}).get("clinical", {}).get("exclude", ())
    if "data_processing" not in parameters or declared - set(excluded):
        return
    explainability = parameters.get("explainability", {})
    for group, key in (("conformal", "model"), ("gradcam", "decided_by")):
        if explainability.get(group, {}).get(key) == "clinical":
            raise UnusableStudyError(
                "a model that the study has",
                f"explainability.{group}.{key} is clinical, and the study has no clinical "
                "variable (data_processing.clinical, without modeling.clinical.exclude).",
                f"Set explainability.{group}.{key} to another model, such as cdlr.",
            )


def refuse_maps_of_several_views(parameters: dict[str, Any]) -> None:
    """Raise if lesions are to be mapped whose embedding comes from several crops.

    Raises
    ------
    UnusableStudyError
        Naming the parameter.
    """
    if parameters.get("deep_features", {}).get("views"):
        raise UnusableStudyError(
            "one view of a lesion to map",
            "deep_features.views names several crops; Grad-CAM maps the evidence of one crop.",
            "Set deep_features.views to [], or run the pipelines other than explainability and "
            "reporting: kedro run --pipelines deep_features,modeling",
        )


def refuse_study_in_a_file(parameters: dict[str, Any], given: dict[str, Any]) -> None:
    """Raise if a file of parameters names the study to validate, or its key: no catalog reads it.

    Parameters
    ----------
    parameters : dict
        As the configuration gives them.
    given : dict
        Those of the command line.

    Raises
    ------
    UnusableStudyError
        Saying where a study is named.
    """
    own, told = (group.get("external_validation", {}) for group in (parameters, given))
    for key, entry in (("study", "filepath"), ("public_key", "public_key")):
        if own.get(key) and told.get(key) != own[key]:
            raise UnusableStudyError(
                "one place that names the study to validate",
                f"external_validation.{key} stands in a file of parameters, which the catalog "
                "does not read.",
                f"Give it on the command line (--params external_validation.{key}=/path), or as "
                f"{entry} of external_validation_study in the environment's catalog.",
            )


class ParameterHooks:
    """Refuses parameters that nothing would read, or that contradict each other."""

    @hook_impl(tryfirst=True)  # before MLflow is set up, which takes seconds
    def after_context_created(self, context: Any) -> None:
        """Look at all of them, before they are typed."""
        refuse_unknown_pipelines()
        parameters: dict[str, Any] = context.config_loader["parameters"]
        given = getattr(context.config_loader, "runtime_params", None) or {}
        refuse_unknown_groups(parameters, given)
        refuse_absent_clinical_model(parameters)
        refuse_study_in_a_file(parameters, given)


class PatientSafetyHooks:
    """Keeps simulated patients out of the folders of real ones."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Read whether the environment's patients are simulated."""
        self._parameters: dict[str, Any] = context.config_loader["parameters"]

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, run_params: dict[str, Any], pipeline: Pipeline) -> None:
        """Refuse to write simulated patients where the environment holds real ones."""
        simulated = self._parameters.get("data_processing", {}).get("simulated", True)
        if not simulated and "cohort_table" in pipeline.all_outputs():
            raise UnusableStudyError(
                "simulated patients apart from real ones",
                f"the environment '{run_params.get('env')}' holds real patients "
                "(data_processing.simulated is false); the simulation would overwrite their table.",
                f"Run the study alone: kedro run --env {run_params.get('env')} --pipelines cdlr",
            )


class BackboneHooks:
    """Says which network makes the deep features, and stops where its weights are wanting."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Keep the network's settings."""
        self._parameters: dict[str, Any] = context.config_loader["parameters"]

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self, pipeline: Pipeline) -> None:
        """Check the weights of a run that embeds lesions or rings, the views of one that maps them.

        A look at the cohort alone (`check`) tells of weights that its study will want.
        """
        outputs = pipeline.all_outputs()
        if "map_source" in outputs:
            refuse_maps_of_several_views(self._parameters)
        rings = "rings_deep_features" in outputs and self._parameters["rings"]["deep"]["enabled"]
        if not rings and not outputs & {"deep_networks", "check_page"}:
            return
        from spl_kedro.features import deep

        settings = deep.DeepSettings(**self._parameters["deep_features"])
        if "check_page" in outputs:
            if missing := deep.missing_weights(settings):
                log.warning(missing)
            return
        if rings:
            from spl_kedro.features.rings import ring_network_settings

            ring_network_settings(settings)
        deep.require_weights(settings)
        log.info(deep.backbone_line(settings))


class ClusterHooks:
    """Lets the globals' ``scheduler`` decide where a run's work on many cases is done."""

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Read the address."""
        self._address: str | None = context.config_loader["globals"].get("scheduler")

    @hook_impl(tryfirst=True)
    def before_pipeline_run(self) -> None:
        """Send the work there; where nobody answers, the run ends before it begins."""
        if self._address is not None:
            from spl_kedro.parallel.client import connected

            connected(self._address)
        use_scheduler(self._address)

    @hook_impl
    def after_pipeline_run(self) -> None:
        """Close the connection."""
        self._leave()

    @hook_impl
    def on_pipeline_error(self) -> None:
        """Close the connection."""
        self._leave()

    def _leave(self) -> None:
        if self._address is not None:
            from spl_kedro.parallel.client import disconnect

            disconnect()
        use_scheduler(None)


class DrawingHooks:
    """Draws what a node hands over to be drawn, side by side, before it is saved one by one.

    A runner without hooks (Kedro's ParallelRunner) draws each figure as it is saved: the files are
    the same.
    """

    @hook_impl
    def after_context_created(self, context: Any) -> None:
        """Keep the number of processes, which are those that fit the models."""
        modeling = context.config_loader["parameters"].get("modeling", {})
        self._n_jobs: int = modeling.get("n_jobs", 1)

    @hook_impl(tryfirst=True)  # Drawing counts as the node's work.
    def after_node_run(self, catalog: CatalogProtocol, outputs: dict[str, Any]) -> None:
        """Draw, at the resolutions that the catalog states."""
        wanted: dict[Drawing, list[Rendering]] = {}
        for name, data in outputs.items():
            asked = getattr(catalog.get(name), "wanted", None)
            for drawing, rendering in asked(data) if asked else ():
                wanted.setdefault(drawing, []).append(rendering)
        draw(wanted, self._n_jobs)
