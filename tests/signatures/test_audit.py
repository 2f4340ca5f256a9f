import numpy as np
import pandas as pd
import pytest

from spl_kedro.signatures.audit import audit_shuffle, shuffled_labels, summarise_audit
from spl_kedro.signatures.study_table import assemble_study_table

from .conftest import make_inputs, quick_settings


@pytest.fixture
def cohort():
    return make_inputs()[0]


def test_a_shuffle_keeps_the_number_of_malignant_patients_of_each_cohort(cohort):
    dealt = shuffled_labels(cohort, 0, 3)
    assert (dealt != cohort["label"]).any()
    pd.testing.assert_series_equal(
        dealt.groupby(cohort["cohort"]).sum(), cohort.groupby("cohort")["label"].sum()
    )


def test_lesions_of_one_patient_keep_one_label(cohort):
    cohort["patient_id"] = [f"P{i // 2:03d}" for i in range(len(cohort))]
    dealt = shuffled_labels(cohort, 0, 0)
    assert dealt.groupby(cohort["patient_id"]).nunique().max() == 1


def test_a_shuffle_is_fixed_by_seed_and_number_and_not_by_the_order_of_rows(cohort):
    one = shuffled_labels(cohort, 5, 1)
    two = shuffled_labels(cohort.iloc[::-1], 5, 1)
    pd.testing.assert_series_equal(one, two.reindex(one.index))
    assert (one != shuffled_labels(cohort, 5, 2)).any()


@pytest.mark.filterwarnings("ignore::spl_kedro.signatures.warning.SignatureWarning")
def test_on_shuffled_labels_only_the_in_sample_recipe_finds_something():
    cohort, *rest = make_inputs(n_radiomics=150)
    settings = quick_settings()
    parts = []
    for shuffle in range(4):
        dealt = cohort.assign(label=shuffled_labels(cohort, 0, shuffle))
        table = assemble_study_table(dealt, *rest)
        parts.append(audit_shuffle(table, table, shuffle, settings, ["rad"]))
    mean = pd.concat(parts).groupby(["protocol", "cohort"])["auc"].mean()
    assert mean["as_published", "training"] > 0.7
    assert abs(mean["leak_free", "training"] - 0.5) < 0.12
    assert mean["as_published", "validation"] > mean["leak_free", "validation"]


def test_the_summary_calls_honest_what_lies_within_two_standard_errors():
    base = {"protocol": "leak_free", "cohort": "validation"}
    audit = pd.DataFrame(
        [
            *({**base, "model": "rad", "shuffle": i, "auc": 0.5 + d} for i, d in enumerate(NEAR)),
            *({**base, "model": "dlr", "shuffle": i, "auc": 0.8 + d} for i, d in enumerate(NEAR)),
            *({**base, "model": "dtl", "shuffle": i, "auc": 0.5} for i in range(4)),
        ]
    )
    summary = summarise_audit(audit).set_index("model")
    assert summary["honest"].to_dict() == {"dlr": False, "dtl": True, "rad": True}
    assert summary.loc["rad", "standard_error"] == pytest.approx(np.std(NEAR, ddof=1) / 2)


NEAR = (-0.1, 0.05, 0.02, 0.01)
