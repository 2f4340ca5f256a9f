"""Words of a table that are tags or formulas, in everything that is written for readers."""

import csv
import io
import re
from dataclasses import replace

import pandas as pd
import pytest
from tests.fitted import fitted_study

from spl_kedro.cohort.table_one import table_one
from spl_kedro.datasets.documents import TrackedTableDataset
from spl_kedro.explainability.additive import additive_models, additive_terms
from spl_kedro.reporting import build_calculator, build_report, report_sections
from spl_kedro.reporting.cards import data_sheet, model_card
from spl_kedro.reporting.export import table_files

TAG, FORMULA = "\"'><script>alert(7)</script><img src=x>", '=HYPERLINK("http://x","y")'
LIVE = ("<script>alert(7)", "<img src=x")


@pytest.fixture(scope="module")
def hostile(study):
    """A study whose sites, categories, rules and messages are such words."""
    words = {"female": TAG, "male": FORMULA}
    cohort = study.cohort.assign(
        sex=study.cohort["sex"].map(words), site=study.cohort["site"].map({"A": TAG, "B": FORMULA})
    )
    told = {
        "rule": [TAG, FORMULA, "@x", TAG, TAG],
        "message": [FORMULA, TAG, "-1+1", FORMULA, FORMULA],
        "remedy": TAG,
    }
    own = study.subgroups.assign(subgroup=FORMULA)
    return replace(
        study,
        cohort=cohort,
        table_one=table_one(cohort),
        findings=study.findings.assign(**told),
        subgroups=own if "subgroup" in study.subgroups else study.subgroups,
        parameters={"data_processing": {"site": TAG}},
    )


def test_no_word_of_a_table_is_a_tag_in_the_report_or_on_a_card(hostile, settings):
    told = settings.model_copy(update={"title": f"Study {TAG}"})
    page = build_report(hostile, told)
    assert "alert(7)" in page
    cards = [card(hostile, told).markdown() for card in (data_sheet, model_card)]
    for text in (page, *cards):
        assert not any(word in text for word in LIVE)


def test_no_cell_of_an_exported_table_is_a_formula(hostile, settings):
    files = table_files(report_sections(hostile, settings))
    cells = [
        cell
        for name, text in files.items()
        if name.endswith(".csv")
        for row in csv.reader(io.StringIO(text))
        for cell in row
    ]
    assert f"'{FORMULA}" in cells or any(FORMULA in cell for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "@", "\t", "\r"))]
    assert not [c for c in cells if re.match(r"[+-](?!\d|\.\d)", c)]


def test_a_checklist_with_formulas_is_stored_without_them(tmp_path):
    path = tmp_path / "checklists.csv"
    TrackedTableDataset(filepath=str(path), save_args={"index": False}).save(
        pd.DataFrame({"item": [FORMULA, "-1+2"], "points": [-1.5, 2.0]})
    )
    assert list(csv.reader(path.read_text().splitlines()))[1:] == [
        [f"'{FORMULA}", "-1.5"],
        ["'-1+2", "2.0"],
    ]


def test_no_word_of_a_table_is_a_tag_in_the_calculator(hostile, settings):
    fitted = fitted_study()
    terms = additive_terms(fitted)
    category = terms["category"].notna()
    assert category.any()
    terms["category"] = terms["category"].mask(category, terms["category"].astype(object) + TAG)
    results = replace(hostile, additive_models=additive_models(fitted), additive_terms=terms)
    page = build_calculator(results, settings.model_copy(update={"title": TAG}))
    assert "alert(7)" in page
    assert not any(word in page for word in LIVE)
    assert page.count("</script>") == 2
