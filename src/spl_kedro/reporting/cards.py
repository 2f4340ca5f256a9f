"""Model card and data sheet: what the models and the data are, for whoever meets them later.

After Mitchell et al., Model cards for model reporting, FAT* 2019, and Gebru et al., Datasheets
for datasets, CACM 64(12), 2021.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

from spl_kedro.features.deep import DeepSettings, backbone_facts, backbone_line
from spl_kedro.modeling.evaluation.figures.cohort import count_words
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.flow import centres, cohort_flow
from spl_kedro.reporting.nesting import nesting_statement
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections.clinic_words import (
    chosen_words,
    count_words_of,
    deployed_thresholds,
    prevalence_words,
    threshold_words,
)
from spl_kedro.reporting.sections.limits import SIMULATED, limit_statements
from spl_kedro.reporting.sections.performance import MADE_OF
from spl_kedro.reporting.sections.robustness import best_model
from spl_kedro.reporting.sections.seal import seal_statements
from spl_kedro.reporting.sections.summary import joined
from spl_kedro.reporting.selection import features_used
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import (
    cohort_name,
    interval,
    model_name,
    number,
    plural,
    variable_name,
)
from spl_kedro.sceptic.realism.statement import realism_statement
from spl_kedro.schemas import COHORTS, CORE_COLUMNS, MODELS, NO_CLINICAL_MODEL, clinical_columns

# A sign after which Markdown reads a tag, where "p < 0.05" stays as it is.
_TAG = re.compile(r"<(?=[a-z/!?])", re.IGNORECASE)
OPEN = "Open: to be stated by the investigators."


@dataclass(frozen=True)
class CardPart:
    """A heading with its statements."""

    heading: str
    statements: tuple[str, ...]


@dataclass(frozen=True)
class Card:
    """A model card or a data sheet."""

    key: str
    title: str
    parts: tuple[CardPart, ...]

    def markdown(self) -> str:
        """Return the card as Markdown, in which no word of a table is a tag."""
        lines = [f"# {_TAG.sub('&lt;', self.title)}", ""]
        for part in self.parts:
            lines += [
                f"## {part.heading}",
                "",
                *[f"- {_TAG.sub('&lt;', s)}" for s in part.statements],
                "",
            ]
        return "\n".join(lines)


def model_card(results: StudyResults, settings: ReportSettings) -> Card:
    """Return the model card.

    Parameters
    ----------
    results : StudyResults
    settings : ReportSettings

    Returns
    -------
    Card
    """
    commit = results.versions.get("git_commit")
    models = _models(results)
    made_of = MADE_OF | ({} if "clinical" in models else {"cdlr": "the DLR score alone"})
    named = joined([f"{model_name(model)} ({made_of[model]})" for model in models])
    clinical = ", and clinical variables" if "clinical" in models else ""
    details = [
        f"Classifiers of malignancy: {named}.",
        f"Input: one B-mode ultrasound image with the lesion's outline{clinical}. Output: a "
        "probability of malignancy and, at the operating threshold, a diagnosis.",
        f"Code: commit {commit}." if commit else "Code: commit not recorded in this run.",
        *_backbone_statements(results),
    ]
    if results.without_clinical:
        details.append(NO_CLINICAL_MODEL)
    parts = [
        CardPart("Model", tuple(details)),
        CardPart("Intended use", (settings.intended_use,)),
        CardPart("Use in the clinic", _use_statements(results)),
        CardPart("Reference standard", (settings.reference_standard or OPEN,)),
        *_seal_part(results),
        CardPart("Performance", _performance_statements(results)),
        CardPart("Features", _feature_statements(results)),
        CardPart("Limits", limit_statements(results)),
        CardPart("Ethics", (settings.ethics or OPEN,)),
        CardPart("Contact", (settings.contact or OPEN,)),
    ]
    if results.simulated:
        parts.insert(0, CardPart("Warning", (SIMULATED, realism_statement())))
    return Card("model-card", "Model card", tuple(parts))


def data_sheet(results: StudyResults, settings: ReportSettings) -> Card:
    """Return the data sheet.

    Parameters
    ----------
    results : StudyResults
    settings : ReportSettings

    Returns
    -------
    Card
    """
    flow = cohort_flow(results)
    cohort = results.cohort
    composition = [
        f"{flow.n_analysed} lesions of {cohort['patient_id'].nunique()} patients, "
        f"{centres(cohort['site'])}."
    ]
    composition += [
        f"{arm.name}: {arm.lesions} lesions of {arm.patients} patients, {arm.benign} benign and "
        f"{arm.malignant} malignant."
        for arm in flow.arms
    ]
    cleaning = [f"{flow.n_left_out} of {flow.n_received} cases received were left out."]
    cleaning += [
        f"By the rule broken, {reason.rule.replace('_', ' ')} "
        f"({reason.stage.replace('_', ' ')}): {reason.cases}"
        for reason in flow.reasons
    ]
    parts = [
        CardPart(
            "Where the data come from",
            (
                SIMULATED + " They come from a simulation of ultrasound physics and anatomy.",
                realism_statement(),
            )
            if results.simulated
            else (settings.data_source or OPEN,),
        ),
        CardPart("Composition", tuple(composition)),
        CardPart("Images", _image_statements(cohort)),
        CardPart("Variables", _variable_statements(cohort)),
        CardPart("Cleaning", tuple(cleaning)),
        CardPart("Deep features", _backbone_statements(results) or ("Not computed in this run.",)),
        CardPart(
            "Labels",
            (
                "0 benign, 1 malignant.",
                settings.reference_standard or f"Reference standard: {OPEN}",
            ),
        ),
        CardPart("Consent and approval", (settings.ethics or OPEN,)),
        CardPart("Distribution and maintenance", (OPEN,)),
    ]
    return Card("data-sheet", "Data sheet", tuple(parts))


def _models(results: StudyResults) -> list[str]:
    """Return the publication's models that the study has; all where none was measured yet."""
    table = results.performance
    measured = MODELS if table is None or table.empty else tuple(table["model"])
    there = set(measured if results.frozen is None else results.frozen.models)
    return [model for model in MODELS if model in there]


def _seal_part(results: StudyResults) -> list[CardPart]:
    statements = seal_statements(results)
    return [CardPart("Analysis plan and looks at validation", statements)] if statements else []


def _performance_statements(results: StudyResults) -> tuple[str, ...]:
    table = results.performance
    if table is None or table.empty:
        return ("Not computed in this run.",)
    rows = table[table["protocol"] == "leak_free"]
    model = best_model(rows)
    chosen = {row["model"]: row["threshold"] for row in deployed_thresholds(results)}
    at = f" at the operating threshold of {number(chosen[model])}" if model in chosen else ""
    statements = []
    for cohort in [name for name in COHORTS if name in set(rows["cohort"])]:
        part = rows[(rows["cohort"] == cohort) & (rows["model"] == model)].set_index("metric")
        records: dict[Any, Any] = part.to_dict("index")
        auc, sens, spec = (
            interval(records[m]["value"], records[m]["low"], records[m]["high"], 2)
            for m in ("auc", "sensitivity", "specificity")
        )
        size = records["auc"]
        statements.append(
            f"{model_name(model)}, {cohort_name(cohort)}: AUC {auc}, {coverage(rows)} interval;"
            f"{at} sensitivity {sens}, specificity {spec} "
            f"(n = {count_words(size)}, {int(size['events'])} malignant"
            f"{', mean over repeats of single models' if cohort == 'training' else ''})."
        )
    return tuple(statements)


def _use_statements(results: StudyResults) -> tuple[str, ...]:
    table = results.clinical_use
    chosen = {row["model"]: row for row in deployed_thresholds(results)}
    if table is None or table.empty or not chosen:
        return ("Not computed in this run.",)
    model = best_model(table)
    words = threshold_words(chosen[model])
    statements = [f"{model_name(model)}: operating threshold {words['operating']}."]
    if words["out"] != "not chosen":
        statements[0] = (
            f"{model_name(model)}: operating threshold {words['operating']}; ruled out below "
            f"{words['out']}, ruled in from {words['in']}; deferred: {words['zone']}."
        )
    statements.append(chosen_words(results))
    statements.append(f"Counts {prevalence_words(table)}; {coverage(table)} intervals.")
    return (*statements, *count_words_of(table, card=True))


def _feature_statements(results: StudyResults) -> tuple[str, ...]:
    table = results.selection_funnel
    if table is None or table.empty:
        return ("Not computed in this run.",)
    return tuple(
        f"{results.called(model)}: {plural(used, 'feature')}."
        for model, used in features_used(table).items()
    )


def _backbone_statements(results: StudyResults) -> tuple[str, ...]:
    if "deep_features" not in results.parameters:
        return ()
    settings = DeepSettings.model_validate(results.parameters["deep_features"])
    source = backbone_facts(settings)["source"]
    return (
        backbone_line(settings),
        *((f"Source of the weights: {source}.",) if source else ()),
        *nesting_statement(results),
    )


def _image_statements(cohort: pd.DataFrame) -> tuple[str, ...]:
    known = (
        cohort["spacing_row_mm"].dropna() if "spacing_row_mm" in cohort else pd.Series(dtype=float)
    )
    if known.empty:
        return ("One B-mode image per lesion; the pixel size is not known.",)
    return (
        f"One B-mode image per lesion; pixel size known for {len(known)} of {len(cohort)}, "
        f"{known.min():.3f} to {known.max():.3f} mm.",
    )


def _short(value: float) -> str:
    return number(value, 0 if float(value).is_integer() else 1)


def _variable_statements(cohort: pd.DataFrame) -> tuple[str, ...]:
    statements = []
    for name in clinical_columns(cohort):
        column = cohort[name]
        missing = int(column.isna().sum())
        words = f"{variable_name(name)}: "
        if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
            words += f"{_short(column.min())} to {_short(column.max())}"
        else:
            levels = sorted(str(level).replace("_", " ") for level in column.dropna().unique())
            words += ", ".join(levels[:8]) + (" and others" if len(levels) > 8 else "")
        statements.append(f"{words}; {missing} missing." if missing else f"{words}.")
    return tuple(statements) or (f"None besides {', '.join(CORE_COLUMNS[:3])}.",)
