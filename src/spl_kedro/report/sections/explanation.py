"""What moved the scores: clinical odds ratios, SHAP, Grad-CAM, uncertainty per patient."""

from __future__ import annotations

import pandas as pd

from spl_kedro.report.parts import ReportFigure, ReportTable, Section
from spl_kedro.report.results import StudyResults
from spl_kedro.report.settings import ReportSettings
from spl_kedro.report.words import heading, readable

LONG_TABLE = 12


def explanation_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections on explanation."""
    return [
        Section(
            "odds-ratios",
            "Clinical predictors",
            tables=_tables(results.odds_ratios, "odds_ratios", "Odds ratios of the clinical model"),
            missing=() if results.has("odds_ratios") else ("Odds ratios",),
        ),
        _section(
            results, settings, "shap", "SHAP: what moved the score",
            "SHAP values are in units of probability, on the original scale of the features, for "
            "lesions the explained model was not trained on.",
            {
                "shap_importance": "Mean absolute SHAP value of the leading features",
                "shap_checks": "Checks of the SHAP values",
            },
        ),
        _section(
            results, settings, "gradcam", "Grad-CAM: where the network looked",
            "Maps are of a network that did not train on the lesion shown; the outline is the "
            "reader's.",
            {
                "gradcam_energy": "Share of each map's energy in the lesion, its rim and outside",
                "gradcam_checks": "Checks of the maps",
            },
        ),
        Section(
            "uncertainty",
            "Uncertainty of the single patient's score",
            tables=_tables(
                results.uncertainty, "uncertainty", "Coverage of the conformal prediction sets"
            ),
            missing=() if results.has("uncertainty") else ("Prediction sets",),
        ),
    ]  # fmt: skip


def _tables(frame: pd.DataFrame | None, key: str, caption: str) -> tuple[ReportTable, ...]:
    if frame is None or frame.empty:
        return ()
    flat = frame.reset_index() if frame.index.name else frame
    printed = readable(flat)
    return (ReportTable(key, caption, printed, folded=len(printed) > LONG_TABLE),)


def _section(
    results: StudyResults,
    settings: ReportSettings,
    key: str,
    title: str,
    paragraph: str,
    captions: dict[str, str],
) -> Section:
    figures = tuple(
        ReportFigure(name, f"{heading(name)}.", _alt(name), {"": picture}, wide=True, raster=True)
        for name, picture in results.figures.items()
        if name.startswith(key)
    )
    tables, missing = [], []
    if not figures:
        missing.append(f"{title.partition(':')[0]} figures")
    for name, caption in captions.items():
        frame = getattr(results, name)
        if frame is None or frame.empty:
            missing.append(caption)
        else:
            tables += _tables(frame.head(10 * settings.max_features), name, caption)
    present = bool(figures or tables)
    return Section(
        key, title, (paragraph,) if present else (), figures, tuple(tables), tuple(missing)
    )


def _alt(name: str) -> str:
    words = {
        "shap_beeswarm": "Beeswarm: one dot for each lesion and leading feature, placed by its "
        "SHAP value and coloured by the feature's value.",
        "shap_bar": "Bars: mean absolute SHAP value of the leading features.",
        "gradcam_panel": "Ultrasound images with Grad-CAM overlay and outline: lesions rightly and "
        "wrongly called malignant or benign.",
    }
    return words.get(name, f"{heading(name)}; its numbers are in the tables of this section.")
