"""Runs that must not begin, started as a user starts them."""

from tests.projects import kedro, make_project


def test_a_misspelt_parameter_stops_the_run_before_any_work(tmp_path):
    project = make_project(tmp_path / "project")
    for parameter, words in [
        ("radiomics.extraction.prest=us2d-1561", "Did you mean 'preset'"),
        ("data_processing.split.validation_fraction=3", "allowed is (0, 0.9)"),
        ("radiomic.preset=us2d-1561", "belong to no pipeline"),
    ]:
        finished = kedro(project, "run", "--env", "test", "--params", parameter)
        assert finished.returncode != 0
        assert words in finished.stdout + finished.stderr
        assert finished.stderr.strip().splitlines()[-1].startswith("Error: ")
        assert "Traceback" not in finished.stdout + finished.stderr
    assert not (project / "data").exists()


def test_simulation_is_refused_where_patients_are_real(tmp_path):
    project = make_project(tmp_path / "project")
    finished = kedro(
        project, "run", "--env", "test", "--pipeline", "simulation",
        "--params", "data_processing.simulated=false",
    )  # fmt: skip
    assert finished.returncode != 0
    assert "holds real patients" in finished.stderr.strip().splitlines()[-1]
    assert "Traceback" not in finished.stderr
    assert not (project / "data").exists()


def test_a_study_without_its_folder_is_told_which_variable_to_set(tmp_path, monkeypatch):
    monkeypatch.delenv("STUDY_DIR", raising=False)
    project = make_project(tmp_path / "project")
    finished = kedro(project, "run", "--env", "study", "--pipeline", "data_processing")
    assert finished.returncode != 0
    last = finished.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: the folder with the cohort's files: ")
    assert "STUDY_DIR is not set" in last
    assert "Traceback" not in finished.stderr
