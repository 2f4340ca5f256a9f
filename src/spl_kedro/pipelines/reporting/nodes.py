"""Nodes of reporting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from spl_kedro.parameters import Settings
from spl_kedro.pipelines.additions import added_sections
from spl_kedro.pipelines.reporting.added import sections_told
from spl_kedro.pipelines.reporting.inputs import GROUPS, HANDED
from spl_kedro.provenance import cohort_checksum, development_key, git_state
from spl_kedro.reporting import ReportSettings, StudyResults
from spl_kedro.reporting.parts import AddedSections, Section
from spl_kedro.schemas import is_simulated
from spl_kedro.sealing.state import SealState

#: What shapes the numbers; the full list is the lock file of the commit.
PROGRAMS = (
    "spl_kedro",
    "kedro",
    "mlflow",
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "statsmodels",
    "pyradiomics",
    "SimpleITK",
    "torch",
    "torchvision",
    "shap",
    "captum",
)
PICTURE = "picture_"
SCEPTIC = "sceptic_"
#: What the numbers of a study depend on; other pipelines' parameters do not belong in its report.
STUDY_PIPELINES = (
    "data_processing",
    "radiomics",
    "deep_features",
    "modeling",
    "explainability",
    "reporting",
)


def gather_findings(*stages: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Join what the stages found, and select what left a case out.

    Returns
    -------
    findings, quarantine : DataFrame
        ``schemas.Findings``.
    """
    from spl_kedro.cohort.findings import join_findings, quarantined

    findings = join_findings(*stages)
    return findings, quarantined(findings)


def count_flow(cohort: pd.DataFrame, findings: pd.DataFrame) -> pd.DataFrame:
    """Count the lesions analysed and those left out, by cohort and by rule."""
    from spl_kedro.reporting.flow import count_lesions

    return count_lesions(cohort, findings)


def summarise_features(
    radiomics_schema: pd.DataFrame, radiomics_stability: pd.DataFrame, selected: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the stability by feature class, and the features left after each selection step."""
    from spl_kedro.reporting.selection import selection_funnel
    from spl_kedro.reporting.summaries import feature_summary

    return feature_summary(radiomics_schema, radiomics_stability), selection_funnel(selected)


def gather_study(**inputs: Any) -> StudyResults:
    """Take apart what groups handed over, and put all of it into one object.

    Parameters
    ----------
    **inputs
        By the names of `inputs.DIRECT`, `inputs.GROUPS` and `additions.added_sections`.
    """
    handed: dict[str, Any] = {}
    added = {name: inputs.pop(dataset) for name, dataset in added_sections().items()}
    for group in GROUPS:
        handed |= inputs.pop(group)
    parts = {part: handed[name] for part, name in HANDED.items()}
    return gather_results(**inputs, **parts, added=added)


def gather_results(
    cohort: pd.DataFrame,
    parameters: Mapping[str, Any],
    durations: Mapping[str, Mapping[str, float]],
    predictions: pd.DataFrame,
    seal: Mapping[str, Any] | None = None,
    added: Mapping[str, AddedSections | None] | None = None,
    **parts: Any,
) -> StudyResults:
    """Put everything the run found into one object.

    Parameters
    ----------
    cohort : DataFrame
        ``schemas.Cohort``.
    parameters : mapping of str to Any
        All parameters, by pipeline; see `study_parameters`.
    durations : mapping of str to mapping of str to float
        Seconds by node and phase (load, run, save).
    predictions : DataFrame
        ``schemas.Predictions``: which development the sceptic's tables must belong to.
    seal : mapping, optional
        Where the study stands by its analysis plan; empty of one without.
    added : mapping of str to AddedSections or None, optional
        What additions wrote, by their names in the order of the report; nothing of one that has
        not run. Those of other models or another cohort are left out: see `added.sections_told`.
    **parts
        The other attributes of `StudyResults` by name; pictures by ``picture_<name>``, the
        sceptic's tables by ``sceptic_<name>``.

    Returns
    -------
    StudyResults
    """
    own = {name: part for name, part in parts.items() if not name.startswith(SCEPTIC)}
    key = development_key(predictions)
    sceptic = {
        name.removeprefix(SCEPTIC): table.drop(columns="study")
        for name, table in parts.items()
        if name.startswith(SCEPTIC) and len(table) and table["study"].eq(key).all()
    }
    return StudyResults(
        cohort=cohort,
        seal=SealState.of(seal or {}),
        sceptic=sceptic,
        further_sections=sections_told(added or {}, cohort, key),
        parameters=study_parameters(parameters, simulated=is_simulated(cohort)),
        durations=durations,
        versions=versions() | {"data_sha256": cohort_checksum(cohort)},
        **with_pictures(own),
    )


def with_pictures(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Return parts of `StudyResults`, those named ``picture_<name>`` put together as figures."""
    figures = {
        name.removeprefix(PICTURE): picture
        for name, picture in parts.items()
        if name.startswith(PICTURE)
    }
    own = {name: part for name, part in parts.items() if not name.startswith(PICTURE)}
    return own | {"figures": figures}


def study_parameters(parameters: Mapping[str, Any], *, simulated: bool) -> dict[str, Any]:
    """Return the parameters behind a study's numbers; those of the simulation where it was one."""
    names = ("simulation", *STUDY_PIPELINES) if simulated else STUDY_PIPELINES
    return plain_parameters(parameters, names)


def plain_parameters(parameters: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Return those of these names that there are, as plain mappings.

    Kedro hands over what it has validated as objects of settings, and all else as it was written.
    """
    found = {name: parameters[name] for name in names if name in parameters}
    return {
        name: given.model_dump() if isinstance(given, Settings) else given
        for name, given in found.items()
    }


def versions() -> dict[str, str]:
    """Return the programs' versions and the code's commit."""
    found = {}
    for name in PROGRAMS:
        with suppress(PackageNotFoundError):  # pyradiomics is not built on every Python
            found[name] = version(name)
    return found | git_state(Path(__file__).parent)


def make_sections(results: StudyResults, settings: ReportSettings, n_jobs: int) -> list[Section]:
    """Write the sections: words, tables, and figures, drawn for the page and as files."""
    from spl_kedro.reporting import draw_sections, report_sections

    return draw_sections(report_sections(results, settings), settings.figure_dpi, n_jobs)


def write_report(results: StudyResults, sections: list[Section], settings: ReportSettings) -> str:
    """Write the HTML report."""
    from spl_kedro.reporting import build_report

    return build_report(results, settings, sections)


def write_calculator(results: StudyResults, settings: ReportSettings) -> str:
    """Write the HTML page that computes the models which add up."""
    from spl_kedro.reporting import build_calculator

    return build_calculator(results, settings)


def write_cards(results: StudyResults, settings: ReportSettings) -> tuple[str, str, pd.DataFrame]:
    """Write model card, data sheet and the filled checklists."""
    from spl_kedro.reporting import (
        CHECKLISTS,
        checklist_table,
        data_sheet,
        fill_checklist,
        model_card,
    )

    filled = [fill_checklist(key, results, settings) for key in CHECKLISTS]
    return (
        model_card(results, settings).markdown(),
        data_sheet(results, settings).markdown(),
        checklist_table(filled, simulated=results.simulated),
    )


def export_tables(sections: list[Section]) -> dict[str, str]:
    """Return the report's tables as CSV and LaTeX."""
    from spl_kedro.reporting import table_files

    return table_files(sections)


def write_tables_document(
    results: StudyResults, sections: list[Section], settings: ReportSettings
) -> bytes:
    """Return the report's tables as one Word document."""
    from spl_kedro.reporting import tables_document

    return tables_document(results, settings, sections)


def export_figures(sections: list[Section], settings: ReportSettings) -> dict[str, bytes]:
    """Return the report's figures as PNG and SVG."""
    from spl_kedro.reporting import figure_files

    return figure_files(sections, settings.figure_dpi)
