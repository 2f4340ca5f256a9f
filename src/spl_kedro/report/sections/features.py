"""The features: how many there are, how stable they are and which were selected."""

from __future__ import annotations

import pandas as pd

from spl_kedro.explanation.feature_names import readable_name
from spl_kedro.report.figures.features import funnel_figure, stability_histogram
from spl_kedro.report.parts import ReportFigure, ReportTable, Section
from spl_kedro.report.results import StudyResults
from spl_kedro.report.selection import FUNNEL_MODELS, funnel
from spl_kedro.report.settings import ReportSettings
from spl_kedro.report.words import (
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
    if schema is None or schema.empty:
        missing.append("List of extracted features")
    else:
        degenerate = int(schema["degenerate"].astype(bool).sum())
        paragraphs.append(
            f"{len(schema)} radiomics features were extracted from each lesion. {degenerate} of "
            "them are rounding noise or constant on a single slice by construction; the leak-free "
            "protocol never sees those, the as-published protocol does."
        )
        tables.append(_schema_table(schema))
    if stability is None or stability.empty or stability["icc"].notna().sum() == 0:
        missing.append("Stability between outlines of the same lesions")
    else:
        judged = stability
        if schema is not None and not schema.empty:
            real = schema.index[~schema["degenerate"].astype(bool)]
            judged = stability[stability.index.isin(real)]
        stable, threshold = int(judged["stable"].sum()), float(judged["threshold"].iloc[0])
        unknown = int(judged["icc"].isna().sum())
        without = f" {unknown} have none, being constant, and are not stable." if unknown else ""
        paragraphs.append(
            f"{_who_outlined(stability)}: {count(stable, len(judged))} of {len(judged)} features "
            f"that are not degenerate reach an intraclass correlation of {threshold:g}.{without}"
        )
        figures.append(
            ReportFigure(
                "stability",
                "Intraclass correlation of the radiomics features between outlines of the same "
                "lesions, degenerate features left out.",
                f"Histogram of intraclass correlations: {stable} of {len(judged)} features at or "
                f"above {threshold:g}, median {number(judged['icc'].median(), 2)}.",
                {"": stability_histogram(judged)},
            )
        )
        if schema is not None and not schema.empty:
            tables.append(_stability_table(schema, judged, threshold))
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


def _schema_table(schema: pd.DataFrame) -> ReportTable:
    rows = [
        (class_name(name), str(len(part)), str(int(part["degenerate"].astype(bool).sum())))
        for name, part in schema.groupby("feature_class", sort=True)
    ]
    rows.append(("All", str(len(schema)), str(int(schema["degenerate"].astype(bool).sum()))))
    frame = pd.DataFrame(rows, columns=["Feature class", "Features", "Degenerate"])
    return ReportTable("feature_classes", "Radiomics features by class", frame)


def _stability_table(schema: pd.DataFrame, judged: pd.DataFrame, bound: float) -> ReportTable:
    joined = judged.join(schema["feature_class"])
    rows = []
    for name, part in joined.groupby("feature_class", sort=True):
        low, middle, high = part["icc"].quantile([0.25, 0.5, 0.75])
        rows.append(
            (
                class_name(name),
                str(len(part)),
                f"{number(middle, 2)} {quartiles(low, high)}",
                count(int(part["stable"].sum()), len(part)),
            )
        )
    columns = ["Feature class", "Features", "ICC, median [quartiles]", f"ICC at least {bound:g}"]
    return ReportTable(
        "stability_by_class",
        "Stability by feature class, degenerate features left out",
        pd.DataFrame(rows, columns=columns),
    )


def _selection_section(results: StudyResults, settings: ReportSettings) -> Section:
    selected = results.selected_features
    title = "From all features to those selected"
    if selected is None or selected.empty:
        return Section("selection", title, missing=("Feature selection",))
    chosen = selected[selected["protocol"] == "leak_free"]
    panels, tables, words = {}, [], []
    for model in [name for name in MODELS if name in set(chosen["model"])]:
        rows = chosen[chosen["model"] == model]
        steps = funnel(rows)
        if len(steps) > 1 and model in FUNNEL_MODELS:
            panels[f"{model_name(model)} model"] = funnel_figure(steps, model)
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
            frame["ICC (95% CI)"] = [
                interval(row.icc, row.icc_low, row.icc_high, 2) for row in known.itertuples()
            ]
    if shown["fold_frequency"].notna().any():
        frame["Selected in folds"] = [f"{100 * share:.0f}%" for share in shown["fold_frequency"]]
    more = len(kept) - len(shown)
    return ReportTable(
        f"selected_{model}",
        f"Features of the {model_name(model)} model ({len(kept)})",
        pd.DataFrame(frame, dtype="str")
        if len(shown)
        else pd.DataFrame({"Feature": [NOT_DEFINED]}),
        note=f"{more} further features are in the selected-features table." if more else "",
        folded=True,
        links={name.name: name.url for name in names if name.url},
    )
