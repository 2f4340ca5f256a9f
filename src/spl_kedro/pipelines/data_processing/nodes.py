"""Nodes of data_processing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Drawing
from spl_kedro.errors import UnusableStudyError
from spl_kedro.guarded import Limits, within
from spl_kedro.schemas import CORE_COLUMNS, EXTRA_COLUMNS, clinical_columns
from spl_kedro.sealing.settings import OPEN, SealingSettings

log = logging.getLogger(__name__)


#: What `check_cohort` returns, in its order.
CHECKED = (
    "checked_lesions",
    "lesions",
    "reader2_lesions",
    "checked_findings",
    "quality",
    "column_audit",
    "acquisition",
    "duplicates",
    "duplicates_figure",
)


def check_cohort(
    cohort_table: pd.DataFrame,
    ultrasound_images: dict[str, Callable],
    lesion_masks: dict[str, Callable],
    reader2_masks: dict[str, Callable],
    settings: CohortSettings,
    sealing: SealingSettings = OPEN,
) -> tuple[
    *(pd.DataFrame, dict[str, Any], dict[str, Any]),
    *(pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame),
    *(pd.DataFrame, Drawing),
]:
    """Keep the lesions that can be measured; say of every other one why it is left out.

    Sealed, the patients are divided first, and the diagnoses of all but the training lesions are
    forgotten before an image is read.

    Returns
    -------
    checked : DataFrame, index `lesion_id`
        Usable, if they can still be read when they are stored; `second_reader` says which a
        second reader outlined too.
    lesions, reader2_lesions : dict of str to function
        Read lazily when the catalog saves them, so that no cohort has to fit in memory.
    findings : DataFrame
        Which lesions are left out and why, and what looks wrong about the rest
        (``schemas.Findings``).
    quality : DataFrame
        What each check of image quality measured of each image (``schemas.Quality``).
    columns : DataFrame
        What became of each column of the hospital's table.
    acquisition : DataFrame, index `lesion_id`
        How the usable lesions' images were made.
    duplicates : DataFrame
        Which images are copies of each other (``schemas.Duplicates``).
    duplicates_figure : Drawing
        The first of these pairs, where their images may be shown.
    """
    from spl_kedro.cohort import files as cohort_files
    from spl_kedro.cohort.columns import (
        column_audit,
        constant_variable,
        leave_out_constants,
        without_repetitions,
    )
    from spl_kedro.cohort.findings import WHOLE_COHORT, join_findings
    from spl_kedro.cohort.matching import by_lesion
    from spl_kedro.cohort.pseudonyms import Handed, without_identifiers
    from spl_kedro.cohort.sealed import seal_rows
    from spl_kedro.cohort.several_images import one_row_per_image
    from spl_kedro.cohort.split import assign_cohorts
    from spl_kedro.cohort.table import tidy_table
    from spl_kedro.reporting.figures.duplicates import sheet_of

    if settings.columns.label is None:
        raise UnusableStudyError(
            "a diagnosis to learn from",
            "data_processing.columns.label is null.",
            "Name the column of the reference standard, or score the cases with a study that is "
            "fitted: kedro run --pipelines inference",
        )
    cohort_table, notes = without_repetitions(cohort_table)
    folders = (ultrasound_images, lesion_masks, reader2_masks)
    readers = [case_readers(folder, settings.decoding.limits) for folder in folders]
    cohort_table, settings = one_row_per_image(cohort_table, readers[0], settings)
    handed = Handed(cohort_table, *by_lesion(readers, cohort_table, settings))
    cohort_table, images, outlines, reader2_outlines = without_identifiers(handed, settings)
    rows, broken_rows = tidy_table(cohort_table, settings, sealed=sealing.sealed)
    broken = broken_rows.table()
    _require_lesions(rows, broken)
    # What cannot be divided is told before images are read.
    if sealing.sealed:
        rows = seal_rows(rows, settings)
    else:
        assign_cohorts(rows, settings)
    examined = cohort_files.check_files(
        rows,
        images,
        outlines,
        settings,
        broken["lesion_id"],
    )
    for note in notes:
        examined.findings.case(WHOLE_COHORT, note)
    reader2, broken_outlines = cohort_files.second_reader(examined, reader2_outlines)
    usable, left_out = leave_out_constants(examined.usable, settings)
    for name, reason in left_out.items() if len(usable) else ():
        examined.findings.case(WHOLE_COHORT, constant_variable(name, reason))
    findings = join_findings(broken, examined.findings.table(), broken_outlines.table())
    log.info(
        "%d of %d lesions are usable; %d have a second reader's outline.",
        len(usable),
        len(cohort_table) + len(examined.rows) - len(rows),
        len(reader2),
    )
    _require_lesions(usable, findings)
    columns = column_audit(cohort_table, settings, left_out)
    checked = usable.assign(second_reader=usable.index.isin(list(reader2)))
    return (
        *(checked, examined.lesions, reader2, findings),
        *(examined.quality, columns, examined.acquisition, examined.duplicates),
        sheet_of(examined, examined.rows, settings, sealed=sealing.sealed),
    )


def settle_findings(
    checked: pd.DataFrame,
    lesions: dict[str, Callable],
    reader2_lesions: dict[str, Callable],
    findings: pd.DataFrame,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out the lesions too whose files vanished between the check and their storing.

    Returns
    -------
    usable : DataFrame, index `lesion_id`
    findings : DataFrame
        All that this pipeline found (``schemas.Findings``).
    """
    from spl_kedro.cohort.findings import (
        count_findings,
        join_findings,
        lost_since_check,
        rules_broken,
    )
    from spl_kedro.rules import ActionTaken

    lost = lost_since_check(checked.index, lesions, "data_processing").table()
    twice = checked.index[checked["second_reader"]]
    outlines = lost_since_check(twice, reader2_lesions, "second reader", ActionTaken.LEFT_OUT)
    findings = join_findings(findings, lost, outlines.table())
    for action, counts in count_findings(findings).groupby("action", sort=False):
        log.warning("%s (see the findings), %s.", str(action).capitalize(), rules_broken(counts))
    usable = checked.loc[~checked.index.isin(lost["lesion_id"])].drop(columns="second_reader")
    return usable, findings


def case_readers(partitions: dict[str, Callable], limits: Limits) -> dict[str, Callable]:
    """Return the readers of a folder's files, each raising the error of its case alone.

    Kedro wraps whatever reading a file raises in an error of its own; here it is taken out again.
    A reader takes its limits along, also to another machine.
    """
    return {name: partial(_read_case, name, load, limits) for name, load in partitions.items()}


def _read_case(name: str, load: Callable, limits: Limits) -> Any:
    from spl_kedro.imaging.errors import as_unusable_lesion

    try:
        with within(limits):
            return load()
    except Exception as error:
        raise as_unusable_lesion(error, name) from error


def _require_lesions(usable: pd.DataFrame, findings: pd.DataFrame) -> None:
    """Raise if nothing is left, with the rules that were broken and how often."""
    if usable.empty:
        from spl_kedro.cohort.findings import quarantined
        from spl_kedro.cohort.names import without_file_names

        broken = quarantined(findings)
        counts = broken["rule"].value_counts()
        first = broken.iloc[0]
        raise UnusableStudyError(
            "a usable lesion",
            "every row breaks a rule: "
            + ", ".join(f"{rule} ({count})" for rule, count in counts.items())
            + f". The first: {first['lesion_id']}, {without_file_names(first['message'])}",
            first["remedy"],
        )


def split_cohort(usable: pd.DataFrame, settings: CohortSettings) -> pd.DataFrame:
    """Assign each patient to a cohort (``schemas.Cohort``)."""
    from spl_kedro.cohort.split import assign_cohorts
    from spl_kedro.tabular import counted

    cohort = usable.drop(columns="cohort").assign(
        cohort=assign_cohorts(usable, settings), simulated=settings.simulated
    )
    counts = cohort.groupby(["cohort", "label"], sort=True).size().unstack(fill_value=0)
    log.info("Lesions. %s", counted(counts.rename(columns={0: "benign", 1: "malignant"})))
    return _ordered(cohort)


def _ordered(cohort: pd.DataFrame) -> pd.DataFrame:
    """Put a table's columns into the order of the cohort."""
    core = [*CORE_COLUMNS, *(name for name in EXTRA_COLUMNS if name in cohort)]
    return cohort[[*core, *clinical_columns(cohort)]]


def find_leaks(
    usable: pd.DataFrame,
    acquisition: pd.DataFrame,
    settings: CohortSettings,
    sealing: SealingSettings,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List what gives the label of the training lesions away, before anything is fitted.

    No label of another cohort has a part in it.

    Returns
    -------
    leaks : DataFrame
        ``schemas.Leaks``.
    leaks_findings : DataFrame
        Those listed (``schemas.Findings``).

    Raises
    ------
    UnusableStudyError
        Where something is listed and ``leaks.action`` is refuse.
    """
    from spl_kedro.cohort.sealed import training_alone
    from spl_kedro.cohort.split import assign_cohorts
    from spl_kedro.leaks import detector

    divided = usable
    if not sealing.sealed:
        divided = usable.assign(cohort=assign_cohorts(usable, settings))
    training = training_alone(divided)
    leaks = detector.find_leaks(training, acquisition, settings)
    level = logging.WARNING if leaks["listed"].any() else logging.INFO
    log.log(level, detector.summary(leaks, len(training)))
    if settings.leaks.action == "refuse":
        detector.refuse_leaks(leaks)
    return leaks, detector.leak_findings(leaks)


def divide_cohort(
    usable: pd.DataFrame,
    leaks: pd.DataFrame,
    settings: CohortSettings,
    sealing: SealingSettings,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Assign each patient to a cohort, and keep sealed what is not for training.

    Returns
    -------
    cohort : DataFrame
        ``schemas.Cohort``; sealed, the training lesions alone.
    divided_cohort : DataFrame
        All of it, with labels of training lesions alone: what may be known before unsealing.
    labels_findings : DataFrame
        Lesions left out when they were unsealed: none.
    """
    from spl_kedro.cohort.findings import findings_table
    from spl_kedro.cohort.sealed import training_alone, without_labels
    from spl_kedro.leaks.detector import left_out_variables
    from spl_kedro.tabular import counted

    usable = usable.drop(columns=left_out_variables(leaks))
    if not sealing.sealed:
        cohort = split_cohort(usable, settings)
        return cohort, without_labels(cohort), findings_table()
    divided = _ordered(usable.assign(simulated=settings.simulated))
    cohort = training_alone(divided)
    log.info(
        "Lesions of training: %d; sealed: %s",
        len(cohort),
        counted(divided.loc[divided["cohort"] != "training", "cohort"].value_counts()),
    )
    return cohort, divided, findings_table()


def describe_cohort(cohort: pd.DataFrame, pooling: str) -> pd.DataFrame:
    """Make Table 1: of lesions, or of patients where the scores of their images are pooled."""
    from spl_kedro.cohort.table_one import table_one
    from spl_kedro.modeling.evaluation.units import patients_of

    return table_one(cohort if pooling == "none" else patients_of(cohort))
