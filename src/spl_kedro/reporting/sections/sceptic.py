"""What a sceptic would ask: a section whose parts a pipeline of its own computes."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from spl_kedro.reporting.parts import Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.controls import control_sections
from spl_kedro.reporting.sections.stability import stability_sections
from spl_kedro.reporting.settings import ReportSettings

#: Each returns its part of the section, at level 3, or none where its tables are not there.
PARTS: tuple[Callable[[StudyResults, ReportSettings], list[Section]], ...] = (
    control_sections,
    stability_sections,
)
#: Modules with such a function of the same name, `<name>_sections`, which can be deleted.
ADDITIONS = ("outlines",)


def sceptic_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section on what would speak against the result, and its parts."""
    makers = (*PARTS, *_added())
    parts = [section for make in makers for section in make(results, settings)]
    computed = (
        "What else could explain the result, and how far it would hold for one patient or in "
        "another clinic."
    )
    asked = (
        "Not computed for these models: kedro run --pipelines sceptic, with the --env of this "
        "study, computes it and writes this report anew."
    )
    return [
        Section("sceptic", "What a sceptic would ask", paragraphs=(computed if parts else asked,)),
        *parts,
    ]


def _added() -> list[Callable[[StudyResults, ReportSettings], list[Section]]]:
    """Return what makes the parts of the additions that are there."""
    modules = {name: f"spl_kedro.reporting.sections.{name}" for name in ADDITIONS}
    return [
        getattr(import_module(module), f"{name}_sections")
        for name, module in modules.items()
        if find_spec(module) is not None
    ]
