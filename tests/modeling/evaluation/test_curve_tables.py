import numpy as np
import pandas as pd

from spl_kedro.modeling.evaluation import calibration_table, decision_curve_table
from spl_kedro.modeling.evaluation.curve_tables import TREAT_ALL, TREAT_NONE


def test_calibration_table_has_a_curve_with_its_band_and_every_lesion_in_a_group(
    predictions, settings
):
    table = calibration_table(predictions, settings)
    smooth = table[table["kind"] == "smooth"]
    groups = table[table["kind"] == "group"]
    assert len(smooth) == 45 * settings.calibration_points
    counts = groups.groupby(["protocol", "model", "cohort"])["n"].sum()
    assert set(counts.xs("validation", level="cohort")) == {60}
    drawn = smooth.dropna(subset=["low"])
    assert len(drawn) > 0.8 * len(smooth)
    assert (drawn["low"] <= drawn["observed"]).mean() > 0.99
    assert (drawn["observed"] <= drawn["high"]).mean() > 0.99


def test_separated_classes_have_groups_but_no_curve(predictions, settings):
    table = predictions.copy()
    inside = table["cohort"] == "validation"
    table.loc[inside, "score"] = 0.1 + 0.8 * table.loc[inside, "label"]
    result = calibration_table(table, settings).query("cohort == 'validation'")
    assert result.loc[result["kind"] == "smooth", "observed"].isna().all()
    assert result.loc[result["kind"] == "group", "observed"].notna().all()


def test_a_cohort_with_one_class_is_left_out_of_calibration(predictions, settings):
    table = predictions.copy()
    table.loc[table["cohort"] == "external", "label"] = 0
    assert "external" not in set(calibration_table(table, settings)["cohort"])


def test_decision_curves_cover_models_all_and_none_with_bands(predictions, settings):
    table = decision_curve_table(predictions, settings).query(
        "cohort == 'validation' and protocol == 'leak_free'"
    )
    assert set(table["model"]) == {"clinical", "rad", "dtl", "dlr", "cdlr", TREAT_ALL, TREAT_NONE}
    assert table["threshold"].min() == 0.05
    assert table["threshold"].max() == 0.95
    assert (table["low"] <= table["net_benefit"] + 1e-12).all()
    assert (table["net_benefit"] <= table["high"] + 1e-12).all()
    none = table[table["model"] == TREAT_NONE]
    assert (none[["net_benefit", "low", "high"]] == 0).all(axis=None)
    everyone = table[table["model"] == TREAT_ALL]
    # What biopsying all is worth hangs on how many are malignant, which is left to chance.
    assert (everyone["low"] < everyone["high"]).all()
    np.testing.assert_allclose(everyone["avoided"], 0, atol=1e-12)


def test_tables_repeat_exactly_whatever_the_row_order(predictions, settings):
    shuffled = predictions.sample(frac=1, random_state=2)
    for make in (calibration_table, decision_curve_table):
        pd.testing.assert_frame_equal(
            make(predictions, settings), make(shuffled, settings), check_exact=True
        )
