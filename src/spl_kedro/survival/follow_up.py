"""The follow-up of each patient, from two columns of the hospital's table."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.cells import parse_numbers
from spl_kedro.cohort.findings import Findings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.rules import ActionTaken, Rule
from spl_kedro.survival.settings import SurvivalSettings

STAGE = "survival"


def lesion_follow_up(
    cells: pd.DataFrame, patients: pd.Series, settings: SurvivalSettings
) -> tuple[pd.DataFrame, Findings]:
    """Read times and events.

    Parameters
    ----------
    cells : DataFrame of str
        Index lesion_id; columns time and event, missing where the table says nothing.
    patients : Series of str
        Patient of each lesion of the study, index lesion_id.
    settings : SurvivalSettings

    Returns
    -------
    follow_up : DataFrame
        Index lesion_id; time in the settings' unit, above 0, and event (bool), of the lesions
        that have both. A patient's lesions have one follow-up.
    findings : Findings
        Every other lesion, and why.
    """
    rows = cells.reindex(patients.index).reset_index()
    ids = rows["lesion_id"]
    times, no_number, ambiguous = parse_numbers(rows["time"])
    codes = dict.fromkeys((word.casefold() for word in settings.words.happened), 1.0)
    codes |= dict.fromkeys((word.casefold() for word in settings.words.censored), 0.0)
    events = rows["event"].str.casefold().map(codes).astype(float)
    findings = Findings(STAGE, ActionTaken.LEFT_OUT)
    column = f"the column '{settings.time}'"
    findings.rows(rows["time"].isna(), ids, Rule.FOLLOWED_UP, f"{column} is empty.")
    findings.rows(no_number, ids, Rule.FOLLOWED_UP, f"{column} holds text that is no number.")
    findings.rows(ambiguous, ids, Rule.ONE_MEANING, f"{column} holds a number of two meanings.")
    findings.rows(times <= 0, ids, Rule.FOLLOWED_UP, f"{column} holds a time that is not above 0.")
    findings.rows(
        events.isna(),
        ids,
        Rule.KNOWN_EVENT,
        f"the column '{settings.event}' holds "
        + rows["event"].map("'{}'".format, na_action="ignore").fillna("nothing")
        + ".",
    )
    told = times.astype("str") + " " + events.astype("str")
    patient = pd.Series(patients.to_numpy(), rows.index)
    several = told.groupby(patient).transform("nunique") > 1
    findings.rows(
        several, ids, Rule.ONE_FOLLOW_UP, "the patient's lesions have different times or events."
    )
    kept = ~findings.mask(rows.index)
    follow_up = pd.DataFrame({"time": times, "event": events})[kept].astype({"event": bool})
    follow_up.index = pd.Index(ids[kept], name="lesion_id")
    return follow_up, findings


def require_events(follow_up: pd.DataFrame, patients: pd.Series, settings: SurvivalSettings) -> int:
    """Refuse a training cohort in which too few patients had the event.

    Parameters
    ----------
    follow_up : DataFrame
        Of the training lesions.
    patients : Series of str
        Patient of each lesion.
    settings : SurvivalSettings

    Returns
    -------
    int
        Training patients who had the event.

    Raises
    ------
    UnusableStudyError
        Naming the numbers and what can be done.
    """
    by_patient = follow_up["event"].groupby(patients.reindex(follow_up.index)).first()
    events = int(by_patient.sum())
    if events < settings.min_events:
        raise UnusableStudyError(
            "enough events to learn from",
            f"{events} of {len(by_patient)} training patients had the event "
            f"({settings.event_name}); survival.min_events asks for {settings.min_events}.",
            "Watch the patients for longer, or add patients; check survival.words too.",
        )
    return events
