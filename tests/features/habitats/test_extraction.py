"""The habitats of a cohort: who has a part in them, and what becomes of each lesion."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.features.habitats.conftest import HERE, SETTINGS, SMALL, TRAINING, Load, two_parts

from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.habitats import (
    HabitatParameters,
    habitat_schema,
    habitat_stability,
    measure_habitats,
)
from spl_kedro.features.measurement import FeatureCache, StabilitySettings
from spl_kedro.rules import Rule


def measured(lesions, folds, parameters=SMALL, cache=None, execution=HERE):
    return measure_habitats(lesions, TRAINING, folds, parameters, SETTINGS, execution, cache)


def test_habitats_are_numbered_by_their_brightness_in_every_fit(lesions, folds):
    result = measured(lesions, folds)
    assert list(result.features.index) == sorted(lesions)
    assert list(result.features.columns) == list(habitat_schema(SMALL).index)
    assert set(result.clusters["context"]) == {"all", "repeat_0_fold_0", "repeat_0_fold_1"}
    for _, rows in result.clusters.groupby("context"):
        assert rows["original_firstorder_Mean"].is_monotonic_increasing
        assert rows["share"].sum() == pytest.approx(1)
    dark, bright = (result.features[f"habitat{k}_original_firstorder_Mean"] for k in (1, 2))
    assert (dark < 60).all()
    assert (bright > 120).all()
    assert result.features["habitat1_share"].between(0.35, 0.65).all()
    assert result.findings.empty


def test_a_lesion_left_out_has_no_part_in_the_groups_of_its_fold(lesions, folds):
    before = measured(lesions, folds)
    # Otherwise quite another lesion.
    lesions["L0"] = Load("L0", 99, bright=0.05)
    after = measured(lesions, folds)
    left_out = before.clusters["context"] == "repeat_0_fold_0"
    pd.testing.assert_frame_equal(before.clusters[left_out], after.clusters[left_out])
    learnt = before.clusters["context"] == "repeat_0_fold_1"
    assert not before.clusters[learnt].equals(after.clusters[learnt])
    nested = after.nested.set_index("context", append=True)["unseen"]
    assert nested["L0"].to_dict() == {"repeat_0_fold_0": True, "repeat_0_fold_1": False}


def test_a_lesion_outside_of_training_has_no_part_in_any_group(lesions, folds):
    before = measured(lesions, folds)
    lesions["L4"] = Load("L4", 98, bright=0.05)
    after = measured(lesions, folds)
    pd.testing.assert_frame_equal(before.clusters, after.clusters)
    others = before.features.index != "L4"
    pd.testing.assert_frame_equal(before.features[others], after.features[others])
    assert set(after.nested.index) == set(TRAINING)


def test_the_rows_of_a_fold_are_by_its_own_groups(lesions, folds):
    # From dark to bright without a gap, so that groups depend on who is there.
    ramp = np.tile(np.arange(32.0), (30, 1))
    for k, name in enumerate(TRAINING):
        made = replace(two_parts(name), image=ramp * (2 + k))
        lesions[name] = lambda made=made: made
    result = measured(lesions, folds)
    rows = result.nested[result.nested["context"] == "repeat_0_fold_1"]
    assert list(rows.index) == TRAINING
    both = rows[result.features.columns].to_numpy() - result.features.loc[TRAINING].to_numpy()
    assert 0 < np.nanmax(np.abs(both)) < 60


def test_a_lesion_without_enough_pixels_stays_without_habitats_and_is_found(lesions, folds):
    small = two_parts("L5")
    small.mask[:] = False
    small.mask[5:9, 5:9] = True
    lesions["L5"] = lambda: small
    result = measured(lesions, folds)
    assert result.features.loc["L5"].isna().all()
    (row,) = result.findings.to_dict("records")
    assert (row["lesion_id"], row["rule"]) == ("L5", str(Rule.HABITAT_PIXELS))
    assert "16 pixels have a value in every map, 30 needed" in row["message"]


def test_a_lesion_that_cannot_be_read_costs_the_others_nothing(lesions, folds):
    def broken():
        raise OSError("torn")

    whole = measured(lesions, folds)
    lesions["L5"] = broken
    result = measured(lesions, folds)
    pd.testing.assert_frame_equal(result.features.loc[TRAINING], whole.features.loc[TRAINING])
    assert "OSError: torn" in result.findings["message"].item()


def test_what_was_kept_is_what_is_measured(lesions, folds, tmp_path):
    cache = FeatureCache(str(tmp_path / "cache"))
    first = measured(lesions, folds, cache=cache)
    entries = set((tmp_path / "cache").rglob("*.entry"))
    again = measured(lesions, folds, cache=cache)
    assert set((tmp_path / "cache").rglob("*.entry")) == entries
    assert len(entries) == 10
    pd.testing.assert_frame_equal(first.features, again.features)
    pd.testing.assert_frame_equal(first.nested, again.nested)
    wider = SMALL.model_copy(update={"kernel_radius": 2})
    assert not measured(lesions, folds, wider, cache).features.equals(first.features)


def test_a_number_is_chosen_within_each_fit_and_missing_habitats_have_share_0(lesions, folds):
    chosen = SMALL.model_copy(update={"number": None, "candidates": (2, 4)})
    result = measured(lesions, folds, chosen)
    assert (result.clusters.groupby("context").size() == 2).all()
    assert result.clusters["criterion"].between(0.3, 1).all()
    assert (result.features["habitat4_share"] == 0).all()
    assert result.features["habitat4_original_firstorder_Mean"].isna().all()


def test_a_mixture_finds_the_same_two_parts(lesions, folds):
    result = measured(lesions, folds, SMALL.model_copy(update={"method": "gaussian_mixture"}))
    dark, bright = (result.features[f"habitat{k}_original_firstorder_Mean"] for k in (1, 2))
    assert (dark < bright).all()


def test_too_few_pixels_and_unknown_features_are_refused(lesions, folds):
    flat = two_parts("L0")
    same = replace(flat, image=np.full(flat.image.shape, 90.0))
    with pytest.raises(UnusableStudyError, match="hardly more than 2 different ones"):
        measured({name: (lambda: same) for name in TRAINING}, folds)
    wrong = HabitatParameters(features=("original_glcm_MCC",), order_by="original_glcm_MCC")
    with pytest.raises(UnusableStudyError, match="'original_glcm_MCC', of which preset us2d-1561"):
        measured(lesions, folds, wrong)


def test_stability_is_that_of_the_same_groups_under_other_outlines(folds):
    lesions = {f"L{k}": Load(f"L{k}", k, bright=0.2 + 0.1 * k) for k in range(6)}
    training = sorted(lesions)
    result = measure_habitats(lesions, training, folds.iloc[:0], SMALL, SETTINGS, HERE)
    stability = habitat_stability(
        result.features, result.clustering, lesions, {}, training, SMALL, SETTINGS, HERE,
        StabilitySettings(lesions=6),
    )  # fmt: skip
    assert list(stability.index) == list(result.features.columns)
    assert stability.loc["habitat1_share", "lesions"] == 6
    assert stability.loc["habitat1_share", "icc"] > 0.8
