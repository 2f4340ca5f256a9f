"""The section on the use in a clinic, and what the model card says of it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.evaluation.clinic.fairness import FEW
from spl_kedro.reporting import ReportSettings, model_card
from spl_kedro.reporting.sections.clinic import clinic_sections
from spl_kedro.reporting.sections.clinic_words import threshold_words
from spl_kedro.reporting.words import NO_BREAK, interval

TABLES = ("clinical_use", "verification_bias", "reference_errors", "fairness")


def sections_of(study, settings):
    return {section.key: section for section in clinic_sections(study, settings)}


def plain(paragraphs):
    return " ".join(paragraphs).replace(NO_BREAK, " ")


@pytest.fixture(scope="module")
def sections(study):
    return sections_of(study, ReportSettings(intended_use="For the tests of this section."))


def row_of(study, metric, cohort="validation", rule="zones"):
    table = study.clinical_use
    rows = table[(table["model"] == "cdlr") & (table["cohort"] == cohort) & (table["rule"] == rule)]
    return rows.set_index("metric").loc[metric]


def test_the_section_states_intended_use_counts_and_whose_prevalence_they_are_of(study, sections):
    words = plain(sections["clinic"].paragraphs)
    assert "Intended use: For the tests of this section." in words
    avoided, missed = (row_of(study, name) for name in ("avoided", "missed"))
    for row in (avoided, missed):
        assert interval(row["value"], row["low"], row["high"], 0).replace(NO_BREAK, " ") in words
    assert "at each cohort's own prevalence" in words
    assert f"validation {row_of(study, 'missed')['prevalence']:.2f}" in words
    assert "prediction set" in words


def test_every_model_cohort_and_rule_is_in_the_tables_of_counts(study, sections):
    tables = {table.key: table.frame for table in sections["clinic"].tables}
    assert len(tables["clinical_use"]) == 5 * 3 * 2
    assert len(tables["thresholds"]) == 5
    one = tables["clinical_use"]["Thresholds"].str.startswith("One")
    assert set(tables["clinical_use"].loc[one, "Deferred"]) == {"none"}
    value = row_of(study, "deferred_lesions")["value"]
    assert tables["clinical_use"]["Deferred"].str.startswith(f"{value:.0f} ").any()


def test_assumptions_have_a_figure_of_cohorts_held_out_and_a_table_of_all(sections):
    for key in ("verification-bias", "reference-errors"):
        (figure,), (table,) = sections[key].figures, sections[key].tables
        assert list(figure.panels) == ["Validation", "External"]
        assert table.frame["Cohort"].nunique() == 3
        assert sections[key].level == 3
        for panel in figure.panels.values():
            words = [text.get_text() for text in panel.figure().findobj(match=is_text)]
            assert "Simulated patients" in words


def is_text(artist):
    return hasattr(artist, "get_text")


def test_differences_between_groups_are_named_with_their_intervals(study, sections):
    words = plain(sections["fairness"].paragraphs)
    table = study.fairness
    found = table[(table["model"] == "cdlr") & (table["reading"] == "differs")]
    for row in found.to_dict("records"):
        digits = 0 if row["metric"] in ("avoided", "missed") else 2
        shown = interval(row["difference"], row["difference_low"], row["difference_high"], digits)
        assert shown.replace(NO_BREAK, " ") in words
    assert "without a correction for their number" in words


def test_groups_of_a_few_patients_are_said_to_tell_nothing(study):
    few = study.fairness.assign(reading=np.where(study.fairness["reference"] == "", "", FEW))
    words = plain(
        sections_of(replace(study, fairness=few), ReportSettings())["fairness"].paragraphs
    )
    assert "too few cases to tell anything" in words
    assert "they differ" not in words


def test_a_study_whose_validation_is_sealed_has_the_section_of_its_training(study):
    def training(name):
        table = getattr(study, name)
        return table[table["cohort"] == "training"]

    names = (*TABLES, "zone_scores", "clinical_use_by_prevalence")
    sealed = replace(study, **{name: training(name) for name in names})
    for section in sections_of(sealed, ReportSettings()).values():
        assert not section.missing
        for figure in section.figures:
            assert len(figure.panels) == 1
            assert all(panel.figure() for panel in figure.panels.values())


def test_what_was_not_computed_is_said_for_each_part(study):
    bare = replace(study, **dict.fromkeys(TABLES))
    (clinic,) = clinic_sections(bare, ReportSettings())
    assert clinic.missing
    some = replace(study, verification_bias=None, reference_errors=pd.DataFrame(), fairness=None)
    found = sections_of(some, ReportSettings())
    for key in ("verification-bias", "reference-errors", "fairness"):
        assert found[key].missing


def test_thresholds_are_told_where_they_cross_and_where_none_rules_in():
    row = {"threshold": 0.5, "rule_out": 0.2, "rule_in": 0.8}
    assert threshold_words(row)["zone"] == "0.200 to 0.800"
    assert threshold_words(row | {"rule_out": 0.9})["zone"].startswith("none")
    none = threshold_words(row | {"rule_in": np.inf})
    assert (none["in"], none["zone"]) == ("no score", "0.200 to 1")
    assert threshold_words({"threshold": 0.5})["out"] == "not chosen"


def test_the_model_card_has_intended_use_thresholds_and_counts(study):
    settings = ReportSettings()
    card = model_card(study, settings).markdown().replace(NO_BREAK, " ")
    assert settings.intended_use in card
    assert settings.intended_use.count(". ") == 0, "the intended use is one sentence"
    row = study.thresholds.query("model == 'cdlr' and protocol == 'leak_free'").iloc[0]
    assert f"ruled out below {min(row['rule_out'], row['rule_in']):.3f}" in card
    missed = row_of(study, "missed")
    assert f"misses {interval(*missed[['value', 'low', 'high']], 0)}".replace(NO_BREAK, " ") in card
