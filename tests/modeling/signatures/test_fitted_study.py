import pickle

import numpy as np
import pandas as pd
import pytest
import sklearn

from spl_kedro.modeling.signatures.cross_fitting import FitModels
from spl_kedro.modeling.signatures.fitted_study import column_ranges
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.study_models import available_models, study_models
from spl_kedro.modeling.signatures.study_table import assemble_study_table

from .conftest import make_inputs, quick_settings

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


def test_a_stored_fit_scores_as_the_one_it_was(leak_free, study):
    again = pickle.loads(pickle.dumps(leak_free))
    for name, model in again.models.items():
        np.testing.assert_array_equal(
            model.predict_proba(study.X), leak_free.models[name].predict_proba(study.X)
        )
    assert again.protocol == "leak_free"
    assert again.sources["radiomics"] == study.sources["radiomics"]
    assert again.versions["scikit-learn"] == sklearn.__version__


def test_the_models_of_a_fold_are_those_that_left_it_out(leak_free, study, settings):
    # Fault: models of another fold or repeat explain lesions they have seen.
    folds = leak_free.folds(study)
    rows = study.rows("training")[(folds != 1).to_numpy()]
    models = study_models(study, settings, settings.protocols["leak_free"]).models
    X, label = study.X.iloc[rows], study.label.to_numpy()[rows]
    own = FitModels(models, X, label, study.patient_id.to_numpy()[rows])()
    left_out = study.X.loc[folds.index[folds == 1]]
    kept = leak_free.without_fold(1)
    assert list(kept) == ["clinical", "rad", "dtl", "dlr", "cdlr"]
    for name, model in kept.items():
        np.testing.assert_array_equal(
            model.predict_proba(left_out), own[name].predict_proba(left_out)
        )
        scores = leak_free.cross_fits[name].scores[0][(folds == 1).to_numpy()]
        np.testing.assert_array_equal(model.predict_proba(left_out)[:, 1], scores)


def test_an_in_sample_fit_has_no_folds_to_explain(study, settings):
    published = run_protocol(study, settings, "as_published", only=["clinical"])
    with pytest.raises(ValueError, match="as_published holds no cross-fitted score"):
        published.folds(study)


def test_the_ranges_are_those_of_the_training_lesions(leak_free, study):
    training = study.X.iloc[study.rows("training")]
    ranges = leak_free.ranges
    assert list(ranges.index) == list(study.X.columns)
    assert ranges.loc["rad_05", "lowest"] == training["rad_05"].min()
    assert ranges.loc["rad_05", "p99"] == pytest.approx(training["rad_05"].quantile(0.99))
    assert ranges.loc["crp", "missing"] == training["crp"].isna().sum() > 0
    assert ranges.loc["sex", "categories"] == "female|male"
    assert np.isnan(ranges.loc["sex", "median"])


def test_ranges_of_a_column_without_a_value_are_empty():
    ranges = column_ranges(pd.DataFrame({"a": [np.nan, np.nan], "b": [True, False]}))
    assert ranges.loc["a", "n"] == 0
    assert np.isnan(ranges.loc["a", "lowest"])
    assert ranges.loc["b", "categories"] == "False|True"


@pytest.mark.parametrize(
    ("read_from_image", "absent"),
    [
        ((), {"clinical_before", "cdlr_before"}),
        (("sex",), set()),
        (("age", "crp", "sex"), {"clinical_before", "cdlr_before"}),
    ],
    ids=["all known before", "both groups", "all read from the image"],
)
def test_models_that_would_repeat_another_are_left_out(read_from_image, absent):
    settings = quick_settings()
    table = assemble_study_table(*make_inputs(), read_from_image=read_from_image)
    assert set(settings.models) - set(available_models(table, settings)) == absent


def test_without_clinical_variables_the_fusion_stays_and_the_clinical_models_go():
    settings = quick_settings()
    table = assemble_study_table(*make_inputs(), exclude=("age", "crp", "sex"))
    assert list(available_models(table, settings)) == ["rad", "dtl", "dlr", "cdlr"]
