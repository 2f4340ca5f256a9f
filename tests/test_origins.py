"""Results are reused only for the input, parameters and code that made them."""

import os
from types import SimpleNamespace

import pandas as pd
import pytest
from kedro.framework.hooks.manager import _create_hook_manager
from kedro.io import DataCatalog, MemoryDataset
from kedro.pipeline import Node, Pipeline
from kedro.runner import SequentialRunner
from tests.datasets.test_whole import flip

from spl_kedro import origins
from spl_kedro.datasets.cohort_table import CohortTableDataset
from spl_kedro.datasets.durations import DurationsDataset
from spl_kedro.datasets.raw_file import RawFileDataset
from spl_kedro.datasets.whole import (
    ObjectDataset,
    OptionalObjectDataset,
    TableDataset,
    WholeTextDataset,
)
from spl_kedro.errors import UnusableStudyError
from spl_kedro.origins import REUSE, OriginHooks

MADE = []


def measure(table, image, settings):
    MADE.append("features")
    return pd.DataFrame({"value": [float(len(image)) + settings["width"]] * len(table)})


def fit(features, settings):
    MADE.append("models")
    return features * settings["c"]


def tell(models):
    MADE.append("report")
    return models.to_csv()


PIPELINE = Pipeline(
    [
        Node(measure, ["table", "image", "params:measuring"], "features", name="measure"),
        Node(fit, ["features", "params:fitting"], "models", name="fit"),
        Node(tell, "models", "report", name="tell"),
    ]
)


class Study:
    """A study of three steps in a folder, run as a session does."""

    def __init__(self, folder):
        self.folder = folder
        self.parameters = {"measuring": {"width": 5, "n_jobs": 1}, "fitting": {"c": 1.0}}
        (folder / "data").mkdir()
        (folder / "table.csv").write_text("case,age\n001,61\n002,58\n")
        (folder / "image.png").write_bytes(b"grey values")

    def path(self, name):
        return (self.folder / "data" / name).as_posix()

    def run(self, *steps, missing=False, nodes=PIPELINE.nodes):
        """Return what was made."""
        MADE.clear()
        pipeline = Pipeline(nodes)
        if steps:
            pipeline = pipeline.only_nodes(*steps)
        catalog = DataCatalog(
            {
                "table": CohortTableDataset(filepath=(self.folder / "table.csv").as_posix()),
                "image": RawFileDataset(filepath=(self.folder / "image.png").as_posix()),
                "features": TableDataset(filepath=self.path("features.parquet")),
                "run_durations": DurationsDataset(filepath=self.path("durations.json")),
                "aside": OptionalObjectDataset(filepath=self.path("aside.pkl")),
                "prepared": ObjectDataset(filepath=self.path("prepared.pkl")),
                "models": TableDataset(filepath=self.path("models.parquet")),
                "report": WholeTextDataset(filepath=self.path("report.txt")),
                **{f"params:{k}": MemoryDataset(v) for k, v in self.parameters.items()},
            }
        )
        hooks, manager = OriginHooks(), _create_hook_manager()
        loader = {"globals": {"data": "data"}, "parameters": self.parameters}
        hooks.after_context_created(SimpleNamespace(config_loader=loader, project_path=self.folder))
        manager.register(hooks)
        manager.hook.before_pipeline_run(
            run_params={"env": "test", "only_missing_outputs": missing},
            pipeline=pipeline, catalog=catalog,
        )  # fmt: skip
        SequentialRunner().run(pipeline, catalog, manager, only_missing_outputs=missing)
        return list(MADE)

    def results(self):
        return {path.name: path.read_bytes() for path in (self.folder / "data").glob("[a-z]*.*")}


@pytest.fixture
def study(tmp_path):
    made = Study(tmp_path)
    assert made.run() == ["features", "models", "report"]
    return made


def swap_image(study):
    """Exchange the image for another one of the same size and time."""
    path = study.folder / "image.png"
    before = path.stat()
    path.write_bytes(b"grey_values")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)


def other_width(study):
    study.parameters["measuring"]["width"] = 6


def other_table(study):
    (study.folder / "table.csv").write_text("case,age\n001,61\n")


CHANGES = [
    (swap_image, "made of another 'image' than the one that is there"),
    (other_width, "'features' was made with other values of measuring"),
    (other_table, "made of another 'table'"),
]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_a_run_from_half_way_is_refused_where_what_it_reads_was_made_otherwise(
    study, change, words
):
    assert study.run("fit", "tell") == ["models", "report"]
    change(study)
    for steps in (["fit"], ["tell"]):  # also where the cause lies two steps before
        with pytest.raises(UnusableStudyError, match=words) as refused:
            study.run(*steps)
        assert "kedro run --env test" in refused.value.remedy
    assert study.run() == ["features", "models", "report"]
    assert study.run("tell") == ["report"]


@pytest.mark.parametrize(("change", "words"), CHANGES)
def test_only_missing_outputs_makes_again_what_was_made_otherwise_and_what_follows(
    study, change, words, caplog
):
    assert study.run(missing=True) == []
    change(study)
    assert study.run(missing=True) == ["features", "models", "report"]
    assert words in caplog.text
    resumed = study.results()
    study.run()
    assert study.results() == resumed


def test_what_comes_before_a_change_is_kept(study):
    study.parameters["fitting"]["c"] = 2.0
    assert study.run(missing=True) == ["models", "report"]


def test_what_is_absent_makes_nothing_stale_by_itself_and_hides_no_change_before_it(study):
    (study.folder / "data/features.parquet").unlink()
    assert study.run("tell") == ["report"]
    other_table(study)
    with pytest.raises(UnusableStudyError, match="'features' was made of another 'table'"):
        study.run("tell")
    assert study.run(missing=True) == ["features", "models", "report"]


def test_a_flipped_byte_is_found_before_the_run_named_and_recomputed(study):
    before = study.results()
    flip(study.folder / "data/features.parquet")
    with pytest.raises(UnusableStudyError, match=r"data/features\.parquet' was changed or dam"):
        study.run("fit")
    assert "features" in study.run(missing=True)
    assert study.results() == before


def test_another_version_of_the_code_is_another_result_unless_a_developer_says_so(
    study, monkeypatch, caplog
):
    monkeypatch.setattr(origins, "code_version", lambda: "another")
    with pytest.raises(UnusableStudyError, match="another version of the code"):
        study.run("tell")
    monkeypatch.setenv(REUSE, "1")
    assert study.run("tell") == ["report"]
    assert "reused all the same" in caplog.text


def test_the_number_of_processes_makes_no_other_result(study):
    study.parameters["measuring"]["n_jobs"] = 4
    assert study.run("fit") == ["models"]
    assert study.run(missing=True) == []


def test_a_pickle_made_again_of_the_same_counts_as_the_same_and_another_does_not(tmp_path):
    # Pickles of equal objects may differ in bytes, as this one does each time.
    study, draws = Study(tmp_path), iter(range(9))

    def prepare(table):
        return {"lesions": len(table), "draw": next(draws)}

    def count(prepared):
        return pd.DataFrame({"lesions": [prepared["lesions"]]})

    nodes = [
        Node(prepare, "table", "prepared", name="prepare"),
        Node(count, "prepared", "features", name="count"),
        Node(tell, "features", "report", name="tell"),
    ]
    study.run(nodes=nodes)
    study.run("prepare", nodes=nodes)
    assert study.run("tell", nodes=nodes) == ["report"]
    other_table(study)
    study.run("prepare", nodes=nodes)
    with pytest.raises(UnusableStudyError, match="made of another 'prepared'"):
        study.run("tell", nodes=nodes)


def test_what_a_study_aside_found_before_a_change_does_not_keep_the_study_from_running(tmp_path):
    # Fault: a run refused for a section that the report drops by itself.
    study = Study(tmp_path)
    nodes = [
        Node(measure, ["table", "image", "params:measuring"], "features", name="measure"),
        Node(lambda features: {"lesions": len(features)}, "features", "aside", name="look_aside"),
        Node(lambda features, aside: f"{len(features)} {aside}", ["features", "aside"], "report",
             name="tell"),
    ]  # fmt: skip
    assert study.run("measure", "tell", nodes=nodes) == ["features"]
    assert (tmp_path / "data/report.txt").read_text() == "2 None"
    study.run("look_aside", nodes=nodes)
    other_width(study)
    assert study.run("measure", "tell", nodes=nodes) == ["features"]
    assert (tmp_path / "data/report.txt").read_text() == "2 {'lesions': 2}"


def test_another_duration_makes_no_other_result(tmp_path):
    study = Study(tmp_path)
    durations = DurationsDataset(filepath=study.path("durations.json"))
    nodes = [
        Node(lambda table, _: table, ["table", "run_durations"], "features", name="copy"),
        Node(tell, "features", "report", name="tell"),
    ]
    durations.save({"copy": {"run": 1.0}})
    study.run(nodes=nodes)
    durations.save({"copy": {"run": 2.0}})
    assert study.run("tell", nodes=nodes) == ["report"]


def test_study_b_after_study_a_in_one_folder_is_as_if_a_had_never_been(study, tmp_path):
    (study.folder / "table.csv").write_text("case,age\n101,40\n102,50\n103,60\n")
    study.parameters["fitting"]["c"] = 3.0
    assert study.run(missing=True) == ["features", "models", "report"]
    (tmp_path / "fresh").mkdir()
    fresh = Study(tmp_path / "fresh")
    (fresh.folder / "table.csv").write_text("case,age\n101,40\n102,50\n103,60\n")
    fresh.parameters["fitting"]["c"] = 3.0
    fresh.run()
    assert study.results() == fresh.results()


def test_the_codes_version_changes_with_any_source_file(tmp_path, monkeypatch):
    (tmp_path / "origins.py").write_text("one = 1\n")
    monkeypatch.setattr(origins, "__file__", str(tmp_path / "origins.py"))
    versions = []
    for text in ("one = 1\n", "one = 2\n"):
        (tmp_path / "other.py").write_text(text)
        versions.append(origins.code_version.__wrapped__())
    assert versions[0] != versions[1]
