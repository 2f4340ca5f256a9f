"""The plan, what of it is compared, and what counts as changed after a look."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from tests.sealing.plans import SEALED, divided, plan, state

from spl_kedro.errors import UnusableStudyError
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.sealing import (
    LookLog,
    PrimaryComparison,
    SealingSettings,
    SealState,
    judge_seal,
    plan_changes,
)
from spl_kedro.sealing.changes import flat_parameters
from spl_kedro.sealing.plan import comparable, split_checksum
from spl_kedro.sealing.precision import auc_standard_error, expected_widths


def test_the_plan_says_what_will_be_done_with_whom():
    made = plan()
    assert set(made["models"]) >= {"clinical", "rad", "dtl", "dlr", "cdlr"}
    assert made["primary_comparison"].startswith("AUC of cdlr minus AUC of clinical in the valid")
    assert made["thresholds"].startswith("youden")
    assert made["split"]["validation"] == {"lesions": 4, "patients": 2}
    assert "malignant" not in made["split"]["validation"]
    assert made["split"]["training"]["malignant"] == 4
    assert (
        "no diagnosis of a lesion outside the training cohort was read"
        in (made["split"]["labels_read"])
    )
    assert len(made["sha256"]) == 64
    assert set(made["hashes"]) == {"parameters", "code", "split"}


def test_a_primary_comparison_of_a_model_that_is_not_declared_is_refused_by_name():
    sealing = SealingSettings(sealed=True, primary=PrimaryComparison(model="cdrl"))
    with pytest.raises(UnusableStudyError, match=r"sealing\.primary\.model is cdrl"):
        plan(sealing=sealing)


def test_a_model_compared_with_itself_is_refused():
    with pytest.raises(ValueError, match="with itself"):
        PrimaryComparison(model="rad", against="rad")


def test_the_splits_checksum_depends_on_no_diagnosis_that_is_sealed():
    table = divided()
    filled = table.assign(label=table["label"].fillna(1))
    assert split_checksum(filled) == split_checksum(table)
    moved = table.assign(cohort=table["cohort"].replace("external", "validation"))
    relabelled = table.assign(label=1 - table["label"])
    assert split_checksum(moved) != split_checksum(table)
    assert split_checksum(relabelled) != split_checksum(table)


def test_what_a_machine_does_changes_no_plan_and_a_stated_default_neither():
    assert plan(n_jobs=7)["hashes"] == plan()["hashes"]
    default = ModelingParameters(seed=1).selection.min_icc
    assert plan(selection={"min_icc": default})["hashes"] == plan()["hashes"]
    reason = SEALED.model_copy(update={"reason": "asked by a reviewer"})
    assert plan(sealing=reason)["sha256"] == plan()["sha256"]


def test_changes_name_the_key_what_was_planned_and_what_is():
    changed = plan(selection={"min_icc": 0.9}, sources="b" * 64)
    found = {
        c.key: (c.planned, c.now) for c in plan_changes(comparable(plan()), comparable(changed))
    }
    assert found["modeling.selection.min_icc"] == ("0.75", "0.9")
    assert set(found) == {"modeling.selection.min_icc", "code"}


def test_another_commit_of_the_same_files_is_no_change_and_other_files_are():
    # Fault: a commit of documents after the look that makes an analysis post hoc.
    later = plan()
    later["code"] = {**later["code"], "version": "d" * 40, "git_dirty": "true"}
    assert plan_changes(comparable(plan()), comparable(later)) == []
    assert not state(plan(), later, plan()).post_hoc
    (change,) = plan_changes(comparable(plan()), comparable(plan(sources="b" * 64)))
    assert change.key == "code"


def test_no_folder_of_a_machine_reaches_a_plan():
    flat = flat_parameters({"deep_features": {"weights": "/home/dr.house/resnet.pt"}})
    assert flat == {"deep_features.weights": ".../resnet.pt"}


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from("12")),
       st.dictionaries(st.sampled_from("abc"), st.sampled_from("12")))  # fmt: skip
def test_there_are_changes_exactly_where_two_plans_differ(one, other):
    assert (plan_changes(one, other) == []) == (one == other)


def test_a_change_before_any_look_is_an_amendment_and_not_post_hoc():
    found = state(plan(), plan(seed=2))
    assert [str(change) for change in found.amended] == ["modeling.seed: 1 -> 2"]
    assert not found.post_hoc


def test_a_change_after_a_look_is_post_hoc_with_what_changed_and_how_often_was_looked():
    found = state(plan(), plan(seed=2), plan(), plan())
    assert found.post_hoc
    assert found.count == 2
    assert [str(change) for change in found.since_look] == ["modeling.seed: 1 -> 2"]
    assert found.tags()["post_hoc"] == "true"
    assert found.tags()["looks"] == "2"
    assert found.tags()["post_hoc_changes"] == "modeling.seed: 1 -> 2"


def test_post_hoc_is_judged_by_the_analysis_of_the_first_look_amendments_included():
    # Faults: amendments called post hoc for ever; a return to the first plan taken for none.
    amended = plan(seed=2)
    same = state(plan(), amended, amended)
    assert not same.post_hoc
    assert [str(change) for change in same.amended] == ["modeling.seed: 1 -> 2"]
    back = state(plan(), plan(), amended)
    assert [str(change) for change in back.since_look] == ["modeling.seed: 2 -> 1"]


def test_where_the_first_look_is_lost_all_that_differs_counts_as_later():
    log = LookLog(looks=[], count=1, head="f" * 64, findings=["lost"])
    found = judge_seal(plan(), plan(seed=2), log, divided())
    assert found.post_hoc


def test_a_state_comes_back_from_json_as_it_was():
    found = state(plan(), plan(seed=2), plan())
    assert SealState.of(json.loads(json.dumps(found.stored()))) == found
    assert SealState.of({}) is None


def test_the_expected_error_of_an_auc_is_that_of_drawn_exponential_scores():
    # The model behind the formula, drawn: an AUC of 0.8 where malignant scores are four times as
    # large in the mean.
    random = np.random.default_rng(0)
    malignant = random.exponential(4, (4000, 40, 1))
    benign = random.exponential(1, (4000, 1, 60))
    drawn = (malignant > benign).mean(axis=(1, 2)).std(ddof=1)
    # The standard error of a standard deviation from 4000 draws is about 1.1 %.
    assert auc_standard_error(0.8, 40, 60) == pytest.approx(drawn, rel=0.05)


def test_the_expected_width_shrinks_with_more_lesions_and_is_none_without_a_class():
    assert expected_widths(400, 0.5)["0.8"] < expected_widths(100, 0.5)["0.8"]
    expected = 2 * norm.ppf(0.975) * auc_standard_error(0.8, 50, 50)
    assert expected_widths(100, 0.5)["0.8"] == pytest.approx(expected, abs=1e-3)
    assert expected_widths(100, 0.0) == {}
