"""Which images are copies of each other, and what was done about them."""

from __future__ import annotations

import pandas as pd

from spl_kedro.imaging.duplicates import KINDS
from spl_kedro.reporting.figures.duplicates import PAIRS_SHOWN
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.settings import ReportSettings

NAMES = {
    "exact": "The same pixels",
    "re-encoded": "Stored or scaled otherwise",
    "brightness": "Other brightness",
    "cropped": "A part of the other",
    "near": "Nearly the same",
}
CROSSES = {
    "across_patients": "patients",
    "across_split": "cohorts",
    "across_hospitals": "hospitals",
    "labels_contradict": "diagnoses",
}


def duplicates_section(results: StudyResults, settings: ReportSettings) -> Section:
    """Return the section on copies: how many pairs of which kind, what was done, the pairs."""
    key, title = "duplicates", "Duplicate images"
    pairs = results.duplicates
    if pairs is None:
        return Section(key, title, missing=("Duplicate images",))
    if pairs.empty:
        return Section(
            key,
            title,
            (
                "No image was found to be a copy of another patient's. Copies that were cropped, "
                "outlined anew and encoded anew are not always found.",
            ),
        )
    lesions = pd.unique(pairs[["lesion_id", "other_lesion_id"]].to_numpy().ravel())
    words = (
        f"{_count(len(pairs), 'pair')} of images, of {len(lesions)} lesions, are taken for copies "
        "of each other. Patients who share an image are one for every split, or their images are "
        "left out, unless the study was told to flag them alone."
    )
    if (pairs["kind"] == "near").any():
        words += " Images that are nearly the same may be of two lesions that look alike."
    return Section(
        key,
        title,
        (words,),
        figures=_figures(results, pairs),
        tables=(_counts(pairs), _pairs(pairs, settings)),
    )


def _count(number: int, what: str) -> str:
    return f"{number} {what}" + "s" * (number != 1)


def _figures(results: StudyResults, pairs: pd.DataFrame) -> tuple[ReportFigure, ...]:
    """Return the contact sheet, where it shows a pair."""
    told = results.parameters.get("data_processing", {}).get("duplicates", {})
    wanted = told.get("pictures")
    shown = results.simulated if wanted is None else wanted
    picture = results.figures.get("duplicates")
    if picture is None or not shown or results.sealed:
        return ()
    first = f"The first {PAIRS_SHOWN} pairs" if len(pairs) > PAIRS_SHOWN else "All pairs"
    return (
        ReportFigure(
            "duplicates",
            f"{first}, both lesions side by side.",
            f"{first} of images taken for copies of each other; the table lists them.",
            {"": picture},
            wide=True,
            themed=False,
        ),
    )


def _counts(pairs: pd.DataFrame) -> ReportTable:
    rows = []
    for kind in KINDS:
        own = pairs[pairs["kind"] == kind]
        done = own["action"].value_counts().sort_index()
        rows.append(
            (
                NAMES[kind],
                str(len(own)),
                *(str(int(own[name].sum())) for name in CROSSES),
                ", ".join(f"{count} {what}" for what, count in done.items()),
            )
        )
    return ReportTable(
        "duplicates",
        "Pairs of copies by kind",
        pd.DataFrame(
            rows,
            columns=[
                "Kind",
                "Pairs",
                *(f"Across {what}" for what in CROSSES.values()),
                "What was done",
            ],
        ),
        note="Across cohorts: where the split stood before images were compared. Diagnoses are "
        "compared where they may be known.",
    )


def _pairs(pairs: pd.DataFrame, settings: ReportSettings) -> ReportTable:
    shown = pairs.head(settings.max_findings)
    more = len(pairs) - len(shown)
    return ReportTable(
        "duplicate_pairs",
        "The pairs",
        pd.DataFrame(
            {
                "Pair": [str(number + 1) for number in range(len(shown))],
                "Case": shown["lesion_id"],
                "Other case": shown["other_lesion_id"],
                "Kind": shown["kind"].map(NAMES),
                "Correlation of lesions": shown["crop_similarity"].map("{:.2f}".format),
                "Of images": shown["frame_similarity"].map("{:.2f}".format),
                "Across": [
                    ", ".join(word for name, word in CROSSES.items() if row[name])
                    for _, row in shown.iterrows()
                ],
                "What was done": shown["action"],
            },
            dtype="str",
        ),
        note=f"{more} further pairs are in the table of duplicates." if more else "",
        folded=len(shown) > 10,
    )
