"""Leaks that are planted are listed, by their rule; tables without one are left in peace."""

import numpy as np
import pandas as pd
import pytest
from benchmarks.leaks import confounded, null_table, one_class, post_hoc, settings, sorted_export

from spl_kedro.cohort.settings import CategoryVariable, NumericVariable
from spl_kedro.errors import UnusableStudyError
from spl_kedro.leaks.association import of_categories, of_numbers
from spl_kedro.leaks.checks import ALONE, MADE, MISSING, ORDER, WORDS, natural_rank
from spl_kedro.leaks.detector import (
    find_leaks,
    leak_findings,
    left_out_variables,
    refuse_leaks,
    summary,
)
from spl_kedro.leaks.words import label_words, spaced, telling_words
from spl_kedro.schemas import Findings, Leaks


def listed(leaks: pd.DataFrame) -> set[tuple[str, str]]:
    own = Leaks.validate(leaks)[leaks["listed"]]
    return set(zip(own["variable"], own["rule"], strict=True))


def planted(plant, cases: int = 200, **changes):
    rng = np.random.default_rng(11)
    chosen = settings()
    chosen = chosen.model_copy(update={"leaks": chosen.leaks.model_copy(update=changes)})
    return find_leaks(*plant(*null_table(cases, rng), rng), chosen)


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (post_hoc, {("number_0", ALONE)}),
        (one_class, {("number_0", MISSING)}),
        (confounded, {("site", MADE)}),
    ],
)
def test_a_planted_leak_is_listed_by_its_rule(plant, found):
    # One table in twenty has a relation with a site or an order by chance; variables have none.
    told = listed(planted(plant))
    assert found <= told
    assert {rule for _, rule in told - found} <= {MADE, ORDER}


def test_a_sorted_export_is_listed_by_its_identifiers():
    assert ("lesion_id", ORDER) in listed(planted(sorted_export))


def test_where_nothing_leaks_something_is_listed_no_more_often_than_was_asked_for():
    chosen = settings()
    alarms = sum(
        find_leaks(*null_table(80, np.random.default_rng(seed)), chosen)["listed"].any()
        for seed in range(40)
    )
    # 5 % of 40 and three standard errors.
    assert alarms <= 40 * 0.05 + 3 * (40 * 0.05 * 0.95) ** 0.5


def test_a_category_that_is_the_label_is_listed_and_one_that_names_each_case_is_not():
    rows, made = null_table(120, np.random.default_rng(3))
    rows["category_0"] = rows["label"].map({0: "solid", 1: "mixed"})
    rows["category_1"] = [f"text {i}" for i in range(len(rows))]
    told = listed(find_leaks(rows, made, settings()))
    assert {name for name, rule in told if rule == ALONE} == {"category_0"}


def test_few_cases_that_part_by_chance_are_not_listed():
    rows, made = null_table(12, np.random.default_rng(5))
    rows.loc[rows.index[2:], "number_0"] = np.nan
    rows.loc[rows.index[:2], "label"] = [0, 1]
    leaks = find_leaks(rows, made, settings())
    assert "number_0" not in set(leaks.loc[leaks["rule"] == ALONE, "variable"])


def test_lesions_of_one_patient_count_once():
    rows, made = null_table(30, np.random.default_rng(2))
    times = pd.Index([f"{name}_{n}" for name in rows.index for n in range(8)], name="lesion_id")
    many, more = (part.loc[rows.index.repeat(8)].set_axis(times) for part in (rows, made))
    assert find_leaks(many, more, settings())["cases"].max() == 30


def test_words_of_the_label_in_name_column_or_category_are_listed():
    chosen = settings()
    variables = (
        NumericVariable(name="weeks", column="Weeks_to_Biopsy"),
        CategoryVariable(name="finding", column="finding", mapping={"cyst": "benign cyst"}),
        NumericVariable(name="benignity_free", column="age"),
        NumericVariable(name="age", column="age"),
    )
    words = label_words(chosen)
    told = [telling_words(v, pd.Series(["benign cyst"]), words) for v in variables]
    assert told == [["biops"], ["benign"], ["benign"], []]
    rows, made = null_table(60, np.random.default_rng(1))
    rows = rows.assign(age=1.0 + np.arange(60), weeks=1.0)
    leaks = find_leaks(rows, made, chosen.model_copy(update={"clinical": variables}))
    assert ("weeks", WORDS) in listed(leaks)


def test_a_short_word_of_the_label_is_no_reason_to_list_a_variable():
    chosen = settings()
    labels = chosen.labels.model_copy(update={"benign": ("b",), "malignant": ("mali",)})
    words = label_words(chosen.model_copy(update={"labels": labels}))
    assert "b" not in words
    assert "mali" in words


def test_words_are_parted_at_signs_and_capitals():
    assert spaced("BI-RADS_score") == "bi rads score"
    assert spaced("biopsyResult") == "biopsy result"


def test_left_out_are_variables_alone_and_the_rest_is_flagged():
    rng = np.random.default_rng(11)
    rows, made = confounded(*post_hoc(*null_table(200, rng), rng), rng)
    chosen = settings()
    chosen = chosen.model_copy(
        update={"leaks": chosen.leaks.model_copy(update={"action": "leave_out"})}
    )
    leaks = find_leaks(rows, made, chosen)
    assert left_out_variables(leaks) == ["number_0"]
    findings = Findings.validate(leak_findings(leaks))
    done = findings.groupby("rule")["action"].agg(set).to_dict()
    assert done[ALONE] == {"left out"}
    assert done[MADE] == {"flagged"}


def test_a_refused_study_names_the_first_and_how_to_go_on_all_the_same():
    leaks = planted(post_hoc)
    with pytest.raises(UnusableStudyError, match=r"'number_0'.*leaks\.action: flag"):
        refuse_leaks(leaks)
    refuse_leaks(leaks.assign(listed=False))


def test_the_line_says_how_many_checks_were_made_and_what_is_listed():
    leaks = planted(post_hoc)
    alone = leaks.assign(listed=leaks["listed"] & (leaks["rule"] == ALONE))
    assert summary(alone, 200) == (
        f"{len(leaks)} checks for leaks on 200 training lesions: 1 listed, "
        f"with the rule broken: number_0 ({ALONE})."
    )
    assert summary(leaks.assign(listed=False), 200).endswith(": 0 listed.")


def test_no_check_is_made_of_a_class_that_is_hardly_there():
    rows, made = null_table(60, np.random.default_rng(4))
    rows["label"] = 0
    rows.loc[rows.index[:3], "label"] = 1
    leaks = find_leaks(rows, made, settings())
    assert set(leaks["rule"]) == {WORDS}


def test_the_auc_of_a_number_is_that_of_the_direction_it_has():
    label = np.repeat([0, 1], 10)
    found = of_numbers(-np.arange(20.0), label)
    assert found.auc == 1
    assert found.low < 1
    assert found.p < 1e-3


def test_the_p_value_of_categories_is_that_of_fishers_test_for_two():
    from scipy.stats import fisher_exact

    label = np.repeat([0, 1], [30, 20])
    values = pd.Series(["a"] * 12 + ["b"] * 18 + ["a"] * 15 + ["b"] * 5)
    chosen = settings().leaks.model_copy(update={"permutations": 99_999})
    exact = fisher_exact([[12, 18], [15, 5]]).pvalue
    found = of_categories(values, label, chosen)
    assert found.p == pytest.approx(exact, abs=4 * (exact / 1e5) ** 0.5)


def test_numbers_in_names_count_as_numbers():
    ranks = natural_rank(pd.Index(["case 10", "case 9", "case 100"]))
    assert ranks.to_dict() == {"case 9": 0, "case 10": 1, "case 100": 2}
