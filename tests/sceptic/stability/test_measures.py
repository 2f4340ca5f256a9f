import numpy as np
import pandas as pd
import pytest

from spl_kedro.sceptic.stability.measures import (
    cell_table,
    curve_table,
    lesion_table,
    spread,
    summary_table,
)

LESIONS = ["A", "B", "C", "D"]
ORIGINAL = np.array([0.1, 0.4, 0.6, 0.9])


def told(refitted, drawn=None):
    names = [f"r{number:04d}" for number in range(refitted.shape[1])]
    scores = pd.DataFrame({"model": "rad", "lesion_id": LESIONS, "original": ORIGINAL})
    scores = pd.concat([scores, pd.DataFrame(refitted, columns=names)], axis=1)
    counts = np.ones(refitted.shape, int) if drawn is None else drawn
    draws = pd.DataFrame(counts, columns=names).assign(lesion_id=LESIONS)
    return scores, draws, pd.DataFrame({"model": ["rad"], "threshold": [0.5]})


def test_a_model_that_ignores_who_was_drawn_has_no_error_and_no_instability():
    table = lesion_table(*told(np.tile(ORIGINAL[:, None], (1, 7))))
    assert (table["error"] == 0).all()
    assert (table["otherwise"] == 0).all()
    np.testing.assert_array_equal(table["low"], table["high"])
    assert summary_table(table)[["mape", "width", "otherwise", "unstable"]].eq(0).all(axis=None)


def test_errors_and_decisions_are_counted_by_lesion():
    refitted = np.array([[0.2, 0.0], [0.6, 0.4], [0.6, 0.4], [0.8, 0.4]])
    table = lesion_table(*told(refitted)).set_index("lesion_id")
    np.testing.assert_allclose(table["error"], [0.1, 0.1, 0.1, 0.3])
    assert table["otherwise"].tolist() == [0.0, 0.5, 0.5, 0.5]
    row = summary_table(table.reset_index()).iloc[0]
    assert row["mape"] == pytest.approx(0.15)
    assert row["otherwise"] == pytest.approx(0.375)
    assert row["unstable"] == pytest.approx(0.75)


def test_a_probability_at_the_threshold_is_malignant_in_refits_too():
    found = spread(np.array([0.5, 0.4]), np.array([[0.5, 0.49], [0.5, 0.49]]), 0.5)
    assert found.otherwise.tolist() == [0.5, 0.5]


def test_limits_hold_the_middle_of_the_refits():
    refitted = np.linspace(0, 1, 1001)[None, :]
    found = spread(np.array([0.5]), refitted, 0.5)
    assert found.low[0] == pytest.approx(0.025)
    assert found.high[0] == pytest.approx(0.975)


def test_the_error_of_patients_not_drawn_is_that_of_the_refits_without_them():
    refitted = np.column_stack([ORIGINAL + 0.01, ORIGINAL + 0.05])
    drawn = np.array([[0, 1], [1, 0], [0, 0], [1, 2]])
    table = lesion_table(*told(refitted, drawn)).set_index("lesion_id")
    np.testing.assert_allclose(table["error_not_drawn"], [0.01, 0.05, 0.03, np.nan])
    assert summary_table(table.reset_index())["mape_not_drawn"].item() == pytest.approx(0.03)


def test_cells_hold_every_refit_once():
    scores, *_ = told(np.column_stack([ORIGINAL, 1 - ORIGINAL, np.ones(4)]))
    cells = cell_table(scores)
    assert cells["share"].sum() == pytest.approx(1)
    near = cells[(cells["original"] - 0.9).abs() < 0.03]
    assert near["share"].sum() == pytest.approx(0.25)


def test_curves_are_those_of_each_refit():
    rng = np.random.default_rng(0)
    n = 400
    risk = rng.uniform(0.05, 0.95, n)
    label = pd.Series(rng.random(n) < risk, index=[f"L{i}" for i in range(n)]).astype(int)
    scores = pd.DataFrame(
        {"model": "rad", "lesion_id": label.index, "original": risk, "r0000": risk,
         "r0001": risk**3}
    )  # fmt: skip
    curves = curve_table(scores, label).set_index(["curve", "at"])
    calibration = curves.loc["calibration"]
    np.testing.assert_array_equal(calibration["r0000"], calibration["original"])
    # Probabilities that are too low: more happens than they say.
    assert calibration.loc[0.42, "r0001"] > calibration.loc[0.42, "r0000"] + 0.15
    benefit = curves.loc["net_benefit"].loc[0.5, "r0001"]
    acted = risk**3 >= 0.5
    outcome = label.to_numpy()
    assert benefit == pytest.approx(
        ((acted & (outcome == 1)).sum() - (acted & (outcome == 0)).sum()) / n
    )
