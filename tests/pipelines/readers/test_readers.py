"""The pipeline of a reader study, on simulated readers of simulated patients."""

import logging

import numpy as np
import pandas as pd
import pytest
from kedro.framework.project import configure_project

from spl_kedro.cohort.pseudonyms import Pseudonyms
from spl_kedro.cohort.settings import CohortSettings
from spl_kedro.drawing import Rendering
from spl_kedro.pipelines.readers import create_pipeline
from spl_kedro.pipelines.readers.nodes import check_readings, compare_readers, draw_readers
from spl_kedro.pipelines.readers.parameters import ReadersParameters
from spl_kedro.schemas import Findings
from spl_kedro.simulation import ReaderStudy, simulate_reader_scores

PARAMETERS = ReadersParameters()
#: Of it only whether identifiers are pseudonyms matters here.
COHORT = CohortSettings(
    simulated=True,
    columns={"lesion_id": "case", "label": "result"},
    clinical=(),
    split={"seed": 1},
)


@pytest.fixture(scope="module")
def study():
    kinds = np.where(np.arange(60) % 2, "malignant", "benign")
    table = pd.DataFrame({"case_id": [f"SPL{i:04d}" for i in range(60)], "pathology": kinds})
    scores = simulate_reader_scores(table, ReaderStudy(readers=3, lesions=60), seed=2)
    cohort = pd.DataFrame(
        {"patient_id": table["case_id"].to_numpy(), "label": np.arange(60) % 2, "simulated": True},
        index=pd.Index(table["case_id"], name="lesion_id"),
    )
    return scores.astype("str"), cohort


def test_scores_become_tables_and_figures_that_are_marked_as_simulated(study):
    readings, quarantine = check_readings(*study, PARAMETERS, COHORT)
    assert quarantine.empty
    Findings.validate(quarantine)
    performance, comparison, variance, moved, curves = compare_readers(readings, PARAMETERS)
    assert {len(performance), len(comparison)} == {2 * (3 + 2), 3 + 2}
    assert len(variance) == 6
    assert len(moved) == 3 * (3 + 2)
    drawings = draw_readers(readings, curves, performance, comparison)
    for drawing in drawings:
        found = drawing.files(Rendering("readers", dpi=50, vector=True))
        assert "Simulated patients" in found.svg


def test_real_readings_are_not_marked_as_simulated(study):
    scores, cohort = study
    readings, _ = check_readings(scores, cohort.assign(simulated=False), PARAMETERS, COHORT)
    performance, comparison, _, _, curves = compare_readers(readings, PARAMETERS)
    for drawing in draw_readers(readings, curves, performance, comparison):
        assert "Simulated" not in drawing.files(Rendering("r", dpi=50, vector=True)).svg


def test_lesions_left_out_are_counted_in_the_log(study, caplog):
    scores, cohort = study
    with caplog.at_level(logging.WARNING):
        _, quarantine = check_readings(scores.iloc[1:], cohort, PARAMETERS, COHORT)
    assert "a score by every reader with every modality (1)" in caplog.text
    Findings.validate(quarantine)


def test_the_pipeline_starts_from_scores_and_cohort_and_is_no_part_of_the_default_run():
    pipeline = create_pipeline()
    settings = {"params:readers", "params:data_processing"}
    assert pipeline.inputs() == {"reader_scores", "cohort", *settings}
    configure_project("spl_kedro")
    from spl_kedro.pipeline_registry import register_pipelines

    pipelines = register_pipelines()
    names = {node.short_name for node in pipelines["__default__"].nodes}
    assert "compare_readers" not in names
    assert "reader_scores" in pipelines["__default__"].all_outputs()


def test_readings_are_found_under_the_pseudonyms_of_their_lesions(study, tmp_path, monkeypatch):
    scores, cohort = study
    (tmp_path / "key").write_bytes(bytes(range(32, 64)))
    monkeypatch.setenv("A_KEY", str(tmp_path / "key"))
    names = Pseudonyms.from_variable("A_KEY")
    hidden = cohort.set_axis([names(name) for name in cohort.index]).rename_axis("lesion_id")
    settings = COHORT.model_copy(update={"pseudonyms": "A_KEY"})
    readings, quarantine = check_readings(scores, hidden, PARAMETERS, settings)
    assert quarantine.empty
    assert set(readings["lesion_id"]) == set(hidden.index)
