"""Pipelines that no study needs: which of them are there, and what the report takes from them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

#: Those with sections in the report, in the order in which these stand. Each leaves its own as
#: ``<name>_sections``: a `spl_kedro.reporting.parts.AddedSections`, nothing until it has run.
WITH_SECTIONS = (
    "multiclass",
    "survival",
    "habitats",
    "tabular_learners",
    "multiple_instance",
    "assisted_outlines",
    "outline_comparison",
)


def present(names: Iterable[str]) -> list[str]:
    """Return the pipelines whose folders are there; one that is not wanted can be deleted."""
    return [name for name in names if _is_there(name)]


def _is_there(name: str) -> bool:
    spec = find_spec(f"spl_kedro.pipelines.{name}")
    # A folder with compiled files alone, as git leaves it, has no origin.
    return spec is not None and spec.origin is not None


def added_sections() -> dict[str, str]:
    """Return the sections that the report takes, in their order: in the catalog, by pipeline."""
    return {name: f"{name}_sections" for name in present(WITH_SECTIONS)}
