"""What the report says where the scores of a patient's images are pooled."""

from __future__ import annotations

from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import cohort_name

_RULES = {
    "mean": "the mean of the scores of their images",
    "max": "the highest score of their images, that of the image most like a malignant lesion",
}


def patients_and_images(results: StudyResults) -> str:
    """Return how many patients and images each cohort has, in words."""
    cohort = results.cohort
    counts = [
        f"{cohort_name(name)}: {part['patient_id'].nunique()} patients, {len(part)} images"
        for name in results.cohorts
        for part in [cohort[cohort["cohort"] == name]]
    ]
    return "; ".join(counts)


def pooling_statement(results: StudyResults) -> list[str]:
    """Return the statement that all performance is of patients, where scores are pooled."""
    if results.pooling == "none":
        return []
    return [
        "Performance, comparisons, calibration, decision curves and prediction sets are of "
        f"patients, not of images. A patient's score is {_RULES[results.pooling]} "
        f"(modeling.evaluation.pooling: {results.pooling}), in training within each repeat, and a "
        "patient with any malignant lesion is malignant. Thresholds were chosen on patients' "
        "cross-fitted scores; all images of a patient lie in one fold and one cohort. Models "
        "learn from single images. "
        f"{patients_and_images(results)}."
    ]
