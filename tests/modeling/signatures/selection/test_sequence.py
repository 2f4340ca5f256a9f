import numpy as np
import pandas as pd

from spl_kedro.modeling.signatures.selection import (
    CorrelationFilter,
    SelectionSequence,
    StabilityFilter,
    UnivariateFilter,
    VarianceFilter,
)


def data():
    rng = np.random.default_rng(0)
    y = np.arange(100) % 2
    X = pd.DataFrame(rng.normal(size=(100, 6)), columns=list("abcdef"))
    X["a"] += 2 * y
    X["b"] = X["a"] * 3 + 1
    X["c"] = 4.0
    return X, y


STEPS = [
    ("stability", StabilityFilter(["d"], [0.1])),
    ("variance", VarianceFilter()),
    ("univariate", UnivariateFilter()),
    ("correlation", CorrelationFilter()),
]


def test_every_feature_is_either_kept_or_in_the_log_once():
    X, y = data()
    sequence = SelectionSequence(STEPS).fit(X, y)
    kept = sequence.get_feature_names_out().tolist()
    assert sorted([*kept, *sequence.dropped_["feature"]]) == list("abcdef")
    step = sequence.dropped_.set_index("feature")["step"]
    assert step["d"] == "stability"
    assert step["c"] == "variance"
    assert step["b" if "a" in kept else "a"] == "correlation"


def test_it_stops_when_a_step_leaves_nothing():
    X, y = data()
    nothing = SelectionSequence(
        [("stability", StabilityFilter(list(X), np.zeros(X.shape[1]))), *STEPS]
    )
    nothing.fit(X, y)
    assert not nothing.support_.any()
    assert [name for name, _ in nothing.steps_] == ["stability"]
    assert len(nothing.dropped_) == 6


def test_without_steps_everything_is_kept():
    X, y = data()
    sequence = SelectionSequence([]).fit(X, y)
    assert sequence.support_.all()
    assert sequence.dropped_.empty


def test_fitting_leaves_the_template_steps_untouched():
    X, y = data()
    SelectionSequence(STEPS).fit(X, y)
    assert not hasattr(STEPS[1][1], "support_")
