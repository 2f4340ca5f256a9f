import logging

import pytest

from spl_kedro.modeling.signatures.study_table import assemble_study_table

from .conftest import make_inputs


def test_columns_belong_to_their_sources_and_the_degenerate_ones_are_set_apart(study):
    radiomics, deep = study.sources["radiomics"], study.sources["deep"]
    assert study.clinical == ["age", "crp", "sex"]
    assert radiomics.degenerate == ("rad_28", "rad_29")
    assert len(radiomics.columns) == 28
    assert len(deep.columns) == 8
    assert radiomics.stability["rad_02"] == 0.3
    both = study.features(["radiomics", "deep"], degenerate=True)
    assert both[26:32] == ["rad_26", "rad_27", "rad_28", "rad_29", "dtl_000", "dtl_001"]


def test_lesions_without_features_are_left_out_and_logged(caplog):
    cohort, tables = make_inputs()
    features = tables["radiomics"].features.drop(index="SPL0003")
    tables["radiomics"] = tables["radiomics"]._replace(features=features)
    with caplog.at_level(logging.WARNING):
        table = assemble_study_table(cohort, tables)
    assert len(table.X) == len(cohort) - 1
    assert "1 of 150 lesions" in caplog.text
    assert "SPL0003" in caplog.text


def test_the_lower_end_of_the_icc_can_be_used():
    table = assemble_study_table(*make_inputs(), icc_bound="icc_low")
    assert table.stability(["radiomics"])["rad_02"] == pytest.approx(0.1)


def test_without_a_second_reader_no_feature_has_an_icc():
    cohort, tables = make_inputs()
    empty = tables["radiomics"].stability.head(0)
    tables["radiomics"] = tables["radiomics"]._replace(stability=empty)
    assert assemble_study_table(cohort, tables).stability(["radiomics"]) == {}


def test_an_excluded_variable_reaches_no_model():
    table = assemble_study_table(*make_inputs(), exclude=("crp",))
    assert "crp" not in table.clinical
    assert "crp" not in table.X.columns


def test_excluding_a_variable_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match=r"clinical\.exclude names crp_mg"):
        assemble_study_table(*make_inputs(), exclude=("crp_mg",))


def test_a_name_used_in_two_tables_is_refused():
    cohort, tables = make_inputs()
    features = tables["radiomics"].features.rename(columns={"rad_05": "age"})
    tables["radiomics"] = tables["radiomics"]._replace(features=features)
    with pytest.raises(ValueError, match="two tables: age"):
        assemble_study_table(cohort, tables)


def test_a_training_cohort_of_one_class_is_refused():
    cohort, tables = make_inputs()
    cohort.loc[cohort["cohort"] == "training", "label"] = 1
    with pytest.raises(ValueError, match="0 benign and 90 malignant patients"):
        assemble_study_table(cohort, tables)


def test_clinical_variables_are_found_by_their_groups():
    table = assemble_study_table(*make_inputs(), read_from_image=("sex",))
    assert table.variables(["known_before"]) == ["age", "crp"]
    assert table.variables(["read_from_image"]) == ["sex"]
    assert table.variables(["read_from_image", "known_before"]) == ["age", "crp", "sex"]
    assert table.variables([]) == []
