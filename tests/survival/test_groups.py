import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test
from tests.survival.conftest import survival_settings
from tests.survival.test_fitting import EVALUATION

from spl_kedro.survival import (
    calibration_by_group,
    risk_group_curves,
    survival_figure,
    survival_section,
)
from spl_kedro.survival.groups import training_medians
from spl_kedro.survival.measures import survival_tables


def test_groups_are_divided_at_the_training_median_and_everybody_is_in_one(fitted):
    *_, predictions = fitted
    curves, groups = risk_group_curves(predictions, survival_settings(), 0.95)
    medians = training_medians(predictions)
    rad = predictions[(predictions["model"] == "rad") & (predictions["cohort"] == "validation")]
    high = rad["risk"] > medians["rad"]
    own = groups[(groups["model"] == "rad") & (groups["cohort"] == "validation")]
    own = own.set_index("group")
    assert own["n"].to_dict() == {"low risk": int((~high).sum()), "high risk": int(high.sum())}
    test = logrank_test(
        rad["time"][high], rad["time"][~high], rad["event"][high], rad["event"][~high]
    )
    assert own["p_log_rank"].iloc[0] == pytest.approx(test.p_value)
    start = curves[curves["time"] == 0]
    assert (start["survival"] == 1).all()
    assert start["at_risk"].tolist() == groups["n"].tolist()


def test_foretold_and_observed_risk_are_compared_in_equal_groups(fitted):
    *_, predictions = fitted
    table = calibration_by_group(predictions, survival_settings(calibration_groups=3), 0.95)
    for _, rows in table.groupby(["model", "cohort"]):
        assert rows["group"].tolist() == [1, 2, 3]
        assert np.ptp(rows["n"]) <= 1
        assert rows["foretold"].is_monotonic_increasing
    known = table.dropna(subset=["observed"])
    assert len(known)
    assert ((known["low"] <= known["observed"]) & (known["observed"] <= known["high"])).all()


def test_a_group_of_which_nobody_is_watched_as_long_has_no_observed_risk(fitted):
    *_, predictions = fitted
    short = predictions.assign(
        time=np.minimum(predictions["time"], 5),
        event=predictions["event"] & (predictions["time"] <= 3),
    )
    assert calibration_by_group(short, survival_settings(), 0.95)["observed"].isna().all()
    performance, _ = survival_tables(short, survival_settings(), EVALUATION)
    told = performance[performance["metric"] == "calibration_difference"]
    assert told["value"].isna().all()


def test_the_section_says_that_simulated_patients_were_watched_by_nobody(fitted):
    *_, predictions = fitted
    settings = survival_settings(event_name="death")
    performance, comparisons = survival_tables(predictions, settings, EVALUATION)
    curves, groups = risk_group_curves(predictions, settings, 0.95)
    tables = {
        "performance": performance,
        "comparisons": comparisons,
        "curves": curves,
        "groups": groups,
        "calibration": calibration_by_group(predictions, settings, 0.95),
    }
    lost = pd.DataFrame({"lesion_id": ["a", "a", "b"]})
    section = survival_section(tables, lost, settings, simulated=True)
    assert section.title == "Time to death"
    assert "nobody was watched" in section.paragraphs[0]
    assert "2 lesions without a usable follow-up are left out" in section.paragraphs[0]
    real = survival_section(tables, lost.iloc[:0], settings, simulated=False)
    assert "watched" not in real.paragraphs[0]
    for figure in section.figures:
        for drawing in figure.panels.values():
            assert "Simulated patients" in [text.get_text() for text in drawing.figure().texts]


def test_an_auc_without_an_interval_is_within_the_figure_too(fitted):
    # Fault: axes that end at the lowest interval, below which an estimate of few patients lies.
    *_, predictions = fitted
    performance, _ = survival_tables(predictions, survival_settings(), EVALUATION)
    calibration = calibration_by_group(predictions, survival_settings(), 0.95)
    areas = performance["metric"] == "auc"
    performance.loc[areas, ["value", "low", "high"]] = [0.1, np.nan, np.nan]
    figure = survival_figure(
        performance, calibration, "rad", "validation", unit="months", simulated=True
    )
    middle = figure.axes[1]
    assert middle.get_ylim()[0] < 0.1
    assert all(0 <= tick <= 1 for tick in middle.get_yticks())
