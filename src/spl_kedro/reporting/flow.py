"""The cohort's flow: who was received, left out and why, and how the rest was split."""

from __future__ import annotations

from typing import NamedTuple

from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import COHORT_NAMES


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


class CohortFlow(NamedTuple):
    """Numbers of the flow chart.

    Attributes
    ----------
    n_received : int
        Analysed and left out together.
    n_left_out, n_analysed : int
    reasons : list of Reason
        Commonest first.
    arms : list of Arm
        Training first.
    """

    n_received: int
    n_left_out: int
    n_analysed: int
    reasons: list[Reason]
    arms: list[Arm]


def cohort_flow(results: StudyResults) -> CohortFlow:
    """Count the flow.

    A lesion that left the cohort only for a later stage (its features could not be extracted)
    is counted as left out and no longer as analysed. A second reader's outline that could not be
    used does not leave its lesion out.
    """
    left_out = results.left_out
    excluded = set(left_out["lesion_id"])
    # A case that is both in the cohort and in the first quarantine lost a part, not its place.
    if results.quarantine is not None:
        early = set(results.quarantine["lesion_id"])
        later = excluded - early
        excluded = (early - set(results.cohort.index)) | later
    kept = results.cohort[~results.cohort.index.isin(excluded)]
    counted = left_out[left_out["lesion_id"].isin(excluded)].drop_duplicates("lesion_id")
    sizes = counted.groupby(["stage", "rule"], as_index=False).size()
    reasons = [
        Reason(str(stage), str(rule), int(cases))
        for stage, rule, cases in zip(sizes["stage"], sizes["rule"], sizes["size"], strict=True)
    ]
    arms = []
    for name in results.cohorts:
        part = kept[kept["cohort"] == name]
        malignant = int((part["label"] == 1).sum())
        arms.append(
            Arm(
                COHORT_NAMES[name].replace(" (cross-fitted)", ""),
                len(part),
                int(part["patient_id"].nunique()),
                int(part["site"].nunique()),
                len(part) - malignant,
                malignant,
            )
        )
    return CohortFlow(
        n_received=len(kept) + len(excluded),
        n_left_out=len(excluded),
        n_analysed=len(kept),
        reasons=sorted(reasons, key=lambda reason: (-reason.cases, reason.rule)),
        arms=arms,
    )
