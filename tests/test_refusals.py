"""Runs that must not begin, started as a user starts them."""

from tests.projects import kedro_process, make_project


def test_simulation_is_refused_where_patients_are_real(tmp_path):
    project = make_project(tmp_path / "project")
    finished = kedro_process(
        project, "run", "--env", "test", "--pipelines", "simulation",
        "--params", "data_processing.simulated=false",
    )  # fmt: skip
    assert finished.returncode != 0
    assert "holds real patients" in finished.stderr.strip().splitlines()[-1]
    assert "Traceback" not in finished.stderr
    assert not (project / "data").exists()
