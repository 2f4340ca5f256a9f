"""How it was done, in a few paragraphs: the words that the results use are explained here."""

from __future__ import annotations

from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.nesting import nesting_statement
from spl_kedro.reporting.parts import Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.verdicts import RULE
from spl_kedro.reporting.words import model_name, unseen_lesions
from spl_kedro.schemas import MODELS, NO_CLINICAL_MODEL, clinical_columns

#: What each model is made of, its name spelled out.
SPELLED = {
    "clinical": "logistic regression on clinical variables",
    "rad": "radiomics, a classifier of features computed from the outlined image",
    "dtl": "deep transfer learning, a classifier of features that a neural network computes",
    "dlr": "deep learning radiomics, radiomics and deep features together",
    "cdlr": "clinical and deep learning radiomics, the DLR score and clinical variables",
}
FROZEN = (
    "The models are those of a frozen study, fitted elsewhere. Nothing was refitted here, and no "
    "lesion of this cohort had a part in fitting them."
)
_THRESHOLDS = {
    "youden": "where sensitivity plus specificity is largest (Youden index)",
    "sensitivity": "where the sensitivity asked for is kept",
}


def methods_text_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the section that says how the study was done."""
    paragraphs = [_data(results, settings), _models(results)]
    paragraphs += [FROZEN] if results.frozen is not None else _fitting(results)
    paragraphs.append(_statistics(results))
    return [Section("methods", "Methods", tuple(text for text in paragraphs if text))]


def _data(results: StudyResults, settings: ReportSettings) -> str:
    origin = (
        "The patients were simulated, from a model of ultrasound physics and anatomy. "
        if results.simulated
        else ""
    )
    standard = settings.reference_standard.rstrip(".") or "not stated by the investigators"
    several = len(results.cohorts) > 1 or results.sealed
    divided = (
        " Patients, with all of their lesions, were divided into cohorts before anything was "
        "fitted."
        if several and results.frozen is None
        else ""
    )
    clinical = ", and clinical variables of its patient" if clinical_columns(results.cohort) else ""
    return (
        f"{origin}Each lesion has a B-mode ultrasound image, an outline and a diagnosis (reference "
        f"standard: {standard}){clinical}.{divided}"
    )


def _models(results: StudyResults) -> str:
    table = results.performance
    found = set() if table is None else set(table["model"])
    spelled = SPELLED | ({"cdlr": "here the DLR score alone"} if results.without_clinical else {})
    named = [f"{model_name(m)} ({spelled[m]})" for m in MODELS if m in found]
    if not named:
        return ""
    words = f"These models estimate how probable malignancy is: {'; '.join(named)}."
    return f"{words} {NO_CLINICAL_MODEL}" if results.without_clinical else words


def _fitting(results: StudyResults) -> list[str]:
    protocol = results.modeling("protocol")
    folds, repeats = (protocol.get(name) for name in ("n_splits", "n_repeats"))
    times, means = "", "" if repeats == 1 else ", and figures are means over the repeats"
    if folds and repeats:
        times = f" into {folds} folds" + (f", {repeats} times anew" if repeats > 1 else "")
    leak_free = (
        "Results are leak-free: whatever is learnt from lesions (imputation, scaling, choice of "
        "features, classifiers, calibration, thresholds) is learnt without the lesions on which "
        "it is judged. Results in training are cross-fitted: the training patients were divided"
        f"{times}, each lesion was scored by models fitted on the other folds{means}."
    )
    unseen = unseen_lesions(results.cohorts)
    scored = (
        [f"{unseen} were scored by the models fitted on all training lesions."] if unseen else []
    )
    return [" ".join([leak_free, *scored, *nesting_statement(results)])]


def _statistics(results: StudyResults) -> str:
    table = results.performance
    if table is None or table.empty:
        return ""
    rule = _THRESHOLDS.get(str(results.modeling("evaluation").get("threshold_rule")), "")
    scores = "" if results.frozen is not None else " on the cross-fitted scores"
    chosen = f", chosen in training{scores} {rule}".rstrip() if rule else ", chosen in training"
    tests = "DeLong's test on the same lesions"
    if results.frozen is None:
        tests += " (in training the corrected resampled t-test)"
    return (
        "Measured are the area under the ROC curve (AUC) with DeLong's interval; sensitivity, "
        f"specificity and predictive values (PPV, NPV) at one operating threshold{chosen}; "
        "calibration slope, intercept and the integrated calibration index (ICI, the mean "
        "distance between predicted and observed risk); and net benefit in a decision curve. AUCs "
        f"are compared by {tests}. Intervals cover {coverage(table)}. {RULE}"
    )
