"""The composite pipeline: the study's steps, additions before and after modeling."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from kedro.pipeline import Node, Pipeline

from spl_kedro.pipelines import cdlr
from spl_kedro.pipelines.additions import present
from spl_kedro.pipelines.extended import nodes
from spl_kedro.pipelines.grouping import grouped, handed_over
from spl_kedro.sealing import NEEDS_OPEN

#: Pipelines that make features of their own: ``<name>_features``, ``_schema``, ``_stability`` and
#: ``_findings``, and ``_nested`` where each outer fold has its own; there may be more than one such
#: table (``rings_deep_features``).
ADDITIONS = ("rings", "habitats")
TABLES = ("features", "schema", "stability", "nested")
#: Pipelines that judge the fitted study, and the lesions outlined by a program.
JUDGES = ("tabular_learners", "multiple_instance", "assisted_outlines", "outline_robustness")
#: What the environment's `other_outlines` reads the files of.
OUTLINE_FILES = ("machine_outlines", "machine_outline_files")
#: What steps of the study read, and what they read in its place.
INSTEAD = {
    "modeling": {"further_features": "extended_sources"},
    "reporting": {"radiomics_findings": "extended_findings"},
}


def create_pipeline(**kwargs) -> Pipeline:
    """Return the pipeline."""
    additions = _made(ADDITIONS)
    drawn = {"after": OUTLINE_FILES} if present(["assisted_outlines"]) else {}
    judges = _made(JUDGES, outline_robustness=drawn)
    # Handed over at once, so that kedro-viz folds an addition's tables away with it.
    handed = {
        name: handed_over(f"{name}_tables", _outputs(name, own, TABLES))
        for name, own in additions.items()
    }
    found_by = [f for name, own in additions.items() for f in _outputs(name, own, ("findings",))]
    joining = Pipeline(
        [
            Node(
                nodes.read_sources,
                inputs=["further_features", *(f"{name}_tables" for name in additions)],
                outputs="extended_sources",
                name="read_sources",
                tags=NEEDS_OPEN,
            ),
            Node(
                nodes.join_findings,
                inputs=["radiomics_findings", *found_by],
                outputs="extended_findings",
                name="join_findings",
            ),
        ]
    )
    steps = [
        grouped(name, Pipeline(step.create_pipeline(), inputs=INSTEAD.get(name, {})))
        for name, step in cdlr.pipeline.STEPS.items()
    ]
    found = [grouped(name, own + handed[name]) for name, own in additions.items()]
    found += [grouped(name, own) for name, own in judges.items()]
    return sum([*steps, *found, grouped("extended", joining)], start=Pipeline([]))


def _outputs(name: str, own: Pipeline, tables: tuple[str, ...]) -> list[str]:
    """Return an addition's outputs that end so: of its tables, and of further ones it makes."""
    ends = tuple(f"_{table}" for table in tables)
    return sorted(o for o in own.all_outputs() if o.startswith(f"{name}_") and o.endswith(ends))


def _made(names: tuple[str, ...], **told: Mapping[str, Any]) -> dict[str, Pipeline]:
    """Return the pipelines of these names whose folders are there, some told something."""
    return {
        name: import_module(f"spl_kedro.pipelines.{name}").create_pipeline(**told.get(name, {}))
        for name in present(names)
    }
