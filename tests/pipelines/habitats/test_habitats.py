"""The steps of the habitats, and the study that they extend."""

import numpy as np
import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from tests.features.habitats.conftest import Load
from tests.projects import ROOT

from spl_kedro.drawing import Rendering
from spl_kedro.features.habitats import HabitatParameters
from spl_kedro.features.measurement import RadiomicsParameters
from spl_kedro.modeling.signatures.declaration import declared_additions
from spl_kedro.pipelines import cdlr, extended
from spl_kedro.pipelines.habitats.nodes import draw_habitats, judge_habitats, measure_habitats
from spl_kedro.pipelines.modeling.parameters import ModelingParameters
from spl_kedro.provenance import cohort_checksum
from spl_kedro.schemas import Findings, HabitatClusters, HabitatColumns
from spl_kedro.settings import CONFIG_LOADER_ARGS

RADIOMICS = RadiomicsParameters(
    execution={"backend": "threads", "workers": 1, "progress": False}, cache={"enabled": False}
)
PARAMETERS = HabitatParameters(
    features=("original_firstorder_Mean", "original_glcm_Contrast"),
    kernel_radius=1,
    pixels_per_lesion=40,
    examples=3,
)
MODELING = ModelingParameters(protocol={"n_splits": 2, "n_repeats": 1})
LESIONS = {f"L{k}": Load(f"L{k}", k, bright=0.3 + 0.05 * k) for k in range(8)}


@pytest.fixture(scope="module")
def cohort():
    """Six training and two validation lesions."""
    return pd.DataFrame(
        {
            "patient_id": sorted(LESIONS),
            "label": [0, 1] * 4,
            "cohort": ["training"] * 6 + ["validation"] * 2,
            "simulated": True,
            "image_sha256": "0" * 64,
        },
        index=pd.Index(sorted(LESIONS), name="lesion_id"),
    )


@pytest.fixture(scope="module")
def measured(cohort):
    return measure_habitats(LESIONS, cohort, RADIOMICS, PARAMETERS, MODELING)


def test_the_steps_give_tables_that_keep_their_schemas(cohort, measured):
    features, schema, nested, clusters, clustering, findings = measured
    assert list(features.columns) == list(schema.index)
    assert list(features.index) == list(cohort.index)
    HabitatColumns.validate(schema)
    HabitatClusters.validate(clusters)
    Findings.validate(findings)
    # Each training lesion once in each of the two folds, left out by one of them.
    assert set(nested.groupby(level=0)["unseen"].agg(["size", "sum"]).itertuples(index=False)) == {
        (2, 1)
    }
    stability, drawing = judge_habitats(
        features, schema, clustering, LESIONS, {}, cohort, RADIOMICS, PARAMETERS
    )
    assert list(stability.index) == list(features.columns)
    assert "of the habitats" in drawing.figure().get_suptitle()


def test_the_pictures_say_that_patients_are_simulated_and_lie_pixel_on_pixel(cohort, measured):
    features, schema, _, clusters, clustering, _ = measured
    stability, _ = judge_habitats(
        features, schema, clustering, LESIONS, {}, cohort, RADIOMICS, PARAMETERS
    )
    measures = (features, clusters, stability, clustering)
    told = (LESIONS, cohort, RADIOMICS, PARAMETERS)
    sheet, maps, added = draw_habitats(*measures, *told)
    (section,) = added.sections
    assert added.of == cohort_checksum(cohort)
    assert "Of 8 lesions of simulated patients, 8 have habitats. " in section.paragraphs[0]
    assert "found among pixels of the training lesions of each fit alone" in section.paragraphs[0]
    assert list(section.tables[0].frame.columns[1:]) == ["Habitat 1", "Habitat 2", "Habitat 3"]
    words = [text.get_text() for text in sheet.figure().texts]
    assert "Simulated patients" in words
    assert len(maps) == 2 * len(PARAMETERS.features)
    for name, drawing in maps.items():
        figure = drawing.figure()
        assert any("simulated patient" in text.get_text() for text in figure.texts)
        image, bar = figure.axes
        width, height = image.get_position().size * figure.get_size_inches() * 100
        assert (round(height), round(width)) == LESIONS[name[:2]]().image.shape
        assert bar.get_position().x0 > image.get_position().x1
    assert drawing.files(Rendering("map", dpi=100)).png[1:4] == b"PNG"


def parameters_of(env):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREAST_DIR", "/a/folder")
        return OmegaConfigLoader(str(ROOT / "conf"), env=env, **CONFIG_LOADER_ARGS)["parameters"]


@pytest.mark.parametrize("env", ["extended", "breast_extended"])
def test_each_of_the_extended_studies_compares_models_with_and_without_habitats(env):
    modeling = ModelingParameters.model_validate(parameters_of(env)["modeling"])
    pairs = [(a.base, a.model) for a in declared_additions(modeling.models) if a.what == "habitats"]
    assert pairs == [("rad", "rad_habitat"), ("dlr", "dlr_habitat"), ("cdlr", "cdlr_habitat")]
    assert modeling.sources["habitats"].missing == "median"
    assert all(modeling.models[model].role == "part" for _, model in pairs)


def test_the_settings_written_down_are_those_of_the_class():
    assert (
        HabitatParameters.model_validate(parameters_of("base")["habitats"]) == HabitatParameters()
    )


def test_habitats_are_measured_before_the_study_table_is_put_together_and_in_no_other_study():
    nodes = extended.create_pipeline().nodes
    places = {node.name: place for place, node in enumerate(nodes)}
    tables = [place for place, node in enumerate(nodes) if node.name.endswith("assemble_table")]
    assert places["habitats.measure_habitats"] < places["extended.read_sources"] < min(tables)
    assert places["habitats.judge_habitats_stability"] < places["extended.read_sources"]
    (hands,) = (node for node in nodes if node.name == "habitats.hand_over_tables")
    assert "habitats_nested" in hands.inputs
    assert "habitats_features" not in cdlr.create_pipeline().all_outputs()
    assert np.all([name != "habitats" for name in parameters_of("test")["modeling"]["sources"]])
