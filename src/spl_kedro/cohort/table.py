"""From the hospital's table, as it is, to typed rows; what breaks a rule is set aside."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.cells import ERRORS, clean, parse_numbers, without_point_zero
from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.headers import match_headers
from spl_kedro.cohort.settings import (
    CategoryVariable,
    CohortSettings,
    NumericVariable,
)
from spl_kedro.imaging.reader import SUFFIXES, suffix_of
from spl_kedro.rules import ActionTaken, Rule
from spl_kedro.schemas import SITE_NOT_STATED

STAGE = "data_processing"
# A long number as a spreadsheet shows it: its last digits are lost.
_ROUNDED = r"\d([.,]\d+)?[eE]\+\d+"


def tidy_table(
    table: pd.DataFrame, parameters: CohortSettings, *, sealed: bool = False
) -> tuple[pd.DataFrame, Findings]:
    """Map the hospital's columns and words to the study's.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over; any types.
    parameters : CohortSettings
    sealed : bool
        Whether the diagnoses of lesions that the table itself keeps out of training (by its
        column of cohorts, or by their site) are passed over, whatever their cells hold.

    Returns
    -------
    rows : DataFrame, index `lesion_id`
        patient_id, site, label (0/1, missing where it was passed over; not there where no column
        holds it), image, masks (file names or None), frame (as the cell has it), spacing_mm,
        cohort (where the user gives one), the clinical variables, typed, and `table_row`, each
        row's place in the table from 1.
    quarantined : Findings
        Rows that break a rule.
    """
    parameters = match_headers(table, parameters)
    columns, quarantined = parameters.columns, Findings(STAGE)
    words = _Words(table, parameters)

    identifiers = words.identifiers(columns.lesion_id)
    rows = pd.DataFrame({"lesion_id": identifiers.map(_without_suffix)})
    rows["patient_id"] = (
        words.identifiers(columns.patient_id) if columns.patient_id else rows["lesion_id"]
    )
    rows["site"] = words.identifiers(columns.site) if columns.site else SITE_NOT_STATED
    rows["image"] = words.text(columns.image) if columns.image else None
    rows["masks"] = words.text(columns.masks) if columns.masks else None
    rows["frame"] = words.text(columns.frame) if columns.frame else None
    rows["cohort"] = words.text(columns.cohort) if columns.cohort else None
    passed_over = _kept_out(rows, parameters) & sealed
    if columns.label is not None:
        label_words = words.text(columns.label).mask(passed_over)
        rows["label"] = label_words.str.casefold().map(_label_codes(parameters))
    failures = words.failed_formulas(parameters)

    def empty(key: str, column: str | None) -> pd.Series:
        """Return where nothing stands, which an error of Excel is not."""
        return rows[key].isna() & (True if column is None else failures[column].isna())

    quarantined.rows(
        empty("lesion_id", columns.lesion_id),
        ("row " + (rows.index + 1).astype(str)).to_series(index=rows.index),
        Rule.LESION_ID,
        "the row has no identifier.",
        f"Fill the column '{columns.lesion_id}'.",
    )
    quarantined.rows(
        rows["lesion_id"].notna() & rows["lesion_id"].duplicated(keep=False),
        rows["lesion_id"],
        Rule.ONE_ROW,
        "the identifier stands in several rows.",
    )
    for key, column in (("lesion_id", columns.lesion_id), ("patient_id", columns.patient_id)):
        if column is not None:
            quarantined.rows(
                rows[key].str.fullmatch(_ROUNDED).fillna(False),
                rows["lesion_id"],
                Rule.IN_FULL,
                f"the column '{column}' holds " + rows[key].fillna("") + ".",
            )
    quarantined.rows(
        empty("patient_id", columns.patient_id) & rows["lesion_id"].notna(),
        rows["lesion_id"],
        Rule.PATIENT_ID,
        "the row names no patient.",
        f"Fill the column '{columns.patient_id}'.",
    )
    quarantined.rows(
        empty("site", columns.site),
        rows["lesion_id"],
        Rule.SITE,
        "the row names no site.",
        f"Fill the column '{columns.site}'.",
    )
    if columns.label is not None:
        quarantined.rows(
            empty("label", columns.label) & ~passed_over,
            rows["lesion_id"],
            Rule.DIAGNOSIS,
            "the label is " + label_words.fillna("missing").map("'{}'".format) + ".",
        )
    for column, failed in failures.items():
        quarantined.rows(
            failed.notna() & ~(passed_over & (column == columns.label)),
            rows["lesion_id"],
            Rule.EXCEL_ERROR,
            f"the column '{column}' holds " + failed.fillna("") + ".",
        )
    rows["spacing_mm"] = _spacing(words, rows, parameters, quarantined)
    for variable in parameters.clinical:
        if isinstance(variable, NumericVariable):
            rows[variable.name] = _numeric(words, rows, variable, quarantined)
        else:
            rows[variable.name] = _category(words, rows, variable, parameters, quarantined)
    rows["table_row"] = rows.index + 1
    rows = rows[~quarantined.mask(rows.index)].copy()
    if columns.label is not None:
        rows["label"] = rows["label"].astype("Int64" if sealed else "int64")
    return rows.set_index("lesion_id").sort_index(), quarantined


def lesion_identifiers(table: pd.DataFrame, parameters: CohortSettings) -> list[str]:
    """Return the lesions' identifiers as :func:`tidy_table` has them, those of faulty rows too."""
    return [str(name) for name in row_identifiers(table, parameters).dropna()]


def row_identifiers(table: pd.DataFrame, parameters: CohortSettings) -> pd.Series:
    """Return each row's identifier as :func:`tidy_table` has it, missing where there is none."""
    parameters = match_headers(table, parameters)
    identifiers = _Words(table, parameters).identifiers(parameters.columns.lesion_id)
    return identifiers.map(_without_suffix)


def _kept_out(rows: pd.DataFrame, parameters: CohortSettings) -> pd.Series:
    """Return which lesions the table itself keeps out of training."""
    if parameters.columns.cohort is not None:
        return rows["cohort"].str.casefold().ne("training")
    return rows["site"].isin(parameters.split.external_sites)


class _Words:
    """The cells of the table as clean text, with every missing-value word as missing."""

    def __init__(self, table: pd.DataFrame, parameters: CohortSettings) -> None:
        self._table = table
        self._missing = {word.casefold() for word in parameters.missing_words} | {""}

    def text(self, column: str) -> pd.Series:
        """Return the texts of a column, a failed formula as missing."""
        text = self._cleaned(column)
        return text.mask(text.str.casefold().isin(ERRORS))

    def identifiers(self, column: str) -> pd.Series:
        """Return the texts of a column of identifiers, 12.0 as 12."""
        return without_point_zero(self.text(column))

    def failed_formulas(self, parameters: CohortSettings) -> dict[str, pd.Series]:
        """Return, for each mapped column, the errors of Excel in it, missing elsewhere."""
        mapped = [c for c in parameters.columns.model_dump().values() if c is not None]
        mapped += [variable.column for variable in parameters.clinical]
        texts = {column: self._cleaned(column) for column in dict.fromkeys(mapped)}
        return {c: text.where(text.str.casefold().isin(ERRORS)) for c, text in texts.items()}

    def _cleaned(self, column: str) -> pd.Series:
        text = self._table[column].map(clean).astype("str")
        return text.mask(text.str.casefold().isin(self._missing))


def _without_suffix(name: object) -> object:
    """Drop the suffix of a file name, so that a column of image names can identify lesions."""
    suffix = suffix_of(name) if isinstance(name, str) else ""
    return name[: -len(suffix)] if suffix in SUFFIXES else name  # type: ignore[index]


def _label_codes(parameters: CohortSettings) -> dict[str, int]:
    codes = {word.casefold(): 0 for word in parameters.labels.benign}
    return codes | {word.casefold(): 1 for word in parameters.labels.malignant}


def _spacing(
    words: _Words,
    rows: pd.DataFrame,
    parameters: CohortSettings,
    quarantined: Findings,
) -> pd.Series:
    column = parameters.columns.spacing_mm
    if column is None:
        return pd.Series(float("nan"), index=rows.index)
    spacing, no_number, ambiguous = parse_numbers(words.text(column))
    _quarantine_ambiguous(column, ambiguous, rows, quarantined)
    quarantined.rows(
        no_number | (spacing <= 0),
        rows["lesion_id"],
        Rule.PIXEL_SIZE,
        f"the column '{column}' holds no positive number.",
    )
    return spacing * parameters.spacing_to_mm


def _numeric(
    words: _Words,
    rows: pd.DataFrame,
    variable: NumericVariable,
    quarantined: Findings,
) -> pd.Series:
    values, no_number, ambiguous = parse_numbers(words.text(variable.column))
    _quarantine_ambiguous(variable.column, ambiguous, rows, quarantined)
    quarantined.rows(
        no_number,
        rows["lesion_id"],
        Rule.NUMBER,
        f"the column '{variable.column}' holds text that is no number.",
    )
    low = -float("inf") if variable.minimum is None else variable.minimum
    high = float("inf") if variable.maximum is None else variable.maximum
    quarantined.rows(
        values.notna() & ~values.between(low, high),
        rows["lesion_id"],
        Rule.RANGE,
        f"the column '{variable.column}' holds a value outside {low:g} to {high:g}.",
    )
    return values


def _quarantine_ambiguous(
    column: str, ambiguous: pd.Series, rows: pd.DataFrame, quarantined: Findings
) -> None:
    quarantined.rows(
        ambiguous,
        rows["lesion_id"],
        Rule.ONE_MEANING,
        f"the column '{column}' holds a number whose comma or point could group thousands or "
        "divide decimals.",
    )


def _category(
    words: _Words,
    rows: pd.DataFrame,
    variable: CategoryVariable,
    parameters: CohortSettings,
    quarantined: Findings,
) -> pd.Series:
    text = words.text(variable.column)
    if variable.mapping is None:
        return text
    mapping = {word.casefold(): category for word, category in variable.mapping.items()}
    values = text.str.casefold().map(mapping)
    quarantined.rows(
        text.notna() & values.isna(),
        rows["lesion_id"],
        Rule.CATEGORY,
        f"the column '{variable.column}' holds " + text.fillna("").map("'{}'".format) + ".",
        f"Add the word to the mapping of {variable.name} in data_processing.clinical, "
        "or to data_processing.missing_words.",
        None if parameters.strict_words else ActionTaken.LEFT_OUT,
    )
    return values
