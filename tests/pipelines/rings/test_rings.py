"""The steps of the rings, and the study that they extend."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from kedro.framework.project import configure_project, pipelines
from kedro.pipeline import Pipeline
from tests.features.rings.conftest import make_lesion
from tests.projects import ROOT

from spl_kedro.environment_pipelines import EnvironmentPipelineHooks
from spl_kedro.errors import UnusableStudyError
from spl_kedro.features.deep import DeepSettings
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.features.rings import RingParameters
from spl_kedro.modeling.signatures.declaration import declared_additions
from spl_kedro.pipelines import cdlr, extended
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.pipelines.rings.nodes import (
    embed_rings,
    judge_deep_rings,
    judge_rings,
    measure_rings,
)
from spl_kedro.schemas import Findings, RingColumns, RingsInView
from spl_kedro.settings import CONFIG_LOADER_ARGS

RADIOMICS = RadiomicsParameters(
    execution={"backend": "threads", "workers": 1, "progress": False}, cache={"enabled": False}
)
DEEP = DeepSettings(
    image_size=32, architecture="efficientnet_lite0", weights="packaged", trained_blocks=0,
    device="cpu", threads=1,
)  # fmt: skip
LESIONS = {
    f"L{k}": (
        lambda k=k: make_lesion(f"L{k}", centre=(40, 30 + 25 * (k % 2)), radius=8, seed=k // 2)
    )
    for k in range(8)
}


@pytest.fixture(scope="module")
def cohort():
    """Eight lesions; each image holds two."""
    return pd.DataFrame(
        {
            "cohort": ["training"] * 6 + ["validation"] * 2,
            "spacing_row_mm": 0.5,
            "spacing_col_mm": 0.5,
            "image_sha256": [f"image {k // 2}" for k in range(8)],
            "simulated": True,
        },
        index=pd.Index(sorted(LESIONS), name="lesion_id"),
    )


def test_the_steps_give_tables_that_keep_their_schemas(cohort):
    features, schema, in_view, findings = measure_rings(
        LESIONS, cohort, RADIOMICS, RingParameters()
    )
    assert list(features.columns) == list(schema.index)
    assert list(features.index) == list(cohort.index)
    assert np.isfinite(features.to_numpy()).all()
    RingColumns.validate(schema)
    RingsInView.validate(in_view)
    Findings.validate(findings)
    # The other lesion of the image is in no ring.
    assert (in_view.query("ring == 2")["in_view"] < 0.999).all()
    stability, drawing = judge_rings(
        features, schema, LESIONS, {}, cohort, RADIOMICS, RingParameters()
    )
    assert list(stability.index) == list(features.columns)
    assert set(stability["lesions"]) == {6}
    assert "of the rings" in drawing.figure().get_suptitle()


def test_a_ring_out_of_view_is_found_once_though_both_kinds_of_features_lack_it(cohort):
    hidden = {
        **LESIONS,
        "L0": lambda: replace(LESIONS["L0"](), image=_lesion_alone(LESIONS["L0"]())),
    }
    *_, findings = measure_rings(hidden, cohort, RADIOMICS, RingParameters())
    features, schema, deep_findings = embed_rings(hidden, cohort, findings, DEEP, RingParameters())
    RingColumns.validate(schema)
    assert list(features.index) == list(cohort.index)
    assert features.loc["L0"].isna().all()
    assert features.drop("L0").notna().all(axis=None)
    assert set(findings["lesion_id"]) == {"L0"}
    assert deep_findings.empty
    stability, drawing = judge_deep_rings(
        features, schema, hidden, {}, cohort, RADIOMICS, DEEP, RingParameters()
    )
    assert list(stability.index) == list(features.columns)
    assert "deep features of the rings" in drawing.figure().get_suptitle()


def _lesion_alone(lesion):
    return np.where(lesion.mask, lesion.image, 0)


def parameters_of(env):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREAST_DIR", "/a/folder")
        return OmegaConfigLoader(str(ROOT / "conf"), env=env, **CONFIG_LOADER_ARGS)["parameters"]


@pytest.mark.parametrize("env", ["extended", "breast_extended"])
def test_each_of_the_extended_studies_compares_models_with_and_without_rings(env):
    modeling = ModelingParameters.model_validate(parameters_of(env)["modeling"])
    added = declared_additions(modeling.models)
    pairs = [(a.base, a.model, a.what) for a in added if a.what.startswith("rings")]
    # Rad has no deep features, of rings neither.
    assert pairs == [
        ("rad", "rad_ring", "rings"),
        ("dtl", "dtl_ring", "rings deep"),
        ("dlr", "dlr_ring", "rings, rings deep"),
        ("cdlr", "cdlr_ring", "rings, rings deep"),
    ]
    assert [a.titles[1] for a in added if a.what.startswith("rings")] == [
        f"{base} with rings" for base in ("Rad", "DTL", "DLR", "CDLR")
    ]
    # Reduced inside every fit.
    assert modeling.sources["rings_deep"].components == 32
    # The models of the publication are those of every other study.
    other = ModelingParameters.model_validate(parameters_of("base")["modeling"])
    assert {name: modeling.models[name] for name in other.models} == other.models
    assert all(modeling.models[pair[1]].role == "part" for pair in pairs)


def test_the_cohort_of_the_extended_breast_study_is_that_of_the_breast_study():
    own, other = parameters_of("breast_extended"), parameters_of("breast")
    assert own["data_processing"] == other["data_processing"]
    assert own["deep_features"] == other["deep_features"]
    assert own["modeling"]["protocol"] == other["modeling"]["protocol"]


def test_no_study_measures_rings_unless_it_is_extended():
    assert "rings_features" not in cdlr.create_pipeline().all_outputs()
    assert "rings" not in parameters_of("test")["modeling"]["sources"]


def test_rings_are_measured_before_the_study_table_is_put_together():
    nodes = extended.create_pipeline().nodes
    places = {node.name: place for place, node in enumerate(nodes)}
    tables = [place for place, node in enumerate(nodes) if node.name.endswith("assemble_table")]
    assert len(tables) == 3
    assert places["rings.measure_rings"] < places["extended.read_sources"] < min(tables)
    assert places["rings.judge_rings_stability"] < places["extended.read_sources"]
    assert places["rings.judge_deep_rings_stability"] < places["extended.read_sources"]
    (joins,) = (node for node in nodes if node.name == "extended.join_findings")
    assert {"rings_findings", "rings_deep_findings", "habitats_findings"} < set(joins.inputs)
    (gathers,) = (node for node in nodes if node.name.endswith("gather_findings"))
    assert "extended_findings" in gathers.inputs


def test_an_addition_whose_folder_is_deleted_is_not_missed(monkeypatch):
    monkeypatch.setattr("spl_kedro.pipelines.additions.find_spec", lambda name: None)
    steps = extended.create_pipeline()
    assert "rings_features" not in steps.datasets()
    assert "further_features" in steps.inputs()


@pytest.fixture
def default():
    """Puts the default pipeline back."""
    configure_project("spl_kedro")
    yield
    configure_project("spl_kedro")


def context_of(names):
    return SimpleNamespace(config_loader={"globals": {"pipelines": names}})


def test_what_runs_where_no_pipeline_is_named_is_what_the_environment_says(default):
    hooks = EnvironmentPipelineHooks()
    usual = pipelines["__default__"]
    hooks.after_context_created(context_of(["simulation", "extended"]))
    assert "rings_features" in pipelines["__default__"].all_outputs()
    hooks.after_context_created(context_of(["simulation", "cdlr"]))
    assert isinstance(usual, Pipeline)
    assert {node.name for node in pipelines["__default__"].nodes} == {n.name for n in usual.nodes}
    hooks.after_context_created(context_of(None))
    assert {node.name for node in pipelines["__default__"].nodes} == {n.name for n in usual.nodes}


def test_a_pipeline_that_an_environment_names_and_there_is_not_is_refused(default):
    with pytest.raises(UnusableStudyError, match="'extende', which there is not"):
        EnvironmentPipelineHooks().after_context_created(context_of(["extende"]))
