"""A cohort on which a frozen study is validated: all external, none needed for training."""

import pandas as pd
from tests.cohort.test_cohort import settings, table

from spl_kedro.cohort.columns import leave_out_constants
from spl_kedro.cohort.split import assign_cohorts
from spl_kedro.cohort.table import tidy_table


def rows(**columns):
    return tidy_table(table(**columns), settings())[0]


def test_every_lesion_is_external_whatever_the_split_says():
    for chosen in (settings(), settings(split={"seed": 1, "external_sites": ["nowhere"]})):
        assert set(assign_cohorts(rows(), chosen.as_external())) == {"external"}


def test_a_users_own_split_does_not_count():
    columns = settings().columns.model_copy(update={"cohort": "part"})
    chosen = settings().model_copy(update={"columns": columns})
    assert set(assign_cohorts(rows(), chosen.as_external())) == {"external"}


def test_a_handful_of_patients_of_one_class_is_enough():
    few = rows(n=3, result=["malignant"] * 3)
    assert assign_cohorts(few, settings().as_external()).tolist() == ["external"] * 3


def test_a_variable_with_one_value_stays_and_one_without_any_does_not():
    # Fault: in a cohort of women the models that read the sex would not be applicable.
    tidy = rows()
    assert tidy["sex"].nunique() == 1
    assert "sex" not in leave_out_constants(tidy, settings())[0]
    assert "sex" in leave_out_constants(tidy, settings().as_external())[0]
    empty = tidy.assign(sex=pd.Series(None, index=tidy.index, dtype="str"))
    assert "sex" not in leave_out_constants(empty, settings().as_external())[0]
