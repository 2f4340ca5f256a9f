"""Files that vanish while a study reads them, through `kedro run` on several processes."""

import os
import subprocess
import sys

import pandas as pd
import pytest
from tests.hospital import hand_over, simulate
from tests.projects import make_project

LOST, OUTLINE_LOST = 2, 5
# Kedro's command, in a process where two files vanish once all have been checked.
COMMAND = """
import sys
from pathlib import Path
from kedro.framework.cli import main
from spl_kedro.cohort import files
from spl_kedro.cohort.kept import KeptLesions

# None stays in memory: all are read again.
files.KeptLesions = lambda: KeptLesions(most=0)
check = files.second_reader
lost = [Path(path) for path in sys.argv[1:3]]

def check_and_lose(*arguments):
    found = check(*arguments)
    for path in lost:
        path.unlink()
    return found

files.second_reader = check_and_lose
sys.argv = ["kedro", *sys.argv[3:]]
main()
"""


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """The run as it ended, the stored data's folder and the cases of the hospital's table."""
    folder = tmp_path_factory.mktemp("vanishing")
    table = hand_over(simulate(16), folder / "hospital")
    table.to_csv(folder / "hospital/cohort.csv", index=False)
    cases = table["case_id"].tolist()
    second = folder / "hospital/outlines_reader2"
    second.mkdir()
    for case in cases[4:7]:
        (second / f"{case}.png").write_bytes(
            (folder / f"hospital/outlines/{case}.png").read_bytes()
        )
    project = make_project(folder / "project")
    (project / "conf/study/parameters_data_processing.yml").write_text(
        "data_processing: {simulated: false, clinical: [], split: {external_sites: []}}\n"
    )
    lost = (folder / f"hospital/images/{cases[LOST]}.png", second / f"{cases[OUTLINE_LOST]}.png")
    finished = subprocess.run(
        [sys.executable, "-c", COMMAND, *map(str, lost),
         "run", "--env", "study", "--pipelines", "data_processing", "--runner", "ParallelRunner",
         "--params", "sealing.sealed=false"],
        cwd=project / "conf",
        env=os.environ | {
            "SPL_KEDRO_ROOT": str(project),
            "KEDRO_LOGGING_CONFIG": str(project / "conf/logging.yml"),
            "STUDY_DIR": str(folder / "hospital"),
            "COLUMNS": "160",
        },
        capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    return finished, project / "data/study", cases


def test_the_run_goes_on_without_the_lesion_and_tells_why(ended):
    finished, data, cases = ended
    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-3000:]
    assert f"{cases[LOST]} is not stored" in finished.stdout
    findings = pd.read_parquet(data / "03_primary/findings/data_processing.parquet")
    lost = findings[findings["rule"] == "a file that stays as it was checked"]
    assert lost.set_index(["stage", "action"])["lesion_id"].to_dict() == {
        ("data_processing", "quarantined"): cases[LOST],
        ("second reader", "left out"): cases[OUTLINE_LOST],
    }
    assert (findings["action"] == "quarantined").sum() == 1


def test_every_lesion_of_the_cohort_is_stored(ended):
    _, data, cases = ended
    cohort = pd.read_parquet(data / "03_primary/cohort.parquet")
    stored = {path.stem for path in (data / "03_primary/lesions").iterdir()}
    assert set(cohort.index) == stored == set(cases) - {cases[LOST]}
    again = {path.stem for path in (data / "03_primary/lesions_reader2").iterdir()}
    assert again == {cases[4], cases[6]}
