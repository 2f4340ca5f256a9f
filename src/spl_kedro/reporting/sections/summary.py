"""The result in a few sentences that can be quoted, each from a stored table by a stated rule."""

from __future__ import annotations

from collections.abc import Callable

from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.flow import cohort_flow
from spl_kedro.reporting.parts import Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.clinic_words import deployed_thresholds
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.verdicts import (
    EQUAL,
    HIGHER,
    LOWER,
    OPEN,
    Difference,
    beyond_clinical,
    calibration,
    gain_of,
    leading_model,
    measure,
    shown_cohorts,
)
from spl_kedro.reporting.words import interval, model_name, number, plural

KEY, TITLE = "summary", "Summary"
IN_COHORT = {
    "training": "in training (cross-fitted: each lesion scored by models fitted without it)",
    "validation": "in validation",
    "external": "in the external cohort",
}
#: What a cohort is for, by its name in the flow.
ROLE = {
    "Training": "for training",
    "Validation": "for validation",
    "External": "for external validation",
}
FUSES = {
    "clinical": "of clinical variables alone",
    "rad": "of radiomics features",
    "dtl": "of deep features",
    "dlr": "of radiomics and deep features",
    "cdlr": "which fuses the image with clinical variables",
}


def summary_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section that states the result; without models it tells who was studied."""
    sentences = [_who(results)]
    model = leading_model(results)
    if model is not None:
        cohorts = shown_cohorts(results)
        sayings = (_how_well, _against_clinical, _steps, _threshold, _calibration)
        sentences += [say(results, model, cohorts) for say in sayings]
    text = " ".join(sentence for sentence in sentences if sentence)
    missing = () if model is not None else ("Performance of the models",)
    return [Section(KEY, TITLE, (text,), missing=missing)]


def place(cohort: str) -> str:
    """Return where a figure was measured, without what it was measured by."""
    return IN_COHORT[cohort].partition(" (")[0]


def joined(parts: list[str]) -> str:
    """Write several things in one sentence.

    Examples
    --------
    >>> joined(["a"]), joined(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _who(results: StudyResults) -> str:
    flow = cohort_flow(results)
    patients = results.cohort["patient_id"].nunique()
    kind = "simulated patient" if results.simulated else "patient"
    arms = joined([f"{arm.lesions} {ROLE.get(arm.name, arm.name)}" for arm in flow.arms])
    malignant = sum(arm.malignant for arm in flow.arms)
    analysed = f"{plural(flow.n_analysed, 'lesion')} of {plural(patients, kind)} were analysed"
    words = f"{analysed} ({arms}; {malignant} malignant)"
    if results.frozen is not None:
        words = f"{analysed} ({malignant} malignant), all of them new to the frozen study"
    words += f", and {flow.n_left_out} left out by rule" if flow.n_left_out else ""
    kept = sum(arm.lesions for arm in flow.sealed)
    return words + (f"; {kept} more are sealed and not analysed." if kept else ".")


def _each(cohorts: list[str], say: Callable[[str], str | None]) -> list[str]:
    return [words for words in map(say, cohorts) if words]


def _how_well(results: StudyResults, model: str, cohorts: list[str]) -> str:
    table = results.performance
    covered = "" if table is None else f"{coverage(table)} interval "

    def said(cohort: str) -> str | None:
        found = measure(results, model, cohort, "auc")
        if found is None:
            return None
        return f"{_of(found).replace('(', f'({covered}', 1)} {IN_COHORT[cohort]}"

    parts = _each(cohorts, said)
    if not parts:
        return f"{model_name(model)} has no AUC: lesions of one class only were scored."
    fuses = "here the DLR score alone" if _is_image_alone(results, model) else FUSES[model]
    return f"{model_name(model)}, {fuses}, reached an AUC of {joined(parts)}."


def _is_image_alone(results: StudyResults, model: str) -> bool:
    return model == "cdlr" and results.without_clinical


def _of(found: Difference) -> str:
    return interval(*found, 2)


def _bare(found: Difference) -> str:
    """Write an estimate with its interval where brackets stand around both."""
    return _of(found).replace(" (", ", ").replace(")", "")


def _against_clinical(results: StudyResults, model: str, cohorts: list[str]) -> str:
    name = model_name(model)
    shows = {
        HIGHER: f"which shows that {name} is higher",
        LOWER: f"which shows that {name} is lower",
        EQUAL: "the two are equal",
        OPEN: "where no difference is shown",
    }

    def said(cohort: str) -> str | None:
        found = beyond_clinical(results, model, cohort)
        own = measure(results, "clinical", cohort, "auc")
        if found is None or own is None or found.reading not in shows:
            return None
        clinical = f"{place(cohort)} (Clinical {number(own.value, 2)})"
        return f"{found.written()} {clinical}, {shows[found.reading]}"

    parts = _each(cohorts, said)
    if not parts:
        return ""
    return f"Its AUC minus that of clinical variables alone was {'; '.join(parts)}."


def _steps(results: StudyResults, model: str, cohorts: list[str]) -> str:
    """Say what radiomics and deep features add, in the first cohort that has it."""
    for cohort in cohorts:
        rad, deep = (gain_of(results, cohort, name) for name in ("clinical_rad", "cdlr"))
        if rad is None or deep is None:
            continue
        where = place(cohort)
        return (
            f"{where[0].upper()}{where[1:]}, radiomics features added {rad.written()} to the AUC "
            f"of clinical variables, {_gain(rad)}; deep features then added {deep.written()}, "
            f"{_gain(deep)}."
        )
    return ""


def _gain(gain: Difference) -> str:
    return {HIGHER: "a gain", LOWER: "a loss", EQUAL: "nothing"}.get(gain.reading, "no gain shown")


def _threshold(results: StudyResults, model: str, cohorts: list[str]) -> str:
    chosen = {row["model"]: row["threshold"] for row in deployed_thresholds(results)}
    if model not in chosen:
        return ""

    def said(cohort: str) -> str | None:
        told = [
            f"a {name} of {_of(rate)}"
            for name in ("sensitivity", "specificity")
            if (rate := measure(results, model, cohort, name)) is not None
        ]
        return f"{joined(told)} {place(cohort)}" if told else None

    parts = _each(cohorts, said)
    if not parts:
        return ""
    where = "where it was fitted" if results.frozen is not None else "on training lesions"
    return (
        f"At its operating threshold of {number(chosen[model])}, chosen {where}, it had "
        f"{'; '.join(parts)}."
    )


def _calibration(results: StudyResults, model: str, cohorts: list[str]) -> str:
    def said(cohort: str) -> str | None:
        found = calibration_words(results, model, cohort)
        return found and f"{found} {place(cohort)}"

    parts = _each(cohorts, said)
    return f"Its predicted risks were {'; '.join(parts)}." if parts else ""


def calibration_words(results: StudyResults, model: str, cohort: str) -> str | None:
    """Return what calibration intercept and slope show of a model's risks; None without them.

    Parameters
    ----------
    results : StudyResults
    model, cohort : str

    Returns
    -------
    str or None
        Too high or low where the intercept's interval excludes 0, too extreme or moderate where
        the slope's excludes 1.
    """
    found = calibration(results, model, cohort)
    if found is None:
        return None
    told = []
    level = {LOWER: "too high on the whole", HIGHER: "too low on the whole"}
    spread = {LOWER: "too extreme", HIGHER: "too moderate"}
    if found.level in level:
        told.append(f"{level[found.level]} (intercept {_bare(found.intercept)})")
    if found.spread in spread:
        told.append(f"{spread[found.spread]} (slope {_bare(found.slope)})")
    if told:
        return joined(told)
    return f"not shown to be miscalibrated (slope {_bare(found.slope)})"
