"""The report's part on other outlines."""

from dataclasses import replace

import pytest
from tests.sceptic.outlines.made_up import made_up_tables

from spl_kedro.reporting import ReportSettings
from spl_kedro.reporting.sections import sceptic
from spl_kedro.reporting.sections.outlines import outlines_sections
from spl_kedro.reporting.words import NO_BREAK


@pytest.fixture
def section(study):
    tables = made_up_tables()
    # As the study has them: sorted by lesion and then by name.
    spread = tables["outline_spread"].sort_values(["lesion_id", "model"], ignore_index=True)
    examined = replace(study, sceptic=tables | {"outline_spread": spread})
    (found,) = outlines_sections(examined, ReportSettings())
    return found


def test_the_part_names_the_change_that_costs_the_best_model_most(section):
    told = section.paragraphs[1].replace(NO_BREAK, " ")
    assert "CDLR" in told
    assert "of 8 changes of the outline the one eroded by 2 mm costs most" in told
    assert "−0.070 (−0.090 to −0.050)" in told
    assert "picked as the largest" in told


def test_every_outline_of_every_model_is_in_the_table(section):
    table = section.tables[0]
    assert len(table.frame) == 2 * 2 * 11
    assert set(table.frame["Outline"]) >= {"original", "second reader", f"shifted by 1{NO_BREAK}mm"}
    assert table.frame["Left out"].eq("1").sum() == 2 * 2 * 2
    spread = section.tables[1].frame
    assert spread["Model"].tolist() == ["Rad", "Rad", "CDLR", "CDLR"]
    assert spread["Range, median"].tolist() == ["0.050", "0.100"] * 2


def test_the_part_says_how_the_best_model_fares_on_another_hands_outlines(section):
    told = section.paragraphs[2].replace(NO_BREAK, " ")
    assert "drawn by another hand (machine)" in section.paragraphs[0]
    assert "“machine”" in told
    assert "AUC of CDLR" in told
    assert "(cross-fitted) −0.009 (−0.029 to 0.011), Dice 0.95; validation −0.009" in told


@pytest.mark.parametrize(("blocks", "told"), [(0, False), ("all", True)])
def test_the_part_says_where_training_lesions_have_no_score(study, blocks, told):
    other = replace(
        study, sceptic=made_up_tables(), parameters={"deep_features": {"trained_blocks": blocks}}
    )
    (found,) = outlines_sections(other, ReportSettings())
    assert ("score no training lesion" in found.paragraphs[0]) == told


def test_a_study_that_was_not_examined_has_no_such_part(study):
    some = made_up_tables()
    some.pop("outline_auc")
    assert outlines_sections(replace(study, sceptic=some), ReportSettings()) == []


def test_a_part_whose_file_is_deleted_is_not_missed(study, monkeypatch):
    examined = replace(study, sceptic=made_up_tables())
    keys = [part.key for part in sceptic.sceptic_sections(examined, ReportSettings())]
    assert "outlines" in keys
    monkeypatch.setattr(sceptic, "find_spec", lambda name: None)
    keys = [part.key for part in sceptic.sceptic_sections(examined, ReportSettings())]
    assert keys == ["sceptic"]
