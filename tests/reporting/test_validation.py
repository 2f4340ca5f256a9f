"""The report of a frozen study on other patients."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from spl_kedro.reporting import (
    VALIDATION_CHECKLISTS,
    FrozenStudy,
    build_report,
    fill_checklist,
    report_sections,
)
from spl_kedro.reporting.checklist import load_checklist
from spl_kedro.reporting.evidence import study_evidence

from .conftest import words_and_tables

FROZEN = FrozenStudy(
    "0123456789abcdef", True, ("A",), ("rad", "cdlr"), {}, {"spl_kedro": "0.1.0"}, {}, ""
)


@pytest.fixture(scope="module")
def validated(study):
    """The external patients of the synthetic study, as another study's stranger."""
    kept = {
        name: table[table["cohort"] == "external"]
        for name in (
            "performance", "roc_curves", "added_value", "comparisons", "calibration",
            "decision_curves", "subgroups",
        )
        if (table := getattr(study, name)) is not None
    }  # fmt: skip
    applies = pd.DataFrame(
        {"model": ["rad", "cdlr"], "applicable": [True, False], "reason": ["", "needs crp_mg_l"]}
    )
    variables = pd.DataFrame(
        {
            "variable": ["age", "crp_mg_l"], "status": ["matched", "not in this cohort"],
            "known": [80, 0], "missing": [0, 80], "unseen": "",
        }
    )  # fmt: skip
    cohort = study.cohort[study.cohort["cohort"] == "external"]
    return replace(
        study, cohort=cohort, cohort_flow=None, frozen=FROZEN, applicability=applies,
        variables=variables, **kept,
    )  # fmt: skip


def test_the_checklist_asks_what_is_asked_of_an_evaluation(validated, settings):
    (key,) = VALIDATION_CHECKLISTS
    content = load_checklist(key)
    everything = {item["number"] for item in load_checklist("tripod_ai")["items"]}
    numbers = [item["number"] for item in content["items"]]
    assert everything - set(numbers) == {"9a", "12a", "12b", "12c", "15", "22", "27a", "27b"}
    known = study_evidence(validated, settings)
    assert all(set(item.get("evidence", [])) <= set(known) for item in content["items"])
    filled = {item.number: item for item in fill_checklist(key, validated, settings).items}
    assert filled["20c"].status == "not in this run"
    assert filled["12f"].status == "not applicable"
    assert filled["12e"].evidence[0].dataset == "external_validation_performance"


def test_what_this_run_did_not_compute_is_said_and_no_link_leads_nowhere(validated, settings):
    page = build_report(validated, settings)
    ids = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= ids
    assert "Case mix:</strong> not computed" in page
    assert "METRICS score" not in page


def test_the_first_section_says_what_is_validated_and_which_models_do_not_apply(
    validated, settings
):
    first = report_sections(validated, settings)[0]
    words = " ".join(first.paragraphs)
    assert FROZEN.study_id in words
    assert "Nothing was refitted" in words
    assert "Not applicable here: CDLR." in words


def test_a_study_of_simulated_patients_is_called_so_on_real_ones(validated, settings):
    real = replace(validated, cohort=validated.cohort.assign(simulated=False))
    assert "A study of simulated patients." in words_and_tables(real, settings)
    honest = replace(real, frozen=replace(FROZEN, simulated=False))
    assert 'class="banner"' not in words_and_tables(honest, settings)
