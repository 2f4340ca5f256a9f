import logging
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep.reduction import EmbeddingReducer
from spl_kedro.modeling.signatures.cross_fitting import FitModels
from spl_kedro.modeling.signatures.declaration import ModelSettings
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.sources import SourceTables
from spl_kedro.modeling.signatures.study_models import available_models, study_models
from spl_kedro.modeling.signatures.study_table import assemble_study_table

from .conftest import make_inputs, quick_settings

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)


@pytest.fixture(scope="module")
def wide():
    """Return the small study with its deep features hidden in forty columns of embeddings."""
    cohort, tables = make_inputs()
    rng = np.random.default_rng(5)
    deep = tables["deep"].features
    mixed = deep.to_numpy() @ rng.normal(size=(8, 40)) + 0.1 * rng.normal(size=(len(deep), 40))
    embeddings = pd.DataFrame(mixed, deep.index, [f"embedding_{i:02d}" for i in range(40)])
    tables = {**tables, "deep": SourceTables(embeddings, components=6)}
    return assemble_study_table(cohort, tables)


@pytest.fixture(scope="module")
def fitted(wide, settings):
    return run_protocol(wide, settings)


def fit(wide, rows, settings, only=("dtl",)):
    models = study_models(wide, settings, settings.protocols["leak_free"], only).models
    label, groups = wide.label.to_numpy()[rows], wide.patient_id.to_numpy()[rows]
    return FitModels(models, wide.X.iloc[rows], label, groups)()


def test_models_choose_among_components_and_name_them(fitted, wide):
    for name in ("dtl", "dlr"):
        model = fitted.models[name]
        deep = [f for f in model.selected_features_ if f.startswith("dtl_")]
        assert deep
        assert set(deep) <= {f"dtl_{i:03d}" for i in range(6)}
        assert not any(f.startswith("embedding") for f in model.selected_features_)
    assert len(fitted.models["dtl"].support_) == 6
    assert len(fitted.models["dlr"].support_) == 28 + 6
    assert set(wide.features(["deep"])) <= set(fitted.models["dtl"].input_columns())


def test_a_new_lesion_is_scored_from_its_embedding(fitted, wide):
    rows = fitted.predictions.query("cohort == 'external' and model == 'dlr'")
    again = fitted.models["dlr"].predict_proba(wide.X.loc[rows["lesion_id"]])[:, 1]
    np.testing.assert_allclose(again, rows["score"], atol=1e-12)


def test_components_are_those_of_the_lesions_of_the_fit_alone(wide, settings):
    # Fault: components of the whole cohort, which know the lesions left out.
    rows = wide.rows("training")[:60]
    own = EmbeddingReducer(6).fit(wide.X.iloc[rows][wide.features(["deep"])])
    found = fit(wide, rows, settings)["dtl"].reduction_.reducers_["deep"]
    np.testing.assert_array_equal(found.components_, own.components_)
    X = wide.X.copy()
    others = X.index.difference(X.index[rows])
    X.loc[others, wide.features(["deep"])] *= -7.0
    models = fit(replace(wide, X=X), rows, settings)
    np.testing.assert_array_equal(
        models["dtl"].reduction_.reducers_["deep"].components_, own.components_
    )


def test_what_is_missing_is_filled_before_and_by_the_lesions_of_the_fit_alone(wide, settings):
    names, rows = wide.features(["deep"]), wide.rows("training")[:60]
    X = wide.X.copy()
    X.loc[X.index[:9], names] = np.nan
    source = replace(wide.sources["deep"], missing="median")
    table = replace(wide, X=X, sources={**wide.sources, "deep": source})
    own = X.iloc[rows][names]
    expected = EmbeddingReducer(6).fit(own.fillna(own.median()))
    found = fit(table, rows, settings)["dtl"].reduction_.reducers_["deep"]
    np.testing.assert_allclose(found.components_, expected.components_, atol=1e-12)


def test_a_source_that_was_switched_off_leaves_models_without_it(wide, settings):
    empty = replace(wide.sources["deep"], name="off", columns=(), degenerate=())
    table = replace(wide, sources={**wide.sources, "off": empty})
    cdlr = settings.models["cdlr"]
    models = {
        **settings.models,
        "off": ModelSettings(sources=("off",), role="part"),
        "dtl_off": ModelSettings(sources=("deep", "off"), role="part", adds_to="dtl"),
        "dlr_off": ModelSettings(sources=("radiomics", "deep", "off"), role="part"),
        "cdlr_off": cdlr.model_copy(update={"score": "dlr_off", "role": "part"}),
    }
    there = available_models(table, settings.model_copy(update={"models": models}))
    assert set(there) == set(available_models(wide, settings))


def test_no_score_of_a_fold_depends_on_another_lesion_of_that_fold(wide, fitted, settings):
    # The first training lesion moves; lesions of its own fold keep their scores in that fold.
    X = wide.X.copy()
    X.loc[X.index[0], wide.features(["deep"])] += 5.0
    moved = run_protocol(replace(wide, X=X), settings, only=["dtl"])
    before, after = fitted.cross_fits["dtl"], moved.cross_fits["dtl"]
    mates = (before.folds[0] == before.folds[0][0]) & (np.arange(len(before.folds[0])) > 0)
    np.testing.assert_array_equal(before.scores[0][mates], after.scores[0][mates])
    assert (before.scores[0][~mates] != after.scores[0][~mates]).any()


def test_components_are_fitted_once_for_all_models_of_a_fold(wide, settings, monkeypatch):
    fits = []
    once = EmbeddingReducer.fit
    monkeypatch.setattr(EmbeddingReducer, "fit", lambda s, X, y=None: fits.append(1) or once(s, X))
    fit(wide, wide.rows("training"), settings, only=("dtl", "dlr", "cdlr", "clinical_dtl"))
    # The fit itself and the two folds of its calibration.
    assert len(fits) == 3


def test_fewer_lesions_than_components_keep_as_many_as_they_allow_and_say_so(caplog, wide):
    source = replace(wide.sources["deep"], components=64)
    table = replace(wide, sources={**wide.sources, "deep": source})
    with caplog.at_level(logging.WARNING):
        result = run_protocol(table, quick_settings(), only=["dtl"])
    assert len(result.models["dtl"].support_) == 40
    assert "deep: 40 of 64 principal components" in caplog.text


def test_the_in_sample_recipe_filters_the_components_too(wide, settings):
    result = run_protocol(wide, settings, "as_published")
    dropped = result.filter_logs["dlr"]["feature"]
    kept = result.models["dlr"].reduction_.keep
    assert dropped.str.startswith("dtl_").any()
    assert not set(kept) & set(dropped)
    assert set(result.models["dlr"].selected_features_) <= set(kept)
