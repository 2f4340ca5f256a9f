"""From the hospital's table, as it is, to typed rows; what breaks a rule is set aside."""

from __future__ import annotations

import pandas as pd

from spl_kedro.cohort.quarantine import Quarantined
from spl_kedro.cohort.settings import (
    CategoryVariable,
    CohortSettings,
    NumericVariable,
)
from spl_kedro.imaging.reader import SUFFIXES, suffix_of

STAGE = "data_processing"


def check_columns(table: pd.DataFrame, parameters: CohortSettings) -> None:
    """Raise if the table lacks a mapped column or a column is both used and excluded.

    Raises
    ------
    ValueError
        Naming the missing columns, the parameter they come from, and the table's columns.
    """
    wanted = {
        f"columns.{key}": column
        for key, column in parameters.columns.model_dump().items()
        if column is not None
    }
    clinical = {f"clinical {v.name}": v.column for v in parameters.clinical}
    missing = {k: c for k, c in (wanted | clinical).items() if c not in table.columns}
    if missing:
        listed = ", ".join(f"'{column}' (data_processing.{key})" for key, column in missing.items())
        raise ValueError(
            f"The cohort table has no column {listed}. Its columns are: {', '.join(table.columns)}."
        )
    excluded = {entry.column for entry in parameters.excluded}
    leaking = {k: c for k, c in clinical.items() if c in excluded}
    if leaking:
        raise ValueError(
            f"The columns {sorted(leaking.values())} are clinical variables and excluded at once "
            "(data_processing.clinical, data_processing.excluded)."
        )


def column_audit(table: pd.DataFrame, parameters: CohortSettings) -> pd.DataFrame:
    """List what becomes of every column of the hospital's table, and why.

    Returns
    -------
    DataFrame, one row per column
        Columns `column`, `use` (``key``, ``clinical``, ``excluded``, ``not mapped``), `reason`.
    """
    keys = {c: k for k, c in parameters.columns.model_dump().items() if c is not None}
    clinical = {v.column: v.name for v in parameters.clinical}
    excluded = {entry.column: entry.reason for entry in parameters.excluded}
    rows = []
    for column in table.columns:
        if column in excluded:
            rows.append((column, "excluded", excluded[column]))
        elif column in clinical:
            rows.append((column, "clinical", f"variable {clinical[column]}"))
        elif column in keys:
            rows.append((column, "key", keys[column]))
        else:
            rows.append((column, "not mapped", "named nowhere in data_processing"))
    return pd.DataFrame(rows, columns=["column", "use", "reason"])


def tidy_table(table: pd.DataFrame, parameters: CohortSettings) -> tuple[pd.DataFrame, Quarantined]:
    """Map the hospital's columns and words to the study's.

    Parameters
    ----------
    table : DataFrame
        As the hospital hands it over; any types.
    parameters : CohortSettings

    Returns
    -------
    rows : DataFrame, index `lesion_id`
        patient_id, site, label (0/1), image, masks (file names or None), spacing_mm, cohort
        (where the user gives one) and the clinical variables, typed.
    quarantined : Quarantined
        Rows that break a rule.
    """
    check_columns(table, parameters)
    columns, quarantined = parameters.columns, Quarantined(STAGE)
    words = _Words(table, parameters)

    rows = pd.DataFrame({"lesion_id": words.text(columns.lesion_id).map(_without_suffix)})
    rows["patient_id"] = words.text(columns.patient_id) if columns.patient_id else rows["lesion_id"]
    rows["site"] = words.text(columns.site) if columns.site else "site_1"
    rows["image"] = words.text(columns.image) if columns.image else None
    rows["masks"] = words.text(columns.masks) if columns.masks else None
    rows["cohort"] = words.text(columns.cohort) if columns.cohort else None
    label_words = words.text(columns.label)
    rows["label"] = label_words.str.casefold().map(_label_codes(parameters))

    quarantined.rows(
        rows["lesion_id"].isna(),
        ("row " + (rows.index + 1).astype(str)).to_series(index=rows.index),
        "a lesion identifier",
        "the row has no identifier.",
        f"Fill the column '{columns.lesion_id}'.",
    )
    quarantined.rows(
        rows["lesion_id"].notna() & rows["lesion_id"].duplicated(keep=False),
        rows["lesion_id"],
        "one row a lesion",
        "the identifier stands in several rows.",
        "Give each lesion its own identifier.",
    )
    quarantined.rows(
        rows["patient_id"].isna() & rows["lesion_id"].notna(),
        rows["lesion_id"],
        "a patient identifier",
        "the row names no patient.",
        f"Fill the column '{columns.patient_id}'.",
    )
    quarantined.rows(
        rows["site"].isna(),
        rows["lesion_id"],
        "a site",
        "the row names no site.",
        f"Fill the column '{columns.site}'.",
    )
    quarantined.rows(
        rows["label"].isna(),
        rows["lesion_id"],
        "benign or malignant by the reference standard",
        "the label is " + label_words.fillna("missing").map("'{}'".format) + ".",
        "Complete the diagnosis, or add the word to data_processing.labels.",
    )
    rows["spacing_mm"] = _spacing(words, rows, parameters, quarantined)
    for variable in parameters.clinical:
        if isinstance(variable, NumericVariable):
            rows[variable.name] = _numeric(words, rows, variable, quarantined)
        else:
            rows[variable.name] = _category(words, rows, variable, quarantined)
    rows = rows[~quarantined.mask(rows.index)].copy()
    rows["label"] = rows["label"].astype("int64")
    return rows.set_index("lesion_id").sort_index(), quarantined


class _Words:
    """The cells of the table as stripped text, with every missing-value word as missing."""

    def __init__(self, table: pd.DataFrame, parameters: CohortSettings) -> None:
        self._table = table.reset_index(drop=True)
        self._missing = {word.casefold() for word in parameters.missing_words}

    def text(self, column: str) -> pd.Series:
        values = self._table[column]
        if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
            values = values.astype("Int64")  # identifiers read as 12.0 are 12
        text = values.astype("str").str.strip()
        return text.mask(text.str.casefold().isin(self._missing))

    def numbers(self, column: str) -> tuple[pd.Series, pd.Series]:
        """Return the numbers, and where a cell holds a word that is no number."""
        text = self.text(column)
        numbers = pd.to_numeric(text.str.replace(",", ".", regex=False), errors="coerce")
        return numbers.astype("float64"), text.notna() & numbers.isna()


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
    quarantined: Quarantined,
) -> pd.Series:
    column = parameters.columns.spacing_mm
    if column is None:
        return pd.Series(float("nan"), index=rows.index)
    spacing, no_number = words.numbers(column)
    quarantined.rows(
        no_number | (spacing <= 0),
        rows["lesion_id"],
        "a positive pixel size",
        f"the column '{column}' holds no positive number.",
        "Correct the pixel size, or clear the cell.",
    )
    return spacing * parameters.spacing_to_mm


def _numeric(
    words: _Words,
    rows: pd.DataFrame,
    variable: NumericVariable,
    quarantined: Quarantined,
) -> pd.Series:
    values, no_number = words.numbers(variable.column)
    quarantined.rows(
        no_number,
        rows["lesion_id"],
        f"{variable.name} is a number",
        f"the column '{variable.column}' holds text that is no number.",
        "Correct the value, clear it, or add the word to data_processing.missing_words.",
    )
    low = -float("inf") if variable.minimum is None else variable.minimum
    high = float("inf") if variable.maximum is None else variable.maximum
    quarantined.rows(
        values.notna() & ~values.between(low, high),
        rows["lesion_id"],
        f"{variable.name} from {low:g} to {high:g}",
        f"the column '{variable.column}' holds a value outside the range.",
        "Correct the value or clear it.",
    )
    return values


def _category(
    words: _Words,
    rows: pd.DataFrame,
    variable: CategoryVariable,
    quarantined: Quarantined,
) -> pd.Series:
    text = words.text(variable.column)
    if variable.mapping is None:
        return text
    mapping = {word.casefold(): category for word, category in variable.mapping.items()}
    values = text.str.casefold().map(mapping)
    quarantined.rows(
        text.notna() & values.isna(),
        rows["lesion_id"],
        f"a known category of {variable.name}",
        f"the column '{variable.column}' holds " + text.fillna("").map("'{}'".format) + ".",
        f"Add the word to the mapping of {variable.name} in data_processing.clinical, "
        "or to data_processing.missing_words.",
    )
    return values
