from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.deployment.anonymous import kept_rows, mean_lesions, without_patients
from spl_kedro.deployment.cases import read_cases
from spl_kedro.deployment.findings import EVERYBODY, find_unusual
from spl_kedro.deployment.page import case_page
from spl_kedro.deployment.reasons import explain_cases, explained_model
from spl_kedro.deployment.scoring import (
    NO_IMAGE,
    ImageFeatures,
    inapplicable,
    score_cases,
    wide_tables,
)
from spl_kedro.explainability.conformal import conformal_table
from spl_kedro.explainability.settings import ShapSettings
from spl_kedro.imaging import UnusableLesionError
from spl_kedro.rules import Rule

from .conftest import COHORT

EVERYTHING = ["age", "crp", "sex"]


@pytest.fixture
def scores(packaged, cases, measured):
    return score_cases(packaged, cases, measured, EVERYTHING)


def test_new_lesions_get_the_bits_of_the_run_that_fitted_the_models(scores, fitted):
    told = fitted.predictions.query("cohort == 'external'").set_index(["model", "lesion_id"])
    own = scores.set_index(["model", "lesion_id"])["score"]
    assert len(own) == len(told)
    np.testing.assert_array_equal(own.loc[told.index], told["score"])


def test_a_lesion_alone_gets_the_bits_it_has_among_others(packaged, cases, measured, scores):
    lesion = cases.index[3]
    alone = ImageFeatures((measured.tables[0].loc[[lesion]],), measured.quarantine)
    own = score_cases(packaged, cases.loc[[lesion]], alone, EVERYTHING)
    among = scores[scores["lesion_id"] == lesion]
    np.testing.assert_array_equal(own["score"], among["score"])


def test_conformal_sets_are_those_of_the_study(scores, fitted):
    for model, own in scores.groupby("model"):
        rows = fitted.predictions[fitted.predictions["model"] == model].set_index("lesion_id")
        known = rows[rows["cohort"] == "training"]
        told = conformal_table(known, rows[rows["cohort"] == "external"], alpha=0.1)
        np.testing.assert_array_equal(own["diagnoses"], told.loc[own["lesion_id"], "diagnoses"])
        assert set(own["stated_coverage"]) == {0.9}


def test_a_score_at_the_threshold_is_malignant(packaged, cases, measured, scores):
    row = scores[(scores["model"] == "rad")].iloc[0]
    at = packaged.thresholds.assign(
        threshold=packaged.thresholds["threshold"].where(
            packaged.thresholds["model"] != "rad", row["score"]
        )
    )
    again = score_cases(replace(packaged, thresholds=at), cases, measured, EVERYTHING)
    same = again[(again["model"] == "rad") & (again["lesion_id"] == row["lesion_id"])]
    assert same["decision"].item() == "malignant"


def test_models_whose_variable_a_cohort_lacks_are_not_applicable(packaged, cases, measured):
    needed = packaged.needed_variables("cdlr")
    assert needed
    lacking = [name for name in EVERYTHING if name != needed[0]]
    reasons = inapplicable(packaged, lacking)
    assert {"clinical", "cdlr"} <= set(reasons)
    assert "rad" not in reasons
    scores = score_cases(packaged, cases.drop(columns=needed[0]), measured, lacking)
    own = scores[scores["model"] == "cdlr"]
    assert own["score"].isna().all()
    assert set(own["decision"]) == {""}
    assert own["note"].str.contains(needed[0]).all()
    assert scores.loc[scores["model"] == "rad", "score"].notna().all()


def test_a_variable_that_no_score_needs_may_be_lacking(packaged, cases, measured, scores):
    unused = [name for name in EVERYTHING if name not in packaged.needed_variables("cdlr")]
    assert unused, "the example needs a variable that is not selected"
    kept = [name for name in EVERYTHING if name not in unused]
    again = score_cases(packaged, cases.drop(columns=unused), measured, kept)
    own, told = (t[t["model"] == "cdlr"]["score"].to_numpy() for t in (again, scores))
    np.testing.assert_array_equal(own, told)


def test_a_case_without_an_image_gets_the_models_that_need_none(packaged, cases, measured, scores):
    lost = cases.index[0]
    features = ImageFeatures((measured.tables[0].drop(index=lost),), measured.quarantine)
    own = score_cases(packaged, cases, features, EVERYTHING)
    rows = own[own["lesion_id"] == lost].set_index("model")
    told = scores[scores["lesion_id"] == lost].set_index("model")
    assert rows.loc["clinical", "score"] == told.loc["clinical", "score"]
    assert rows.loc[["rad", "dtl", "dlr", "cdlr"], "score"].isna().all()
    assert set(rows.loc[["rad", "cdlr"], "note"]) == {NO_IMAGE}


def test_a_missing_value_is_imputed_as_in_training_and_said(packaged, cases, measured):
    name = packaged.needed_variables("cdlr")[0]
    blank = cases.copy()
    blank.loc[cases.index[0], name] = None
    scores = score_cases(packaged, blank, measured, EVERYTHING)
    assert scores.loc[scores["lesion_id"] == cases.index[0], "score"].notna().all()
    found = find_unusual(packaged, blank, measured, EVERYTHING)
    (row,) = found[(found["lesion_id"] == cases.index[0]) & (found["field"] == name)].itertuples()
    assert "not known" in row.message
    assert "stands for it" in row.message


def test_what_is_unlike_the_training_lesions_is_said(packaged, cases, measured):
    odd = cases.copy()
    first, second, third = cases.index[:3]
    odd.loc[first, "age"] = 104.0
    odd.loc[second, "site"] = "elsewhere"
    odd.loc[third, ["spacing_row_mm", "spacing_col_mm"]] = 0.9
    table = measured.tables[0].copy()
    table.loc[first] = 50.0
    found = find_unusual(packaged, odd, ImageFeatures((table,), measured.quarantine), EVERYTHING)
    said = set(zip(found["lesion_id"], found["field"], strict=True))
    expected = {(first, "age"), (second, "site"), (third, "pixel size"), (first, "image")}
    assert expected <= said
    usual = find_unusual(packaged, cases, measured, EVERYTHING)
    told = set(zip(usual["lesion_id"], usual["field"], strict=True))
    assert not told & (expected - {(first, "age")})


def test_another_version_is_said_once(packaged, cases, measured):
    other = replace(packaged, manifest={"versions": {"numpy": "1.0.0"}})
    found = find_unusual(other, cases, measured, EVERYTHING)
    (row,) = found[found["lesion_id"] == EVERYBODY].itertuples()
    assert row.field == "version"
    assert "numpy" in row.message
    assert "1.0.0" in row.message


def test_cases_are_read_in_the_words_of_the_study_and_without_a_diagnosis():
    table = pd.DataFrame(
        {
            "case": ["A", "B", "C"],
            "Age_at_scan": ["61", "", "seven"],
            "SEX": ["F", "m", "f"],
            "diagnosis": ["whatever", "", "it says"],
        }
    )
    found = read_cases(table, {}, {}, COHORT)
    assert list(found.rows.index) == ["A", "B"]
    assert found.rows.loc["A", "sex"] == "female"
    assert found.variables == ["age", "sex"]
    assert not found.sites_known
    assert "label" not in found.rows
    told = found.findings.set_index("lesion_id")
    assert told["rule"].to_dict() == {"A": Rule.IMAGE, "B": Rule.IMAGE, "C": Rule.NUMBER}
    # A case without an image is scored by the models that need none.
    assert told["action"].to_dict() == {"A": "left out", "B": "left out", "C": "quarantined"}


def test_reasons_add_up_to_the_score_and_start_at_mean_lesions(packaged, cases, measured, scores):
    models = explained_model(scores)
    assert set(models) == {"cdlr"}
    tables = wide_tables(packaged, cases, measured)
    found = explain_cases(packaged, tables, models, ShapSettings())
    for (_, view), rows in found.groupby(["lesion_id", "view"]):
        assert view in ("inputs", "traced")
        total = rows["base"].iloc[0] + rows["shap"].sum()
        assert total == pytest.approx(rows["score"].iloc[0], abs=1e-9)
    own = found.drop_duplicates("lesion_id").set_index("lesion_id")["score"]
    told = scores[scores["model"] == "cdlr"].set_index("lesion_id")["score"]
    np.testing.assert_allclose(own, told.loc[own.index], atol=1e-12)


def test_a_page_names_score_decision_findings_and_reasons(packaged, cases, measured, scores):
    lesion = str(cases.index[0])
    tables = wide_tables(packaged, cases, measured)
    reasons = explain_cases(packaged, tables, explained_model(scores), ShapSettings())
    found = find_unusual(packaged, cases, measured, EVERYTHING)
    own = scores[scores["lesion_id"] == lesion]
    page = case_page(packaged, lesion, own, reasons[reasons["lesion_id"] == lesion], found, None)
    row = own.set_index("model").loc["cdlr"]
    assert f"{row['threshold']:.2f}: {row['decision']}" in page
    assert "simulated patients" in page
    assert "Research software, no medical device" in page
    assert "http" not in page.replace("http-equiv", "")


def test_a_page_names_the_zone_that_the_score_falls_into(packaged, cases, measured, scores):
    tables = wide_tables(packaged, cases, measured)
    reasons = explain_cases(packaged, tables, explained_model(scores), ShapSettings())
    lesion = str(cases.index[0])
    own = scores[scores["lesion_id"] == lesion]
    nothing = find_unusual(packaged, cases.iloc[:0], measured, EVERYTHING)
    score = float(own.set_index("model").loc["cdlr", "score"])

    def page(rule_out, rule_in):
        rows = packaged.thresholds.assign(rule_out=rule_out, rule_in=rule_in)
        study = replace(packaged, thresholds=rows)
        again = score_cases(study, cases.loc[[lesion]], measured, EVERYTHING)
        return case_page(study, lesion, again, reasons, nothing, None)

    assert "ruled out, below the rule-out threshold of" in page(score + 0.001, score + 0.002)
    assert "ruled in, at or above the rule-in threshold of" in page(score - 0.002, score)
    between = page(score - 0.01, score + 0.01)
    assert (
        f"deferred, between the rule-out threshold of {score - 0.01:.2f} and the rule-in" in between
    )
    assert "no score is deferred" in page(score + 0.01, score - 0.01)
    assert "and 1, where the tool does not decide" in page(score - 0.01, np.inf)
    # A study packaged before there were zones names none.
    old = replace(packaged, thresholds=packaged.thresholds[["model", "threshold"]])
    told = score_cases(old, cases.loc[[lesion]], measured, EVERYTHING)
    assert set(told["zone"]) == {""}
    assert "Zone: " not in case_page(old, lesion, told, reasons, nothing, None)


def test_text_of_a_case_cannot_become_part_of_its_page(packaged, cases, measured, scores):
    own = scores[scores["lesion_id"] == cases.index[0]].assign(lesion_id="<script>x</script>")
    nothing = explain_cases(packaged, [cases.iloc[:0]], pd.Series(dtype=str), ShapSettings())
    page = case_page(packaged, "<script>x</script>", own, nothing, find_unusual(
        packaged, cases.iloc[:0], measured, EVERYTHING), None)  # fmt: skip
    assert "<script>" not in page


def test_mean_lesions_are_means_of_ten_or_more(table):
    X = table.X.loc[table.lesions("training")]
    means = mean_lesions(X, X["rad_00"].to_numpy())
    assert len(means) == len(X) // 10
    assert not set(means["rad_00"]) & set(X["rad_00"])
    assert means["rad_00"].mean() == pytest.approx(X["rad_00"].mean(), abs=0.05)
    assert dict(means.dtypes) == dict(X.dtypes)
    assert len(mean_lesions(X.iloc[:7], np.arange(7.0))) == 1


def test_models_that_keep_rows_of_patients_are_named(table):
    from tests.modeling.signatures.conftest import quick_settings

    from spl_kedro.modeling.signatures.protocol import run_protocol

    settings = quick_settings(
        classifier={"calibration_folds": 2, "kind": "radial_svm", "tune": False}
    )
    fitted = run_protocol(table, settings, only=["clinical", "rad", "cdlr"])
    assert kept_rows(without_patients(fitted.models)) == ["rad", "cdlr"]


def test_a_lesion_that_cannot_be_cropped_is_set_aside_and_the_others_are_measured(packaged):
    from spl_kedro.deployment.scoring import measure_images

    def broken():
        raise UnusableLesionError(Rule.NOT_EMPTY, "nothing in it.")

    features = measure_images(packaged, {"A": broken})
    assert features.lesions.empty
    assert list(features.quarantine["lesion_id"]) == ["A"]


def test_an_image_of_other_bits_a_pixel_is_said(packaged, cases, measured):
    from spl_kedro.deployment.typical import grey_levels
    from spl_kedro.imaging import Lesion

    def image(levels):
        grey = np.linspace(0, 255, levels).repeat(8).reshape(-1, 8)
        return lambda: Lesion("A", grey, np.ones(grey.shape, bool))

    first, second, third = cases.index[:3]
    readers = {first: image(200), second: image(2000), third: image(16)}
    levels = grey_levels(readers)
    assert levels == {first: 200, second: 2000, third: 16}
    typical = {**packaged.typical, "grey_levels_low": 150.0, "grey_levels_high": 256.0}
    study = replace(packaged, typical=typical)
    found = find_unusual(study, cases, measured, EVERYTHING, levels=levels)
    assert set(found.loc[found["field"] == "grey levels", "lesion_id"]) == {second, third}
