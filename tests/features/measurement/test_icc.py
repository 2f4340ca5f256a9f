import numpy as np
import pandas as pd
import pingouin
import pytest

from spl_kedro.features.measurement.icc import intraclass_correlation

ENDS = ("", "_low", "_high")


def _long(ratings):
    n, k = ratings.shape
    lesion, rater = np.meshgrid(range(n), range(k), indexing="ij")
    return pd.DataFrame(
        {"lesion": lesion.ravel(), "rater": rater.ravel(), "value": ratings.ravel()}
    )


@pytest.mark.parametrize("raters", [2, 3, 6])
@pytest.mark.parametrize("noise", [0.1, 1.0, 3.0])
def test_coefficients_and_intervals_equal_pingouins(raters, noise):
    rng = np.random.default_rng(raters)
    lesions = rng.normal(10, 1, (20, 1))
    ratings = lesions + rng.normal(0, noise, (20, raters)) + 0.5 * np.arange(raters)
    ours = intraclass_correlation(ratings[:, :, None] * 1e-13).iloc[0]
    theirs = pingouin.intraclass_corr(_long(ratings), "lesion", "rater", "value")
    theirs = theirs.set_index("Type")
    interval = next(column for column in theirs if "CI95" in column)
    for ours_name, kind in (("agreement", "2"), ("consistency", "3")):
        row = theirs[theirs.index.isin([f"ICC{kind}", "ICC(A,1)" if kind == "2" else "ICC(C,1)"])]
        assert ours[ours_name] == pytest.approx(row["ICC"].iloc[0], abs=1e-6)
        low, high = row[interval].iloc[0]
        assert ours[f"{ours_name}_low"] == pytest.approx(low, abs=0.006)  # rounded there
        assert ours[f"{ours_name}_high"] == pytest.approx(high, abs=0.006)


def test_identical_ratings_agree_perfectly_and_constant_ones_say_nothing():
    lesions = np.random.default_rng(0).normal(size=(9, 1))
    ratings = np.stack([np.repeat(lesions, 2, axis=1), np.ones((9, 2))], axis=2)
    table = intraclass_correlation(ratings)
    columns = [f"{kind}{end}" for kind in ("consistency", "agreement") for end in ENDS]
    assert (table.loc[0, columns] == 1).all()
    assert table.loc[1, columns].isna().all()


def test_a_constant_offset_lowers_agreement_but_not_consistency():
    lesions = np.random.default_rng(0).normal(size=(30, 1))
    ratings = np.concatenate([lesions, lesions + 2], axis=1)[:, :, None]
    table = intraclass_correlation(ratings)
    assert table["consistency"].iloc[0] == pytest.approx(1)
    assert table["agreement"].iloc[0] < 0.5
