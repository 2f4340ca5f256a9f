"""A patient's images in one row."""

import numpy as np
import pandas as pd
import pytest
from tests.modeling.signatures.conftest import make_inputs

from spl_kedro.bags.table import bag_table
from spl_kedro.modeling.signatures.nested import NestedFeatures
from spl_kedro.modeling.signatures.study_table import StudyTable, assemble_study_table


def test_an_image_feature_becomes_its_statistics_over_the_patients_images(table):
    bags = bag_table(table, ("mean", "max", "std"))
    patient = table.patient_id.iloc[0]
    images = table.X.loc[table.patient_id == patient, "rad_00"].to_numpy()
    assert len(images) == 3
    row = bags.X.loc[patient]
    assert row["rad_00"] == pytest.approx(images.mean(), rel=1e-12)
    assert row["rad_00|max"] == images.max()
    np.testing.assert_allclose(row["rad_00|std"], images.std(), rtol=1e-12)
    alone = table.patient_id.drop_duplicates(keep=False)
    assert (bags.X.loc[alone, "rad_00|std"] == 0).all()


def test_each_patient_has_one_row_the_label_of_any_image_and_the_first_images_variables(table):
    mixed = table.label.copy()
    mixed[table.X.index[2]] = 1 - mixed.iloc[0]
    table = StudyTable(**vars(table) | {"label": mixed})
    bags = bag_table(table, ("mean",))
    assert list(bags.X.index) == list(table.patient_id.unique())
    assert bags.label.iloc[0] == 1
    assert bags.X["age"].iloc[0] == table.X["age"].iloc[0]
    assert (
        bags.cohort.to_numpy() == table.cohort.groupby(table.patient_id, sort=False).first()
    ).all()


def test_a_statistic_is_as_repeatable_and_as_degenerate_as_its_feature(table):
    bags = bag_table(table, ("mean", "std"))
    radiomics, source = bags.sources["radiomics"], table.sources["radiomics"]
    assert radiomics.stability["rad_02|std"] == source.stability["rad_02"]
    assert set(radiomics.degenerate) == {
        *source.degenerate, *(f"{name}|std" for name in source.degenerate),
    }  # fmt: skip
    assert set(bags.features(["radiomics", "deep"])) <= set(bags.X.columns)


def test_where_every_patient_has_one_image_the_table_is_that_of_the_images():
    table = assemble_study_table(*make_inputs())
    bags = bag_table(table, ("mean", "max", "std"))
    assert dict(bags.sources) == dict(table.sources)
    expected = table.X.set_axis(pd.Index(table.patient_id, name="lesion_id"))
    pd.testing.assert_frame_equal(bags.X, expected[bags.X.columns], check_exact=True)


def test_embeddings_of_networks_of_each_fold_are_put_together_too(table):
    deep = table.sources["deep"].columns
    values = table.X[list(deep)]
    rows = [
        values.assign(context=context, network=network)
        for context in ("all", "repeat0_fold0") for network in (0, 1)
    ]  # fmt: skip
    folds = pd.DataFrame({"repeat": 0, "fold": 0}, index=table.lesions("training"))
    nested = NestedFeatures(folds.rename_axis("lesion_id"), pd.concat(rows))
    bags = bag_table(StudyTable(**vars(table) | {"nested": nested}), ("mean", "max"))
    patients = bags.lesions("validation")
    found = bags.unseen(patients, "repeat0_fold0")
    assert len(found) == 2
    for seen in found:
        pd.testing.assert_frame_equal(
            seen, bags.X.loc[patients], check_exact=True, check_column_type=False
        )
    assert list(bags.nested.folds.index) == list(bags.lesions("training"))
