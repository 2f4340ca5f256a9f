"""The sentences that state the result follow from the numbers, in any study."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.reporting import StudyResults, model_card, report_sections
from spl_kedro.reporting.order import PAPER, in_order, numbers_of
from spl_kedro.reporting.page import summary_facts
from spl_kedro.reporting.parts import ReportTable, Section
from spl_kedro.reporting.sections.limits import limit_statements
from spl_kedro.reporting.sections.methods_text import methods_text_sections
from spl_kedro.reporting.sections.summary import summary_sections
from spl_kedro.reporting.words import NO_BREAK, interval, number

from .conftest import words_and_tables
from .test_seal import plan, state


def summary(results, settings):
    (section,) = summary_sections(results, settings)
    return " ".join(section.paragraphs).replace(NO_BREAK, " ")


def sentences(text):
    return re.split(r"(?<=[.]) (?=[A-Z])", text)


def with_difference(study, low, high, value=None):
    """Return the study with that interval of CDLR's AUC minus Clinical's, in every cohort."""
    table = study.comparisons.copy()
    own = (table["model_a"] == "clinical") & (table["model_b"] == "cdlr")
    own &= table["protocol"] == "leak_free"
    table.loc[own, "auc_difference"] = (low + high) / 2 if value is None else value
    table.loc[own, ["auc_difference_low", "auc_difference_high"]] = (low, high)
    return replace(study, comparisons=table)


def only(study, cohorts):
    """Return the study without its other cohorts."""
    tables = {}
    for name in ("performance", "comparisons", "added_value", "calibration", "roc_curves"):
        table = getattr(study, name)
        tables[name] = table[table["cohort"].isin(cohorts)]
    cohort = study.cohort[study.cohort["cohort"].isin(cohorts)]
    return replace(study, cohort=cohort, cohort_flow=None, **tables)


def without_models(study, *models):
    tables = {}
    for name in ("performance", "thresholds", "roc_curves"):
        table = getattr(study, name)
        tables[name] = table[~table["model"].isin(models)]
    pairs = study.comparisons[["model_a", "model_b"]].isin(models).any(axis=1)
    added = study.added_value[["model", "base"]].isin(models).any(axis=1)
    return replace(
        study,
        comparisons=study.comparisons[~pairs],
        added_value=study.added_value[~added],
        **tables,
    )


def test_the_summary_is_four_to_six_sentences_with_the_numbers_of_the_tables(study, settings):
    text = summary(study, settings)
    assert 4 <= len(sentences(text)) <= 6
    assert "simulated patients" in text
    rows = study.performance.query("protocol == 'leak_free' and model == 'cdlr'")
    for cohort in ("validation", "external"):
        own = rows[rows["cohort"] == cohort].set_index("metric")
        for metric in ("sensitivity", "specificity"):
            told = interval(*own.loc[metric, ["value", "low", "high"]], 2)
            assert told.replace(NO_BREAK, " ") in text
        assert f"{number(own.loc['auc', 'value'], 2)} (95% interval " in text
    chosen = study.thresholds.query("protocol == 'leak_free' and model == 'cdlr'")["threshold"]
    assert f"operating threshold of {number(chosen.iloc[0])}" in text


def test_real_patients_are_not_called_simulated(real_study, settings):
    assert "simulated" not in summary(real_study, settings)
    assert "simulated" not in " ".join(methods_text_sections(real_study, settings)[0].paragraphs)


@pytest.mark.parametrize(
    ("bounds", "said", "fact"),
    [
        ((0.01, 0.08), "which shows that CDLR is higher", "CDLR is higher"),
        ((-0.08, -0.01), "which shows that CDLR is lower", "CDLR is lower"),
        ((-0.01, 0.08), "where no difference is shown", "no difference shown"),
        ((0.0, 0.0), "the two are equal", "CDLR equals Clinical"),
    ],
)
def test_what_is_said_of_clinical_follows_from_the_interval(study, settings, bounds, said, fact):
    changed = with_difference(study, *bounds)
    text = summary(changed, settings)
    assert text.count(said) == 2
    facts = [found.verdict for found in summary_facts(changed) if found.beside]
    assert len(facts) == 3
    assert all(verdict.endswith(fact) for verdict in facts)
    undecided = [told for told in limit_statements(changed) if "Too few lesions" in told]
    assert len(undecided) == (2 if fact == "no difference shown" else 0)


def test_a_comparison_that_is_not_defined_is_not_told(study, settings):
    changed = with_difference(study, np.nan, np.nan, value=np.nan)
    assert "minus that of clinical" not in summary(changed, settings)
    assert all(fact.verdict == "" for fact in summary_facts(changed))


def test_the_calibration_is_told_by_the_intervals_of_intercept_and_slope(study, settings):
    def told(intercept, slope):
        table = study.performance.copy()
        own = (table["model"] == "cdlr") & (table["protocol"] == "leak_free")
        for metric, bounds in (("calibration_intercept", intercept), ("calibration_slope", slope)):
            cells = own & (table["metric"] == metric)
            table.loc[cells, "value"] = sum(bounds) / 2
            table.loc[cells, ["low", "high"]] = bounds
        return summary(replace(study, performance=table), settings)

    assert told((-0.5, 0.5), (0.8, 1.2)).count("not shown to be miscalibrated") == 2
    assert told((-2.0, -1.0), (0.8, 1.2)).count("too high on the whole") == 2
    assert told((1.0, 2.0), (0.4, 0.8)).count("too low on the whole") == 2
    assert "too extreme (slope 0.60, 0.40 to 0.80)" in told((-0.5, 0.5), (0.4, 0.8))
    assert "too moderate" in told((-0.5, 0.5), (1.4, 1.8))


def test_a_study_without_external_or_validation_lesions_says_what_it_has(study, settings):
    text = summary(only(study, ["training", "validation"]), settings)
    assert "in validation" in text
    assert "external" not in text
    alone = summary(only(study, ["training"]), settings)
    assert "cross-fitted: each lesion scored by models fitted without it" in alone
    assert "validation" not in alone


def test_a_sealed_study_is_told_of_training_alone(study, settings):
    kept = {"validation": {"lesions": 4, "patients": 4}}
    sealed = replace(only(study, ["training"]), seal=replace(state(plan(), plan()), kept=kept))
    text = summary(sealed, settings)
    assert "4 more are sealed and not analysed" in text
    assert "in validation" not in text
    assert "Validation is sealed: how the models do on new lesions is unknown." in (
        limit_statements(sealed)
    )


def test_a_study_without_a_clinical_model_compares_with_none(study, settings):
    text = summary(without_models(study, "clinical"), settings)
    assert "CDLR, here the DLR score alone, reached" in text
    assert "minus that of clinical" not in text
    assert all(fact.beside == "" for fact in summary_facts(without_models(study, "clinical")))


def test_the_last_model_that_was_measured_leads_where_there_is_no_cdlr(study, settings):
    text = summary(without_models(study, "cdlr"), settings)
    assert "DLR, of radiomics and deep features, reached" in text
    alone = without_models(study, "rad", "dtl", "dlr", "cdlr")
    text = summary(alone, settings)
    assert "Clinical, of clinical variables alone, reached" in text
    assert "minus that of" not in text


def test_a_cohort_of_one_class_has_no_auc_and_no_sentence_claims_one(study, settings):
    table = study.performance.copy()
    none = (table["cohort"] == "external") & (table["metric"] == "auc")
    table.loc[none, ["value", "low", "high"]] = np.nan
    text = summary(replace(study, performance=table), settings)
    (auc,) = [told for told in sentences(text) if "reached an AUC" in told]
    assert "external" not in auc
    table.loc[table["metric"] == "auc", ["value", "low", "high"]] = np.nan
    assert "has no AUC" in summary(replace(study, performance=table), settings)
    assert not re.search(r"\bnan\b", summary(replace(study, performance=table), settings))


def test_a_cohort_alone_is_told_and_what_is_missing_is_said(study, settings):
    bare = StudyResults(study.cohort)
    (section,) = summary_sections(bare, settings)
    assert len(section.paragraphs) == 1
    assert section.missing == ("Performance of the models",)


def test_a_sample_size_that_is_not_known_is_no_limit(study):
    sizes = pd.DataFrame(
        {
            "model": ["clinical", "rad", "dtl"],
            "enough": pd.array([True, False, pd.NA], dtype="boolean"),
            "n_required": pd.array([300, 33477, pd.NA], dtype="Int64"),
        }
    )
    told = [t for t in limit_statements(replace(study, sample_size=sizes)) if "Riley" in t]
    assert told == [
        "Fewer training lesions than Riley's criteria ask for the candidate predictors of: "
        "Rad (33,477)."
    ]


def test_the_words_of_the_field_are_explained_where_methods_stand(study, settings):
    modeling = {"protocol": {"n_splits": 5, "n_repeats": 3}, "evaluation": {}}
    run = replace(study, parameters={**study.parameters, "modeling": modeling})
    (section,) = methods_text_sections(run, settings)
    text = " ".join(section.paragraphs)
    for word in (
        *("deep transfer learning", "integrated calibration index", "leak-free:", "cross-fitted:"),
        *("into 5 folds, 3 times anew", "A difference is called shown if its interval"),
    ):
        assert word in text, word


def test_sections_stand_as_in_a_paper_with_limits_before_the_supplement(study, settings):
    keys = [section.key for section in report_sections(study, settings)]
    order = [
        *("summary", "methods", "cohort-flow", "table-one", "models", "added-value", "calibration"),
        *("decision-curves", "shap", "limits", "findings", "reproducibility"),
    ]
    assert [key for key in keys if key in order] == order
    assert set(PAPER) & set(keys) == set(keys[: keys.index("limits") + 1])
    mixed = [Section("brought-along", "X"), Section("limits", "L"), Section("summary", "S")]
    assert [s.key for s in in_order(mixed)] == ["summary", "limits", "brought-along"]


def test_every_table_and_figure_has_a_number_and_table_one_is_table_1(study, settings):
    sections = report_sections(study, settings)
    numbers = numbers_of(sections)
    parts = [f"table-{t.key}" for s in sections for t in s.tables]
    parts += [f"figure-{f.key}" for s in sections for f in s.figures]
    assert set(numbers) == set(parts)
    assert len(set(numbers.values())) == len(numbers)
    assert numbers["table-table_one_cohorts"] == "Table 1"
    assert numbers["figure-cohort_flow"] == "Figure 1"
    assert numbers["table-performance_more"].startswith("Table S")
    page = words_and_tables(study, settings)
    for key, name in numbers.items():
        if key.startswith("table-"):
            assert re.search(rf'id="cap-{key[6:]}"><span>\s*{name}\. ', page), key


def test_columns_of_numbers_are_written_to_the_right_and_words_are_not():
    frame = pd.DataFrame(
        {
            "Model": ["1", "2"],
            "AUC": [f"0.86 (0.82{NO_BREAK}to{NO_BREAK}0.89)", "–"],
            "p": ["<0.001", "0.31"],
            "Zone": [f"0.25{NO_BREAK}to{NO_BREAK}0.80", "none"],
            "Done": ["1 flagged", ""],
            "Blank": ["", ""],
            "Malignant": ["78", "sealed"],
        },
        dtype="str",
    )
    numeric = dict(zip(frame, ReportTable("t", "T", frame).numeric, strict=True))
    assert [name for name, right in numeric.items() if right] == ["AUC", "p", "Malignant"]


def test_the_threshold_stands_in_table_card_and_caption(study, settings):
    sections = {section.key: section for section in report_sections(study, settings)}
    chosen = study.thresholds.query("protocol == 'leak_free'").set_index("model")["threshold"]
    (table,) = [t for t in sections["models"].tables if t.key == "performance"]
    own = table.frame[table.frame["Model"] == "CDLR"]["Threshold"]
    assert set(own) == {number(chosen["cdlr"])}
    assert f"CDLR {number(chosen['cdlr'])}" in sections["roc"].figures[0].caption
    card = model_card(study, settings).markdown()
    assert card.count(f"at the operating threshold of {number(chosen['cdlr'])}") == 3


def test_a_table_of_features_says_how_many_of_them_it_lists(study, settings):
    few = settings.model_copy(update={"max_features": 2})
    for chosen, said in ((settings, "all "), (few, "the first 2 of ")):
        section = {s.key: s for s in report_sections(study, chosen)}["selection"]
        (rad,) = [table for table in section.tables if table.key == "selected_rad"]
        assert f"Features of the Rad model: {said}" in rad.caption
        rows = len(rad.frame)
        assert f"{said}{rows}" in rad.caption or f"first {rows} of" in rad.caption
