"""What the results do not show, from the tables of the run."""

from __future__ import annotations

from spl_kedro.reporting.parts import Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.leaks import leaks_words
from spl_kedro.reporting.sections.summary import calibration_words, place
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.verdicts import (
    OPEN,
    beyond_clinical,
    calibration,
    leading_model,
    shown_cohorts,
)
from spl_kedro.reporting.words import model_name, variable_name
from spl_kedro.schemas import MODELS, SITE_NOT_STATED

SIMULATED = (
    "The patients are simulated. Nothing here says anything about real patients, and no model "
    "fitted on them may be used on any."
)


def limit_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section on limits."""
    first = (SIMULATED,) if results.simulated else ()
    return [Section("limits", "Limits", (*first, *limit_statements(results)))]


def limit_statements(results: StudyResults) -> tuple[str, ...]:
    """Return a statement for each limit that the run's tables show, those of every study first.

    Parameters
    ----------
    results : StudyResults
    """
    statements = [
        "Valid only for images acquired and outlined as in the training cohort; a new scanner or "
        "reader needs a new evaluation.",
        "The score depends on a hand-drawn outline.",
    ]
    trained = results.cohort.loc[results.cohort["cohort"] == "training", "site"]
    if (trained == SITE_NOT_STATED).all():
        statements.append(
            "The table names no site: whether the lesions come from one centre or several is not "
            "known here."
        )
    elif trained.nunique() == 1:
        statements.append("All training lesions come from one centre.")
    if results.leaks is not None:
        statements.append(leaks_words(results.leaks))
    if results.sealed:
        statements.append("Validation is sealed: how the models do on new lesions is unknown.")
    elif "external" not in results.cohorts:
        statements.append("No external cohort: how the models travel is unknown.")
    return (*statements, *_undecided(results), *_miscalibrated(results), *_too_few(results))


def _undecided(results: StudyResults) -> list[str]:
    model = leading_model(results)
    if model is None:
        return []
    found = {cohort: beyond_clinical(results, model, cohort) for cohort in shown_cohorts(results)}
    return [
        f"Too few lesions to decide {place(cohort)} whether "
        f"{model_name(model)} is better than Clinical: the difference in AUC is "
        f"{difference.written()}."
        for cohort, difference in found.items()
        if difference is not None and difference.reading == OPEN
    ]


def _miscalibrated(results: StudyResults) -> list[str]:
    model = leading_model(results)
    if model is None:
        return []
    found = {cohort: calibration(results, model, cohort) for cohort in shown_cohorts(results)}
    return [
        f"{model_name(model)}'s predicted risks are {calibration_words(results, model, cohort)} "
        f"{place(cohort)}."
        for cohort, own in found.items()
        if own is not None and own.miscalibrated
    ]


def _too_few(results: StudyResults) -> list[str]:
    statements = []
    sizes = results.sample_size
    if sizes is not None and len(sizes):
        # Not known of a model whose fit gives no R².
        few = sizes["enough"].eq(False).fillna(False).astype(bool)
        short = sizes[few & sizes["model"].isin(MODELS)]
        if len(short):
            named = ", ".join(
                f"{model_name(model)} ({needed:,.0f})"
                for model, needed in zip(short["model"], short["n_required"], strict=True)
            )
            statements.append(
                "Fewer training lesions than Riley's criteria ask for the candidate predictors "
                f"of: {named}."
            )
    groups = results.subgroups
    if groups is not None and len(groups):
        small = groups.loc[groups["warning"] != "", ["variable", "group"]].drop_duplicates()
        if len(small):
            names = [f"{variable_name(row.variable)}, {row.group}" for row in small.itertuples()]
            statements.append(f"Too few cases to judge in: {'; '.join(names)}.")
    return statements
