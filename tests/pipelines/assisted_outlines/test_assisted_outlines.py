"""The steps of assisted outlining, their place in the catalog, and the study made again by them."""

import pandas as pd
import pytest
from kedro.config import OmegaConfigLoader
from kedro.framework.project import configure_project
from tests.projects import ROOT
from tests.segmentation.conftest import SMALL, make_cohort, make_lesion, make_lesions

from spl_kedro.cohort.settings import CohortSettings, Split
from spl_kedro.pipelines import cdlr, outline_comparison
from spl_kedro.pipelines.assisted_outlines import nodes
from spl_kedro.pipelines.outline_comparison.nodes import write_section
from spl_kedro.pipelines.outline_new_images.nodes import outline_new_images
from spl_kedro.pipelines.outline_new_images.parameters import OutlineNewImagesParameters
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.schemas import Findings, OutlineFiles, OutlineScores
from spl_kedro.segmentation import AssistedOutlinesParameters
from spl_kedro.settings import CONFIG_LOADER_ARGS


def parameters_of(env):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BREAST_DIR", "/a/folder")
        return OmegaConfigLoader(str(ROOT / "conf"), env=env, **CONFIG_LOADER_ARGS)["parameters"]


def test_no_study_outlines_anything_unless_it_is_asked_to():
    outputs = cdlr.create_pipeline().all_outputs()
    assert not {"machine_outlines", "assisted_networks", "outline_comparison"} & outputs


def test_the_study_by_machine_outlines_is_the_study_on_the_table_handed_back():
    steps = {node.name: node for node in outline_comparison.create_pipeline().nodes}
    own = {node.name for node in cdlr.create_pipeline().nodes}
    assert set(steps) - own == {
        "data_processing.hand_back", "outline_comparison.compare_outlines",
        "outline_comparison.write_comparison_section",
    }  # fmt: skip
    (check,) = (node for name, node in steps.items() if name.endswith("check_cohort"))
    assert "machine_cohort_table" in check.inputs
    assert "cohort_table" not in check.inputs


@pytest.mark.parametrize(
    ("env", "reader"), [("machine_outlines", "base"), ("breast_machine_outlines", "breast")]
)
def test_only_outlines_and_cohorts_differ_from_the_study_on_readers_outlines(env, reader):
    own, other = parameters_of(env), parameters_of(reader)
    for group in ("radiomics", "deep_features", "modeling", "assisted_outlines"):
        assert own[group] == other[group]
    ours = CohortSettings.model_validate(own["data_processing"])
    theirs = CohortSettings.model_validate(other["data_processing"])
    assert (ours.columns.masks, ours.columns.cohort) == ("machine_outline", "reader_cohort")
    columns = theirs.columns.model_copy(
        update={"masks": "machine_outline", "cohort": "reader_cohort"}
    )
    assert ours == theirs.model_copy(update={"columns": columns})


def test_the_settings_written_down_are_read_and_those_of_the_miniature_are_smaller():
    configure_project("spl_kedro")
    base, test = (
        AssistedOutlinesParameters.model_validate(parameters_of(env)["assisted_outlines"])
        for env in ("base", "test")
    )
    assert base.network.folds == parameters_of("base")["deep_features"]["folds"]
    assert base.seed == parameters_of("base")["deep_features"]["seed"]
    assert test.network.size < base.network.size


@pytest.fixture(scope="module")
def hospital():
    """Return the cohort, the hospital's table and how it is read."""
    cohort = make_cohort()
    settings = CohortSettings(
        simulated=True,
        columns={"lesion_id": "id", "label": "label", "masks": "file"},
        clinical=(),
        split=Split(seed=1),
        quality={"minimum_lesion_pixels": 20},
    )
    table = pd.DataFrame({"id": cohort.index, "label": "benign"})
    return cohort, table.assign(file=table["id"] + "_a.png"), settings


def test_the_steps_outline_a_cohort_and_then_a_new_image(hospital):
    lesions, (cohort, table, settings) = make_lesions(), hospital
    parameters = SMALL.model_copy(update={"written": "classical"})
    folds = nodes.assign_outline_folds(cohort, parameters)
    assert set(folds.index) == set(cohort.index[cohort["cohort"] == "training"])
    networks = nodes.train_outline_networks(lesions, folds, parameters)
    prompts = nodes.draw_prompts(lesions, cohort, parameters)
    made = nodes.outline_lesions(
        lesions, {}, cohort, prompts, folds, networks, table, settings, parameters
    )
    found = dict(zip(nodes.OUTLINED, made, strict=True))
    assert sorted(found["machine_outlines"]) == [f"{name}_a.png" for name in sorted(cohort.index)]
    Findings.validate(found["assisted_outlines_findings"])
    OutlineScores.validate(found["assisted_outlines_scores"])
    OutlineFiles.validate(found["machine_outline_files"])
    summary, *drawings = nodes.summarise_outlines(
        found["assisted_outlines_scores"], found["assisted_outlines_examples"], cohort, parameters
    )
    told = nodes.write_section(summary, found["assisted_outlines_examples"], cohort, parameters)
    assert told.of == cohort_checksum(cohort)
    assert "random walker from a box" in told.sections[0].paragraphs[1]
    assert all("Simulated patients" in [t.get_text() for t in d.figure().texts] for d in drawings)

    boxes = pd.DataFrame(
        {"image": ["x.png"], "x": ["31"], "y": ["26"], "width": "28", "height": "28"}
    )

    class Image:
        grey = make_lesion(seed=9).image

    outlines, findings = outline_new_images(
        boxes, {"x.png": Image}, networks, settings, parameters, OutlineNewImagesParameters()
    )
    assert list(outlines) == ["x.png"]
    assert findings.empty


def test_the_section_on_outlines_handed_back_is_of_these_models_and_counts_lost_lesions(hospital):
    cohort, *_ = hospital
    predictions = pd.DataFrame(
        {
            "lesion_id": ["L1", "L2"], "label": [0, 1], "model": "rad", "protocol": "leak_free",
            "cohort": "training", "repeat": 0, "fold": [0, 1], "score": [0.2, 0.7],
        }
    )  # fmt: skip
    areas = {
        f"{name}{end}": [0.7 + step, 0.6 + step]
        for name in ("reader_auc", "machine_auc", "difference")
        for end, step in (("", 0.0), ("_low", -0.1), ("_high", 0.1))
    }
    table = pd.DataFrame(
        {"cohort": ["training", "validation"], "model": "rad", "lost": [1, 0], "n": [7, 4],
         "unit": "lesions", "confidence": 0.95} | areas
    )  # fmt: skip
    told = write_section(table, predictions, cohort)
    assert told.of == development_key(predictions)
    (section,) = told.sections
    assert "1 lesion of the readers' study is missing" in section.paragraphs[1]
    assert section.tables[0].frame["Lesions"].tolist() == ["7", "4"]
    drawn = section.figures[0].panels[""].figure()
    assert "Simulated patients" in [text.get_text() for text in drawn.texts]
