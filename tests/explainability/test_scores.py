import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from spl_kedro.explainability.scores import score_function


@pytest.mark.parametrize("name", ["clinical", "rad", "dtl", "dlr", "cdlr"])
def test_the_function_of_the_used_features_is_the_signatures_probability(study, name):
    model = study.models[name]
    lesions = study.table.loc[study.validation]
    score = score_function(model)
    ours = score.predict(score.encode(lesions))
    np.testing.assert_allclose(ours, model.predict_proba(lesions)[:, 1], atol=1e-12)
    assert list(score.features) == model.selected_features_


def test_every_encoded_column_belongs_to_one_feature(study):
    for model in study.models.values():
        score = score_function(model)
        width = score.encode(study.table.loc[study.validation]).shape[1]
        assert sorted(c for player in score.players for c in player) == list(range(width))


def test_a_category_is_one_feature_and_shows_its_text(study):
    score = score_function(study.models["cdlr"])
    position = score.features.index("margin")
    assert len(score.players[position]) == 2
    values = score.values(study.table.loc[study.validation])
    assert set(values["margin"]) <= {"smooth", "irregular", "blurred"}
    assert values["dlr_score"].between(0, 1).all()


def test_a_scikit_learn_classifier_on_named_columns_can_be_explained(study):
    columns = ["original_firstorder_Mean", "dtl_000"]
    model = LogisticRegression().fit(study.table[columns], study.label)
    score = score_function(model)
    np.testing.assert_allclose(
        score.predict(score.encode(study.table)), model.predict_proba(study.table[columns])[:, 1]
    )


def test_a_model_without_named_columns_is_refused():
    model = LogisticRegression().fit(np.eye(4), [0, 1, 0, 1])
    with pytest.raises(TypeError, match="fitted on a DataFrame"):
        score_function(model)
    with pytest.raises(TypeError, match="cannot be explained"):
        score_function(pd.DataFrame())
