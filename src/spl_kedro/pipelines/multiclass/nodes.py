"""Steps from a column of the hospital's table to how well its classes are told apart."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Drawing
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.signatures.declaration import titled
from spl_kedro.multiclass import ClassSettings
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.types import StudyTable
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.reporting.parts import AddedSections
from spl_kedro.schemas import is_simulated

if TYPE_CHECKING:
    from spl_kedro.multiclass.fitting import ClassModels
else:  # as in `pipelines.types`
    ClassModels = Any

log = logging.getLogger(__name__)

COLUMN = "multiclass.column"


def read_classes(
    cohort_table: pd.DataFrame,
    ultrasound_images: Mapping[str, Callable],
    table: StudyTable,
    settings: CohortSettings,
    parameters: ClassSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the class of each lesion of the study, and those left out for want of one.

    Returns
    -------
    classes : DataFrame
        Index lesion_id, column class.
    findings : DataFrame
        ``schemas.Findings``.
    """
    from spl_kedro.cohort.outcome_cells import outcome_cells
    from spl_kedro.multiclass import lesion_classes
    from spl_kedro.tabular import counted

    if parameters.column is None:
        raise UnusableStudyError(
            "a column of classes",
            f"{COLUMN} is null.",
            "Name the column of the hospital's table that holds the classes, and its words in "
            "multiclass.classes (docs/multiclass.md).",
        )
    cells = outcome_cells(
        cohort_table, list(ultrasound_images), {COLUMN: parameters.column}, settings
    )
    classes, found = lesion_classes(cells[COLUMN], table.X.index, parameters)
    counts = classes.groupby([table.cohort.reindex(classes.index), classes]).size()
    log.info("Lesions by cohort and class. %s", counted(counts.unstack(fill_value=0)))
    if len(found):
        log.warning("Left out for want of a class: %d, see the findings.", len(found))
    return classes.to_frame(), found.table()


def fit_classes(
    table: StudyTable,
    classes: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: ClassSettings,
) -> tuple[ClassModels, pd.DataFrame]:
    """Fit the models of each class against the others; return them and the scores of all lesions.

    See :func:`spl_kedro.multiclass.fit_classes`.
    """
    from spl_kedro.multiclass import fit_classes

    return fit_classes(table, classes["class"], modeling, parameters)


def measure_classes(
    models: ClassModels,
    class_predictions: pd.DataFrame,
    modeling: ModelingParameters,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return performance, confusion and ROC curves."""
    from spl_kedro.multiclass import (
        class_performance,
        class_roc_curves,
        confusion_counts,
        scored_classes,
    )

    shares = dict(models.shares)
    scored = scored_classes(class_predictions, modeling.evaluation.pooling)
    return (
        class_performance(scored, shares, modeling.evaluation),
        confusion_counts(scored, list(shares)),
        class_roc_curves(scored, list(shares)),
    )


def draw_classes(
    performance: pd.DataFrame,
    confusion: pd.DataFrame,
    roc_curves: pd.DataFrame,
    cohort: pd.DataFrame,
    modeling: ModelingParameters,
) -> Drawing:
    """Return the figure of the last model in the validation cohort, sealed in the training one."""
    from spl_kedro.multiclass import class_figure

    shown = "validation" if "validation" in set(performance["cohort"]) else "training"
    given = (roc_curves, performance, confusion)
    tables: tuple[Any, ...] = tuple(titled(table, modeling.models) for table in given)
    model = list(dict.fromkeys(tables[1]["model"]))[-1]
    return Drawing(class_figure, *tables, model, shown, simulated=is_simulated(cohort))


def write_section(
    performance: pd.DataFrame,
    confusion: pd.DataFrame,
    roc_curves: pd.DataFrame,
    findings: pd.DataFrame,
    cohort: pd.DataFrame,
    predictions: pd.DataFrame,
    modeling: ModelingParameters,
    parameters: ClassSettings,
) -> AddedSections:
    """Return the part of the report that is about the classes."""
    from spl_kedro.multiclass import class_section

    tables = (titled(table, modeling.models) for table in (performance, confusion, roc_curves))
    section = class_section(
        *tables,
        findings,
        column=str(parameters.column),
        simulated=is_simulated(cohort),
    )
    return AddedSections(development_key(predictions), (section,), cohort_checksum(cohort))
