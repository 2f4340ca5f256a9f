"""From the table of a reader study to readings of a fully crossed design."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from spl_kedro.cohort.cells import clean, parse_numbers, without_point_zero
from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.headers import first_line
from spl_kedro.cohort.reader_settings import ReaderTableSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.rules import Rule

STAGE = "readers"
COLUMNS = ["reader", "lesion_id", "patient_id", "label", "modality", "score", "simulated"]
_KEY = ["reader", "lesion_id", "modality"]


def crossed_readings(
    table: pd.DataFrame, cohort: pd.DataFrame, settings: ReaderTableSettings
) -> tuple[pd.DataFrame, Findings]:
    """Return the readings of the lesions that every reader scored with every modality.

    A lesion is left out whole: one of whose rows breaks a rule, or that lacks a reading.

    Parameters
    ----------
    table : DataFrame
        A row for each reading; any types.
    cohort : DataFrame
        As `spl_kedro.schemas.Cohort`, index lesion_id.
    settings : ReaderTableSettings

    Returns
    -------
    readings : DataFrame
        `COLUMNS`, sorted by lesion, reader and modality; modalities as the settings write them.
    quarantined : Findings
        Every lesion left out.

    Raises
    ------
    UnusableStudyError
        If a column is missing, a modality of the settings has no score, or what is left has fewer
        than two readers, two benign or two malignant patients.
    """
    columns = {key: name for key, name in settings.columns.model_dump().items() if name is not None}
    _require_columns(table, columns)
    texts = pd.DataFrame(
        {key: table[name].map(clean).astype("str") for key, name in columns.items()}
    ).replace("", None)
    words = {word.casefold(): word for word in settings.modalities}
    rows = pd.DataFrame({key: without_point_zero(texts[key]) for key in ("reader", "lesion_id")})
    rows["modality"] = texts["modality"].str.casefold().map(words)
    rows["score"], _, ambiguous = parse_numbers(texts["score"])
    rows["label"] = _labels(texts, rows, cohort, settings)
    rows["patient_id"] = _patients(texts, rows, cohort)
    known = cohort["simulated"].reindex(rows["lesion_id"]).fillna(False)
    rows["simulated"] = known.to_numpy(dtype=bool)
    _require_modalities(rows, texts["modality"], settings)

    quarantined = Findings(STAGE)
    ids = rows["lesion_id"]
    named = " of the reader " + rows["reader"].fillna("missing").map("'{}'".format)
    quarantined.rows(ids.isna(), ids, Rule.LESION_ID, "the row has no identifier.")
    quarantined.rows(
        rows["reader"].isna() | rows["modality"].isna(),
        ids,
        Rule.READING,
        "a row" + named + ", the modality " + texts["modality"].fillna("missing").map("'{}'".format)
        + f"; readers.modalities names {', '.join(settings.modalities)}.",
    )  # fmt: skip
    quarantined.rows(
        rows["score"].isna() & ~ambiguous,
        ids,
        Rule.NUMBER,
        "the score" + named + " is " + texts["score"].fillna("missing").map("'{}'".format) + ".",
        "Correct the score.",
    )
    quarantined.rows(ambiguous, ids, Rule.ONE_MEANING, "the score" + named + " has two meanings.")
    quarantined.rows(
        rows[_KEY].notna().all(axis=1) & rows.duplicated(_KEY, keep=False),
        ids,
        Rule.ONE_SCORE,
        "several scores" + named + " with the modality " + rows["modality"].fillna("") + ".",
    )
    _quarantine_diagnoses(rows, texts, cohort, quarantined)
    broken = set(ids[quarantined.mask(rows.index)].dropna())
    kept = rows[~quarantined.mask(rows.index) & ~ids.isin(broken)]
    missing = _missing_readings(kept, sorted(rows["reader"].dropna().unique()), settings)
    for lesion_id, message in missing.items():
        quarantined.case(lesion_id, UnusableLesionError(Rule.EVERY_SCORE, message))
    crossed = kept[~kept["lesion_id"].isin(list(missing))]
    _require_study(crossed, quarantined)
    crossed = crossed.assign(
        label=crossed["label"].astype("int64"),
        modality=pd.Categorical(crossed["modality"], settings.modalities, ordered=True),
    ).sort_values(["lesion_id", "reader", "modality"], ignore_index=True)
    return crossed.astype({"modality": "str"})[COLUMNS], quarantined


def _require_columns(table: pd.DataFrame, columns: Mapping[str, str]) -> None:
    missing = {key: name for key, name in columns.items() if name not in table.columns}
    if missing:
        places = ", ".join(f"'{name}' (readers.columns.{key})" for key, name in missing.items())
        raise UnusableStudyError(
            "the readers' table: a column for each parameter",
            f"no column {places}. {first_line([str(c) for c in table.columns], columns.values())}",
            "Correct the name in readers.columns, or the header.",
        )


def _require_modalities(
    rows: pd.DataFrame, words: pd.Series, settings: ReaderTableSettings
) -> None:
    found = set(rows["modality"].dropna())
    absent = [word for word in settings.modalities if word not in found]
    if absent:
        raise UnusableStudyError(
            "the readers' table: scores with every modality",
            f"no row has the modality '{absent[0]}' of readers.modalities; the column "
            f"'{settings.columns.modality}' holds {', '.join(sorted(set(words.dropna())))}.",
            "Add the readings, or name the modalities in readers.modalities as the table does.",
        )


def _labels(
    texts: pd.DataFrame, rows: pd.DataFrame, cohort: pd.DataFrame, settings: ReaderTableSettings
) -> pd.Series:
    """Return each row's label, 0 or 1, missing where there is none."""
    if "label" not in texts:
        return pd.Series(cohort["label"].reindex(rows["lesion_id"]).to_numpy(), rows.index)
    codes = {word.casefold(): 0.0 for word in settings.labels.benign}
    codes |= {word.casefold(): 1.0 for word in settings.labels.malignant}
    return texts["label"].str.casefold().map(codes).astype(float)


def _patients(texts: pd.DataFrame, rows: pd.DataFrame, cohort: pd.DataFrame) -> pd.Series:
    known = pd.Series(cohort["patient_id"].reindex(rows["lesion_id"]).to_numpy(), rows.index)
    if "patient_id" in texts:
        return without_point_zero(texts["patient_id"])
    return known.fillna(rows["lesion_id"])


def _quarantine_diagnoses(
    rows: pd.DataFrame, texts: pd.DataFrame, cohort: pd.DataFrame, quarantined: Findings
) -> None:
    """Quarantine lesions without a label or with two, and those without a patient or with two."""
    ids = rows["lesion_id"]
    first = ids.notna() & ~ids.duplicated()
    of_lesion = rows.groupby("lesion_id")
    patients = of_lesion["patient_id"].nunique().reindex(ids).set_axis(rows.index)
    quarantined.rows(
        first & (rows["patient_id"].isna() | (patients > 1)),
        ids,
        Rule.PATIENT_ID,
        "its rows name no patient, or several.",
    )
    if "label" not in texts:
        quarantined.rows(
            first & ~ids.isin(cohort.index),
            ids,
            Rule.KNOWN_LESION,
            "the cohort has no lesion of this identifier.",
        )
        return
    kinds = of_lesion["label"].nunique().reindex(ids).set_axis(rows.index)
    unknown = of_lesion["label"].count().lt(of_lesion.size()).reindex(ids).set_axis(rows.index)
    cohorts = pd.Series(cohort["label"].reindex(ids).to_numpy(), rows.index)
    quarantined.rows(
        first & (unknown | (kinds != 1) | (cohorts.notna() & (cohorts != rows["label"]))),
        ids,
        Rule.DIAGNOSIS,
        "its label is missing, no word of readers.labels, not the same in all rows, or not "
        "that of the cohort.",
        "Correct the label, or add the word to readers.labels.",
    )


def _missing_readings(
    rows: pd.DataFrame, readers: list[str], settings: ReaderTableSettings
) -> dict[str, str]:
    """Return the lesions without all readings, and which these are."""
    wanted = pd.MultiIndex.from_product([readers, settings.modalities])
    found = {}
    for lesion_id, group in rows.groupby("lesion_id"):
        absent = wanted.difference(pd.MultiIndex.from_frame(group[["reader", "modality"]]))
        if len(absent):
            reader, modality = absent[0]
            found[str(lesion_id)] = (
                f"{len(absent)} of {len(wanted)} readings are missing, the first: reader {reader}, "
                f"modality {modality}."
            )
    return found


def _require_study(rows: pd.DataFrame, quarantined: Findings) -> None:
    patients = rows.groupby("label")["patient_id"].nunique().reindex([0, 1], fill_value=0)
    readers = rows["reader"].nunique()
    if readers > 1 and (patients > 1).all():
        return
    reasons = quarantined.table()["rule"].value_counts().to_dict()
    left_out = ", ".join(f"{count} x {rule}" for rule, count in reasons.items()) or "nothing"
    raise UnusableStudyError(
        "the readers' table: two readers, two benign and two malignant patients",
        f"complete readings are of {readers} readers, {patients[0]} benign and {patients[1]} "
        f"malignant patients; left out: {left_out}.",
        "Complete the readings, or take out the rows of a reader who read few lesions.",
    )
