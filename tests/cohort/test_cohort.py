from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from spl_kedro.cohort.columns import column_audit
from spl_kedro.cohort.files import check_files, second_reader
from spl_kedro.cohort.findings import quarantined
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.cohort.split import assign_cohorts
from spl_kedro.cohort.table import tidy_table
from spl_kedro.cohort.table_one import table_one
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging import Outline, UltrasoundImage, UnusableLesionError
from spl_kedro.rules import Rule


def settings(**changes) -> CohortSettings:
    values = {
        "simulated": True,
        "columns": {
            "lesion_id": "case",
            "patient_id": "patient",
            "site": "centre",
            "label": "result",
            "spacing_mm": "pixel_cm",
        },
        "spacing_to_mm": 10,
        "missing_words": ["", "unknown"],
        "clinical": [
            {"kind": "numeric", "name": "age", "column": "Age", "minimum": 18, "maximum": 120},
            {"kind": "category", "name": "sex", "column": "Sex", "mapping": {"f": "female"}},
        ],
        "excluded": [{"column": "histology", "reason": "the diagnosis itself"}],
        "split": {"seed": 1, "external_sites": ["b"]},
        "quality": {"minimum_lesion_pixels": 4},
    }
    return CohortSettings(**(values | changes))


def table(n=40, **columns) -> pd.DataFrame:
    values = {
        "case": [f"c{i:02d}" for i in range(n)],
        "patient": [f"p{i:02d}" for i in range(n)],
        "centre": ["b" if i % 5 == 4 else "a" for i in range(n)],
        "result": ["benign" if i % 2 else "malignant" for i in range(n)],
        "pixel_cm": ["0.01"] * n,
        "Age": [str(30 + i % 60) for i in range(n)],
        "Sex": ["F"] * n,
        "histology": ["x"] * n,
    }
    return pd.DataFrame(values | columns)


def with_cell(column, row, value):
    frame = table()
    frame.loc[row, column] = value
    return frame


def test_words_columns_and_units_are_mapped():
    rows, broken = tidy_table(with_cell("Age", 3, " unknown "), settings())
    assert len(broken) == 0
    assert rows.index.name == "lesion_id"
    assert rows["label"].tolist()[:3] == [1, 0, 1]
    assert rows["age"].isna().sum() == 1
    assert rows["age"].dtype == np.float64
    assert set(rows["sex"]) == {"female"}
    assert rows["spacing_mm"].unique() == pytest.approx([0.1])


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("case", "", "a lesion identifier"),
        ("case", "c01", "one row a lesion"),
        ("patient", "unknown", "a patient identifier"),
        ("centre", "", "a site"),
        ("result", "perhaps", "benign or malignant by the reference standard"),
        ("pixel_cm", "-1", "a positive pixel size"),
        ("pixel_cm", "small", "a positive pixel size"),
        ("Age", "7", "a value within its variable's range"),
        ("Age", "old", "a number where one is expected"),
    ],
)
def test_a_bad_cell_sends_its_row_to_quarantine_and_no_other(column, value, rule):
    rows, broken = tidy_table(with_cell(column, 3, value), settings())
    found = broken.table()
    assert set(found["rule"]) == {rule}
    assert found["remedy"].str.len().gt(10).all()
    assert len(rows) + found["lesion_id"].nunique() + (rule == "one row a lesion") == 40


@pytest.mark.parametrize(
    ("strict", "kept", "action"), [(False, 40, "left out"), (True, 39, "quarantined")]
)
def test_a_word_of_no_mapping_is_a_missing_value_unless_the_study_is_strict(strict, kept, action):
    rows, found = tidy_table(with_cell("Sex", 3, "q"), settings(strict_words=strict))
    (one,) = found.table().to_dict("records")
    assert (one["lesion_id"], one["rule"], one["action"]) == ("c03", "a known category", action)
    assert "'q'" in one["message"]
    assert "mapping of sex" in one["remedy"]
    assert len(rows) == kept
    assert strict or pd.isna(rows.loc["c03", "sex"])


def test_a_missing_column_is_named_with_its_parameter():
    with pytest.raises(ValueError, match=r"'Age' \(data_processing\.clinical\.age\)"):
        tidy_table(table().drop(columns="Age"), settings())


def test_an_excluded_column_cannot_be_a_clinical_variable():
    with pytest.raises(ValueError, match=r"\['Age'\] are clinical variables and excluded"):
        tidy_table(
            table(), settings(excluded=[{"column": "Age", "reason": "not known beforehand"}])
        )


def test_every_column_of_the_hospital_is_accounted_for():
    audit = column_audit(table().assign(extra=1), settings()).set_index("column")
    assert audit.loc["histology", "use"] == "excluded"
    assert audit.loc["histology", "reason"] == "the diagnosis itself"
    assert audit.loc["extra", "use"] == "not mapped"
    assert audit.loc["Age", "use"] == "clinical"


def test_image_names_can_identify_lesions():
    frame = table(case=[f"c{i:02d}.png" for i in range(40)])
    rows, _ = tidy_table(frame, settings())
    assert rows.index[0] == "c00"


def image(seed):
    grey = np.random.default_rng(seed).integers(0, 256, (12, 12), dtype=np.uint8)
    return lambda: UltrasoundImage(grey, (0.3, 0.3), f"{seed:064d}")


def mask(rows=3, columns=3):
    array = np.zeros((12, 12), bool)
    array[1 : 1 + rows, 1 : 1 + columns] = True
    return lambda: Outline(array)


def unreadable():
    raise UnusableLesionError(Rule.READABLE, "c02.png cannot be decoded.")


@pytest.fixture
def rows():
    return tidy_table(table(6), settings())[0]


def test_lesions_that_cannot_be_measured_are_left_out_with_their_reason(rows):
    images = {f"c{i:02d}.png": image(i) for i in range(6)} | {"c02.png": unreadable}
    images["c04.png"] = image(0)  # another file with the same pixels
    masks = {f"c{i:02d}.png": mask() for i in range(6)} | {"c01.png": mask(0)}
    del images["c03.png"]
    usable, files, findings, *_ = check_files(rows, images, masks, settings())
    assert quarantined(findings.table()).set_index("lesion_id")["rule"].to_dict() == {
        "c01": "an outline that is not empty",
        "c02": "readable file",
        "c03": "an image for each row",
        "c04": "a lesion counted once",
    }
    assert list(usable.index) == list(files) == ["c00", "c05"]
    # The table's pixel size goes before the file's.
    assert files["c05"].read().spacing_mm == (0.1, 0.1)


def test_several_outlines_of_a_lesion_are_united_and_a_second_reader_is_matched(rows):
    images = {f"c{i:02d}.png": image(i) for i in range(6)}
    other = np.zeros((12, 12), bool)
    other[5:9, 2:6] = True
    masks = {f"c{i:02d}.png": mask() for i in range(6)} | {"c00_2.png": lambda: Outline(other)}
    examined = check_files(rows, images, masks, settings())
    assert examined.files["c00"].read().mask.sum() == 9 + 16
    readers, unusable = second_reader(examined, {"c01.png": mask(4, 5), "c02.png": mask(0)})
    assert readers["c01"]().mask.sum() == 20
    assert unusable.table()[["lesion_id", "action"]].to_numpy().tolist() == [["c02", "left out"]]


def test_the_split_keeps_patients_together_and_classes_in_proportion():
    frame = table(200, patient=[f"p{i // 4:03d}" for i in range(200)], centre=["a"] * 200)
    frame["result"] = ["malignant" if (i // 4) % 3 == 0 else "benign" for i in range(200)]
    chosen = settings(split={"seed": 3, "validation_fraction": 0.2})
    tidy, _ = tidy_table(frame, chosen)
    cohort = assign_cohorts(tidy, chosen)
    assert cohort.groupby(tidy["patient_id"]).nunique().eq(1).all()
    share = tidy["label"].groupby(cohort).mean()
    assert share["training"] == pytest.approx(share["validation"], abs=0.06)
    assert cohort.value_counts()["validation"] == 40


def test_the_paper_s_609_patients_split_into_487_and_122():
    frame = table(609, centre=["a"] * 609)
    chosen = settings(split={"seed": 5})
    counts = assign_cohorts(tidy_table(frame, chosen)[0], chosen).value_counts()
    assert counts.to_dict() == {"training": 487, "validation": 122}


def test_an_external_site_is_kept_out_of_the_split():
    tidy, _ = tidy_table(table(), settings())
    cohort = assign_cohorts(tidy, settings())
    assert ((cohort == "external") == (tidy["site"] == "b")).all()


def test_the_order_of_the_table_does_not_change_the_split():
    first = assign_cohorts(tidy_table(table(), settings())[0], settings())
    shuffled = table().sample(frac=1, random_state=0)
    second = assign_cohorts(tidy_table(shuffled, settings())[0], settings())
    pd.testing.assert_series_equal(first, second)


def test_one_class_and_unknown_external_sites_are_refused():
    tidy, _ = tidy_table(table(result=["benign"] * 40), settings())
    with pytest.raises(ValueError, match="at least two benign and two malignant"):
        assign_cohorts(tidy, settings())
    with pytest.raises(ValueError, match=r"external_sites names \['z'\]"):
        assign_cohorts(tidy, settings(split={"seed": 1, "external_sites": ["z"]}))


def test_a_users_own_split_is_kept_and_checked():
    columns = settings().columns.model_dump() | {"cohort": "part"}
    own = settings(columns=columns)
    tidy, _ = tidy_table(table(part=["training", "validation"] * 20), own)
    assert assign_cohorts(tidy, own).tolist()[:2] == ["training", "validation"]
    tidy, _ = tidy_table(table(part=["training", "test"] * 20), own)
    with pytest.raises(ValueError, match=r"it holds \['test'\]"):
        assign_cohorts(tidy, own)


def test_table_one_agrees_with_pandas_and_scipy():
    from scipy.stats import kruskal

    rng = np.random.default_rng(0)
    cohort = pd.DataFrame(
        {
            "cohort": ["training"] * 60 + ["validation"] * 30,
            "label": rng.integers(0, 2, 90),
            "age": rng.normal(60, 10, 90),
            "sex": rng.choice(["female", "male"], 90),
        }
    )
    found = table_one(cohort)
    age = found[(found["comparison"] == "training") & (found["variable"] == "age")]
    training = cohort[cohort["cohort"] == "training"]
    groups = [values["age"] for _, values in training.groupby("label")]
    assert float(age["p_value"].iloc[0]) == pytest.approx(kruskal(*groups).pvalue, abs=5e-4)
    benign = age[age["group"] == "benign"]["value"].iloc[0]
    assert benign.startswith(f"{groups[0].median():.1f} [")
    women = found[(found["comparison"] == "cohorts") & (found["category"] == "female")]
    counts = cohort[cohort["sex"] == "female"]["cohort"].value_counts()
    assert women.set_index("group")["value"]["training"].startswith(f"{counts['training']} (")


def test_the_study_template_names_only_known_settings():
    import yaml

    root = Path(__file__).parents[2] / "conf"
    base = yaml.safe_load((root / "base/parameters_data_processing.yml").read_text())
    study = yaml.safe_load((root / "study/parameters_data_processing.yml").read_text())
    merged = base["data_processing"] | study["data_processing"]
    merged["duplicates"] = base["data_processing"]["duplicates"] | {"pictures": None}
    merged["split"] = base["data_processing"]["split"] | merged["split"] | {"seed": 1}
    assert CohortSettings(**merged).simulated is False


def small_cohort(**columns):
    values = {
        "cohort": ["training"] * 40 + ["validation"] * 20,
        "label": [0, 1] * 30,
        "age": [40.0 + i for i in range(60)],
        "sex": ["female", "female", "male"] * 20,
    }
    return pd.DataFrame(values | columns)


def test_without_clinical_variables_table_one_counts_the_diagnoses_alone():
    found = table_one(small_cohort().drop(columns=["age", "sex"]))
    assert set(found["comparison"]) == {"cohorts"}
    assert set(found["variable"]) == {"n", "diagnosis"}


@pytest.mark.parametrize(
    ("variable", "values"),
    [
        ("age", [50.0] * 40 + [60.0 + i for i in range(20)]),  # constant in training
        ("age", [np.nan] * 40 + [60.0 + i for i in range(20)]),  # empty in training
        ("age", [50.0, np.nan] * 30),  # constant, and known of the benign alone
        ("sex", ["female"] * 40 + ["female", "male"] * 10),
        ("sex", [None] * 40 + ["female", "male"] * 10),
        ("sex", ["female", None] * 30),
    ],
)
def test_a_variable_without_a_difference_has_no_p_value_where_it_has_none(variable, values):
    found = table_one(small_cohort(**{variable: values}))
    rows = found[(found["variable"] == variable) & (found["comparison"] == "training")]
    assert set(rows["p_value"]) <= {""}
    assert not found["value"].str.contains("nan").any()
    other = {"age": "sex", "sex": "age"}[variable]
    assert (found.loc[found["variable"] == other, "p_value"] != "").any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"Age": "AGE\n"}, None),
        ({"Age": " age\u00a0"}, None),
        ({"histology": "Age "}, None),  # the exact name goes first
        ({"Age": "AGE", "histology": "age"}, r"names 'Age', and the columns 'AGE', 'age' fit"),
        ({"Age": "Ages"}, r"no column 'Age' \(data_processing\.clinical\.age; near: 'Ages'\)"),
    ],
)
def test_headers_are_found_whatever_their_case_where_that_is_unique(change, words):
    frame = table().rename(columns=change)
    if words is None:
        rows, _ = tidy_table(frame, settings(excluded=[]))
        assert rows["age"].notna().all()
        return
    with pytest.raises(UnusableStudyError, match=words):
        tidy_table(frame, settings(excluded=[]))


def test_a_first_line_that_is_no_header_is_not_repeated_for_it_may_be_a_patient():
    headless = table().set_axis(table().iloc[0].astype(str), axis=1)
    with pytest.raises(UnusableStudyError) as refused:
        tidy_table(headless, settings())
    told = str(refused.value)
    assert "may be no header" in told
    assert [cell for cell in map(str, table().iloc[0]) if len(cell) > 2 and cell in told] == []
    # Nor is a header that runs on into a patient's row: fuzzing broke the line between them.
    joined = table().rename(columns={"Sex": "Sex 7", "centre": "Anna", "Age": "61"})
    with pytest.raises(UnusableStudyError, match="may hold a patient's values") as refused:
        tidy_table(joined, settings())
    assert "Anna" not in str(refused.value)
    # Of a header with one known column the others are named.
    known = table().rename(columns={"Sex": "Geschlecht", "centre": "Haus"})
    with pytest.raises(UnusableStudyError, match=r"Its columns are: .*Geschlecht"):
        tidy_table(known, settings())


def test_an_excluded_column_is_known_whatever_its_case():
    excluded = [{"column": "AGE", "reason": "not known beforehand"}]
    with pytest.raises(UnusableStudyError, match="clinical variables and excluded at once"):
        tidy_table(table(), settings(excluded=excluded))


def test_a_cohort_too_small_for_both_classes_in_each_part_is_refused_in_words():
    tidy, _ = tidy_table(table(4, centre=["a"] * 4), settings(split={"seed": 1}))
    with pytest.raises(UnusableStudyError, match="the smaller part would have 1"):
        assign_cohorts(tidy, settings(split={"seed": 1}))


def test_many_small_sites_are_divided_by_diagnosis_alone():
    frame = table(24, centre=[f"site {i // 2 % 6}" for i in range(24)])
    tidy, _ = tidy_table(frame, settings(split={"seed": 1}))
    cohort = assign_cohorts(tidy, settings(split={"seed": 1}))
    assert tidy["label"].groupby(cohort).nunique().eq(2).all()


def test_numbers_with_two_meanings_leave_their_row_out():
    frame = with_cell("Age", 3, "1,234")
    rows, broken = tidy_table(frame, settings())
    assert broken.table()["rule"].tolist() == ["a number with one meaning"]
    assert len(rows) == 39
