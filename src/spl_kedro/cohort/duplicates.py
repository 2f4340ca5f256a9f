"""What becomes of lesions whose images are copies of each other, and of their patients."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from spl_kedro.cohort.findings import Findings
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.imaging import CaseWarning, UnusableLesionError
from spl_kedro.imaging.duplicates import DuplicateSettings, LesionPrint, find_pairs
from spl_kedro.rules import ActionTaken, Rule
from spl_kedro.schemas import COHORTS, PATIENT_AS_GIVEN

_TEXTS = ("lesion_id", "other_lesion_id", "patient_id", "other_patient_id", "kind")
_NUMBERS = ("crop_similarity", "frame_similarity", "hash_distance")
_FLAGS = (
    *("same_lesion", "across_patients", "across_split", "across_hospitals"),
    "labels_contradict",
)
COLUMNS = [*_TEXTS, *_NUMBERS, *_FLAGS, "action"]
#: Before lesions are divided: not external, and not yet in a cohort.
_TO_DIVIDE = "to be divided"


class Settled(NamedTuple):
    """What became of copies.

    Attributes
    ----------
    lesions : DataFrame, index `lesion_id`
        Those that stay; of joined patients with one `patient_id`, and the hospital's in
        `patient_as_given`.
    table : DataFrame
        ``schemas.Duplicates``.
    """

    lesions: pd.DataFrame
    table: pd.DataFrame


def settle_duplicates(
    lesions: pd.DataFrame,
    prints: Sequence[LesionPrint],
    settings: CohortSettings,
    findings: Findings,
) -> Settled:
    """Find copies among lesions, and do what the study wants done about them.

    Parameters
    ----------
    lesions : DataFrame, index `lesion_id`
        Columns patient_id, site, `pixels` (checksum of the grey values), cohort (given, sealed or
        missing), and label where it may be known.
    prints : sequence of LesionPrint
        Of each lesion, in the same order.
    settings : CohortSettings
    findings : Findings
        Collects who is left out, and what is said of the others.

    Returns
    -------
    Settled

    Notes
    -----
    Two images of one patient may well be alike. A pair counts if its patients differ, if one is
    benign and one malignant, or if the same pixels have the same lesion outlined twice.
    """
    table = _pairs(lesions, prints, settings)
    if table.empty:
        return Settled(lesions, table)
    left_out = _left_out(table, lesions, settings)
    for lesion_id, error in left_out.items():
        findings.case(lesion_id, error)
    joined = settings.duplicates.action == "group"
    first = table["lesion_id"].isin(list(left_out))
    second = table["other_lesion_id"].isin(list(left_out))
    done = np.where(joined & table["across_patients"], "grouped", "flagged")
    table["action"] = np.select(
        [first & second, first, second],
        ["both left out", "first left out", "second left out"],
        done,
    ).astype(str)
    for lesion_id, warning in _warnings(table[~first & ~second], joined=joined):
        findings.case(lesion_id, warning)
    kept = lesions.loc[~lesions.index.isin(list(left_out))]
    if joined:
        groups = _groups(table)
        together = kept["patient_id"].map(lambda patient: groups.get(patient, patient))
        if not together.equals(kept["patient_id"]):
            kept = kept.assign(**{PATIENT_AS_GIVEN: kept["patient_id"], "patient_id": together})
    return Settled(kept, table.astype({"action": "str"}))


def standing_split(lesions: pd.DataFrame, settings: CohortSettings) -> pd.Series:
    """Return in which cohort each lesion is by a split that stands before images are compared.

    Parameters
    ----------
    lesions : DataFrame, index `lesion_id`
        Columns site and cohort.
    settings : CohortSettings

    Returns
    -------
    Series of str, index `lesion_id`
        A cohort where the split is given or sealed, external at an external site, else "to be
        divided".
    """
    if not settings.divided:
        return pd.Series("external", index=lesions.index)
    if lesions["cohort"].notna().any():
        return lesions["cohort"].str.casefold().fillna(_TO_DIVIDE)
    external = lesions["site"].isin(settings.split.external_sites)
    return pd.Series(_TO_DIVIDE, index=lesions.index).mask(external, "external")


def _pairs(
    lesions: pd.DataFrame, prints: Sequence[LesionPrint], settings: CohortSettings
) -> pd.DataFrame:
    """Return the pairs that count, without what becomes of them."""
    # By identifier, so that the order of the table's rows decides nothing.
    order = np.argsort(lesions.index.to_numpy(dtype=str), kind="stable")
    rows = lesions.iloc[order]
    found = find_pairs([prints[i] for i in order], rows["pixels"].tolist(), settings.duplicates)
    pairs = pd.DataFrame(found, columns=["first", "second", "kind", *_NUMBERS, "same_lesion"])
    first, second = (pairs[name].to_numpy(dtype=np.int64) for name in ("first", "second"))
    split = standing_split(rows, settings)
    if "label" in rows:
        label = rows["label"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    else:
        label = np.full(len(rows), np.nan)
    ids, patients = rows.index.to_numpy(dtype=str), rows["patient_id"].to_numpy(dtype=str)
    table = pairs.assign(
        lesion_id=ids[first],
        other_lesion_id=ids[second],
        patient_id=patients[first],
        other_patient_id=patients[second],
        across_patients=patients[first] != patients[second],
        across_split=split.to_numpy()[first] != split.to_numpy()[second],
        across_hospitals=rows["site"].to_numpy()[first] != rows["site"].to_numpy()[second],
        labels_contradict=np.abs(label[first] - label[second]) == 1,
        action="",
    )[COLUMNS]
    kinds = dict.fromkeys((*_TEXTS, "action"), "str") | dict.fromkeys(_NUMBERS, "float64")
    table = table.astype(kinds | dict.fromkeys(_FLAGS, "bool"))
    twice = table["labels_contradict"] | (table["kind"] == "exact")
    counts = table["across_patients"] | (table["same_lesion"] & twice)
    return table[counts].reset_index(drop=True)


def contradicted(table: pd.DataFrame, label: pd.Series) -> dict[str, UnusableLesionError]:
    """Return the lesions whose image is also that of a lesion with the other diagnosis.

    Parameters
    ----------
    table : DataFrame
        ``schemas.Duplicates``.
    label : Series of Int64, index `lesion_id`
        0 benign, 1 malignant; missing where it may not be known.
    """
    found: dict[str, UnusableLesionError] = {}
    for pair in _each(table):
        known = [label.get(one, pd.NA) for one in (pair.lesion_id, pair.other_lesion_id)]
        if set(known) == {0, 1}:
            for own, other in _both(pair):
                message = (
                    f"the image is a copy of lesion {other}'s ({pair.kind}), and one of them is "
                    "benign, one malignant."
                )
                found.setdefault(own, UnusableLesionError(Rule.ONE_DIAGNOSIS, message))
    return found


def _left_out(
    table: pd.DataFrame, lesions: pd.DataFrame, settings: CohortSettings
) -> dict[str, UnusableLesionError]:
    """Return the lesions that go, each with its reason."""
    chosen: DuplicateSettings = settings.duplicates
    gone: dict[str, UnusableLesionError] = {}
    if chosen.contradicting_labels == "quarantine" and "label" in lesions:
        gone |= contradicted(table, lesions["label"].astype("Int64"))
    if chosen.action == "quarantine":
        for pair in table[table["across_patients"]].pipe(_each):
            for own, other in _both(pair):
                gone.setdefault(own, _belongs_to_two(other, str(pair.kind)))
    if chosen.action == "flag":
        return gone
    split = standing_split(lesions, settings)
    rank = split.map({name: at for at, name in enumerate((_TO_DIVIDE, *COHORTS))})
    same = table[table["same_lesion"] & (table["kind"] == "exact")]
    for pair in same.pipe(_each):
        # The one that stands earlier in the split stays, else the first by its identifier.
        stays, goes = sorted(next(_both(pair)), key=lambda one: (rank[one], one))
        if stays not in gone:
            gone.setdefault(
                goes,
                UnusableLesionError(
                    Rule.COUNTED_ONCE,
                    f"the same pixels with the same lesion outlined are lesion {stays}, which is "
                    "kept.",
                ),
            )
    if chosen.action == "group":
        for lesion_id, error in list(_astray(table, lesions, gone, split, rank)):
            gone.setdefault(lesion_id, error)
    return gone


def _each(table: pd.DataFrame) -> Iterator[Any]:
    return iter(table.itertuples(index=False))


def _both(pair: Any) -> Iterator[tuple[str, str]]:
    yield pair.lesion_id, pair.other_lesion_id
    yield pair.other_lesion_id, pair.lesion_id


def _belongs_to_two(other: str, kind: str) -> UnusableLesionError:
    alike = "the same image belongs" if kind == "exact" else f"a copy of the image ({kind}) belongs"
    return UnusableLesionError(Rule.OWN_IMAGE, f"{alike} to another patient too (lesion {other}).")


def _astray(
    table: pd.DataFrame,
    lesions: pd.DataFrame,
    gone: Collection[str],
    split: pd.Series,
    rank: pd.Series,
) -> Iterator[tuple[str, UnusableLesionError]]:
    """Return the lesions of joined patients that stand in another cohort than the group's first."""
    groups = _groups(table)
    stay = lesions[~lesions.index.isin(list(gone))]
    members = stay["patient_id"].map(groups).dropna()
    if members.empty:
        return
    first = rank[members.index].groupby(members).transform("min")
    names = (_TO_DIVIDE, *COHORTS)
    for lesion_id in members.index[rank[members.index] > first]:
        where = names[int(first[lesion_id])]
        yield (
            str(lesion_id),
            UnusableLesionError(
                Rule.ONE_COHORT,
                f"its patient shares an image with a patient in another cohort ({where}; this "
                f"lesion: {split[lesion_id]}).",
            ),
        )


def _groups(table: pd.DataFrame) -> dict[str, str]:
    """Return for each patient who shares an image the first of all who share one with another."""
    pairs = table[table["across_patients"]]
    names, places = np.unique(
        pairs[["patient_id", "other_patient_id"]].to_numpy(dtype=str), return_inverse=True
    )
    if not len(names):
        return {}
    one, other = places.reshape(-1, 2).T
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(names), len(names)))
    number = connected_components(graph, directed=False)[1]
    # Names are in ascending order, so that the first of a component is its smallest.
    first = dict(reversed(list(zip(number, names, strict=True))))
    return {str(name): str(first[group]) for group, name in zip(number, names, strict=True)}


def _warnings(table: pd.DataFrame, *, joined: bool) -> Iterator[tuple[str, CaseWarning]]:
    """Return what is said of pairs that both stay."""
    for pair in table.pipe(_each):
        grouped = joined and pair.across_patients
        action = ActionTaken.GROUPED if grouped else ActionTaken.FLAGGED
        done = " The two patients are one for every split." if grouped else ""
        for rule, applies in (
            (Rule.ONE_DIAGNOSIS, pair.labels_contradict),
            (Rule.OWN_IMAGE, pair.across_patients and not pair.labels_contradict),
            (Rule.COUNTED_ONCE, not pair.across_patients and not pair.labels_contradict),
        ):
            if applies:
                for own, other in _both(pair):
                    message = f"the image is a copy of lesion {other}'s ({pair.kind}).{done}"
                    yield own, CaseWarning(str(rule), message, rule.remedy, action)
