"""The pipelines as a DAG of Airflow, and a study whose data lie in a bucket."""

import os
import re
import shlex
import subprocess
import sys
from graphlib import TopologicalSorter

import fsspec
import pytest
from tests.airflow import read_dag
from tests.buckets import bucket
from tests.projects import ROOT, kedro_commands, make_project

from spl_kedro.pipelines.cdlr import create_pipeline

PAGE = ROOT / "docs/orchestration.md"
#: Of the study, and of the shared `miniature_cohort`: images, outlines, tables, lesions, figures.
FIRST = ["simulation", "data_processing"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("orchestration"))


@pytest.fixture(scope="module")
def dags(project):
    """What the commands of the page write: tasks of pipelines, tasks of steps; and of them a DAG
    of the miniature study from the simulation on.
    """
    by_pipeline, by_step = (
        shlex.split(command)
        for command in re.findall(r"^ {4}kedro (airflow create .*)$", PAGE.read_text(), re.M)
    )
    simulated = [*by_pipeline]
    for option, value in {"-e": "test", "-p": "__default__"}.items():
        simulated[simulated.index(option) + 1] = value

    (settings,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    (project / "conf/test/airflow.yml").write_text(settings)
    commands = [
        [str(project / word) if word.startswith("conf/") else word for word in words]
        for words in (by_pipeline, by_step, simulated)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDY_DIR", str(project / "nothing"))
        ended = kedro_commands(project, *commands)
    assert ended.returncode == 0, ended.stderr[-3000:]
    names = re.findall(r"DAG in the file `(.*)`", ended.stdout)
    folders = [words[words.index("-t") + 1] for words in commands]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPL_KEDRO_ROOT", str(project))  # as the page says, where Airflow is started
        yield [project / folder / name for folder, name in zip(folders, names, strict=True)]


def pairs(pipeline, named):
    """The pairs of names that follow each other, by the data they hand on."""
    found = {
        (named(before), named(after))
        for after, all_before in pipeline.node_dependencies.items()
        for before in all_before
    }
    return {(before, after) for before, after in found if before != after}


def test_the_dag_of_pipelines_has_a_task_for_each_and_their_order(dags):
    found = read_dag(dags[0])
    pipeline = create_pipeline()
    of = {node.name: node.namespace.partition(".")[0] for node in pipeline.nodes}
    assert set(found.tasks) == set(of.values())
    assert found.edges == pairs(pipeline, lambda node: of[node.name])
    before = {task: {a for a, b in found.edges if b == task} for task in found.tasks}
    assert [*TopologicalSorter(before).static_order()][-1] == "reporting"  # and no circle
    assert found.settings["max_active_tasks"] == 1
    assert "study-cdlr" in found.settings["dag_id"]


def test_the_dag_of_steps_has_a_task_for_each_because_nothing_passes_in_memory(dags):
    found = read_dag(dags[1])
    pipeline = create_pipeline()
    assert set(found.tasks) == {node.name for node in pipeline.nodes}
    assert found.edges == pairs(pipeline, lambda node: node.name)
    assert f"of which there are {len(found.tasks)}" in PAGE.read_text()


def test_what_the_page_sets_for_an_environment_is_in_its_dag_alone(dags):
    plain, stated = (read_dag(dags[position]).settings for position in (0, 2))
    assert (plain["schedule"], stated["schedule"]) == (None, "0 3 * * 1")
    assert (plain["default_args"]["owner"], stated["default_args"]["owner"]) == (
        "spl_kedro", "radiology",
    )  # fmt: skip


def test_tasks_of_the_dag_on_data_in_a_bucket_store_what_a_run_on_this_disk_does(
    project, dags, miniature_cohort
):
    # Faults: figures written beside the bucket; a reader that knows files of this disk alone.
    with bucket() as address:
        settings = project / "conf/test/globals.yml"
        settings.write_text(settings.read_text().replace("data/test", f"{address}/study"))
        told = subprocess.run(
            [sys.executable, "-m", "tests.airflow", str(dags[2]), *FIRST],
            cwd=ROOT, env=os.environ | {"SPL_KEDRO_ROOT": str(project)},
            capture_output=True, text=True,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr[-3000:]
        files = fsspec.filesystem("s3")
        start = f"{address}/study/".removeprefix("s3://")
        there = {path.removeprefix(start): files.cat_file(path) for path in files.find(start)}
    data = miniature_cohort.data
    here = {
        path.relative_to(data).as_posix(): path.read_bytes()
        for path in data.rglob("*")
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(data).parts)
    }
    assert set(there) == set(here)
    kinds = {name.rpartition(".")[2] for name in here}
    assert kinds >= {"parquet", "csv", "png", "npz", "json"}
    times = "08_reporting/run_durations.json"
    assert [name for name in here if name != times and there[name] != here[name]] == []
    assert not (project / "data").exists()
