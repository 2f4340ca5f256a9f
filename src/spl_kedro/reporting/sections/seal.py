"""The analysis plan, the looks taken at validation, and what was changed after them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    cohort_name,
    interval,
    p_value,
    plural,
    unseen_lesions,
    variable_name,
)
from spl_kedro.sealing.changes import Change
from spl_kedro.sealing.state import SealState

KEY, TITLE = "analysis-plan", "Analysis plan and looks at validation"
NEVER_SEALED = (
    "Validation was not sealed: no analysis plan was stored before its lesions were scored "
    "(sealing.sealed is false), and how often they were looked at is not known."
)
#: Sections in which results of unseen lesions would stand.
WAITING = (
    *("models", "added-value", "roc", "calibration", "decision-curves", "comparisons"),
    *("clinic", "subgroups", "optimism", "shap", "gradcam", "sanity-checks", "uncertainty"),
)
#: Those whose figures show unseen lesions alone.
EMPTY = ("sanity-checks", "uncertainty")
IN_SAMPLE = (
    "The filters of the in-sample recipe would read the diagnoses of the validation cohort: it is "
    "fitted when that is unsealed."
)
_UNSEAL = "The pipeline unseal scores them and logs the look."


class Banner(NamedTuple):
    """What stands at the top of the page."""

    title: str
    text: str


def seal_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section on plan and looks; none in an open study of simulated patients."""
    seal = results.seal
    if seal is None:
        never = _never_sealed(results)
        return [Section(KEY, TITLE, never)] if never else []
    words = [
        _standing(results, seal),
        f"The plan was stored on {_day(seal.plan['stored'])}, before any lesion outside the "
        f"training cohort was scored. {seal.plan['split']['labels_read']}",
        *_primary_result(results, seal),
        *(f"The log of looks is not complete. {finding}" for finding in seal.findings),
    ]
    tables = [_plan_table(seal.plan, results)]
    if seal.looks:
        tables.append(_looks_table(seal))
    if seal.since_look:
        caption = "Post hoc: what was changed after the first look at validation"
        tables.append(_changes_table("post_hoc_changes", caption, seal.since_look))
    if seal.amended:
        caption = "Amended: what was changed after the plan was stored, before the first look"
        tables.append(_changes_table("amendments", caption, seal.amended))
    return [Section(KEY, TITLE, tuple(words), tables=tuple(tables))]


def with_seal(sections: Iterable[Section], results: StudyResults) -> list[Section]:
    """Say that validation is sealed in each section where its results would stand."""
    if not results.sealed:
        return list(sections)
    return [
        _sealed(section, results) if section.key in WAITING else section for section in sections
    ]


def seal_banner(results: StudyResults) -> Banner | None:
    """Return what the top of the page says of the seal: post hoc before sealed."""
    seal = results.seal
    if seal is None:
        return None
    lost = " The log of looks is not complete." if seal.findings else ""
    sealed = f"{_capital(waiting_words(seal))} {_UNSEAL}" if results.sealed else ""
    if seal.post_hoc:
        return Banner("Post hoc.", f"{post_hoc_words(seal)} {sealed}{lost}".strip())
    if results.sealed:
        return Banner("Sealed.", f"{sealed}{lost}")
    return Banner("Looks.", f"{_looks_words(seal)}{lost}") if lost else None


def seal_statements(results: StudyResults) -> tuple[str, ...]:
    """Return what the model card says of plan and looks."""
    seal = results.seal
    if seal is None:
        return _never_sealed(results)
    statements = [
        f"Analysis plan stored on {_day(seal.plan['stored'])}, checksum "
        f"{seal.plan['sha256'][:16]}.",
        _standing(results, seal),
    ]
    if seal.post_hoc:
        statements += [f"Changed after the first look: {change}." for change in seal.since_look]
    if seal.amended:
        statements += [f"Changed before the first look: {change}." for change in seal.amended]
    statements += [f"The log of looks is not complete. {finding}" for finding in seal.findings]
    if seal.count:
        statements.append(f"Last checksum of the log of looks: {seal.head}.")
    return tuple(statements)


def _never_sealed(results: StudyResults) -> tuple[str, ...]:
    """Say it of an open study of real patients that has lesions to seal."""
    known = results.simulated or not unseen_lesions(results.cohorts)
    return () if known else (NEVER_SEALED,)


def waiting_words(seal: SealState) -> str:
    """Return in a sentence which cohorts are not scored yet, and how large they are."""
    parts = [
        f"the {cohort_name(name).lower()} cohort ({plural(size['lesions'], 'lesion')})"
        for name, size in seal.kept.items()
    ]
    return f"{' and '.join(parts)} {'is' if len(parts) == 1 else 'are'} not scored yet."


def post_hoc_words(seal: SealState) -> str:
    """Return in a sentence that the analysis was changed after validation was looked at."""
    return (
        f"This analysis differs in {plural(len(seal.since_look), 'point')} from the one by which "
        f"validation was first looked at. {_looks_words(seal)}"
    )


def _standing(results: StudyResults, seal: SealState) -> str:
    if seal.post_hoc:
        shown = f" Sealed: {waiting_words(seal)} {_UNSEAL}" if results.sealed else ""
        return f"Post hoc. {post_hoc_words(seal)}{shown}"
    if results.sealed:
        before = f" {_looks_words(seal)}" if seal.count else ""
        return f"Sealed: {waiting_words(seal)} {_UNSEAL}{before}"
    return f"{_looks_words(seal)} Nothing was changed since the first look."


def _primary_result(results: StudyResults, seal: SealState) -> list[str]:
    """Return what the planned primary comparison gave, once its cohort is scored."""
    planned = {
        key: seal.plan["parameters"].get(f"sealing.primary.{key}", "")
        for key in ("model", "against", "cohort")
    }
    table = results.comparisons
    if table is None or table.empty:
        return []
    rows = table[(table["protocol"] == "leak_free") & (table["cohort"] == planned["cohort"])]
    for sign, first, second in ((1, "against", "model"), (-1, "model", "against")):
        hit = rows[(rows["model_a"] == planned[first]) & (rows["model_b"] == planned[second])]
        if len(hit):
            row = hit.iloc[0]
            limits = sorted((sign * row["auc_difference_low"], sign * row["auc_difference_high"]))
            difference = interval(sign * row["auc_difference"], *limits)
            return [
                f"The planned primary comparison, {results.called(planned['model'])} against "
                f"{results.called(planned['against'])} in the {planned['cohort']} cohort: "
                f"difference in AUC {difference}, {coverage(rows)} interval, "
                f"p = {p_value(row['p'])}."
            ]
    return []


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _day(time: str) -> str:
    """Write a stored time as it is read: 2026-03-24 09:30:00 UTC."""
    return time.replace("T", " ").replace("+00:00", " UTC")


def _looks_words(seal: SealState) -> str:
    taken = "was taken" if seal.count == 1 else "were taken"
    return f"{plural(seal.count, 'look')} at the lesions outside the training cohort {taken}."


def _sealed(section: Section, results: StudyResults) -> Section:
    seal = results.seal
    if seal is None:
        return section
    words = f"Sealed: {waiting_words(seal)}"
    if section.key == "optimism":
        words = f"{words} {IN_SAMPLE}"
    figures = () if section.key in EMPTY else section.figures
    missing = () if section.key in (*EMPTY, "optimism") else section.missing
    return replace(
        section, paragraphs=(words, *section.paragraphs), figures=figures, missing=missing
    )


def _plan_table(plan: Mapping[str, Any], results: StudyResults) -> ReportTable:
    size, split, code = plan["sample_size"], plan["split"], plan["code"]
    cohorts = [
        f"{name} {plural(split[name]['lesions'], 'lesion')} of "
        f"{plural(split[name]['patients'], 'patient')}"
        for name in ("training", "validation", "external")
        if name in split
    ]
    widths = [
        f"{name}: " + ", ".join(f"{width:.2f} at AUC {auc}" for auc, width in by_auc.items())
        for name, by_auc in size["expected_width_of_95_interval_by_auc"].items()
        if by_auc
    ]
    rows = [
        (
            "Models",
            "; ".join(f"{results.called(name)}: {words}" for name, words in plan["models"].items()),
        ),
        ("Primary comparison", _named(plan["primary_comparison"], plan["models"], results)),
        ("Thresholds", plan["thresholds"]),
        ("Subgroups", ", ".join(variable_name(name) for name in plan["subgroups"]) or "none"),
        ("Sample size", size["argument"] or "Open: to be stated by the investigators."),
        ("Expected width of an AUC's 95% interval", "; ".join(widths) or "not defined"),
        ("Registration", plan["registration"] or "Open: to be stated by the investigators."),
        ("Split", f"{', '.join(cohorts)}; checksum {split['sha256']}"),
        ("Code", f"{code['version']}; checksum {code['sources_sha256']}"),
        ("Parameters", f"checksum {plan['hashes']['parameters']}"),
        ("Plan", f"checksum {plan['sha256']}"),
    ]
    return ReportTable(
        "analysis_plan",
        "The analysis plan, as it was stored",
        pd.DataFrame(rows, columns=["Item", "Planned"], dtype="str"),
        note="Expected width: Hanley and McNeil 1982, at the share of malignant lesions of the "
        "training cohort.",
    )


def _named(words: str, models: Iterable[str], results: StudyResults) -> str:
    """Write models by their names in a sentence of the plan."""
    for model in models:
        words = words.replace(f"AUC of {model} ", f"AUC of {results.called(model)} ")
    return words


def _looks_table(seal: SealState) -> ReportTable:
    lines = [
        {
            "Look": str(look["number"]),
            "Time": _day(look["time"]),
            "How": look["kind"],
            "Scored": ", ".join(
                f"{name} {size['lesions']}" for name, size in look["scored"].items()
            ),
            "Against the first look": _against(look),
            "Reason": look["reason"],
        }
        for look in seal.looks
    ]
    return ReportTable(
        "looks",
        "Looks at the lesions outside the training cohort",
        pd.DataFrame(lines, dtype="str"),
        note=f"From the log of looks; its last checksum is {seal.head}.",
    )


def _against(look: Mapping[str, Any]) -> str:
    if look["same_as"]:
        return f"same analysis as look {', '.join(map(str, look['same_as']))}"
    if look["number"] == 1:
        return "first look"
    return "changed: post hoc" if look["post_hoc"] else "same analysis"


def _changes_table(key: str, caption: str, changes: list[Change]) -> ReportTable:
    lines = pd.DataFrame(changes, columns=["What", "Planned", "Now"], dtype="str")
    return ReportTable(key, caption, lines, folded=len(lines) > 15)
