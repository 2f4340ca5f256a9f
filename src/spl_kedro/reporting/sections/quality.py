"""How fit the images are to be measured: what each check found, in words alone."""

from __future__ import annotations

import pandas as pd

from spl_kedro.imaging.quality import CHECKS, INPAINTED
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.words import NOT_DEFINED

NAMES = {
    "text": "Burned-in text",
    "callipers": "Callipers near the lesion",
    "dotted_line": "Dotted line near the lesion",
    "painted_over": "Marks painted over near the lesion",
    "colour_doppler": "Colour Doppler",
    "body_mark": "Body mark near the lesion",
    "scale_line": "Line of a scale near the lesion",
    "scale_ticks": "Ticks of a scale near the lesion",
    "grey_bar": "Bar of grey values near the lesion",
    "dual_view": "Two views side by side",
    "sector_edge": "Edge of the sector through the lesion",
    "saturation": "Overexposed lesion",
    "few_grey_levels": "Too few grey values",
    "jpeg_blocks": "Blocks of JPEG",
    "upscaled": "Enlarged image",
}
_WHAT_WAS_DONE = {"flag": "flagged", "quarantine": "left out", "inpaint": "filled in"}


def quality_section(results: StudyResults) -> Section:
    """Return the section on image quality: what each check measured and how often it found."""
    title = "Image quality"
    quality = results.quality
    if quality is None or quality.empty:
        return Section("image-quality", title, missing=("Image quality",))
    found = quality[quality["found"]]
    images = quality["lesion_id"].nunique()
    words = (
        f"{found['lesion_id'].nunique()} of {images} images have something that should not be in "
        "an image to be measured."
        if len(found)
        else f"No check found anything in any of {images} images."
    )
    return Section(
        "image-quality",
        title,
        (
            words,
            "Callipers and text can give the diagnosis away: a model may read them in place of the "
            "lesion. The checks are right more or less often, and a mark that none of them finds "
            "may be in an image all the same. The cases stand among the findings.",
            *(_inpainted_words(found),) * bool(found["action"].eq("inpaint").any()),
        ),
        tables=(_counts(quality),),
    )


def _inpainted_words(found: pd.DataFrame) -> str:
    filled = found[found["action"] == "inpaint"]
    names = [NAMES[name].split(" near")[0].lower() for name in INPAINTED]
    return (
        f"In {filled['lesion_id'].nunique()} images {', '.join(names[:-1])} or {names[-1]} were "
        "filled in from beside them before anything was measured. What was filled in has no "
        "speckle, and features can still tell where it lies."
    )


def _counts(quality: pd.DataFrame) -> ReportTable:
    rows = []
    for check in CHECKS:
        own = quality[quality["check"] == check.name]
        if own.empty:
            rows.append((NAMES[check.name], "not asked for", NOT_DEFINED, NOT_DEFINED, ""))
            continue
        threshold = float(own["threshold"].iloc[0])
        done = own.loc[own["found"], "action"].map(_WHAT_WAS_DONE).value_counts().sort_index()
        rows.append(
            (
                NAMES[check.name],
                f"{'below' if check.below else 'from'} {threshold:g}",
                str(int(own["value"].notna().sum())),
                str(int(own["found"].sum())),
                ", ".join(f"{count} {what}" for what, count in done.items()),
            )
        )
    return ReportTable(
        "image_quality",
        "What each check found",
        pd.DataFrame(
            rows, columns=["Check", "Threshold", "Images judged", "Images found", "What was done"]
        ),
        note="What each threshold counts: data_processing.quality.thresholds in the parameters. "
        "Painting over shows in files with colour alone.",
    )
