"""Names of outline files, the table that goes back with them, and the comparison of two studies."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.cohort.settings import CohortSettings, Split
from spl_kedro.errors import UnusableStudyError
from spl_kedro.modeling.evaluation import EvaluationSettings
from spl_kedro.segmentation import (
    compare_outlines,
    comparison_figure,
    handed_back,
    outline_names,
)

SETTINGS = CohortSettings(
    simulated=True,
    columns={"lesion_id": "id", "label": "label", "masks": "file"},
    clinical=(),
    split=Split(seed=1),
)
TABLE = pd.DataFrame(
    {
        "id": ["L1", "L2.png", "L3", "L4"],
        "label": ["benign", "malignant", "benign", "benign"],
        "file": ["L1_tumour.tif", "a.png; b.png", "", "drawn/L4.nii.gz"],
    }
)


def test_files_are_called_as_the_tables_one_file_else_as_the_lesion():
    names = outline_names(TABLE, ["L1", "L2", "L3", "L4"], SETTINGS)
    assert names == {
        "L1": "L1_tumour.png", "L2": "L2.png", "L3": "L3.png", "L4": "L4.png",
    }  # fmt: skip


def test_a_file_of_two_lesions_is_not_called_as_the_table_has_it():
    shared = TABLE.assign(file=["one.png", "one.png", "", ""])
    names = outline_names(shared, ["L1", "L2"], SETTINGS)
    assert names == {"L1": "L1.png", "L2": "L2.png"}


def test_no_two_lesions_have_one_file():
    crossed = TABLE.assign(file=["L2.png", "a.png; b.png", "", ""])
    names = outline_names(crossed, ["L1", "L2"], SETTINGS)
    assert names == {"L1": "L1.png", "L2": "L2.png"}


def test_a_pseudonymised_lesions_file_does_not_tell_its_name():
    hidden = SETTINGS.model_copy(update={"pseudonyms": "SOME_KEY"})
    assert outline_names(TABLE, ["e86a29b069c9"], hidden) == {"e86a29b069c9": "e86a29b069c9.png"}


@pytest.fixture
def names():
    found = outline_names(TABLE, ["L1", "L2", "L4"], SETTINGS)
    return pd.DataFrame({"lesion_id": list(found), "file": list(found.values())})


def test_the_table_goes_back_with_cohorts_and_the_outlines_that_are_there(names):
    cohort = pd.DataFrame(
        {"cohort": ["training", "validation", "training"]}, index=["L1", "L2", "L4"]
    )
    # The machine failed on L2; somebody stored L4 in another format.
    back = handed_back(TABLE, cohort, names, ["L1_tumour.png", "L4.tif"], SETTINGS)
    assert back["reader_cohort"].tolist() == ["training", "validation", "training"]
    assert back["machine_outline"].tolist() == ["L1_tumour.png", "", "L4.tif"]
    pd.testing.assert_frame_equal(
        back[["id", "label", "file"]], TABLE.iloc[[0, 1, 3]].reset_index(drop=True)
    )


def test_rows_of_several_images_are_refused(names):
    several = SETTINGS.model_copy(
        update={"files": SETTINGS.files.model_copy(update={"several_images": True})}
    )
    with pytest.raises(UnusableStudyError, match="several_images"):
        handed_back(TABLE, pd.DataFrame({"cohort": []}), names, [], several)


def predictions(seed, lesions, shift=0.0):
    rng = np.random.default_rng(seed)
    rows = []
    for cohort, n in (("training", 40), ("validation", 30)):
        for k in range(n):
            name = f"{cohort}{k}"
            for repeat in range(2 if cohort == "training" else 1):
                score = np.clip(0.35 + 0.2 * (k % 2) + shift * (k % 2) + 0.15 * rng.normal(), 0, 1)
                fold = k // 2 % 4 if cohort == "training" else -1
                rows.append((name, name, k % 2, "cdlr", "leak_free", cohort, repeat, fold, score))
    names = ["lesion_id", "patient_id", "label", "model", "protocol"]
    names += ["cohort", "repeat", "fold", "score"]
    table = pd.DataFrame(rows, columns=names)
    return table[table["lesion_id"].isin(lesions)] if lesions else table


def test_two_studies_are_compared_on_the_lesions_that_both_scored():
    reader, machine = predictions(0, None), predictions(1, None, shift=0.3)
    lost = machine[machine["lesion_id"] != "validation3"]
    table = compare_outlines(reader, lost, EvaluationSettings(seed=0)).set_index("cohort")
    assert table["n"].to_dict() == {"training": 40, "validation": 29}
    assert table["lost"].to_dict() == {"training": 0, "validation": 1}
    assert table["same_folds"].all()
    for cohort in table.index:
        row = table.loc[cohort]
        assert row["difference"] == pytest.approx(row["machine_auc"] - row["reader_auc"])
        assert row["difference_low"] < row["difference"] < row["difference_high"]
    own = reader[(reader["cohort"] == "validation") & (reader["lesion_id"] != "validation3")]
    from sklearn.metrics import roc_auc_score

    assert table.loc["validation", "reader_auc"] == pytest.approx(
        roc_auc_score(own["label"], own["score"])
    )
    figure = comparison_figure(table.reset_index(), simulated=True)
    assert "Simulated patients" in [text.get_text() for text in figure.texts]


def test_one_study_is_not_compared_with_itself():
    with pytest.raises(UnusableStudyError, match="the same, bit for bit"):
        compare_outlines(predictions(0, None), predictions(0, None), EvaluationSettings(seed=0))


def test_studies_without_a_lesion_in_common_are_refused():
    one = predictions(0, None)
    other = one.assign(lesion_id="other " + one["lesion_id"])
    with pytest.raises(UnusableStudyError, match="none of the reader study's"):
        compare_outlines(one, other, EvaluationSettings(seed=0))
