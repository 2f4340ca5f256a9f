"""The benchmark of coverage, in small: what it counts, and that intervals hold a known truth."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks/coverage_parts"))

import coverage_fixed
from coverage_fixed import DrawTask, Kind, known
from coverage_plain import run_plain
from coverage_population import Population, study_table
from coverage_summary import against, coverage, findings, outside
from coverage_truth import area

from spl_kedro.modeling.signatures.settings import SignatureSettings

COHORTS = 60


@pytest.fixture(scope="module")
def drawn():
    """Return what tables say of fixed scores, and what is true."""
    kind = Kind(122, (0.8, 0.8))
    patched = pytest.MonkeyPatch()
    patched.setattr(coverage_fixed, "PEOPLE", 60_000)
    truth = known(kind)
    patched.undo()
    return DrawTask(kind, tuple(range(COHORTS)), 200)(), truth


def test_intervals_of_given_models_hold_the_truth_as_often_as_they_say(drawn):
    said, truth = drawn
    table = coverage(against(said, truth, "given")).set_index("quantity")
    # Resamples that kept the classes' sizes held a net benefit in 3 of 10 cohorts, an ICI in none.
    wanted = ["auc", "sensitivity", "specificity", "brier", "calibration_slope", "ici"]
    wanted += ["calibration_intercept", "net_benefit at 0.2", "net_benefit at 0.6"]
    wanted += ["observed risk at 0.6", "auc_difference", "idi", "nri"]
    lowest = 0.95 - 3 * (0.95 * 0.05 / COHORTS) ** 0.5
    assert table.loc[wanted, "coverage"].min() >= lowest


def test_tests_of_equal_models_find_a_difference_as_seldom_as_they_say(drawn):
    table = findings(drawn[0], ["rad>dtl"]).set_index(["model", "test"])
    found = table.loc["rad>dtl", "found"]
    assert set(found.index) >= {"auc_difference", "nri", "idi"}
    assert found.max() <= 0.05 + 3 * (0.05 * 0.95 / COHORTS) ** 0.5
    assert table["null"].sum() == len(found) - 2  # the two parts of the NRI are no tests


def test_a_share_is_marked_where_chance_does_not_explain_it():
    share, n = pd.Series([0.90, 0.91, 0.95, 0.98, 0.99]), pd.Series([400] * 5)
    assert outside(share, n, (0.93, 0.97)).tolist() == [True, False, False, False, True]
    assert outside(share[:1], pd.Series([100]), (0.93, 0.97)).tolist() == [False]


def test_coverage_counts_each_side_and_what_is_withheld():
    rows = pd.DataFrame(
        {
            "cohort": "training",
            "quantity": ["auc", "auc", "risk group 1", "risk group 2"],
            "target": "t",
            "number": [0, 1, 0, 0],
            "value": [0.8, 0.8, 0.3, 0.3],
            "low": [0.75, 0.86, 0.2, np.nan],
            "high": [0.85, 0.9, 0.4, np.nan],
            "truth": [0.82, 0.82, 0.5, 0.3],
        }
    )
    table = coverage(rows).set_index("quantity")
    assert table.loc["auc", ["coverage", "below", "above"]].tolist() == [0.5, 0.5, 0.0]
    groups = table.loc["observed risk of a risk group"]
    assert groups[["coverage", "above", "withheld"]].tolist() == [0.0, 1.0, 0.5]


def test_the_population_is_the_same_in_every_cohort_and_its_blocks_are_exchangeable():
    first, second = (
        Population("exchangeable").draw(20_000, np.random.default_rng(seed)) for seed in (1, 2)
    )
    label = first["label"].to_numpy(dtype=float)
    for k in (1, 4):
        mine = area(label, first[f"radiomics_{k}"].to_numpy())
        other = area(label, first[f"deep_{k}"].to_numpy())
        again = area(second["label"].to_numpy(dtype=float), second[f"radiomics_{k}"].to_numpy())
        assert mine == pytest.approx(other, abs=0.02)
        assert mine == pytest.approx(again, abs=0.02)
    nothing = Population("nothing").draw(20_000, np.random.default_rng(3))
    label = nothing["label"].to_numpy(dtype=float)
    assert area(label, nothing["deep_3"].to_numpy()) == pytest.approx(0.5, abs=0.02)


def test_plain_models_are_cross_fitted_in_training_and_score_others_once():
    rng = np.random.default_rng(4)
    parts = {name: Population().draw(120, rng) for name in ("training", "external")}
    study = run_plain(study_table(parts), SignatureSettings(n_jobs=1), ("clinical", "rad"))
    rows = study.predictions.groupby("cohort")
    assert (rows.get_group("training")["fold"] >= 0).all()
    assert rows.size().to_dict() == {"external": 2 * 120, "training": 2 * 3 * 120}
    assert (rows.get_group("external")["fold"] == -1).all()
