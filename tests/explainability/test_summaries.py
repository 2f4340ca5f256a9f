import numpy as np
import pandas as pd
import pytest

from spl_kedro.explainability.summaries import agreement_table, importance_table, shown


@pytest.fixture
def shap_values():
    rows = [
        ("L1", "validation", "cdlr", "traced", "full", "age", 0.1),
        ("L1", "validation", "cdlr", "traced", "full", "size", -0.3),
        ("L2", "validation", "cdlr", "traced", "full", "age", -0.3),
        ("L2", "validation", "cdlr", "traced", "full", "size", 0.2),
        ("L3", "training", "cdlr", "traced", "fold_0", "age", 0.9),
        ("L1", "validation", "cdlr", "inputs", "full", "DLR", 0.5),
        ("L3", "training", "rad", "inputs", "fold_0", "texture", 0.4),
    ]
    names = ["lesion_id", "cohort", "model", "view", "fit", "feature", "shap"]
    return pd.DataFrame(rows, columns=names).assign(label="x", source="clinical")


def test_importance_is_the_mean_absolute_value_and_ranks_each_explanation(shap_values):
    table = importance_table(shap_values)
    main = shown(table, "cdlr")
    assert main["feature"].tolist() == ["size", "age"]
    np.testing.assert_allclose(main["importance"], [0.25, 0.2])
    assert main["rank"].tolist() == [1, 2]
    assert main["lesions"].tolist() == [2, 2]


def test_shown_are_validation_lesions_in_the_most_detailed_view_where_there_are_any(shap_values):
    assert set(shown(shap_values, "cdlr")["lesion_id"]) == {"L1", "L2"}
    assert set(shown(shap_values, "cdlr", "inputs")["feature"]) == {"DLR"}
    assert shown(shap_values, "rad")["fit"].tolist() == ["fold_0"]
    assert shown(shap_values, "dtl").empty


def test_agreement_is_the_mean_over_the_pairs_of_folds():
    pairs = pd.DataFrame(
        {
            "model": "rad",
            "view": "inputs",
            "rank_correlation": [0.2, np.nan, 0.6],
            "overlap": [0.1, 0.2, 0.6],
        }
    )
    (row,) = agreement_table(pairs).to_dict("records")
    assert row["pairs"] == 3
    assert row["rank_correlation"] == pytest.approx(0.4)
    assert row["overlap"] == pytest.approx(0.3)
