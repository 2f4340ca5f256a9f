"""The features: how many there are, how stable they are and which were selected."""

from __future__ import annotations

import pandas as pd

from spl_kedro.drawing import Drawing
from spl_kedro.explainability.feature_names import readable_name
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.figures.features import funnel_figure, stability_histogram
from spl_kedro.reporting.parts import ReportFigure, ReportTable, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.selection import FUNNEL_MODELS
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.summaries import ALL
from spl_kedro.reporting.words import (
    NOT_DEFINED,
    class_name,
    count,
    interval,
    model_name,
    number,
    quartiles,
)
from spl_kedro.schemas import MODELS


def feature_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections on the features."""
    return [_stability_section(results), _selection_section(results, settings)]


def _stability_section(results: StudyResults) -> Section:
    paragraphs, tables, figures, missing = [], [], [], []
    schema, stability = results.radiomics_schema, results.stability
    summary = results.feature_summary
    if schema is None or schema.empty or summary is None:
        missing.append("List of extracted features")
    else:
        whole = summary[summary["feature_class"] == ALL].to_dict("records")[0]
        paragraphs.append(
            f"{whole['features']} radiomics features were extracted from each lesion. "
            f"{whole['degenerate']} of them are rounding noise or constant on a single slice by "
            "construction; the leak-free protocol never sees those, the as-published protocol does."
        )
        tables.append(_schema_table(summary))
    if (
        missing
        or schema is None
        or summary is None
        or stability is None
        or stability["icc"].notna().sum() == 0
    ):
        missing.append("Stability between outlines of the same lesions")
    else:
        stable, judged = whole["stable"], whole["judged"]
        threshold, unknown = float(whole["threshold"]), whole["without_icc"]
        without = f" {unknown} have none, being constant, and are not stable." if unknown else ""
        paragraphs.append(
            f"{_who_outlined(stability)}: {count(stable, judged)} of {judged} features "
            f"that are not degenerate reach an intraclass correlation of {threshold:g}.{without}"
        )
        real = schema.index[~schema["degenerate"].astype(bool)]
        figures.append(
            ReportFigure(
                "stability",
                "Intraclass correlation of the radiomics features between outlines of the same "
                "lesions, degenerate features left out.",
                f"Histogram of intraclass correlations: {stable} of {judged} features at or "
                f"above {threshold:g}, median {number(whole['median'], 2)}.",
                {
                    "": Drawing(
                        stability_histogram,
                        stability.loc[stability.index.isin(real)],
                        simulated=results.simulated,
                    )
                },
            )
        )
        tables.append(_stability_table(summary, threshold))
    return Section(
        "stability", "Radiomics features and their stability",
        tuple(paragraphs), tuple(figures), tuple(tables), tuple(missing),
    )  # fmt: skip


def _who_outlined(stability: pd.DataFrame) -> str:
    """Say whose outlines were compared; a table without `source` is of two readers."""
    sources = set(stability.get("source", pd.Series(dtype=str)).dropna())
    if sources == {"perturbed outlines"}:
        return "The outlines of training lesions were perturbed, since no second reader drew enough"
    return "Two readers outlined the same training lesions"


def _schema_table(summary: pd.DataFrame) -> ReportTable:
    frame = pd.DataFrame(
        {
            "Feature class": [_class_words(name) for name in summary["feature_class"]],
            "Features": summary["features"].map(str),
            "Degenerate": summary["degenerate"].map(str),
        },
        dtype="str",
    )
    return ReportTable("feature_classes", "Radiomics features by class", frame)


def _class_words(name: str) -> str:
    return "All" if name == ALL else class_name(name)


def _stability_table(summary: pd.DataFrame, bound: float) -> ReportTable:
    rows = [
        (
            _class_words(row["feature_class"]),
            str(row["judged"]),
            f"{number(row['median'], 2)} {quartiles(row['quartile_low'], row['quartile_high'])}",
            count(row["stable"], row["judged"]),
        )
        for row in summary[summary["judged"] > 0].to_dict("records")
    ]
    columns = ["Feature class", "Features", "ICC, median [quartiles]", f"ICC at least {bound:g}"]
    return ReportTable(
        "stability_by_class",
        "Stability by feature class, degenerate features left out",
        pd.DataFrame(rows, columns=columns),
    )


def _selection_section(results: StudyResults, settings: ReportSettings) -> Section:
    selected = results.selected_features
    title = "Feature selection"
    funnels = results.selection_funnel
    if selected is None or selected.empty or funnels is None:
        return Section("selection", title, missing=("Feature selection",))
    chosen = selected[selected["protocol"] == "leak_free"]
    panels, tables, words = {}, [], []
    for model in [name for name in MODELS if name in set(chosen["model"])]:
        rows = chosen[chosen["model"] == model]
        steps = funnels[funnels["model"] == model]
        if len(steps) > 1 and model in FUNNEL_MODELS:
            panels[f"{model_name(model)} model"] = Drawing(
                funnel_figure, steps, model, simulated=results.simulated
            )
            path = " → ".join(str(n) for n in steps["remaining"])
            words.append(f"{model_name(model)}: {path}")
        tables.append(_selected_table(rows, model, results, settings))
    figure = ReportFigure(
        "selection_funnel",
        "Features that remain after each step of the selection, leak-free protocol, fitted on the "
        "whole training cohort.",
        "Number of features after each step. " + "; ".join(words) + ".",
        panels,
    )
    return Section(
        "selection",
        title,
        (
            "Each model selects its features inside its own pipeline, anew in every fold of the "
            "cross-fitting. Shown is the selection of the models fitted on the whole training "
            "cohort: " + "; ".join(words) + ".",
        ),
        (figure,) if panels else (),
        tuple(tables),
    )


def _selected_table(
    rows: pd.DataFrame, model: str, results: StudyResults, settings: ReportSettings
) -> ReportTable:
    kept = rows[rows["kept"].astype(bool)]
    shown = kept.head(settings.max_features)
    names = [readable_name(str(name)) for name in shown["feature"]]
    frame = {"Feature": [name.name for name in names], "In words": [name.label for name in names]}
    if results.has("stability") and results.stability is not None:
        known = results.stability.reindex(shown["feature"])
        if known["icc"].notna().any():
            frame[f"ICC ({coverage(results.stability)} CI)"] = [
                interval(row.icc, row.icc_low, row.icc_high, 2) for row in known.itertuples()
            ]
    if shown["fold_frequency"].notna().any():
        frame["Selected in folds"] = [f"{100 * share:.0f}%" for share in shown["fold_frequency"]]
    more = len(kept) - len(shown)
    return ReportTable(
        f"selected_{model}",
        f"Features of the {model_name(model)} model: "
        + (f"the first {len(shown)} of {len(kept)}" if more else f"all {len(kept)}"),
        pd.DataFrame(frame, dtype="str")
        if len(shown)
        else pd.DataFrame({"Feature": [NOT_DEFINED]}),
        note=f"{more} further features are in the selected-features table." if more else "",
        folded=True,
        links={name.name: name.url for name in names if name.url},
    )
