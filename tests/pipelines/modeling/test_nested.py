"""From the stored tables of nested networks to scores, through the nodes."""

import numpy as np
import pandas as pd
import pytest

from spl_kedro.features.deep import (
    DeepSettings,
    assign_folds,
    embed_context,
    final_context,
    nested_contexts,
)
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.pipelines.deep_features.nodes import assign_outer_folds
from spl_kedro.pipelines.modeling import nodes
from spl_kedro.pipelines.modeling.nodes import assemble_table, fit_models, validate_internally
from spl_kedro.pipelines.modeling.parameters import ModelingParameters

from .conftest import make_inputs
from .test_pipeline import cohort_settings, parameters

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)

DEEP = DeepSettings(components=5, folds=2)


@pytest.fixture(scope="module")
def modeling() -> ModelingParameters:
    models = {"protocol": {"n_splits": 3, "n_repeats": 1, "clinical_bootstrap": 0}}
    return ModelingParameters.model_validate(parameters().model_dump() | models)


@pytest.fixture(scope="module")
def stored(modeling):
    """Return what the earlier pipelines leave, the networks noisy copies of one another."""
    inputs = make_inputs(external=0)
    cohort, truth = inputs["cohort"], inputs["deep_embeddings"].to_numpy()
    positions = pd.Series(np.arange(len(cohort)), index=cohort.index)
    random = np.random.default_rng(5)

    def learn(name, learnt):
        return lambda ids: truth[positions[ids]] + 0.5 * random.normal(size=(len(ids), 30))

    outer = assign_outer_folds(cohort, DEEP, modeling)
    contexts = nested_contexts(cohort, outer, DEEP.folds, DEEP.seed)
    contexts.append(final_context(cohort, assign_folds(cohort, DEEP.folds, DEEP.seed)))
    nested = pd.concat([embed_context(context, learn) for context in contexts])
    rows = nested[nested["context"] == "all"].drop(columns=["context", "network"])
    mean = rows.groupby(level="lesion_id").mean().loc[cohort.index]
    tables = {"deep_embeddings": mean, "deep_embeddings_as_published": mean}
    return inputs | tables | {"deep_embeddings_nested": nested, "outer_folds": outer}


def assembled(stored, modeling, protocol="leak_free", deep=DEEP):
    names = ["cohort", "radiomics_features", "radiomics_schema", "radiomics_stability"]
    names += ["deep_embeddings", "deep_embeddings_as_published", "deep_embeddings_nested"]
    names += ["outer_folds", "further_features"]
    settings = (cohort_settings(), RadiomicsParameters(), deep, modeling)
    return assemble_table(
        *(stored[name] for name in names), *settings, modeling.protocols[protocol]
    )


def test_leak_free_reads_the_nested_embeddings_and_only_where_the_settings_nest(stored, modeling):
    table = assembled(stored, modeling)
    assert table.sources["deep"].labels == "nested"
    assert len(table.unseen(table.lesions("validation"))) == DEEP.folds
    for other in (
        assembled(stored, modeling, "as_published"),
        assembled(stored, modeling, deep=DEEP.model_copy(update={"nested": False})),
        assembled(stored, modeling, deep=DEEP.model_copy(update={"trained_blocks": 0})),
    ):
        assert other.nested is None
        assert len(other.unseen(other.lesions("validation"))) == 1


def test_every_model_is_scored_and_the_folds_are_those_of_the_networks(stored, modeling):
    table = assembled(stored, modeling)
    fitted = fit_models(table, {}, modeling, modeling.protocols["leak_free"])
    scores = fitted.predictions
    assert np.isfinite(scores["score"]).all()
    training = scores.query("model == 'cdlr' and cohort == 'training'").set_index("lesion_id")
    fold = stored["outer_folds"]["fold"].reindex(training.index)
    np.testing.assert_array_equal(training["fold"], fold)
    unseen = scores.query("model == 'dtl' and cohort == 'validation'").set_index("lesion_id")
    each = [fitted.models["dtl"].predict_proba(seen)[:, 1] for seen in table.unseen(unseen.index)]
    np.testing.assert_allclose(unseen["score"], np.mean(each, axis=0))
    nested, _ = validate_internally(table, fitted, modeling)
    assert set(nested["cohorts"]) == {"training"}


def test_embeddings_of_another_width_are_refused(stored, modeling):
    other = stored | {"deep_embeddings": stored["deep_embeddings"].iloc[:, :-1]}
    with pytest.raises(ValueError, match="deep_embeddings_nested has 30 columns"):
        assembled(other, modeling)


@pytest.mark.parametrize(
    ("deep", "draws"),
    [
        ({"trained_blocks": 0}, []),
        ({"trained_blocks": "all", "pooling": "last", "weights": "none"}, []),
        (
            {"trained_blocks": "all", "pooling": "last", "weights": "none", "nested": False},
            [2],
        ),
    ],
    ids=["frozen", "nested", "cross-fitted once"],
)
def test_the_leak_is_measured_only_where_networks_are_not_nested(
    modeling, monkeypatch, deep, draws
):
    monkeypatch.setattr(nodes, "LEAK_DRAWS", 2)
    leak = nodes.measure_nesting_leak(DeepSettings.model_validate(deep), modeling)
    assert leak["draws"].tolist() == draws
    assert leak["mean"].between(0, 1).all()
