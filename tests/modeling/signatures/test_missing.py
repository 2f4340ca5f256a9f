"""Missing values of a source whose features may be missing."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.base import clone

from spl_kedro.modeling.signatures.declaration import SourceSettings
from spl_kedro.modeling.signatures.feature import FeatureSignature
from spl_kedro.modeling.signatures.missing import MedianFill
from spl_kedro.modeling.signatures.models import source_fill
from spl_kedro.modeling.signatures.sources import SourceTables, declared_tables, feature_source


@pytest.fixture
def table():
    rng = np.random.default_rng(3)
    label = np.arange(80) % 2
    X = pd.DataFrame(
        {"a": rng.normal(size=80) + label, "ring": rng.normal(size=80) + 2.0 * label},
        index=[f"L{k:02d}" for k in range(80)],
    )
    X.loc[X.index[[3, 10, 41]], "ring"] = np.nan
    return X, label


def test_the_median_of_the_lesions_fitted_on_stands_for_a_missing_value(table):
    X, _ = table
    first = X.iloc[:40]
    fill = MedianFill(["ring"]).fit(first)
    filled = fill.transform(X)
    assert (filled["ring"][["L03", "L41"]] == first["ring"].median()).all()
    known = X["ring"].notna()
    pd.testing.assert_frame_equal(filled[known], X[known])
    assert X["ring"].isna().sum() == 3


def test_a_column_that_no_lesion_has_is_constant():
    X = pd.DataFrame({"ring": [np.nan, np.nan]})
    assert MedianFill(["ring"]).fit_transform(X)["ring"].tolist() == [0, 0]


def test_a_signature_fits_and_scores_lesions_of_which_a_feature_is_missing(table):
    X, label = table
    signature = FeatureSignature(["a", "ring"], fill=MedianFill(["ring"])).fit(X, label)
    score = signature.predict_proba(X)[:, 1]
    assert np.isfinite(score).all()
    at_median = X.assign(ring=X["ring"].fillna(X["ring"].median()))
    np.testing.assert_array_equal(score, signature.predict_proba(at_median)[:, 1])


def test_medians_are_of_each_inner_fold_alone(table, monkeypatch):
    # Fault: medians of lesions that the fold leaves out.
    seen = []
    fit = MedianFill.fit

    def noted(self, X, y=None):
        seen.append(len(X))
        return fit(self, X, y)

    monkeypatch.setattr(MedianFill, "fit", noted)
    X, label = table
    FeatureSignature(["a", "ring"], fill=MedianFill(["ring"]), cv=5).fit(X, label)
    assert sorted(seen) == [64] * 5 + [80]


def test_without_missing_values_it_changes_no_bit(table):
    X, label = table
    X = X.fillna(0.5)
    plain = FeatureSignature(["a", "ring"]).fit(X, label)
    filled = FeatureSignature(["a", "ring"], fill=MedianFill(["ring"])).fit(X, label)
    np.testing.assert_array_equal(plain.predict_proba(X), filled.predict_proba(X))


@pytest.mark.parametrize(("column", "value"), [("a", np.nan), ("ring", np.inf)])
def test_what_may_not_be_missing_and_infinity_are_refused_by_name(table, column, value):
    X, label = table
    X.loc["L07", column] = value
    with pytest.raises(ValueError, match=f"first '{column}' of lesion 'L07'"):
        FeatureSignature(["a", "ring"], fill=MedianFill(["ring"])).fit(X, label)


def test_a_source_says_whether_its_values_may_be_missing():
    tables = {"features": pd.DataFrame({"x": [1.0, np.nan]}, index=["L0", "L1"])}
    own = {"radiomics": SourceTables(pd.DataFrame({"r": [1.0, 2.0]}, index=["L0", "L1"]))}
    declared = {"radiomics": SourceSettings(), "rings": SourceSettings(missing="median")}
    found = declared_tables(declared, own, {"rings": tables})
    sources = {name: feature_source(name, part) for name, part in found.items()}
    assert source_fill([sources["radiomics"]]) is None
    assert source_fill(sources.values()).columns.tolist() == ["rings__x"]


def test_a_signature_stored_before_there_was_any_is_still_read(table):
    X, label = table
    signature = FeatureSignature(["a"]).fit(X, label)
    before = signature.predict_proba(X)
    state = {k: v for k, v in vars(signature).items() if k not in ("fill", "fill_")}
    old = FeatureSignature.__new__(FeatureSignature)
    old.__dict__.update(state)
    np.testing.assert_array_equal(old.predict_proba(X), before)
    assert clone(old).fill is None


def test_a_signature_with_missing_values_travels_in_a_package(table):
    # Fault: medians in an object that a package cannot hold.
    X, label = table
    columns = np.array(["a", "ring"])
    signature = FeatureSignature(columns, fill=MedianFill(columns[1:])).fit(X, label)
    content = skops.io.dumps(signature)
    types = skops.io.get_untrusted_types(data=content)
    sent = skops.io.loads(content, trusted=types)
    np.testing.assert_array_equal(sent.predict_proba(X), signature.predict_proba(X))
