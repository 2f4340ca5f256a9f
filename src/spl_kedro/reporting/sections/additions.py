"""What pipelines found that no study needs: sections for those that have run."""

from __future__ import annotations

from collections.abc import Callable

from spl_kedro.reporting.parts import Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.assisted_outlines import assisted_outline_sections
from spl_kedro.reporting.settings import ReportSettings

#: Each returns its sections, or none where its tables are not there.
PARTS: tuple[Callable[[StudyResults, ReportSettings], list[Section]], ...] = (
    assisted_outline_sections,
)


def addition_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections of the additions that were run for this cohort."""
    return [section for make in PARTS for section in make(results, settings)]
