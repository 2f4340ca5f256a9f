"""The numbers in the report are those of the tables."""

import dataclasses
import re

import numpy as np
import pandas as pd
import pytest

from spl_kedro.drawing import Rendering, render
from spl_kedro.modeling.evaluation.figures.style import decimals
from spl_kedro.parameters import flatten
from spl_kedro.reporting.figures.svg import stored_svg, themed
from spl_kedro.reporting.flow import cohort_flow, count_lesions
from spl_kedro.reporting.parts import ReportTable
from spl_kedro.reporting.results import StudyResults
from spl_kedro.reporting.sections import explanation_sections, robustness_sections
from spl_kedro.reporting.sections.cohort import wide_table_one
from spl_kedro.reporting.sections.performance import MAIN_METRICS, metric_table
from spl_kedro.reporting.selection import funnel
from spl_kedro.reporting.settings import ReportSettings
from spl_kedro.reporting.words import NO_BREAK, count, interval, number, p_value, readable


def test_the_flow_adds_up(study):
    flow = cohort_flow(study)
    assert flow.n_received == flow.n_analysed + flow.n_left_out
    assert flow.n_left_out == sum(reason.cases for reason in flow.reasons) == 3
    assert flow.n_analysed == sum(arm.lesions for arm in flow.arms) == len(study.cohort)


def test_a_lesion_lost_at_extraction_leaves_the_analysed(study):
    lost = study.findings.head(1).assign(lesion_id=study.cohort.index[0], stage="radiomics")
    flow = cohort_flow(StudyResults(study.cohort, pd.concat([study.findings, lost])))
    assert flow.n_analysed == len(study.cohort) - 1
    assert flow.n_left_out == 4


def test_a_lost_second_outline_does_not_leave_its_lesion_out(study):
    outline = study.findings.head(1).assign(lesion_id=study.cohort.index[0], action="left out")
    flow = cohort_flow(StudyResults(study.cohort, outline))
    assert flow.n_left_out == 0


def test_the_flow_is_the_stored_tables(study):
    counted = count_lesions(study.cohort, study.findings)
    assert cohort_flow(dataclasses.replace(study, cohort_flow=counted)) == cohort_flow(study)
    assert counted["lesions"].sum() == len(study.cohort) + 3
    other = counted.assign(lesions=counted["lesions"] + 1000)
    flow = cohort_flow(dataclasses.replace(study, cohort_flow=other))
    assert flow.n_analysed == len(study.cohort) + 1000 * len(flow.arms)


def test_the_performance_table_prints_each_models_auc(study):
    rows = study.performance[study.performance["protocol"] == "leak_free"]
    table = metric_table(rows, MAIN_METRICS, "performance", "Performance").frame
    assert len(table) == 15
    cell = rows[(rows.cohort == "external") & (rows.model == "cdlr") & (rows.metric == "auc")]
    aucs = rows[rows.metric == "auc"]
    expected = interval(
        *cell[["value", "low", "high"]].iloc[0], decimals(aucs["low"], aucs["high"])
    )
    assert table.iloc[-1]["AUC"] == expected


def test_the_funnel_starts_with_all_and_ends_with_the_kept(study):
    rows = study.selected_features[study.selected_features["model"] == "rad"]
    steps = funnel(rows)
    assert steps["remaining"].iloc[0] == len(rows)
    assert steps["step"].iloc[1] == "not degenerate"
    assert steps["remaining"].iloc[-1] == rows["kept"].sum()
    assert steps["remaining"].is_monotonic_decreasing


def test_table_one_has_a_row_for_each_category(study):
    rows = study.table_one[study.table_one["comparison"] == "cohorts"]
    table = wide_table_one(rows)
    assert table.loc[table["Variable"] == "Sex", "Category"].tolist() == ["female", "male"]
    assert table.loc[0, ["Training", "Validation", "External"]].tolist() == ["160", "60", "80"]


def test_table_one_names_units_and_writes_quartiles_like_the_rest_of_the_report(study):
    rows = study.table_one[study.table_one["comparison"] == "cohorts"]
    table = wide_table_one(rows).set_index("Variable")
    assert "Size (mm)" in table.index
    age = table.loc["Age", "Overall"].replace(NO_BREAK, " ")
    assert re.fullmatch(r"[\d.]+ \[[\d.]+ to [\d.]+\]", age)


def test_odds_ratios_of_the_final_model_come_first_and_open(study, settings):
    (section,) = [s for s in explanation_sections(study, settings) if s.key == "odds-ratios"]
    assert [table.key.rpartition("_")[2] for table in section.tables] == [
        "final", "multivariable", "univariate",
    ]  # fmt: skip
    assert [table.folded for table in section.tables] == [False, True, True]
    assert section.tables[0].frame["Predictor"].tolist() == ["Size (mm), missing"]


def test_lesions_without_a_value_are_the_last_of_a_subgroup(study, settings):
    groups = study.subgroups.assign(group=study.subgroups["group"].astype("object"))
    first = groups["group"] == groups["group"].iloc[0]
    groups.loc[first, "group"] = "missing"
    changed = dataclasses.replace(study, subgroups=groups)
    (section,) = [s for s in robustness_sections(changed, settings) if s.key == "subgroups"]
    shown = section.tables[0].frame
    rows = shown.loc[shown["Cohort"] == shown["Cohort"].iloc[0], "Group"].tolist()
    variable = next(row for row in rows if row.endswith("missing")).partition(":")[0]
    assert [row for row in rows if row.startswith(variable)][-1].endswith("missing")


def test_a_category_called_none_keeps_its_name():
    rows = pd.DataFrame(
        {
            "variable": "echo",
            "category": ["none", "None"],
            "missing": "0",
            "group": "training",
            "value": ["3", "4"],
            "p_value": "nan",
        }
    )
    assert wide_table_one(rows)["Category"].tolist() == ["none", ""]


def test_repeated_row_headers_merge_and_keep_their_span():
    frame = pd.DataFrame({"Cohort": ["A", "A", "B"], "Model": ["x", "y", "x"], "AUC": ["1"] * 3})
    rows = ReportTable("t", "T", frame, row_headers=2).body()
    assert [len(row) for row in rows] == [3, 2, 3]
    assert rows[0][0][:3] == ("A", True, 2)
    assert rows[1][0][:3] == ("y", True, 1)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(-0.0004), "0.000"),
        (number(np.inf), "–"),
        (p_value(0.0004), "<0.001"),
        (p_value(np.nan), "–"),
        (interval(np.nan, 0, 1), "–"),
        (interval(0.5, np.nan, 1), "0.500"),
        (interval(-0.5, -1, 0, 1).replace(NO_BREAK, " "), "−0.5 (−1.0 to 0.0)"),
        (count(0, 0), "0"),
    ],
)
def test_numbers_are_written_as_journals_ask(written, expected):
    assert written == expected


def test_bounds_join_their_estimate_in_a_readable_table():
    frame = pd.DataFrame({"model": ["cdlr"], "icc": [0.8], "icc_low": [0.7], "icc_high": [0.9]})
    table = readable(frame.assign(enough=[True], p_value=[0.01], confidence=0.9, unit="lesions"))
    assert table.columns.tolist() == ["Model", "ICC (90% CI)", "Enough", "p"]
    assert table.iloc[0, 0] == "CDLR"
    assert table.iloc[0, 2] == "yes"


@pytest.mark.parametrize("tight", [True, False])
def test_the_pointer_reads_the_curves_that_are_drawn(study, tight):
    from spl_kedro.modeling.evaluation.figures import roc_figure

    tables = study.roc_curves, study.performance
    figure = roc_figure(*tables, "validation", protocol="leak_free", simulated=True)
    rendering = Rendering("roc", 72, vector=True, tight=tight)
    stored = render(figure, [rendering])[rendering]
    drawn = stored_svg(stored.svg, "roc-0")
    (axes,) = drawn.readout["axes"]
    assert [curve["name"] for curve in axes["curves"]] == ["Clinical", "Rad", "DTL", "DLR", "CDLR"]
    assert axes["curves"][0]["x"][-1] == axes["curves"][0]["y"][-1] == 1
    left, top, width, height = axes["box"]
    frame = re.search(r'id="patch_2">\s*<path d="M ([\d.]+) ([\d.]+) \nL ([\d.]+) ', stored.svg)
    assert [left, top + height, left + width] == pytest.approx(
        [float(place) for place in frame.groups()], abs=0.02
    )


def test_colours_become_theme_variables_only_in_styles():
    svg = '<svg viewBox="0 0 9 9"><path id="a" style="stroke: #0072B2" fill="#0072b2"/></svg>'
    result = themed(svg, "k")
    assert "stroke: var(--blue)" in result
    assert 'fill="#0072b2"' in result
    assert 'id="k-a"' in result


def test_typed_parameters_are_printed_key_by_key():
    flat = flatten({"reporting": ReportSettings(figure_dpi=150), "radiomics": {"a": {"b": 1}}})
    assert flat["reporting.figure_dpi"] == 150
    assert flat["radiomics.a.b"] == 1
    assert not any("ReportSettings" in str(value) for value in flat.values())
