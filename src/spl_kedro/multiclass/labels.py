"""The class of each lesion, from the words of the hospital's table."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.findings import Findings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.multiclass.settings import ClassSettings
from spl_kedro.rules import ActionTaken, Rule

STAGE = "multiclass"
#: Patients of a class that every fit must see.
FEWEST_PATIENTS = 2


def lesion_classes(
    words: pd.Series, lesions: pd.Index, settings: ClassSettings
) -> tuple[pd.Series, Findings]:
    """Map the words of a column to classes.

    Parameters
    ----------
    words : Series of str
        Index lesion_id; missing where the table says nothing.
    lesions : Index
        Lesions of the study.
    settings : ClassSettings

    Returns
    -------
    classes : Series of str
        Of the lesions whose word a class has, in their order.
    findings : Findings
        Every other lesion, with its word.
    """
    owner = {word.casefold(): name for name, own in settings.classes.items() for word in own}
    given = words.reindex(lesions)
    classes = given.str.casefold().map(owner)
    findings = Findings(STAGE, ActionTaken.LEFT_OUT)
    for lesion in lesions[classes.isna().to_numpy()]:
        word = given[lesion]
        told = "is missing" if pd.isna(word) else f"holds '{word}', which no class names"
        message = f"the column '{settings.column}' {told}."
        findings.case(str(lesion), UnusableLesionError(Rule.KNOWN_CLASS, message))
    return classes.dropna().rename("class").rename_axis("lesion_id"), findings


def require_classes(classes: pd.Series, patients: pd.Series, settings: ClassSettings) -> None:
    """Refuse classes of which the training cohort has too few lesions or patients.

    Parameters
    ----------
    classes : Series of str
        Of the training lesions.
    patients : Series of str
        Of the same lesions.
    settings : ClassSettings

    Raises
    ------
    UnusableStudyError
        Naming the smallest class, its numbers and what can be done.
    """
    lesions = classes.value_counts().reindex(settings.names, fill_value=0)
    name = str(lesions.idxmin())
    persons = patients[classes == name].nunique()
    if lesions[name] < settings.min_lesions or persons < FEWEST_PATIENTS:
        counts = ", ".join(f"{own} {count}" for own, count in lesions.items())
        raise UnusableStudyError(
            "enough training lesions of every class",
            f"the class '{name}' has {lesions[name]} training lesions of {persons} patients; "
            f"multiclass.min_lesions asks for {settings.min_lesions}. All classes: {counts}.",
            f"Merge it: move the words of multiclass.classes.{name} to another class, or add "
            "patients.",
        )
