import numpy as np
import pandas as pd
import pytest

from spl_kedro.modeling.signatures.clinical_encoding import ClinicalEncoder
from spl_kedro.modeling.signatures.warning import SignatureWarning


def table():
    echo = ["none"] * 12 + ["shadow"] * 6 + ["enhanced"] * 2
    return pd.DataFrame(
        {
            "age": [50.0, 60.0, 70.0, np.nan] * 5,
            "echo": pd.array(echo, dtype="string"),
            "fever": [True, False] * 10,
        },
        index=pd.Index([f"L{i}" for i in range(20)], name="lesion_id"),
    )


def test_missing_numbers_get_the_training_median_and_an_indicator():
    encoder = ClinicalEncoder(min_missing=5).fit(table())
    encoded = pd.DataFrame(encoder.transform(table()), columns=encoder.terms_)
    assert encoded.loc[3, "age"] == 60.0
    assert encoded["age missing"].sum() == 5


def test_the_median_is_the_training_one_whatever_is_encoded_later():
    encoder = ClinicalEncoder().fit(table())
    later = table().assign(age=np.nan)
    assert (encoder.transform(later)[:, 0] == 60.0).all()


def test_categories_are_coded_against_the_most_frequent_and_rare_ones_join_it():
    encoder = ClinicalEncoder(min_level=5).fit(table())
    assert encoder.terms_ == ["age", "echo=shadow", "fever"]
    encoded = encoder.transform(table())
    assert encoded[:, 1].sum() == 6
    assert encoder.codes_[1].joined == ("enhanced",)


def test_an_unseen_category_counts_as_the_reference_and_is_named():
    encoder = ClinicalEncoder().fit(table())
    later = table()
    later.loc["L0", "echo"] = "comet"
    with pytest.warns(SignatureWarning, match="'echo'.*not seen in training.*comet"):
        encoded = encoder.transform(later)
    assert encoded[0, 1] == 0.0


def test_a_missing_category_is_the_reference_and_marked():
    missing = table()
    missing.loc[missing.index[:6], "echo"] = pd.NA
    encoder = ClinicalEncoder(min_missing=6).fit(missing)
    encoded = pd.DataFrame(encoder.transform(missing), columns=encoder.terms_)
    assert encoded.loc[:5, "echo missing"].eq(1).all()
    assert encoded.loc[:5, "echo=shadow"].eq(0).all()


def test_infinity_is_refused_naming_variable_and_lesion():
    broken = table()
    broken.loc["L7", "age"] = np.inf
    with pytest.raises(ValueError, match="'age' holds infinity, first at lesion 'L7'"):
        ClinicalEncoder().fit(broken)


def test_a_variable_nobody_has_becomes_a_constant_not_an_error():
    empty = table().assign(echo=pd.array([pd.NA] * 20, dtype="string"), age=np.nan)
    encoded = ClinicalEncoder(min_missing=50).fit_transform(empty)
    assert np.isfinite(encoded).all()
