"""Every figure of the report shows the numbers of its table, whatever the evaluation's settings.

The study has two lesions of each patient, pooled to their mean, and intervals of 90 %: a figure
drawn from the predictions, or words that assume 95 %, would disagree with its table.
"""

import re
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from spl_kedro.drawing import Drawing
from spl_kedro.modeling import evaluation
from spl_kedro.modeling.evaluation.figures.style import MODEL_NAMES, decimals
from spl_kedro.reporting import build_report, model_card, report_sections
from spl_kedro.reporting.words import NO_BREAK, interval
from spl_kedro.schemas import MODELS

from .conftest import SIZES, synthetic_study

COHORTS = {
    "Training (cross-fitted)": "training",
    "Validation": "validation",
    "External": "external",
}


@pytest.fixture(scope="module")
def pooled():
    chosen = evaluation.EvaluationSettings(
        n_bootstrap=100, calibration_points=20, pooling="mean", confidence=0.9
    )
    return synthetic_study(settings=chosen, lesions=2)


@pytest.fixture(scope="module")
def sections(pooled, settings):
    return {section.key: section for section in report_sections(pooled, settings)}


def panels(sections, section, figure):
    """Return a figure's drawings by cohort."""
    (found,) = [part for part in sections[section].figures if part.key == figure]
    return {COHORTS[title]: drawing.figure() for title, drawing in found.panels.items()}


def printed(sections, section, table):
    (found,) = [part for part in sections[section].tables if part.key == table]
    return found.frame


def words(figure):
    FigureCanvasAgg(figure).draw()
    return [text.get_text() for text in figure.findobj(Text) if text.get_text()]


def rows(table, cohort, model=None):
    chosen = table[(table["cohort"] == cohort) & (table["protocol"] == "leak_free")]
    return chosen if model is None else chosen[chosen["model"] == model]


def line_of(axes, model):
    (line,) = [
        line for line in axes.lines if str(line.get_label()).split("  ")[0] == MODEL_NAMES[model]
    ]
    return line


def test_each_roc_curve_is_the_stored_one_with_the_area_that_the_table_prints(pooled, sections):
    table = printed(sections, "models", "performance")
    for cohort, figure in panels(sections, "roc", "roc").items():
        (axes,) = figure.axes
        patients = SIZES[cohort] // 2
        assert f"n = {patients} patients" in " ".join(words(figure))
        assert axes.get_legend().get_title().get_text() == "AUC (90% interval)"
        for model in MODELS:
            line, curve = line_of(axes, model), rows(pooled.roc_curves, cohort, model)
            np.testing.assert_array_equal(line.get_xdata(), curve["false_positive_rate"])
            np.testing.assert_array_equal(line.get_ydata(), curve["sensitivity"])
            auc = rows(pooled.performance, cohort, model).set_index("metric").loc["auc"]
            area = np.trapezoid(line.get_ydata(), line.get_xdata())
            assert area == pytest.approx(auc["value"], rel=1e-9)
            shown = re.findall(r"[01]\.\d{2,3}", line.get_label())
            assert len(shown) == 3
            row = table[
                (table["Model"] == MODEL_NAMES[model])
                & table["Cohort"].str.startswith(cohort.capitalize())
            ].iloc[0]
            assert re.findall(r"[01]\.\d{2,3}", row["AUC"]) == shown
            assert f"n{NO_BREAK}={NO_BREAK}{patients}" in row["Cohort"]


def test_every_drawing_says_that_patients_are_simulated(sections):
    drawings = [
        (figure.key, drawing.figure())
        for section in sections.values()
        for figure in section.figures
        for drawing in figure.panels.values()
        if isinstance(drawing, Drawing)
    ]
    assert len({key for key, _ in drawings}) >= 11
    for key, drawing in drawings:
        assert "Simulated patients" in words(drawing), key


def test_the_forest_plot_shows_the_table(pooled, sections):
    (figure,) = [part.panels[""].figure() for part in sections["models"].figures]
    drawn = {tuple(line.get_xdata()) for line in figure.axes[0].lines if len(line.get_xdata()) == 2}
    auc = pooled.performance.query("metric == 'auc' and protocol == 'leak_free'")
    assert len(auc) == 15
    assert set(zip(auc["low"], auc["high"], strict=True)) <= drawn
    assert figure.axes[0].get_xlabel() == "AUC, 90% interval"
    assert "Validation, n = 30 patients" in " ".join(words(figure))


def test_calibration_and_decision_curves_are_those_of_their_tables(pooled, sections):
    for cohort, figure in panels(sections, "calibration", "calibration_curves").items():
        for axes, model in zip(figure.axes, MODELS, strict=False):
            table = rows(pooled.calibration, cohort, model)
            smooth = table[table["kind"] == "smooth"]
            np.testing.assert_array_equal(axes.lines[1].get_ydata(), smooth["observed"])
            groups = table[table["kind"] == "group"]
            np.testing.assert_array_equal(axes.lines[2].get_ydata(), groups["observed"])
    for cohort, figure in panels(sections, "decision-curves", "decision_curves").items():
        assert "CDLR, 90% interval" in words(figure)
        for model in MODELS:
            curve = rows(pooled.decision_curves, cohort, model)
            drawn = line_of(figure.axes[0], model).get_ydata()
            assert 1 < len(drawn) <= len(curve)
            np.testing.assert_array_equal(drawn, curve["net_benefit"].iloc[: len(drawn)])


def test_the_matrix_of_comparisons_shows_the_table_and_its_verdict(pooled, sections):
    every = pooled.comparisons.query("protocol == 'leak_free' and question == 'models'")
    digits = decimals(every["auc_difference_low"], every["auc_difference_high"])
    scales = set()
    for cohort, figure in panels(sections, "comparisons", "delong").items():
        (cells,) = [axes.texts for axes in figure.axes if len(axes.texts) > 2]
        scales |= {image.get_clim() for axes in figure.axes for image in axes.images}
        chosen = rows(pooled.comparisons, cohort)
        chosen = chosen[chosen["question"] == "models"]
        written = {text.get_text(): text.get_fontweight() for text in cells}
        for row in chosen.to_dict("records"):
            p = f"p = {row['p_holm']:.{3 if row['p_holm'] < 0.1 else 2}f}"
            p = "p < 0.001" if row["p_holm"] < 0.001 else p
            weight = "bold" if row["differs"] else "normal"
            difference = f"{row['auc_difference']:+.{digits}f}".replace("-", "−")
            assert written[f"{difference}\n{p}"] == weight
            assert row["differs"] == (row["p_holm"] < 0.1)
    # Panels side by side are compared by their colours.
    assert len(scales) == 1


def test_what_parts_add_subgroups_and_optimism_show_their_tables(pooled, sections):
    gain = decimals(pooled.added_value["added_low"], pooled.added_value["added_high"])
    for cohort, figure in panels(sections, "added-value", "added_value").items():
        table = pooled.added_value[pooled.added_value["cohort"] == cohort]
        text = " ".join(words(figure))
        for row in table.dropna(subset=["added"]).to_dict("records"):
            limits = f"({row['added_low']:+.{gain}f} to {row['added_high']:+.{gain}f})"
            assert f"{row['added']:+.{gain}f} {limits}".replace("-", "−") in text
    names = ("training", "validation", "external")
    (figure,) = [part.panels[""].figure() for part in sections["subgroups"].figures]
    assert [axes.get_title(loc="left") for axes in figure.axes] == [n.title() for n in names]
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    for cohort, axes in zip(names, figure.axes, strict=True):
        auc = rows(pooled.subgroups, cohort, "cdlr").query("metric == 'auc'")
        drawn = {tuple(line.get_xdata()) for line in axes.lines}
        bounds = auc[["low", "high"]].dropna().itertuples(index=False, name=None)
        assert set(bounds) <= drawn
        overall = rows(pooled.performance, cohort, "cdlr").set_index("metric").loc["auc", "value"]
        assert (overall, overall) in drawn
    (figure,) = [part.panels[""].figure() for part in sections["optimism"].figures]
    for cohort, axes in zip(names, figure.axes, strict=True):
        table = pooled.optimism[pooled.optimism["cohort"] == cohort]
        drawn = {value for line in axes.lines for value in line.get_xdata()}
        assert set(table["leak_free"]) | set(table["as_published"]) <= drawn


def test_no_words_claim_another_coverage_than_the_intervals_have(pooled, sections, settings):
    # Leaks are looked for before anything is evaluated, and ICCs have intervals of their own;
    # parameters and percentages may be 95.
    chosen = [section for key, section in sections.items() if key != "leaks"]
    page = build_report(pooled, settings, chosen)
    claims = re.findall(r"9[05] ?%[^.<]{0,15}(?:interval|band|CI|range)", page)
    assert {claim[:3] for claim in claims if "ICC" not in claim} >= {"90%"}
    assert [claim for claim in claims if claim.startswith("95")] == ["95% CI"] * page.count(
        "ICC (95% CI)"
    )
    assert "90% interval" in model_card(pooled, settings).markdown()


def test_the_cards_and_facts_print_the_pooled_area(pooled, settings):
    auc = rows(pooled.performance, "validation", "cdlr").set_index("metric").loc["auc"]
    written = interval(auc["value"], auc["low"], auc["high"], 2)
    assert written in model_card(pooled, settings).markdown()


def test_a_radial_machine_that_gave_way_is_named(study, settings):
    lesions = int((study.cohort["cohort"] == "training").sum())
    for most, expected in ((lesions, False), (lesions - 1, True)):
        modeling = {"classifier": {"max_radial_lesions": most}, "evaluation": {"seed": 1}}
        results = replace(study, parameters=study.parameters | {"modeling": modeling})
        section = {s.key: s for s in report_sections(results, settings)}["optimism"]
        assert any("nystroem_svm" in text for text in section.paragraphs) is expected
