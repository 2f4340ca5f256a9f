import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from spl_kedro.tabular import named, plain_names, validated

TABLE = pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=["area", "entropy"])


def learnt(check, *args, **kwargs):
    """Return what a check gives and what the estimator then knows, or the error's words."""
    estimator = BaseEstimator()
    try:
        result = check(estimator, *args, **kwargs)
    except (TypeError, ValueError) as error:
        return str(error)
    values = result if isinstance(result, tuple) else (result,)
    names = list(getattr(estimator, "feature_names_in_", []))
    return [v.tolist() for v in values], estimator.n_features_in_, names


@pytest.mark.parametrize(
    "X",
    [
        TABLE,
        TABLE.to_numpy(),
        TABLE.astype("float32"),
        TABLE.astype("int64"),
        TABLE.replace(4.0, np.nan),
        TABLE.replace(4.0, np.inf),
        TABLE.head(0),
        TABLE.set_axis(["area", 3], axis=1),
    ],
    ids=["table", "array", "float32", "integers", "nan", "infinite", "empty", "mixed names"],
)
@pytest.mark.parametrize("y", [None, np.array([0, 1, 1])], ids=["alone", "labelled"])
def test_a_table_is_judged_as_scikit_learn_judges_it(X, y):
    pair = () if y is None else (y[: len(X)],)
    assert learnt(validated, X, *pair) == learnt(validate_data, X, *pair, dtype=np.float64)


def test_columns_in_another_order_are_refused_as_by_scikit_learn():
    estimator = BaseEstimator()
    validated(estimator, TABLE)
    with pytest.raises(ValueError, match="feature names"):
        validated(estimator, TABLE[["entropy", "area"]], reset=False)


def test_names_stay_plain_strings():
    # Fault: pandas makes a string array of them, which scikit-learn reads name by name.
    assert named([[1.0, 2.0]], ["area", "entropy"]).columns.dtype == object
    assert plain_names(TABLE).columns.dtype == object
    assert plain_names("no table") == "no table"
