"""The list of what gives the label away, and what is done about it."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.findings import WHOLE_COHORT, Findings
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import CaseWarning
from spl_kedro.leaks.checks import ALONE, MISSING, WORDS, Check, checks
from spl_kedro.modeling.evaluation.multiplicity import holm
from spl_kedro.rules import ActionTaken

STAGE = "leaks"
#: Rules about clinical variables, which can be left out.
OF_VARIABLES = (ALONE, MISSING, WORDS)
_TEXTS = ("variable", "rule", "measure", "message", "remedy", "action")


def find_leaks(
    training: pd.DataFrame, acquisition: pd.DataFrame, settings: CohortSettings
) -> pd.DataFrame:
    """List what gives the label of the training lesions away.

    Judged on one lesion of each patient, the first by its identifier, so that p-values are of
    cases that do not depend on each other.

    Parameters
    ----------
    training : DataFrame, index `lesion_id`
        Training lesions alone: patient_id, site, label, pixel size, clinical variables.
    acquisition : DataFrame, index `lesion_id`
        ``schemas.Acquisition``.
    settings : CohortSettings

    Returns
    -------
    DataFrame
        ``schemas.Leaks``: a row for each check, those listed first. A check may be listed where
        what was measured is as strong as it asks (an AUC above `leaks.auc`, values missing in one
        class alone; any relation with site, making or order); `p_holm` is corrected for the number
        of these (Holm; missing of the others), and those of at most `leaks.alpha` are listed.
        Words are listed without a p-value.
    """
    ordered = training.sort_index()
    rows = ordered[~ordered["patient_id"].duplicated()]
    table = pd.DataFrame(
        checks(rows, acquisition.reindex(rows.index), settings), columns=list(Check._fields)
    )
    table["p_holm"] = holm(table["p_value"].where(table["strong"].astype("bool")))
    certain = table["p_value"].isna() | (table["p_holm"] <= settings.leaks.alpha)
    table["listed"] = table["strong"].astype("bool") & certain
    kept = settings.leaks.action == "leave_out"
    left_out = table["listed"] & table["rule"].isin(OF_VARIABLES) & kept
    table["action"] = table["listed"].map({True: str(ActionTaken.FLAGGED), False: ""})
    table["action"] = table["action"].mask(left_out, str(ActionTaken.LEFT_OUT))
    kinds = dict.fromkeys(_TEXTS, "str") | {"cases": "int64"}
    kinds |= dict.fromkeys(("value", "low", "high", "p_value", "p_holm"), "float64")
    return (
        table.drop(columns="strong")
        .astype(kinds)
        .sort_values("listed", ascending=False, kind="stable", ignore_index=True)
    )


def leak_findings(leaks: pd.DataFrame) -> pd.DataFrame:
    """Return what is listed as findings on the cohort (``schemas.Findings``)."""
    findings = Findings(STAGE)
    for row in leaks[leaks["listed"]].to_dict("records"):
        found = CaseWarning(row["rule"], row["message"], row["remedy"], row["action"])
        findings.case(WHOLE_COHORT, found)
    return findings.table()


def left_out_variables(leaks: pd.DataFrame) -> list[str]:
    """Return the clinical variables that are taken from the study."""
    return sorted(set(leaks.loc[leaks["action"] == ActionTaken.LEFT_OUT, "variable"]))


def refuse_leaks(leaks: pd.DataFrame) -> None:
    """Raise where anything is listed.

    Raises
    ------
    UnusableStudyError
        With the first that is listed, and how many there are.
    """
    listed = leaks[leaks["listed"]]
    if len(listed):
        first = listed.to_dict("records")[0]
        more = f" {len(listed) - 1} more are listed." if len(listed) > 1 else ""
        raise UnusableStudyError(
            first["rule"],
            first["message"] + more,
            f"{first['remedy']} Or set data_processing.leaks.action: flag.",
        )


def summary(leaks: pd.DataFrame, lesions: int) -> str:
    """Return in one line what was looked at and what is listed."""
    listed = leaks[leaks["listed"]]
    told = ", ".join(f"{row['variable']} ({row['rule']})" for row in listed.to_dict("records"))
    return (
        f"{len(leaks)} checks for leaks on {lesions} training lesions: "
        f"{len(listed)} listed{', with the rule broken: ' + told if told else ''}."
    )
