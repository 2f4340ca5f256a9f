"""The cohort's flow: who was received, left out and why, and how the rest was split."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

import pandas as pd

from spl_kedro.cohort.findings import findings_table, quarantined
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import COHORT_NAMES, plural
from spl_kedro.schemas import COHORTS, SITE_NOT_STATED

#: What a row of the table counts.
ANALYSED, LEFT_OUT = "analysed", "left out"
_COUNTS = ("lesions", "patients", "sites", "benign", "malignant")


class Reason(NamedTuple):
    """A rule that left cases out, at which stage, and how many."""

    stage: str
    rule: str
    cases: int


class Arm(NamedTuple):
    """One cohort of the flow."""

    name: str
    lesions: int
    patients: int
    sites: int
    benign: int
    malignant: int


class SealedArm(NamedTuple):
    """A cohort of the flow that is sealed, its diagnoses unknown."""

    name: str
    lesions: int


class CohortFlow(NamedTuple):
    """Numbers of the flow chart.

    Attributes
    ----------
    n_received : int
        Analysed, sealed and left out together.
    n_left_out, n_analysed : int
    reasons : list of Reason
        Commonest first.
    arms : list of Arm
        Training first.
    sealed : tuple of SealedArm
        Cohorts that are not analysed yet; empty where nothing is sealed.
    """

    n_received: int
    n_left_out: int
    n_analysed: int
    reasons: list[Reason]
    arms: list[Arm]
    sealed: tuple[SealedArm, ...] = ()

    @property
    def n_divided(self) -> int:
        """Lesions that belong to a cohort: those analysed, and those sealed."""
        return self.n_analysed + sum(arm.lesions for arm in self.sealed)


def count_lesions(cohort: pd.DataFrame, findings: pd.DataFrame | None = None) -> pd.DataFrame:
    """Count the lesions analysed in each cohort and the cases left out by each rule.

    A lesion that a stage after the first quarantined (its features could not be extracted) is
    counted as left out and no longer as analysed.

    Parameters
    ----------
    cohort : DataFrame
        ``schemas.Cohort``, index lesion_id.
    findings : DataFrame or None
        ``schemas.Findings`` of every stage.

    Returns
    -------
    DataFrame
        A row for each cohort, training first (part "analysed": cohort, lesions, patients, sites
        (0: not stated), benign, malignant) and for each rule, commonest first (part "left out":
        stage, rule, lesions, which counts cases); empty texts and zeros elsewhere.
    """
    left_out = quarantined(findings_table() if findings is None else findings)
    excluded = set(left_out["lesion_id"])
    kept = cohort[~cohort.index.isin(excluded)]
    rows: list[dict[str, object]] = []
    for name in (name for name in COHORTS if name in set(cohort["cohort"])):
        part = kept[kept["cohort"] == name]
        malignant = int((part["label"] == 1).sum())
        rows.append(
            {
                "part": ANALYSED,
                "cohort": name,
                "lesions": len(part),
                "patients": int(part["patient_id"].nunique()),
                "sites": int(part.loc[part["site"] != SITE_NOT_STATED, "site"].nunique()),
                "benign": len(part) - malignant,
                "malignant": malignant,
            }
        )
    counted = left_out.drop_duplicates("lesion_id")
    sizes = counted.groupby(["stage", "rule"], as_index=False).size()
    commonest = sizes.sort_values(["size", "rule"], ascending=[False, True])
    rows += [
        {
            "part": LEFT_OUT,
            "stage": str(found["stage"]),
            "rule": str(found["rule"]),
            "lesions": int(found["size"]),
        }
        for found in _rows(commonest)
    ]
    texts, numbers = ["part", "cohort", "stage", "rule"], [*_COUNTS]
    empty = dict.fromkeys(texts, "") | dict.fromkeys(numbers, 0)
    table = pd.DataFrame([empty | row for row in rows], columns=[*empty])
    return table.astype(dict.fromkeys(texts, "str") | dict.fromkeys(numbers, "int64"))


def cohort_flow(results: StudyResults) -> CohortFlow:
    """Return the numbers of the flow chart, those of the stored table where there is one."""
    table = results.cohort_flow
    if table is None:
        table = count_lesions(results.cohort, results.findings)
    analysed, left_out = (table[table["part"] == part] for part in (ANALYSED, LEFT_OUT))
    n_analysed, n_left_out = (int(part["lesions"].sum()) for part in (analysed, left_out))
    reasons = [Reason(row["stage"], row["rule"], row["lesions"]) for row in _rows(left_out)]
    arms = [
        Arm(
            COHORT_NAMES[row["cohort"]].replace(" (cross-fitted)", ""),
            *(row[name] for name in _COUNTS),
        )
        for row in _rows(analysed)
    ]
    kept = results.seal.kept if results.seal is not None and results.sealed else {}
    sealed = tuple(SealedArm(COHORT_NAMES[name], own["lesions"]) for name, own in kept.items())
    received = n_analysed + n_left_out + sum(arm.lesions for arm in sealed)
    return CohortFlow(received, n_left_out, n_analysed, reasons, arms, sealed)


def _rows(table: pd.DataFrame) -> list[dict[Hashable, Any]]:
    return table.to_dict("records")


def centres(names: Iterable[str]) -> str:
    """Count and name the centres, or say that the study's table named none.

    Examples
    --------
    >>> centres(["a", "b"]), centres([SITE_NOT_STATED])
    ('2 centres: a, b', 'centres not stated')
    """
    named = sorted(set(names) - {SITE_NOT_STATED})
    if not named:
        return f"centres {SITE_NOT_STATED}"
    return f"{plural(len(named), 'centre')}: {', '.join(named)}"
