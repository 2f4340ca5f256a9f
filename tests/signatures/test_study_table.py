import logging

import pytest

from spl_kedro.signatures.study_table import assemble_study_table

from .conftest import make_inputs


def test_columns_are_sorted_into_families_without_the_degenerate_ones(study):
    assert study.clinical == ["age", "crp", "sex"]
    assert study.degenerate == ["rad_28", "rad_29"]
    assert len(study.radiomics) == 28
    assert len(study.deep) == 8
    assert study.icc["rad_02"] == 0.3


def test_lesions_without_features_are_left_out_and_logged(caplog):
    cohort, radiomics, deep, *rest = make_inputs()
    with caplog.at_level(logging.WARNING):
        table = assemble_study_table(cohort, radiomics.drop(index="SPL0003"), deep, *rest)
    assert len(table.X) == len(cohort) - 1
    assert "1 of 150 lesions" in caplog.text
    assert "SPL0003" in caplog.text


def test_the_lower_end_of_the_icc_can_be_used():
    table = assemble_study_table(*make_inputs(), icc_bound="icc_low")
    assert table.icc["rad_02"] == pytest.approx(0.1)


def test_without_a_second_reader_no_feature_has_an_icc():
    cohort, radiomics, deep, schema, stability, folds = make_inputs()
    table = assemble_study_table(cohort, radiomics, deep, schema, stability.head(0), folds)
    assert table.icc == {}


def test_an_excluded_variable_reaches_no_model():
    table = assemble_study_table(*make_inputs(), exclude=("crp",))
    assert "crp" not in table.clinical
    assert "crp" not in table.X.columns


def test_excluding_a_variable_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"clinical\.exclude names crp_mg"):
        assemble_study_table(*make_inputs(), exclude=("crp_mg",))


def test_a_name_used_in_two_tables_is_refused():
    cohort, radiomics, deep, *rest = make_inputs()
    with pytest.raises(ValueError, match="two tables: age"):
        assemble_study_table(cohort, radiomics.rename(columns={"rad_05": "age"}), deep, *rest)


def test_a_training_cohort_of_one_class_is_refused():
    cohort, *rest = make_inputs()
    cohort.loc[cohort["cohort"] == "training", "label"] = 1
    with pytest.raises(ValueError, match="0 benign and 90 malignant patients"):
        assemble_study_table(cohort, *rest)
