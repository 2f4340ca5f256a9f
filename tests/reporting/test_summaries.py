"""The tables that the report's sections on features print."""

import numpy as np
import pandas as pd

from spl_kedro.reporting.selection import features_used, selection_funnel
from spl_kedro.reporting.summaries import ALL, feature_summary


def test_the_classes_add_up_to_all_and_degenerate_features_are_not_judged():
    index = pd.Index([f"f{i}" for i in range(6)], name="feature")
    schema = pd.DataFrame(
        {
            "feature_class": ["glcm", "glcm", "glcm", "shape", "shape", "shape"],
            "degenerate": [False, False, True, False, False, False],
        },
        index=index,
    )
    stability = pd.DataFrame(
        {"icc": [0.9, 0.5, 0.99, 0.8, np.nan, 0.7], "threshold": 0.75}, index=index
    )
    stability["stable"] = stability["icc"] >= 0.75
    table = feature_summary(schema, stability).set_index("feature_class")
    counts = ["features", "degenerate", "judged", "stable", "without_icc"]
    assert table.loc["glcm", counts].tolist() == [3, 1, 2, 1, 0]
    assert table.drop(index=ALL)[counts].sum().tolist() == table.loc[ALL, counts].tolist()
    assert table.loc["glcm", "median"] == 0.7
    assert table.loc[ALL, "median"] == 0.75


def test_the_funnel_of_each_model_ends_with_the_features_it_uses(study):
    funnels = selection_funnel(study.selected_features)
    kept = study.selected_features.query("kept").groupby("model").size()
    assert features_used(funnels) == kept.to_dict()
