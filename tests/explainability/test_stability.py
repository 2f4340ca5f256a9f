import numpy as np
import pandas as pd
import pytest

from spl_kedro.explainability.stability import ranking_agreement

A = pd.Series({"a": 0.4, "b": 0.3, "c": 0.2, "d": 0.1})


def test_the_same_ranking_agrees_fully():
    pair = ranking_agreement({"x": A, "y": A * 3}).iloc[0]
    assert pair["rank_correlation"] == pytest.approx(1)
    assert pair["overlap"] == 1


def test_a_reversed_ranking_of_the_same_features_disagrees():
    pair = ranking_agreement({"x": A, "y": pd.Series(A.to_numpy()[::-1], A.index)}, top=2).iloc[0]
    assert pair["rank_correlation"] == pytest.approx(-1)
    assert pair["overlap"] == 0


def test_features_that_only_one_fit_uses_lower_the_overlap_not_the_correlation():
    other = pd.Series({"a": 0.4, "b": 0.3, "c": 0.2, "x": 0.9, "d": 0.0})
    pair = ranking_agreement({"x": A, "y": other}, top=2).iloc[0]
    assert pair["rank_correlation"] == pytest.approx(1)
    assert pair["overlap"] == 0.5
    assert (pair["features"], pair["shared"]) == (5, 3)


def test_too_few_shared_features_have_no_correlation():
    pair = ranking_agreement({"x": A[["a", "b"]], "y": A[["a", "c"]]}).iloc[0]
    assert np.isnan(pair["rank_correlation"])
    assert pair["overlap"] == 0.5


def test_every_pair_of_fits_is_compared():
    pairs = ranking_agreement({"x": A, "y": A, "z": A})
    assert list(zip(pairs["first"], pairs["second"], strict=True)) == [
        ("x", "y"), ("x", "z"), ("y", "z"),
    ]  # fmt: skip
