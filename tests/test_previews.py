"""What kedro-viz would show of patients, by its own data structures and without its server."""

import json
from pathlib import Path

import pandas as pd
import pytest
from kedro.framework.project import pipelines
from kedro_datasets.pandas import ParquetDataset
from kedro_viz.integrations.kedro.data_loader import load_data
from kedro_viz.models.flowchart.node_metadata import DataNodeMetadata
from kedro_viz.models.flowchart.nodes import GraphNode
from tests.projects import make_project

from spl_kedro.datasets.optional_table import OptionalTableDataset
from spl_kedro.previews import StudyConfigLoader
from spl_kedro.settings import CONFIG_LOADER_ARGS

PATIENT = "PLANTED-PATIENT"
#: Sums over patients, what follows from parameters alone, or the names of columns.
SUMMARIES = {
    "column_audit", "table_one", "nomogram", "nomogram_scale", "performance", "comparisons",
    "added_value", "calibration", "decision_curves", "selected_features", "shap_stability",
    "nesting_leak",
}  # fmt: skip
VALIDATION = {"column_audit", "table_one", "performance", "calibration"}
#: What shows pictures and texts, of whatever patients: figures of sums, pages' heads, cards.
FIGURES = ("_figure", "shap_beeswarm", "shap_bar", "shap_dependence")
TEXTS = ("study_report", "model_card", "data_sheet", "checklists", "run_durations")


def preview_of(name: str, dataset) -> DataNodeMetadata:
    """Return what kedro-viz makes of a dataset."""
    node = GraphNode.create_data_node(
        dataset_id=name, dataset_name=name, layer=None, tags=set(), dataset=dataset,
        node_extras=None, modular_pipelines=set(),
    )  # fmt: skip
    return DataNodeMetadata(data_node=node)


def datasets(project: Path, env: str) -> dict:
    """Return every dataset of every pipeline, as kedro-viz loads them without the hooks."""
    catalog, _, _ = load_data(project, env=env)
    names = set().union(*(pipeline.datasets() for pipeline in pipelines.values()))
    return {name: catalog.get(name) for name in sorted(names) if not name.startswith("param")}


def shown(project: Path, env: str) -> set[str]:
    """Return the tables whose preview shows the patient, each of which holds that row alone."""
    found = set()
    for name, dataset in datasets(project, env).items():
        if isinstance(dataset, ParquetDataset | OptionalTableDataset):
            path = Path(dataset._describe()["filepath"])
            path.parent.mkdir(parents=True, exist_ok=True)
            pd.DataFrame({"lesion_id": [PATIENT]}).to_parquet(path)
            if PATIENT in json.dumps(preview_of(name, dataset).preview, default=str):
                found.add(name)
    return found


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.setenv("STUDY_DIR", str(tmp_path / "hospital"))
    monkeypatch.chdir(tmp_path)
    folder = make_project(tmp_path / "project")
    own = folder / "conf/hospital_c"
    own.mkdir()
    (own / "globals.yml").write_text(f"data: {tmp_path}/hospital_c\n")
    (own / "parameters_data_processing.yml").write_text("data_processing: {simulated: false}\n")
    return folder


@pytest.mark.parametrize("env", ["study", "hospital_c"])
def test_of_real_patients_no_row_is_previewed_unless_asked(project, env):
    # An environment that says nothing of previews is one of real patients all the same.
    (project / "conf/study/globals.yml").write_text(f"data: {project.parent}/study\n")
    told = SUMMARIES | {f"external_validation_{name}" for name in VALIDATION}
    assert shown(project, env) == told


def test_the_template_of_a_study_says_so_itself(project):
    loader = StudyConfigLoader(str(project / "conf"), env="study", **CONFIG_LOADER_ARGS)
    assert loader["globals"]["previews"] is False


def test_of_real_patients_nothing_else_is_previewed_but_figures_and_texts(project):
    open_ = {
        name
        for name, dataset in datasets(project, "hospital_c").items()
        if hasattr(dataset, "preview")
        and preview_of(name, dataset).data_node.is_preview_enabled()
        and not isinstance(dataset, ParquetDataset | OptionalTableDataset)
    }
    others = {n for n in open_ if not n.endswith((*FIGURES, *TEXTS))}
    assert others == set()
    assert "roc_figure" in open_


def test_real_patients_are_previewed_where_that_is_asked_for_and_simulated_ones_by_default(project):
    with (project / "conf/hospital_c/globals.yml").open("a") as file:
        file.write("previews: true\n")
    (project / "conf/test/globals.yml").write_text(f"data: {project.parent}/test\n")
    for env in ("hospital_c", "test"):
        found = shown(project, env)
        assert {"cohort", "predictions", "findings", "radiomics_features"} <= found
        # Of cases from elsewhere nobody knows whether they are simulated.
        assert not {
            name for name in found if name.startswith(("inference_", "recalibration_cohort"))
        }


#: Of cases that may be real in an environment that simulates, and what nobody looks at.
NEVER = ("inference_", "new_patients_", "real_", "recalibration_", "checked_", "check_")
ALSO_NEVER = {
    "external_validation_checked_lesions", "external_validation_checked_findings",
    # New patients, and numbers that are pixels.
    "new_boxes", "new_images", "new_outlines", "new_outlines_findings",
    "assisted_outlines_examples",
}  # fmt: skip


def test_of_simulated_patients_whatever_can_be_previewed_is(project):
    closed = {
        name
        for name, dataset in datasets(project, "test").items()
        if hasattr(dataset, "preview")
        and not preview_of(name, dataset).data_node.is_preview_enabled()
    }
    left = sorted(name for name in closed - ALSO_NEVER if not name.startswith(NEVER))
    assert left == []


def test_what_a_hook_is_given_of_the_configuration_is_its_own(tmp_path):
    # Fault: what was read is kept, and a hook that changes it changes the run.
    make_project(tmp_path)
    loader = StudyConfigLoader(str(tmp_path / "conf"), env="test", **CONFIG_LOADER_ARGS)
    loader["parameters"]["modeling"]["seed"] = "changed"
    assert loader["parameters"]["modeling"]["seed"] != "changed"
    loader.runtime_params = {"modeling": {"seed": 11}}
    assert loader["parameters"]["modeling"]["seed"] == 11
