"""The reporting pipeline: what it takes, what it writes."""

from importlib import import_module
from importlib.util import find_spec

import pandas as pd
import pytest
from kedro.io import DataCatalog, MemoryDataset
from kedro.runner import SequentialRunner
from PIL import Image
from tests.projects import ROOT

from spl_kedro.pipelines.additions import added_sections
from spl_kedro.pipelines.reporting import create_pipeline
from spl_kedro.pipelines.reporting.inputs import DIRECT, HANDED
from spl_kedro.pipelines.reporting.nodes import (
    PICTURE,
    PROGRAMS,
    SCEPTIC,
    gather_results,
    study_parameters,
    versions,
)
from spl_kedro.provenance import cohort_checksum, development_key
from spl_kedro.reporting import ReportSettings, StudyResults, report_sections
from spl_kedro.reporting.order import supplement_of
from spl_kedro.reporting.parts import AddedSections, Section
from spl_kedro.schemas import MODELS

INPUTS = DIRECT | HANDED


def test_every_input_is_a_part_of_the_results():
    parts = {name for name in INPUTS if not name.startswith((PICTURE, SCEPTIC))}
    assert parts - {"predictions"} <= set(StudyResults.__dataclass_fields__)


def test_the_report_trains_nothing_and_reads_no_model():
    inputs = create_pipeline().inputs()
    assert not inputs & {f"{name}_model" for name in MODELS}


def test_versions_name_every_program_that_shapes_the_numbers():
    found = versions()
    assert set(PROGRAMS) <= set(found)
    assert all(found.values())


def test_a_report_on_real_patients_names_no_parameter_of_the_simulation_or_of_other_studies():
    everything = {name: {"seed": 1} for name in ("simulation", "radiomics", "audit", "sweep")}
    assert list(study_parameters(everything, simulated=False)) == ["radiomics"]
    assert list(study_parameters(everything, simulated=True)) == ["simulation", "radiomics"]


@pytest.fixture
def cohort():
    return pd.DataFrame(
        {
            "patient_id": ["P1", "P2", "P3", "P4"],
            "site": "A",
            "label": [0, 1, 0, 1],
            "cohort": ["training", "training", "validation", "validation"],
            "spacing_row_mm": 0.2,
            "spacing_col_mm": 0.2,
            "image_sha256": "0" * 64,
            "simulated": True,
        },
        index=pd.Index(["L1", "L2", "L3", "L4"], name="lesion_id"),
    )


@pytest.fixture
def predictions():
    rows = {
        "lesion_id": ["L1", "L2", "L3"],
        "label": [0, 1, 0],
        "model": "cdlr",
        "protocol": "leak_free",
        "cohort": ["training", "training", "validation"],
        "repeat": 0,
        "fold": [0, 1, -1],
        "score": [0.2, 0.7, 0.4],
    }
    return pd.DataFrame(rows)


def test_what_a_sceptic_found_about_other_models_stays_out_of_the_report(cohort, predictions):
    own = pd.DataFrame({"study": development_key(predictions), "auc": [0.6, 0.7]})
    results = gather_results(
        cohort, {}, {}, predictions, sceptic_controls=own,
        sceptic_stability=own.assign(study="0" * 16), sceptic_clinic=pd.DataFrame(),
    )  # fmt: skip
    assert list(results.sceptic) == ["controls"]
    assert list(results.sceptic["controls"].columns) == ["auc"]


def test_an_addition_tells_of_its_own_models_or_cohort_alone(cohort, predictions):
    # Fault: sections of models or a cohort that the study no longer has.
    own = {"models": development_key(predictions), "cohort": cohort_checksum(cohort)}
    told = {name: AddedSections(of, (Section(name, name),)) for name, of in own.items()}
    others = {n: AddedSections("0" * n, (Section("other", "other"),)) for n in (16, 64)}
    added = {"not_run": None, **others, **told}
    results = gather_results(cohort, {}, {}, predictions, added=added)
    assert [section.key for section in results.further_sections] == ["models", "cohort"]
    assert list(gather_results(cohort, {}, {}, predictions).further_sections) == []


def test_results_of_additions_stand_before_the_limits_and_what_else_they_say_in_the_supplement(
    cohort, predictions
):
    sections = tuple(Section(key, key, of_paper=key in "ab") for key in ("x", "a", "y", "b"))
    added = {"one": AddedSections(development_key(predictions), sections)}
    results = gather_results(cohort, {}, {}, predictions, added=added)
    shown = report_sections(results, ReportSettings())
    keys = [section.key for section in shown]
    at, sceptic = keys.index("limits"), keys.index("sceptic")
    assert keys[at - 2 : at] == ["a", "b"]
    assert keys[sceptic - 2 : sceptic] == ["x", "y"]
    assert supplement_of(shown) == keys[at + 1]
    without = report_sections(StudyResults(cohort), ReportSettings())
    assert [key for key in keys if key not in "abxy"] == [section.key for section in without]


def test_an_addition_whose_folder_is_deleted_is_not_read(monkeypatch):
    before = create_pipeline().inputs()
    assert set(added_sections().values()) <= before
    first, *others = added_sections().values()
    deleted = f"spl_kedro.pipelines.{first.removesuffix('_sections')}"
    monkeypatch.setattr(
        "spl_kedro.pipelines.additions.find_spec",
        lambda name: None if name == deleted else find_spec(name),
    )
    assert list(added_sections().values()) == others
    assert create_pipeline().inputs() == before - {first}


def test_whatever_sections_an_addition_writes_the_report_takes():
    folders = {path.parent.name for path in ROOT.glob("src/spl_kedro/pipelines/*/pipeline.py")}
    written = set().union(
        *(
            import_module(f"spl_kedro.pipelines.{name}").create_pipeline().all_outputs()
            for name in folders
        )
    )
    own = {name for name in written if name.endswith("_sections")}
    assert own - {"report_sections", "external_validation_report_sections"} == set(
        added_sections().values()
    )


def test_a_development_is_known_by_its_training_scores_in_any_order(predictions):
    key = development_key(predictions)
    assert development_key(predictions[::-1]) == key
    assert development_key(predictions.query("cohort == 'training'")) == key
    assert development_key(predictions.assign(score=[0.2, 0.8, 0.4])) != key


def test_the_results_say_which_data_and_which_pictures_they_hold(cohort, predictions):
    picture = Image.new("RGB", (20, 10))
    results = gather_results(cohort, {"radiomics": {}}, {}, predictions, picture_shap_bar=picture)
    assert list(results.figures) == ["shap_bar"]
    assert len(results.versions["data_sha256"]) == 64


def test_the_pipeline_runs_on_a_study_that_computed_nothing_else(cohort, predictions):
    picture = Image.new("RGB", (40, 20))
    parts = {name: picture if name.startswith(PICTURE) else None for name in INPUTS}
    parts |= {name: pd.DataFrame() for name in INPUTS if name.startswith(SCEPTIC)}
    parts |= {"cohort": cohort, "parameters": {}, "durations": {}, "predictions": predictions}
    catalog = DataCatalog(
        {
            "params:reporting": MemoryDataset(ReportSettings(figure_dpi=72)),
            "params:modeling.n_jobs": MemoryDataset(1),
        }
    )
    results = gather_results(**parts)
    catalog["study_results"] = MemoryDataset(results, copy_mode="assign")
    catalog["report_sections"] = MemoryDataset(copy_mode="assign")
    pipeline = create_pipeline().from_inputs("study_results")
    written = SequentialRunner().run(pipeline, catalog)
    texts = {name: dataset.load() for name, dataset in written.items()}
    assert set(texts) == {
        "study_report", "calculator", "model_card", "data_sheet", "checklists", "report_tables",
        "report_tables_document", "report_figures",
    }  # fmt: skip
    assert texts["report_tables_document"].startswith(b"PK")
    assert texts["study_report"].startswith("<!DOCTYPE html>")
    assert texts["calculator"].startswith("<!DOCTYPE html>")
    assert texts["report_figures"]["shap_bar.png"].startswith(b"\x89PNG")
    assert "cohorts.tex" in texts["report_tables"]
    assert texts["checklists"]["points"].sum() == 0
