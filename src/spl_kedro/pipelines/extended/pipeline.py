"""The composite pipeline: the study's steps, additions before and after modeling."""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines import cdlr
from spl_kedro.pipelines.extended import nodes
from spl_kedro.pipelines.grouping import grouped

#: Pipelines that make features of their own: ``<name>_features``, ``_schema``, ``_stability`` and
#: ``_findings``. The folder of one that is not wanted can be deleted.
ADDITIONS = ("rings",)
TABLES = ("features", "schema", "stability")
#: Pipelines that judge the fitted study, each leaving its part of the report, ``<name>_section``.
JUDGES = ("tabular_learners", "multiple_instance")
#: What steps of the study read, and what they read in its place.
INSTEAD = {
    "modeling": {"further_features": "extended_sources"},
    "reporting": {"radiomics_findings": "extended_findings"},
}


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    additions, judges = _present(ADDITIONS), _present(JUDGES)
    own = [grouped(name, module.create_pipeline()) for name, module in (additions | judges).items()]
    made = [f"{name}_{table}" for name in additions for table in TABLES]
    joining = Pipeline(
        [
            Node(
                nodes.read_sources,
                inputs=["further_features", *made],
                outputs="extended_sources",
                name="read_sources",
            ),
            Node(
                nodes.join_findings,
                inputs=["radiomics_findings", *(f"{name}_findings" for name in additions)],
                outputs="extended_findings",
                name="join_findings",
            ),
        ]
    )
    further = {"reporting": {"sections": tuple(f"{name}_section" for name in judges)}}
    steps = [
        grouped(
            name,
            Pipeline(step.create_pipeline(**further.get(name, {})), inputs=INSTEAD.get(name, {})),
        )
        for name, step in cdlr.pipeline.STEPS.items()
    ]
    return sum([*steps, *own, grouped("extended", joining)], start=Pipeline([]))


def _present(names: tuple[str, ...]) -> dict[str, ModuleType]:
    """Return the pipelines of these names whose folders are there."""
    return {
        name: import_module(f"spl_kedro.pipelines.{name}")
        for name in names
        if find_spec(f"spl_kedro.pipelines.{name}") is not None
    }
