"""What the report, the page's top and the model card say of a seal."""

from dataclasses import replace

import pytest
from tests.sealing.plans import plan, state

from spl_kedro.reporting import build_report, model_card, report_sections
from spl_kedro.reporting.page import summary_facts
from spl_kedro.reporting.sections.seal import NEVER_SEALED, WAITING, seal_sections


@pytest.fixture(scope="module")
def sealed(study):
    """The study while its validation is sealed: training lesions alone."""
    own = {
        name: table[table["cohort"] == "training"]
        for name in ("cohort", "performance", "roc_curves", "calibration", "decision_curves",
                     "added_value", "comparisons", "subgroups")
        if (table := getattr(study, name)) is not None
    }  # fmt: skip
    return replace(study, **own, optimism=None, cohort_flow=None, seal=state(plan(), plan()))


def page_of(results, settings) -> str:
    """Return the page with this section alone, whose top and cards are all the same."""
    return build_report(results, settings, seal_sections(results, settings))


def words(section) -> str:
    return " ".join((*section.paragraphs, *section.missing))


def test_an_open_study_of_simulated_patients_says_nothing_of_a_seal(study, settings):
    assert seal_sections(study, settings) == []
    assert "analysis-plan" not in {section.key for section in report_sections(study, settings)}


def test_an_open_study_of_real_patients_says_that_no_plan_was_stored(study, settings):
    real = replace(study, cohort=study.cohort.assign(simulated=False))
    (section,) = seal_sections(real, settings)
    assert section.paragraphs == (NEVER_SEALED,)
    assert NEVER_SEALED in model_card(real, settings).markdown()


def test_every_section_says_sealed_where_validation_would_stand(sealed, settings):
    sections = {section.key: section for section in report_sections(sealed, settings)}
    assert set(WAITING) <= set(sections)
    for key in WAITING:
        assert "Sealed: the validation cohort (4 lesions)" in words(sections[key]), key
    assert "Not computed" not in words(sections["optimism"])
    assert "filters of the in-sample recipe" in words(sections["optimism"])


def test_the_page_of_a_sealed_study_shows_training_alone_and_what_is_sealed(sealed, settings):
    flow = [
        section for section in report_sections(sealed, settings) if section.key == "cohort-flow"
    ]
    page = build_report(sealed, settings, flow)
    assert "<strong>Sealed.</strong>" in page
    assert "sealed, not analysed" in page
    facts = {fact.label: fact.value for fact in summary_facts(sealed)}
    assert facts["Lesions sealed, validation"] == "4"
    assert not any("AUC" in label and "validation" in label for label in facts)


def test_a_change_after_a_look_stands_at_the_top_in_the_section_and_in_the_card(study, settings):
    changed = replace(study, seal=state(plan(), plan(seed=2), plan(), plan()))
    page = page_of(changed, settings)
    assert "<strong>Post hoc.</strong>" in page
    assert "2 looks at the lesions outside the training cohort were taken." in page
    tables = {table.key: table.frame for table in seal_sections(changed, settings)[0].tables}
    assert tables["post_hoc_changes"].to_numpy().tolist() == [["modeling.seed", "1", "2"]]
    assert tables["looks"]["Against the first look"].tolist() == [
        "first look", "same analysis as look 1",
    ]  # fmt: skip
    assert "Changed after the first look: modeling.seed: 1 -> 2." in (
        model_card(changed, settings).markdown()
    )


def test_an_amendment_before_any_look_is_listed_and_not_called_post_hoc(sealed, settings):
    amended = replace(sealed, seal=state(plan(), plan(seed=2)))
    tables = {table.key for table in seal_sections(amended, settings)[0].tables}
    assert "amendments" in tables
    assert "Post hoc" not in page_of(amended, settings)


def test_a_log_that_is_not_complete_is_said_in_report_and_card(study, settings):
    broken = replace(state(plan(), plan(), plan()), findings=["looks.jsonl: 2 looks were taken."])
    results = replace(study, seal=broken)
    assert "looks.jsonl: 2 looks were taken." in words(seal_sections(results, settings)[0])
    assert "The log of looks is not complete." in page_of(results, settings)
    assert "looks.jsonl: 2 looks were taken." in model_card(results, settings).markdown()


def test_the_planned_primary_comparison_has_the_sign_it_was_planned_with(study, settings):
    # Fault: the table's order of the two models taken for the plan's.
    looked = replace(study, seal=state(plan(), plan(), plan()))
    text = words(seal_sections(looked, settings)[0])
    rows = study.comparisons.query("protocol == 'leak_free' and cohort == 'validation'")
    pair = rows[rows[["model_a", "model_b"]].isin(["cdlr", "clinical"]).all(axis=1)].iloc[0]
    auc = study.performance.query(
        "protocol == 'leak_free' and cohort == 'validation' and metric == 'auc'"
    ).set_index("model")["value"]
    difference = auc["cdlr"] - auc["clinical"]
    assert abs(difference) == pytest.approx(abs(pair["auc_difference"]))
    assert f"difference in AUC {difference:.3f} (" in text
