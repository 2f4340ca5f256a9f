"""What every stage found about cases, images and columns: counts first, then one by one."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.findings import WHOLE_COHORT, count_findings
from spl_kedro.natural import natural_key
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.rules import ActionTaken

_WORDS = {
    ActionTaken.QUARANTINED: "in no cohort, seen by no model",
    ActionTaken.LEFT_OUT: "a part was not used: an outline, a column, a row",
    ActionTaken.INPAINTED: "marks in the image were filled in",
    ActionTaken.REPAIRED: "read in the one way that fits, and used",
    ActionTaken.GROUPED: "put into one patient",
    ActionTaken.FLAGGED: "used as it is; to be looked at",
}


def findings_section(results: StudyResults, settings: ReportSettings) -> Section:
    """Return the section on what was found: by rule and action, then case by case."""
    title = "Findings"
    findings = results.findings
    if findings is None:
        return Section("findings", title, missing=("Findings",))
    if findings.empty:
        words = "No check of the table, the images, the outlines or the features found anything."
        return Section("findings", title, (words,))
    counts = count_findings(findings)
    return Section(
        "findings",
        title,
        (_summary(findings), _meanings(counts)),
        tables=(_counts(findings, counts), _cases(findings, settings)),
    )


def _summary(findings: pd.DataFrame) -> str:
    single = findings[findings["lesion_id"] != WHOLE_COHORT]
    whole = len(findings) - len(single)
    told = f"{len(findings)} findings: {len(single)} about {single['lesion_id'].nunique()} cases"
    told += f", {whole} about the cohort as a whole" if whole else ""
    return f"{told}. Each names the rule broken, what was done, and a remedy."


def _meanings(counts: pd.DataFrame) -> str:
    taken = [action for action in ActionTaken if action in set(counts["action"])]
    return " ".join(f"{str(action).capitalize()}: {_WORDS[action]}." for action in taken)


def _counts(findings: pd.DataFrame, counts: pd.DataFrame) -> ReportTable:
    remedies = findings.groupby(["action", "rule"])["remedy"].agg(_commonest).to_dict()
    return ReportTable(
        "findings",
        "Findings by action and rule",
        pd.DataFrame(
            {
                "Action": counts["action"].str.capitalize(),
                "Rule broken": counts["rule"],
                "Cases": [str(cases) if cases else "all" for cases in counts["cases"]],
                "Remedy": [
                    remedies[key] for key in zip(counts["action"], counts["rule"], strict=True)
                ],
            },
            dtype="str",
        ),
        row_headers=2,
    )


def _commonest(remedies: pd.Series) -> str:
    """Return the commonest remedy; where several are given, say that cases differ."""
    mode = str(remedies.mode().iloc[0])
    return mode if remedies.nunique() == 1 else f"{mode} (others: see the cases)"


def _cases(findings: pd.DataFrame, settings: ReportSettings) -> ReportTable:
    order = {action: place for place, action in enumerate(ActionTaken)}
    cases = zip(findings["action"].map(order), findings["lesion_id"], strict=True)
    keys = [(place, name != WHOLE_COHORT, natural_key(name)) for place, name in cases]
    urgent = findings.iloc[sorted(range(len(keys)), key=keys.__getitem__)]
    shown = urgent.head(settings.max_findings)
    more = len(findings) - len(shown)
    return ReportTable(
        "findings_cases",
        "Each finding: what was found, and what to do about it",
        pd.DataFrame(
            {
                "Case": shown["lesion_id"],
                "Rule broken": shown["rule"],
                "What was found": shown["message"],
                "Remedy": shown["remedy"],
                "Action": shown["action"],
            },
            dtype="str",
        ),
        note=f"{more} further findings are in findings.csv, beside the cohort." if more else "",
        folded=len(shown) > 10,
    )
