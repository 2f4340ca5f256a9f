import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.summary import (
    candidate_parameters,
    odds_ratios,
    selected_features,
)

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


def test_every_radiomics_feature_is_listed_once_with_its_fate(leak_free, study):
    table = selected_features(leak_free).query("model == 'rad'")
    assert sorted(table["feature"]) == sorted(study.features(["radiomics"], degenerate=True))
    fate = table.set_index("feature")
    assert fate.loc["rad_29", "step"] == "degenerate"
    assert fate.loc["rad_02", "step"] == "stability"
    assert fate.loc[fate["kept"], "step"].eq("").all()


def test_the_frequency_is_the_share_of_folds_that_kept_the_feature(leak_free, study):
    table = selected_features(leak_free)
    clinical = table.query("model == 'clinical'").set_index("feature")
    kept_age = ["age" in fold for fold in leak_free.cross_fits["clinical"].selected]
    assert clinical.loc["age", "fold_frequency"] == np.mean(kept_age) > 0
    assert table["fold_frequency"].between(0, 1).all()


def test_as_published_lists_what_its_filters_dropped_and_has_no_folds(study, settings):
    table = selected_features(run_protocol(study, settings, "as_published"))
    rad = table.query("model == 'rad'")
    assert sorted(rad["feature"]) == sorted(study.features(["radiomics"], degenerate=True))
    assert table["fold_frequency"].isna().all()


def test_odds_ratios_are_those_of_the_clinical_model(leak_free):
    odds = odds_ratios(leak_free, 0.95)
    pd.testing.assert_frame_equal(
        odds.drop(columns="confidence"), leak_free.models["clinical"].odds_ratios_
    )


def test_odds_ratios_of_another_coverage_have_other_intervals_about_the_same_ratio(leak_free):
    wide, narrow = odds_ratios(leak_free, 0.95), odds_ratios(leak_free, 0.9)
    assert narrow["odds_ratio"].equals(wide["odds_ratio"])
    ratio = np.log(narrow["odds_ratio_high"] / narrow["odds_ratio_low"]) / np.log(
        wide["odds_ratio_high"] / wide["odds_ratio_low"]
    )
    np.testing.assert_allclose(ratio, 1.6448536 / 1.9599640, rtol=1e-6)
    assert set(narrow["confidence"]) == {0.9}


def test_candidates_are_counted_before_selection(leak_free, study):
    counts = candidate_parameters(leak_free)
    assert counts["rad"] == 28
    assert counts["dlr"] == 36
    # age, crp, its indicator of missing values, and one column for sex
    assert counts["clinical"] == 4
    assert counts["cdlr"] == 5
