"""Reporting checklists filled with what a run can show, the rest left open for people."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import pandas as pd

from spl_kedro.reporting.evidence import Evidence, study_evidence
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings

CHECKLISTS = ("metrics", "clear", "tripod_ai", "claim")
#: Those for an external validation, which develops nothing.
VALIDATION_CHECKLISTS = ("tripod_ai_validation",)
Status = Literal["shown", "not in this run", "open", "not applicable"]


class FilledItem(NamedTuple):
    """One item with its answer.

    Attributes
    ----------
    number, section, text : str
        As in the checklist, in our words.
    status : str
        ``shown``: the run has every artefact named; ``not in this run``: the pipeline could show
        it but this run did not; ``open``: only a person can answer; ``not applicable``.
    evidence : tuple of Evidence
        Artefacts that exist; for an open item, what helps to answer it.
    lacking : tuple of Evidence
        Artefacts that this run does not have.
    remark : str
    weight : float or None
        Points of the item, METRICS only.
    """

    number: str
    section: str
    text: str
    status: Status
    evidence: tuple[Evidence, ...]
    lacking: tuple[Evidence, ...]
    remark: str
    weight: float | None


class FilledChecklist(NamedTuple):
    """A checklist with its answers; see `fill_checklist`."""

    key: str
    name: str
    title: str
    source: str
    note: str
    items: tuple[FilledItem, ...]

    def counts(self) -> dict[str, int]:
        """Return how many items have each status."""
        statuses = ("shown", "not in this run", "open", "not applicable")
        return {s: sum(item.status == s for item in self.items) for s in statuses}


class ScoreRange(NamedTuple):
    """METRICS score in percent.

    Attributes
    ----------
    low : float
        What the run shows by itself.
    high : float
        If a person could answer yes to every open item.
    awarded : bool
        False on simulated patients, for whom no points are given and both ends are 0.
    """

    low: float
    high: float
    awarded: bool


def load_checklist(key: str) -> dict[str, Any]:
    """Return a checklist as shipped with the package.

    Parameters
    ----------
    key : str
        One of `CHECKLISTS` or `VALIDATION_CHECKLISTS`. The latter are made of the full ones: what
        an item asks stays, what shows it is another thing, and items on development alone go.
    """
    text = (files("spl_kedro.reporting") / "checklists" / f"{key}.json").read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    if "of" not in content:
        return content
    full = load_checklist(content["of"])
    kept = [item for item in full["items"] if item["number"] not in content["development_alone"]]
    items = [item | content["items"].get(item["number"], {}) for item in kept]
    return full | {"name": content["name"], "note": content["note"], "items": items}


def fill_checklist(key: str, results: StudyResults, settings: ReportSettings) -> FilledChecklist:
    """Answer what the run can answer.

    Parameters
    ----------
    key : str
        As for `load_checklist`.
    results : StudyResults
    settings : ReportSettings

    Returns
    -------
    FilledChecklist
    """
    known = study_evidence(results, settings)
    content = load_checklist(key)
    items = []
    for item in content["items"]:
        named = [known[name] for name in item.get("evidence", [])]
        present = tuple(artefact for artefact in named if artefact.present)
        lacking = tuple(artefact for artefact in named if not artefact.present)
        if item["judge"] == "not_applicable":
            status: Status = "not applicable"
        elif item["judge"] == "person":
            status = "open"
        else:
            status = "not in this run" if lacking else "shown"
        items.append(
            FilledItem(
                item["number"], item["section"], item["text"], status, present, lacking,
                item.get("remark", item.get("why", "")), item.get("weight"),
            )
        )  # fmt: skip
    return FilledChecklist(
        key, content["name"], content["title"], content["source"], content["note"], tuple(items)
    )


def metrics_range(checklist: FilledChecklist, *, simulated: bool) -> ScoreRange:
    """Return the METRICS score as a range.

    Items that do not apply leave the denominator, as in the authors' tool. An item that the
    pipeline could show but this run did not counts as no at both ends.

    Parameters
    ----------
    checklist : FilledChecklist
        Of METRICS.
    simulated : bool
        No points are given on simulated patients.

    Returns
    -------
    ScoreRange
    """
    if simulated:
        return ScoreRange(0.0, 0.0, False)
    points = {"shown": 0.0, "not in this run": 0.0, "open": 0.0}
    for item in checklist.items:
        if item.status != "not applicable":
            points[item.status] += item.weight or 0.0
    total = sum(points.values())
    low = 100 * points["shown"] / total
    return ScoreRange(low, low + 100 * points["open"] / total, True)


def checklist_table(checklists: list[FilledChecklist], *, simulated: bool) -> pd.DataFrame:
    """Return all items of all checklists as one table.

    Parameters
    ----------
    checklists : list of FilledChecklist
    simulated : bool
        Whether the points of METRICS are withheld.

    Returns
    -------
    DataFrame
        checklist, number, section, item, status, evidence (catalog names), remark, weight, points.
    """
    rows = []
    for checklist in checklists:
        for item in checklist.items:
            earned = item.weight if item.status == "shown" and not simulated else 0.0
            rows.append(
                {
                    "checklist": checklist.name,
                    "number": item.number,
                    "section": item.section,
                    "item": item.text,
                    "status": item.status,
                    "evidence": "; ".join(f"{e.label} ({e.dataset})" for e in item.evidence),
                    "remark": item.remark,
                    "weight": item.weight,
                    "points": None if item.weight is None else earned,
                }
            )
    return pd.DataFrame(rows).astype({"weight": "float64", "points": "float64"})
