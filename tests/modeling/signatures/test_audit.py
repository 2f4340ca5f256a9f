import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp
from statsmodels.stats.multitest import multipletests

from spl_kedro.modeling.signatures.audit import audit_shuffle, shuffled_labels, summarise_audit
from spl_kedro.modeling.signatures.study_table import assemble_study_table

from .conftest import make_inputs, quick_settings

NEAR = (-0.1, 0.05, 0.02, 0.01)


@pytest.fixture
def cohort():
    return make_inputs()[0]


def test_a_shuffle_keeps_the_number_of_malignant_patients_of_each_cohort(cohort):
    dealt = shuffled_labels(cohort, 0, 3)
    assert (dealt != cohort["label"]).any()
    pd.testing.assert_series_equal(
        dealt.groupby(cohort["cohort"]).sum(), cohort.groupby("cohort")["label"].sum()
    )


def test_the_labels_of_one_cohort_say_nothing_of_those_of_another(cohort):
    fewer = cohort.copy()
    fewer.loc[fewer["cohort"] == "validation", "label"] = [1] + [0] * 29
    training = cohort["cohort"] == "training"
    assert shuffled_labels(fewer, 0, 3)[training].sum() == cohort["label"][training].sum()


def test_lesions_of_one_patient_keep_one_label(cohort):
    cohort["patient_id"] = [f"P{i // 2:03d}" for i in range(len(cohort))]
    dealt = shuffled_labels(cohort, 0, 0)
    assert dealt.groupby(cohort["patient_id"]).nunique().max() == 1


def test_a_shuffle_is_fixed_by_seed_and_number_and_not_by_the_order_of_rows(cohort):
    one = shuffled_labels(cohort, 5, 1)
    two = shuffled_labels(cohort.iloc[::-1], 5, 1)
    pd.testing.assert_series_equal(one, two.reindex(one.index))
    assert (one != shuffled_labels(cohort, 5, 2)).any()


@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
def test_on_shuffled_labels_only_the_in_sample_recipe_finds_something():
    cohort, tables = make_inputs(n_radiomics=150)
    settings = quick_settings()
    parts = []
    for shuffle in range(4):
        dealt = cohort.assign(label=shuffled_labels(cohort, 0, shuffle))
        table = assemble_study_table(dealt, tables)
        parts.append(audit_shuffle(table, table, shuffle, settings, ["rad"]))
    mean = pd.concat(parts).groupby(["protocol", "cohort"])["auc"].mean()
    assert mean["as_published", "training"] > 0.7
    # Mann & Whitney (1947): variance of the AUC of 15 against 15 lesions at a half, three folds,
    # four shuffles; a recipe that sees the labels of the fold would reach the in-sample value.
    assert abs(mean["leak_free", "training"] - 0.5) < 3 * np.sqrt(31 / (12 * 15**2) / 3 / 4)
    assert mean["as_published", "validation"] > mean["leak_free", "validation"]


@pytest.mark.filterwarnings("ignore::spl_kedro.modeling.signatures.warning.SignatureWarning")
def test_a_model_that_knows_nothing_has_half_within_folds_and_less_when_they_are_pooled():
    # 46 malignant and 45 benign in three folds: the folds cannot all have the same share.
    cohort, tables = make_inputs(sizes=(91, 30, 30), signal=0.0)
    cohort["label"] = np.r_[np.tile([1, 0], 45), 1, np.tile([1, 0], 30)]
    settings = quick_settings(clinical={"univariate_p": 1e-12})
    table = assemble_study_table(cohort, tables)
    aucs = audit_shuffle(table, table, 0, settings, ["clinical"])
    training = aucs.query("protocol == 'leak_free' and cohort == 'training'").iloc[0]
    assert training["auc"] == 0.5
    assert training["auc_pooled"] < 0.5


def rows(model, aucs, cohort="validation"):
    base = {"protocol": "leak_free", "cohort": cohort, "model": model}
    return [{**base, "shuffle": i, "auc": a, "auc_pooled": a} for i, a in enumerate(aucs)]


def test_the_summary_calls_honest_what_lies_within_two_standard_errors():
    audit = pd.DataFrame(
        rows("rad", [0.5 + d for d in NEAR])
        + rows("dlr", [0.8 + d for d in NEAR])
        + rows("dtl", [0.5] * 4)
    )
    summary = summarise_audit(audit).set_index("model")
    assert summary["honest"].to_dict() == {"dlr": False, "dtl": True, "rad": True}
    assert summary.loc["rad", "standard_error"] == pytest.approx(np.std(NEAR, ddof=1) / 2)
    assert summary["uninformed"].to_dict() == {"dlr": 0, "dtl": 4, "rad": 0}


def test_its_p_values_are_those_of_a_t_test_corrected_for_the_number_of_cells():
    rng = np.random.default_rng(1)
    cells = {model: 0.51 + 0.03 * rng.normal(size=12) for model in ("clinical", "rad", "dtl")}
    summary = summarise_audit(
        pd.DataFrame([row for model, aucs in cells.items() for row in rows(model, aucs)])
    ).set_index("model")
    p = [ttest_1samp(cells[model], 0.5).pvalue for model in summary.index]
    np.testing.assert_allclose(summary["p_value"], p)
    np.testing.assert_allclose(summary["p_holm"], multipletests(p, method="holm")[1])
