"""The study report: one self-contained HTML file."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape
from markupsafe import Markup

from spl_kedro.drawing import Drawing, StoredFigure
from spl_kedro.modeling.evaluation.figures.style import coverage
from spl_kedro.reporting.cards import Card, data_sheet, model_card
from spl_kedro.reporting.checklist import (
    CHECKLISTS,
    VALIDATION_CHECKLISTS,
    FilledChecklist,
    fill_checklist,
    metrics_range,
)
from spl_kedro.reporting.figures.images import data_uri
from spl_kedro.reporting.figures.panels import for_file
from spl_kedro.reporting.figures.svg import stored_svg
from spl_kedro.reporting.flow import cohort_flow
from spl_kedro.reporting.order import in_order, numbers_of, supplement_of
from spl_kedro.reporting.parts import NOT_COMPUTED, ReportFigure, Section
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections import (
    clinic_sections,
    cohort_sections,
    explanation_sections,
    feature_sections,
    limit_sections,
    method_sections,
    methods_text_sections,
    nomogram_sections,
    performance_sections,
    robustness_sections,
    sceptic_sections,
    seal_banner,
    seal_sections,
    summary_sections,
    validation_sections,
    with_seal,
)
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.verdicts import (
    EQUAL,
    HIGHER,
    LOWER,
    OPEN,
    UNDEFINED,
    beyond_clinical,
    leading_model,
    measure,
)
from spl_kedro.reporting.words import cohort_name, interval, model_name
from spl_kedro.sceptic.realism.statement import realism_statement

#: Of a picture that was not drawn for files; the page shows its SVG.
PAGE_DPI = 96


class Fact(NamedTuple):
    """One number at the top of the page, with what it is.

    Attributes
    ----------
    value, label : str
    beside : str
        What it is compared with.
    verdict : str
        What the comparison shows.
    """

    value: str
    label: str
    beside: str = ""
    verdict: str = ""


class Panel(NamedTuple):
    """One picture of a figure, ready for the page."""

    title: str
    svg: Markup | None
    source: str
    width: int
    height: int
    readout: str


def report_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return the sections of results and methods, in the order of a paper.

    Parameters
    ----------
    results : StudyResults
    settings : ReportSettings

    Returns
    -------
    list of Section
    """
    if results.frozen is not None:
        opening = (summary_sections, methods_text_sections)
        made = [section for make in opening for section in make(results, settings)]
        return in_order([*made, *validation_sections(results, settings)])
    makers = (
        summary_sections,
        methods_text_sections,
        cohort_sections,
        seal_sections,
        feature_sections,
        performance_sections,
        clinic_sections,
        robustness_sections,
        nomogram_sections,
        explanation_sections,
        limit_sections,
        further_sections,
        sceptic_sections,
        method_sections,
    )
    sections = [section for make in makers for section in make(results, settings)]
    return with_seal(in_order(sections), results)


def further_sections(results: StudyResults, settings: ReportSettings) -> list[Section]:
    """Return what pipelines that no study needs wrote of this one."""
    return list(results.further_sections)


def build_report(
    results: StudyResults, settings: ReportSettings, sections: list[Section] | None = None
) -> str:
    """Write the study report.

    Parameters
    ----------
    results : StudyResults
        A part that is None is said not to have been computed.
    settings : ReportSettings
    sections : list of Section, optional
        From `report_sections`, if they were made already.

    Returns
    -------
    str
        A complete HTML document that needs nothing from the network.
    """
    sections = report_sections(results, settings) if sections is None else sections
    validation = results.frozen is not None
    keys = VALIDATION_CHECKLISTS if validation else CHECKLISTS
    filled = [fill_checklist(key, results, settings) for key in keys]
    cards: list[Card] = [data_sheet(results, settings)]
    if not validation:
        cards.insert(0, model_card(results, settings))
    return page_template("report.html.j2").render(
        kind="External validation of a frozen study" if validation else "Study report",
        title=settings.title,
        authors=settings.authors,
        simulated=results.simulated,
        learnt_from_simulated=results.frozen is not None and results.frozen.simulated,
        realism=realism_statement(),
        seal=seal_banner(results),
        facts=summary_facts(results),
        flow=cohort_flow(results),
        sections=sections,
        numbers=numbers_of(sections),
        supplement=supplement_of(sections),
        cards=cards,
        checklists=filled,
        score=None if validation else metrics_range(_metrics(filled), simulated=results.simulated),
        not_computed=NOT_COMPUTED,
        css=asset("report.css"),
        script=asset("report.js"),
    )


def page_template(name: str) -> Template:
    """Return a template of a page; what it prints of tables and settings is escaped."""
    environment = Environment(
        loader=PackageLoader("spl_kedro.reporting"),
        autoescape=select_autoescape(["html", "j2"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["panels"] = figure_panels
    return environment.get_template(name)


def asset(name: str) -> Markup:
    """Return a style sheet or script of the pages."""
    return Markup((files("spl_kedro.reporting") / "templates" / name).read_text(encoding="utf-8"))


def summary_facts(results: StudyResults) -> list[Fact]:
    """Return the numbers a reader wants first: lesions, and the fused model's AUC by cohort."""
    flow = cohort_flow(results)
    what = "Lesions"
    if results.pooling != "none":
        what = f"Images of {results.cohort['patient_id'].nunique()} patients"
    facts = [Fact(str(flow.n_analysed), f"{what} analysed, {flow.n_left_out} left out")]
    if results.seal is not None and results.sealed:
        sealed = [(str(size["lesions"]), name) for name, size in results.seal.kept.items()]
        facts += [
            Fact(count, f"Lesions sealed, {cohort_name(name).lower()}") for count, name in sealed
        ]
    model = leading_model(results)
    if model is None or results.performance is None:
        return facts
    for cohort in results.cohorts:
        found = measure(results, model, cohort, "auc")
        if found is not None:
            words = f"AUC, {cohort_name(cohort).lower()}"
            words += f", {coverage(results.performance)} interval"
            told = f"{model_name(model)} {interval(*found, 2)}"
            facts.append(Fact(told, words, *_beside(results, model, cohort)))
    return facts


def _beside(results: StudyResults, model: str, cohort: str) -> tuple[str, str]:
    """Return Clinical's AUC and what its difference to the model's shows; empty without it."""
    found = None if model == "clinical" else measure(results, "clinical", cohort, "auc")
    if found is None:
        return "", ""
    difference = beyond_clinical(results, model, cohort)
    clinical = f"Clinical {interval(*found, 2)}"
    if difference is None or difference.reading == UNDEFINED:
        return clinical, ""
    shown = {
        HIGHER: f"{model_name(model)} is higher",
        LOWER: f"{model_name(model)} is lower",
        EQUAL: f"{model_name(model)} equals Clinical",
        OPEN: "no difference shown",
    }
    return clinical, f"Difference {difference.written()}: {shown[difference.reading]}"


def figure_panels(figure: ReportFigure) -> list[Panel]:
    """Turn a figure's pictures into inline SVG or, where they are ready-made, data URIs."""
    panels = []
    for position, (title, picture) in enumerate(figure.panels.items()):
        if isinstance(picture, Drawing):
            picture = picture.files(for_file(figure.stem(title), PAGE_DPI))
        if isinstance(picture, StoredFigure) and picture.svg:
            drawn = stored_svg(picture.svg, f"{figure.key}-{position}", theme=figure.themed)
            readout = _json(drawn.readout) if drawn.readout["axes"] else ""
            panels.append(Panel(title, Markup(drawn.svg), "", drawn.width, drawn.height, readout))
        else:
            source, width, height = data_uri(picture)
            panels.append(Panel(title, None, source, width, height, ""))
    return panels


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _metrics(filled: list[FilledChecklist]) -> FilledChecklist:
    return next(checklist for checklist in filled if checklist.key == "metrics")
