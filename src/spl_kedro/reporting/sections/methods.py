"""How to repeat it: parameters, versions, runtime."""

from __future__ import annotations

import pandas as pd

from spl_kedro.parameters import flatten, without_folder
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import seconds

PROGRAM_NAMES = {
    "git_commit": "Commit of the code",
    "git_dirty": "Changes not committed",
    "data_sha256": "Checksum of the cohort (SHA-256)",
}
# What a step spends its time on.
PHASES = ("load", "run", "save")


def method_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section on parameters, versions and runtime."""
    tables, missing = [], []
    if results.versions:
        spelled = {"true": "yes", "false": "no"}
        rows = [(PROGRAM_NAMES.get(k, k), spelled.get(v, v)) for k, v in results.versions.items()]
        tables.append(
            ReportTable(
                "versions",
                "Versions",
                pd.DataFrame(rows, columns=["Program", "Version"], dtype="str"),
            )
        )
    else:
        missing.append("Versions")
    if results.durations:
        times = pd.DataFrame(
            [[found.get(phase, 0.0) for phase in PHASES] for found in results.durations.values()],
            index=pd.Index(list(results.durations), name="Step"),
            columns=[phase.capitalize() for phase in PHASES],
        )
        times.loc["all"] = times.sum()
        frame = times.map(seconds).reset_index()
        tables.append(ReportTable("durations", "Runtime", frame, folded=len(frame) > 15))
    else:
        missing.append("Runtime")
    if results.parameters:
        rows = [(key, without_folder(value)) for key, value in flatten(results.parameters).items()]
        frame = pd.DataFrame(rows, columns=["Parameter", "Value"], dtype="str")
        tables.append(ReportTable("parameters", "Resolved parameters", frame, folded=True))
    else:
        missing.append("Resolved parameters")
    return [
        Section(
            "reproducibility", "Runtime, versions and parameters",
            tables=tuple(tables), missing=tuple(missing),
        )
    ]  # fmt: skip
