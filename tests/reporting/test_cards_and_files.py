"""Model card, data sheet and the files of tables and figures."""

import io
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from spl_kedro.drawing import StoredFigure
from spl_kedro.reporting import (
    ReportSettings,
    StudyResults,
    build_report,
    data_sheet,
    draw_sections,
    figure_files,
    model_card,
    report_sections,
    table_files,
)
from spl_kedro.reporting.cards import OPEN
from spl_kedro.reporting.figures.images import PNG_LIMIT, as_image, data_uri
from spl_kedro.reporting.figures.svg import stored_svg
from spl_kedro.reporting.nesting import CROSS_FITTED_ONCE, NESTED
from spl_kedro.reporting.sections import (
    explanation_sections,
    performance_sections,
    robustness_sections,
)
from spl_kedro.reporting.sections.cohort import cohort_sections
from spl_kedro.reporting.sections.limits import limit_statements
from spl_kedro.sceptic.realism.statement import realism_statement
from spl_kedro.schemas import NO_CLINICAL_MODEL, SITE_NOT_STATED


@pytest.fixture(scope="module")
def sections(study, settings):
    return report_sections(study, settings)


def test_the_model_card_warns_of_simulated_patients_first(study, settings):
    text = model_card(study, settings).markdown()
    assert text.index("## Warning") < text.index("## Model")
    assert "CDLR, External: AUC" in text


def test_the_cards_say_how_far_simulated_images_are_from_real_ones(study, real_study, settings):
    for card in (model_card, data_sheet):
        assert realism_statement() in card(study, settings).markdown()
        assert realism_statement() not in card(real_study, settings).markdown()


def test_what_nobody_stated_is_open_and_what_was_stated_is_printed(study):
    card = model_card(study, ReportSettings(ethics="Approved as 2020-17."))
    parts = {part.heading: part.statements for part in card.parts}
    assert parts["Reference standard"] == (OPEN,)
    assert parts["Ethics"] == ("Approved as 2020-17.",)


def test_without_clinical_variables_report_and_card_say_that_clinical_is_not_available(
    study, settings
):
    performance = study.performance[study.performance["model"] != "clinical"]
    curves = study.roc_curves[study.roc_curves["model"] != "clinical"]
    without = replace(
        study, performance=performance, roc_curves=curves, odds_ratios=None, clinical_optimism=None
    )
    models, odds, sizes = (
        next(s for s in make(without, settings) if s.key == key)
        for make, key in (
            (performance_sections, "models"),
            (explanation_sections, "odds-ratios"),
            (robustness_sections, "sample-size"),
        )
    )
    assert NO_CLINICAL_MODEL in models.paragraphs
    assert "CDLR (the DLR score alone)" in models.paragraphs[0]
    assert "Clinical" not in set(models.tables[0].frame["Model"])
    assert odds.paragraphs == (NO_CLINICAL_MODEL,)
    assert not any("Clinical" in part for part in (*odds.missing, *sizes.missing))
    assert NO_CLINICAL_MODEL in model_card(without, settings).markdown()
    assert NO_CLINICAL_MODEL not in model_card(study, settings).markdown()


TRAINED = {"trained_blocks": "all", "pooling": "last", "weights": "none"}


@pytest.mark.parametrize(
    ("deep", "said"),
    [
        ({"trained_blocks": 0}, None),
        (TRAINED, NESTED),
        (TRAINED | {"nested": False}, CROSS_FITTED_ONCE),
    ],
)
def test_report_and_card_say_whether_trained_networks_were_nested(study, settings, deep, said):
    run = replace(study, parameters={**study.parameters, "deep_features": deep})
    models = performance_sections(run, settings)[0]
    for text in (model_card(run, settings).markdown(), " ".join(models.paragraphs)):
        for statement in (NESTED, CROSS_FITTED_ONCE):
            assert (statement in text) == (statement == said)


def test_the_leak_of_networks_that_are_not_nested_is_the_runs_own(study, settings):
    # Fault: a figure that was measured once, elsewhere.
    leak = pd.DataFrame({"nested": [False], "draws": [7], "mean": 0.6, "standard_error": 0.014})
    run = replace(
        study,
        parameters={**study.parameters, "deep_features": TRAINED | {"nested": False}},
        nesting_leak=leak,
    )
    said = " ".join(performance_sections(run, settings)[0].paragraphs)
    assert "7 cohorts with random labels" in said
    assert "an AUC of 0.600 (standard error 0.014)" in said


def test_the_data_sheet_counts_lesions_and_missing_values(study, settings):
    cohort = study.cohort.copy()
    cohort.loc[cohort.index[:5], "age"] = np.nan
    text = data_sheet(StudyResults(cohort), settings).markdown()
    assert "300 lesions of 300 patients, 2 centres: A, B." in text
    assert "5 missing." in text


def test_a_table_without_sites_is_not_said_to_come_from_one_centre(study, settings):
    cohort = study.cohort.assign(site=SITE_NOT_STATED)
    results = replace(study, cohort=cohort, cohort_flow=None)
    assert "300 patients, centres not stated." in data_sheet(results, settings).markdown()
    told = " ".join(limit_statements(results))
    assert "whether the lesions come from one centre or several is not known" in told
    assert "All training lesions" not in told
    tables = [table for section in cohort_sections(results, settings) for table in section.tables]
    (arms,) = (table for table in tables if table.key == "cohorts")
    assert set(arms.frame["Centres"]) == {SITE_NOT_STATED}


def test_every_table_is_written_as_csv_and_latex(sections):
    files = table_files(sections)
    keys = [table.key for section in sections for table in section.tables]
    assert len(keys) == len(set(keys))
    assert set(files) == {f"{key}.{kind}" for key in keys for kind in ("csv", "tex")}
    table = pd.read_csv(io.StringIO(files["performance.csv"]), dtype=str)
    assert table.shape == (15, 9)
    assert r"95\% intervals" in files["performance.tex"]


def test_the_csv_holds_what_the_page_shows(sections):
    files = table_files(sections)
    (table,) = [t for s in sections for t in s.tables if t.key == "optimism"]
    read = pd.read_csv(io.StringIO(files["optimism.csv"]), dtype=str)
    assert read["Leak-free AUC"].tolist() == table.frame["Leak-free AUC"].tolist()


def test_figures_are_written_at_the_resolution_asked_for(sections):
    files = figure_files([s for s in sections if s.key in {"stability", "cohort-flow"}], dpi=300)
    assert set(files) == {
        "cohort_flow.png", "cohort_flow.svg", "stability.png", "stability.svg",
    }  # fmt: skip
    picture = Image.open(io.BytesIO(files["stability.png"]))
    assert picture.info["dpi"][0] == pytest.approx(300, abs=0.1)
    assert files["stability.svg"].startswith(b"<?xml")


def test_panels_of_one_figure_have_files_of_their_own(sections):
    files = figure_files([s for s in sections if s.key == "roc"], dpi=72)
    assert {"roc_training.png", "roc_validation.svg", "roc_external.png"} <= set(files)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_what_is_drawn_at_once_gives_the_same_files_and_a_page(sections, study, settings, n_jobs):
    chosen = [s for s in sections if s.key in {"stability", "decision-curves"}]
    drawn = draw_sections(chosen, dpi=72, n_jobs=n_jobs)
    assert figure_files(drawn, dpi=72) == figure_files(chosen, dpi=72)
    panels = {
        f"{figure.key}-{position}": picture
        for section in drawn
        for figure in section.figures
        for position, picture in enumerate(figure.panels.values())
    }
    assert len(panels) == 4
    page = build_report(study, settings, drawn)
    shown = {key: stored_svg(picture.svg, key) for key, picture in panels.items()}
    assert all(picture.svg in page for picture in shown.values())
    (curves,) = shown["decision_curves-0"].readout["axes"]
    assert curves["xlabel"].startswith("Threshold")
    assert "data-readout" in page


def test_a_picture_that_a_step_has_drawn_is_not_drawn_again(study, settings):
    drawn = StoredFigure(b"\x89PNG", study.figures["shap_bar"].svg)
    names = ("roc_validation", "delong_external", "forest")
    results = replace(study, figures={**study.figures, **dict.fromkeys(names, drawn)})
    panels = {
        (figure.key, title): picture
        for section in report_sections(results, settings)
        for figure in section.figures
        for title, picture in figure.panels.items()
    }
    taken = [key for key, picture in panels.items() if picture is drawn]
    assert taken == [
        ("auc_forest", ""), ("roc", "Validation"), ("delong", "External"),
    ]  # fmt: skip


def test_a_large_picture_is_scaled_and_compressed():
    noise = np.random.default_rng(0).integers(0, 255, (900, 2400, 3), dtype=np.uint8)
    uri, width, height = data_uri(noise)
    assert (width, height) == (1800, 675)
    assert uri.startswith("data:image/jpeg")
    assert len(uri) < 3 * PNG_LIMIT


def test_transparent_pictures_are_laid_on_white():
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert as_image(clear).getpixel((0, 0)) == (255, 255, 255)


def test_matplotlib_figures_and_bytes_are_pictures_too():
    buffer = io.BytesIO()
    Image.new("L", (5, 3)).save(buffer, "PNG")
    assert as_image(buffer.getvalue()).size == (5, 3)
    with mpl.rc_context({"savefig.bbox": None}):
        assert as_image(Figure(figsize=(2, 1))).size == (320, 160)


def test_anything_else_is_refused_with_what_to_pass():
    with pytest.raises(TypeError, match="PNG bytes"):
        as_image("figure.png")


def test_the_files_of_a_stored_figure_are_exported_as_they_are(study, settings):
    stored = study.figures["shap_bar"]
    sections = report_sections(study, settings)
    own = [part for part in sections if any(drawn.key == "shap_bar" for drawn in part.figures)]
    files = figure_files(own, dpi=30)
    assert files["shap_bar.png"] == stored.png
    assert files["shap_bar.svg"] == stored.svg.encode()
    assert as_image(stored).size == (300, 200)
