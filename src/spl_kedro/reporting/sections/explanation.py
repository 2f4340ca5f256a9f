"""What moved the scores: SHAP, Grad-CAM, uncertainty per patient."""

from __future__ import annotations

import pandas as pd

from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.explainability.summaries import shown
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.odds_ratios import odds_ratio_section
from spl_kedro.reporting.sections.pictures import pictures
from spl_kedro.reporting.sections.sanity import sanity_section
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    COHORT_NAMES,
    cohort_name,
    model_name,
    number,
    quartiles,
    readable,
)
from spl_kedro.schemas import COHORTS, MODELS

#: Which pictures belong to which section, with what each shows.
SHAP_PICTURES = {
    "shap_beeswarm": (
        "SHAP values of the leading features, one dot for each lesion, coloured by the feature's "
        "value."
    ),
    "shap_bar": "Mean absolute SHAP value of the leading features.",
    "shap_dependence": "SHAP value against the value of the leading features.",
    "shap_waterfalls": (
        "How the score of single patients comes about, feature by feature: of each kind of "
        "decision the patient with the median score."
    ),
}
GRADCAM_PICTURES = {
    "gradcam_panel": (
        "Grad-CAM of true and false positive, true and false negative lesions, with the outline."
    ),
    "gradcam_energy": "Share of each map's energy in the lesion, in its rim and outside.",
}
CONFORMAL_PICTURES = {"conformal": "Prediction sets of single patients and their coverage."}


def explanation_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections on explanation."""
    return [
        odds_ratio_section(results),
        _shap_section(results, settings),
        _gradcam_section(results),
        sanity_section(results),
        _conformal_section(results),
    ]


def _shap_section(results: StudyResults, settings: ReportSettings) -> Section:
    figures = pictures(results, SHAP_PICTURES)
    tables: tuple[ReportTable, ...] = ()
    missing = []
    paragraphs = [
        "SHAP values say how far each feature moved a score, in units of probability. They are "
        f"given for lesions the explained model was not trained on. {_traced(results)}"
    ]
    importance = results.shap_importance
    if importance is None or importance.empty:
        missing.append("SHAP values")
    else:
        tables = tuple(shap_tables(importance, settings))
    additivity = results.shap_additivity
    if additivity is not None and len(additivity):
        error = float(additivity["additivity_error"].max())
        paragraphs.append(
            "Base value and SHAP values add up to the score: the largest gap of any lesion and "
            f"model is {error:.0e}."
        )
    agreement = results.shap_agreement
    if agreement is not None and len(agreement):
        tables += (_ranking_table(agreement),)
    if not figures:
        missing.append("SHAP figures")
    words = tuple(paragraphs) if figures or tables else ()
    return Section("shap", "SHAP: what moved the score", words, figures, tables, tuple(missing))


def _traced(results: StudyResults) -> str:
    if results.without_clinical:
        return "The CDLR score, which is DLR's, is traced to image features."
    return "The CDLR score is traced through the DLR score to image and clinical features."


def shap_tables(importance: pd.DataFrame, settings: ReportSettings) -> list[ReportTable]:
    """Return the leading features of each model by mean absolute SHAP value.

    Parameters
    ----------
    importance : DataFrame
        From ``spl_kedro.explainability.summaries.importance_table``.
    settings : ReportSettings

    Returns
    -------
    list of ReportTable
        One for each model; CDLR traced to its inputs where that view exists, on the validation
        cohort where there is one.
    """
    tables = []
    for model in reversed(MODELS):
        leading = shown(importance, model).head(settings.max_features)
        if leading.empty:
            continue
        names = [readable_name(str(feature)) for feature in leading["feature"]]
        frame = pd.DataFrame(
            {
                "Feature": [name.label for name in names],
                "What it measures": [name.phrase for name in names],
                "Mean |SHAP|": [number(value, 4) for value in leading["importance"]],
            },
            dtype="str",
        )
        tables.append(
            ReportTable(
                f"shap_{model}",
                f"Leading features of the {model_name(model)} model",
                frame,
                folded=True,
                links={name.label: name.url for name in names if name.url},
            )
        )
    return tables


def _ranking_table(agreement: pd.DataFrame) -> ReportTable:
    lines = [
        {
            "Model": model_name(row["model"]),
            "View": str(row["view"]),
            "Pairs of folds": str(row["pairs"]),
            "Rank correlation, mean": number(row["rank_correlation"], 2),
            "Leading features in common": f"{100 * row['overlap']:.0f}%",
        }
        for row in agreement.to_dict("records")
    ]
    return ReportTable(
        "shap_stability",
        "Agreement of the SHAP rankings between the folds' models",
        pd.DataFrame(lines, dtype="str"),
        2,
    )


def _gradcam_section(results: StudyResults) -> Section:
    figures = pictures(results, GRADCAM_PICTURES)
    missing = [] if figures else ["Grad-CAM figures"]
    tables: tuple[ReportTable, ...] = ()
    if results.gradcam_summary is None or results.gradcam_summary.empty:
        missing.append("Energy of the maps")
    else:
        tables = (_energy_table(results.gradcam_summary),)
    paragraph = (
        "Bright areas are where the network finds evidence for the class that was decided on; the "
        "outline is the reader's. "
    ) + _who_mapped(results.gradcam_energy)
    return Section(
        "gradcam",
        "Grad-CAM: where the network looked",
        (paragraph,) if figures or tables else (),
        figures,
        tables,
        tuple(missing),
    )


def _who_mapped(energy: pd.DataFrame | None) -> str:
    """Say which networks drew the maps."""
    names = set() if energy is None or "network" not in energy else set(energy["network"])
    if any(" + " in name for name in names):
        return (
            "Each map is the mean of the maps of the folds' networks, which describe the lesion "
            "together; none of them trained on the lesion shown."
        )
    return "Each map is of a network that did not train on the lesion shown."


def _energy_table(summary: pd.DataFrame) -> ReportTable:
    zones = {
        "inside": "In the lesion",
        "rim": "In its rim",
        "outside": "Outside",
        "inside_enrichment": "Enrichment in the lesion",
    }
    lines = []
    for (cohort, outcome), part in summary.groupby(["cohort", "outcome"], sort=False):
        line = {
            "Cohort": COHORT_NAMES.get(str(cohort), str(cohort)),
            "Decision": str(outcome),
            "Lesions": str(part["lesions"].iloc[0]),
        }
        for row in part.to_dict("records"):
            spread = quartiles(row["quartile_low"], row["quartile_high"])
            line[zones[row["zone"]]] = f"{number(row['median'], 2)} {spread}"
        lines.append(line)
    return ReportTable(
        "gradcam_energy",
        "Share of each map's energy in the lesion, in its rim and outside: median [quartiles]",
        pd.DataFrame(lines, dtype="str"),
        2,
        note="Enrichment: share of the energy in the lesion over the lesion's share of the area; 1 "
        "is no preference.",
    )


def _conformal_section(results: StudyResults) -> Section:
    figures = pictures(results, CONFORMAL_PICTURES)
    reached = results.conformal_coverage
    counted = "lesions" if results.pooling == "none" else "patients"
    tables: tuple[ReportTable, ...] = ()
    missing = []
    if reached is None or reached.empty:
        missing.append("Prediction sets")
    else:
        printed = reached.reset_index(drop=not reached.index.name)
        printed = printed.rename(columns={"expected_low": "from", "expected_high": "up_to"})
        printed = printed.sort_values("cohort", key=lambda c: c.map(COHORTS.index), kind="stable")
        printed["cohort"] = [cohort_name(str(name)) for name in printed["cohort"]]
        tables = (
            ReportTable(
                "conformal_coverage",
                "Coverage of the prediction sets, stated and reached",
                readable(printed),
                2,
                f"From and up to: {coverage(reached)} range of the coverage if new {counted} "
                f"resemble the training {counted}.",
            ),
        )
    return Section(
        "uncertainty", "Uncertainty of the single patient's score",
        (
            f"The prediction set of a {counted.removesuffix('s')} holds each diagnosis that its "
            "score does not rule out; "
            "“either” means that the score does not decide.",
        ) if figures or tables else (),
        figures=figures, tables=tables, missing=tuple(missing),
    )  # fmt: skip
