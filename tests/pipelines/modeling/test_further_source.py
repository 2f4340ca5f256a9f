"""A third source of features, brought along by configuration alone."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from kedro.config import OmegaConfigLoader
from kedro.io import DataCatalog
from tests.projects import ROOT

from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.errors import UnusableStudyError
from spl_kedro.explainability.study import explain_study, shap_table
from spl_kedro.explainability.summaries import importance_table
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.modeling import evaluation
from spl_kedro.modeling.signatures.declaration import (
    ModelSettings,
    SourceSettings,
    declared_additions,
    default_models,
    model_titles,
)
from spl_kedro.modeling.signatures.protocol import run_protocol
from spl_kedro.modeling.signatures.sources import SourceTables, declared_tables
from spl_kedro.modeling.signatures.summary import selected_features
from spl_kedro.pipelines.explainability.parameters import ExplainabilityParameters
from spl_kedro.pipelines.modeling import nodes
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.modeling.pipeline import TABLES
from spl_kedro.reporting import ReportSettings, StudyResults, build_report
from spl_kedro.settings import CONFIG_LOADER_ARGS

from .conftest import make_inputs

pytestmark = pytest.mark.filterwarnings(
    "ignore::spl_kedro.modeling.signatures.warning.SignatureWarning"
)

BOTH = ["known_before", "read_from_image"]
PARAMETERS = {
    "modeling": {
        "sources": {"elastography": {"description": "stiffness of the lesion"}},
        "models": {
            "elasto": {"sources": ["elastography"]},
            "dlr": {"sources": ["radiomics", "deep", "elastography"]},
            "clinical_elasto": {"score": "elasto", "clinical": BOTH},
        },
    }
}
QUICK = {
    "n_jobs": 1,
    "selection": {"lasso_alphas": 5, "lasso_folds": 2},
    "classifier": {"calibration_folds": 2},
    "protocol": {"n_splits": 2, "n_repeats": 1},
    "evaluation": {"n_bootstrap": 100},
}
MODELS = ("rad", "dlr", "cdlr", "elasto", "clinical_elasto")


@pytest.fixture(scope="module")
def conf(tmp_path_factory):
    """The project's configuration, and an environment that brings a table of features along."""
    folder = tmp_path_factory.mktemp("brought")
    shutil.copytree(ROOT / "conf", folder / "conf")
    cohort = make_inputs()["cohort"]
    rng = np.random.default_rng(9)
    stiffness = pd.DataFrame(
        {
            "stiffness": rng.normal(size=len(cohort)) + 2.0 * cohort["label"].to_numpy(),
            "noise": rng.normal(size=len(cohort)),
        },
        index=cohort.index,
    )
    stiffness.to_parquet(folder / "elastography.parquet")
    table = {"type": "pandas.ParquetDataset", "filepath": str(folder / "elastography.parquet")}
    brought = {
        "further_features": {
            "type": "spl_kedro.datasets.feature_tables.FeatureTablesDataset",
            "sources": {"elastography": {"features": table}},
        }
    }
    own = folder / "conf/elastography"
    own.mkdir()
    (own / "catalog.yml").write_text(yaml.safe_dump(brought))
    (own / "parameters_modeling.yml").write_text(yaml.safe_dump(PARAMETERS))
    return folder / "conf"


@pytest.fixture(scope="module")
def outputs(conf):
    loader = OmegaConfigLoader(str(conf), env="elastography", **CONFIG_LOADER_ARGS)
    chosen = loader["parameters"]
    parameters = ModelingParameters.model_validate(chosen["modeling"] | QUICK)
    entry = loader["catalog"]["further_features"]
    brought = DataCatalog.from_config({"further_features": entry}).load("further_features")
    measured = make_inputs()
    clinical = [
        {"name": "age", "kind": "numeric", "column": "age"},
        {"name": "sex", "kind": "category", "column": "sex"},
    ]
    table = nodes.assemble_table(
        *(measured[name] for name in TABLES if name != "further_features"),
        brought,
        CohortSettings.model_validate(chosen["data_processing"] | {"clinical": clinical}),
        RadiomicsParameters(),
        DeepSettings(components=5, trained_blocks=0),
        parameters,
        parameters.protocols["leak_free"],
    )
    fitted = run_protocol(table, parameters, "leak_free", MODELS)
    thresholds = evaluation.operating_thresholds(fitted.predictions, parameters.evaluation)
    settings = ExplainabilityParameters(n_jobs=1, shap={"background": 10, "permutations": 1})
    explained = explain_study(fitted, table, settings)
    shap = shap_table(explained, table, ("validation",))
    return {
        "performance": evaluation.performance(
            fitted.predictions, thresholds, parameters.evaluation
        ),
        "selected_features": selected_features(fitted),
        "shap_values": shap,
        "shap_importance": importance_table(shap),
    }


def test_it_has_a_model_of_its_own_and_a_fusion_with_the_clinical_features(outputs):
    auc = outputs["performance"].query("metric == 'auc' and cohort == 'validation'")
    leak_free = auc[auc["protocol"] == "leak_free"].set_index("model")["value"]
    assert leak_free["elasto"] > 0.8
    assert leak_free["clinical_elasto"] > 0.8


def test_its_features_enter_the_common_image_model(outputs):
    kept = outputs["selected_features"].query("protocol == 'leak_free' and kept")
    assert "elastography__stiffness" in set(kept[kept["model"] == "dlr"]["feature"])
    assert set(kept[kept["model"] == "elasto"]["feature"]) == {"elastography__stiffness"}


def test_they_are_explained_under_their_sources_name(outputs):
    shap = outputs["shap_values"]
    traced = shap[(shap["model"] == "cdlr") & (shap["view"] == "traced")]
    assert "elastography" in set(traced["source"])
    own = shap[shap["model"] == "elasto"]
    assert set(own["label"]) == {"Stiffness (elastography)"}


def test_the_report_names_model_and_feature(outputs):
    results = StudyResults(
        cohort=make_inputs()["cohort"],
        performance=outputs["performance"],
        selected_features=outputs["selected_features"],
        shap_importance=outputs["shap_importance"],
        figures={},
        parameters={},
        durations={},
        versions={},
    )
    page = build_report(results, ReportSettings())
    assert "elasto" in page
    assert "Stiffness (elastography)" in page


def test_a_source_that_is_declared_and_not_there_is_refused_with_the_entry_to_add():
    own = {"radiomics": SourceTables(pd.DataFrame())}
    declared = {"radiomics": SourceSettings(), "elastography": SourceSettings()}
    with pytest.raises(UnusableStudyError, match=r"further_features\.sources\.elastography"):
        declared_tables(declared, own, {})


def test_a_source_that_is_there_and_not_declared_is_refused():
    own = {"radiomics": SourceTables(pd.DataFrame())}
    brought = {"elastography": {"features": pd.DataFrame()}}
    with pytest.raises(UnusableStudyError, match="'elastography', which is not in modeling"):
        declared_tables({"radiomics": SourceSettings()}, own, brought)


def test_what_a_model_adds_to_another_is_said_by_its_sources():
    models = default_models() | {
        "rad_more": ModelSettings(sources=("radiomics", "rings"), adds_to="rad", role="part"),
        "cdlr_more": ModelSettings(score="rad_more", clinical=BOTH, adds_to="cdlr", role="part"),
    }
    assert declared_additions(models) == (
        ("rad", "rad_more", "rings", ("Rad", "Rad with rings")),
        ("cdlr", "cdlr_more", "rings", ("CDLR", "CDLR with rings")),
    )


def test_a_model_has_the_name_that_is_declared_or_one_made_for_readers():
    def more(**own):
        return ModelSettings(sources=("radiomics", "stiff_ness"), role="part", **own)

    models = default_models() | {
        "named": more(title="Elastography"),
        "first": more(adds_to="rad"),
        "second": more(adds_to="rad"),
        "onto_named": ModelSettings(sources=("deep",), role="part", adds_to="named"),
        "dtl_own": more(),
        "own_one": more(),
    }
    titles = model_titles(models)
    assert {name: titles[name] for name in ("named", "first", "second", "onto_named")} == {
        "named": "Elastography",
        "first": "Rad with stiff ness (first)",
        "second": "Rad with stiff ness (second)",
        "onto_named": "Elastography with deep",
    }
    assert (titles["dtl_own"], titles["own_one"]) == ("DTL own", "Own one")
    assert titles["clinical_before"] == "Clinical (known before)"
    assert len(set(titles.values())) == len(models)
    # A packaged study may lack the model that one adds to.
    assert model_titles({"first": models["first"]}) == {"first": "First"}


@pytest.mark.parametrize(
    ("models", "words"),
    [
        ({"rad": {"sources": ["radiomic"]}}, "names 'radiomic'; declared sources are radiomics"),
        ({"cdlr": {"score": "clinical", "clinical": BOTH}}, "models with sources are rad, dtl"),
        ({"x": {"score": "dlr"}}, "needs clinical groups"),
        ({"x": {"sources": ["deep"], "clinical": BOTH}}, "neither a score nor clinical groups"),
        ({"x": {"sources": ["deep"], "adds_to": "x"}}, "adds_to names 'x'; other models are"),
        ({"dlr": {"sources": ["deep"], "title": "Mine"}}, "keep their names, here DLR"),
        ({"x": {"sources": ["deep"], "title": "cdlr"}}, "which cdlr is called too"),
        ({"x": {}}, "needs sources, clinical groups, or a score"),
    ],
)
def test_a_model_that_does_not_fit_is_refused_with_what_there_is(models, words):
    loader = OmegaConfigLoader(str(Path(ROOT) / "conf"), env="base", **CONFIG_LOADER_ARGS)
    chosen = loader["parameters"]["modeling"]
    with pytest.raises(ValueError, match=words):
        ModelingParameters.model_validate(chosen | {"models": chosen["models"] | models})
