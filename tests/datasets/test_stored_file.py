"""Files on other file systems than the disk."""

import fsspec
import numpy as np
import pandas as pd
import pytest
import torch
from fsspec.core import url_to_fs
from matplotlib.figure import Figure
from tests.buckets import bucket

from spl_kedro.datasets.cohort_table import CohortTableDataset
from spl_kedro.datasets.documents import (
    CalculatorDataset,
    MarkdownDataset,
    StudyReportDataset,
    TrackedTableDataset,
)
from spl_kedro.datasets.durations import DurationsDataset
from spl_kedro.datasets.figure import FigureDataset, FigureFolderDataset
from spl_kedro.datasets.findings import FindingsDataset
from spl_kedro.datasets.image_folder import ImageFolderDataset, PatientFolderDataset
from spl_kedro.datasets.lesion import LesionDataset
from spl_kedro.datasets.network import NetworkStateDataset
from spl_kedro.datasets.optional_table import OptionalTableDataset
from spl_kedro.datasets.raw_file import RawFileDataset
from spl_kedro.datasets.sealing import LookLogDataset, PlanDataset
from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.datasets.training_runs import TrainingRunsDataset
from spl_kedro.datasets.whole import ObjectDataset, TableDataset, WholeTextDataset
from spl_kedro.drawing import Drawing
from spl_kedro.imaging import Lesion

LESION = "spl_kedro.datasets.lesion.LesionDataset"
IMAGES = "spl_kedro.datasets.image_folder.UltrasoundImageDataset"


@pytest.fixture(scope="module")
def s3():
    with bucket() as address:
        yield address


@pytest.fixture(params=["memory", "s3", "file", "path"])
def place(request, tmp_path):
    """A folder in memory, in a bucket, on the disk by its address, on the disk by its path."""
    if request.param in ("memory", "s3"):
        root = "memory://hospital" if request.param == "memory" else request.getfixturevalue("s3")
        yield f"{root}/study"
        fsspec.filesystem(request.param).rm(f"{root}/study", recursive=True)
    else:
        yield tmp_path.as_uri() if request.param == "file" else tmp_path.as_posix()


def test_every_dataset_of_a_file_loads_what_it_saved(place):
    lesion = Lesion("c1", np.arange(48.0).reshape(6, 8), np.eye(6, 8) > 0, (0.1, 0.2))
    stored = {
        RawFileDataset(filepath=f"{place}/a/figure.png"): b"png",
        DurationsDataset(filepath=f"{place}/a/seconds.json"): {"fit": {"run": 1.0}},
        TrainingRunsDataset(filepath=f"{place}/a/runs.json"): [],
    }
    for dataset, content in stored.items():
        dataset.save(content)
        assert dataset.load() == content
        assert dataset.exists() or isinstance(dataset, DurationsDataset)  # which is never missing
    network = NetworkStateDataset(filepath=f"{place}/a/network.pt")
    network.save({"fc.bias": torch.ones(2)})
    assert network.exists()
    assert torch.equal(network.load()["fc.bias"], torch.ones(2))
    one = LesionDataset(filepath=f"{place}/a/c1.npz")
    one.save(lesion)
    loaded = one.load()
    assert (loaded.lesion_id, loaded.spacing_mm) == ("c1", (0.1, 0.2))
    np.testing.assert_array_equal(loaded.image, lesion.image)
    table = CohortTableDataset(filepath=f"{place}/a/cohort.csv")
    table.save(pd.DataFrame({"case": ["001", "002"], "age": ["61", "58"]}))
    assert table.exists()
    assert table.load().to_dict("list") == {"case": ["001", "002"], "age": ["61", "58"]}


#: In memory Kedro's own datasets leave out the slash that its folders begin with.
KEDROS = ["s3", "file", "path"]
#: What a run stores, by what stores it.
WRITTEN = {
    TableDataset: ("features.parquet", pd.DataFrame({"area": [1.0, 2.0]}, index=["a", "b"])),
    OptionalTableDataset: ("controls.parquet", pd.DataFrame({"auc": [0.5]})),
    FindingsDataset: ("findings.parquet", pd.DataFrame({"lesion_id": ["a"], "message": ["dark"]})),
    ObjectDataset: ("crops.pkl", {"a": (1, 2)}),
    WholeTextDataset: ("index.html", "<p>ä</p>"),
    StudyReportDataset: ("report.html", "<p>ä</p>"),
    CalculatorDataset: ("calculator.html", "<p>ä</p>"),
    MarkdownDataset: ("card.md", "# ä"),
    TrackedTableDataset: ("items.csv", pd.DataFrame({"item": ["1a"]})),
    PlanDataset: ("plan.json", {"seed": 1}),
}
TEXT = {
    "fs_args": {"open_args_save": {"encoding": "utf-8"}, "open_args_load": {"encoding": "utf-8"}}
}


@pytest.mark.parametrize("place", KEDROS, indirect=True)
@pytest.mark.parametrize("kind", WRITTEN)
def test_what_a_run_writes_lies_where_the_catalog_says_and_comes_back(place, kind):
    name, content = WRITTEN[kind]
    options = TEXT if isinstance(content, str) else {}
    if kind is TrackedTableDataset:
        options = {"save_args": {"index": False}}
    dataset = kind(filepath=f"{place}/a/{name}", **options)
    dataset.save(content)
    loaded = kind(filepath=f"{place}/a/{name}", **options).load()
    if isinstance(content, pd.DataFrame):
        pd.testing.assert_frame_equal(loaded, content)
    else:
        assert loaded == content
    files, folder = url_to_fs(f"{place}/a")
    beside = {"findings.csv"} if kind is FindingsDataset else set()
    assert {path.rpartition("/")[2] for path in files.find(folder)} >= {name} | beside
    assert dataset.exists()


@pytest.mark.parametrize("place", KEDROS, indirect=True)
def test_figures_lie_where_the_catalog_says_and_later_ones_replace_them(place):
    # Fault: a figure of a study in a bucket written to a folder of the bucket's name on this disk.
    figure = FigureDataset(filepath=f"{place}/a/roc.png", dpi=40, vector=True)
    figure.save(Drawing(Figure, figsize=(2, 1)))
    stored = FigureDataset(filepath=f"{place}/a/roc.png", vector=True).load()
    assert stored.png[1:4] == b"PNG"
    assert "<svg" in stored.svg
    folder = FigureFolderDataset(filepath=f"{place}/shap", dpi=40)
    for names in (["a", "b"], ["b"]):
        folder.save({name: Drawing(Figure, figsize=(2, 1)) for name in names})
        assert sorted(FigureFolderDataset(filepath=f"{place}/shap").load()) == names


def test_the_log_of_looks_grows_wherever_it_lies(place):
    files = {"filepath": f"{place}/looks.jsonl", "witness": f"{place}/last.json"}
    for count in (1, 2):
        LookLogDataset(**files).save([{"kind": "unseal", "hashes": {}, "changes": []}])
        log = LookLogDataset(**files).load()
        assert (log.count, log.findings) == (count, [])


def test_folders_are_written_read_and_emptied_wherever_they_lie(place):
    grey = np.tile(np.arange(0, 250, 10, dtype=np.uint8), (20, 1))
    folder = ImageFolderDataset(path=f"{place}/images", dataset=IMAGES, overwrite=True)
    for names in (["a.png", "b.png"], ["b.png"]):
        folder.save(dict.fromkeys(names, grey))
        loaded = folder.load()
        assert sorted(loaded) == names
        np.testing.assert_array_equal(loaded["b.png"]().grey, grey)
    lesions = PatientFolderDataset(path=f"{place}/lesions", dataset=LESION, filename_suffix=".npz")
    lesions.save({"c1": Lesion("c1", grey.astype(float), grey > 9, None)})
    assert lesions.load()["c1"]().lesion_id == "c1"


def test_a_missing_file_is_named_by_its_address():
    with pytest.raises(FileNotFoundError, match=r"memory://nowhere/a\.npz"):
        StoredFile("memory://nowhere/a.npz").read()


def test_what_fails_half_way_leaves_the_file_as_it_was(tmp_path):
    file = StoredFile((tmp_path / "a").as_posix())
    file.write(b"whole")

    def fail():
        with file.writing() as buffer:
            buffer.write(b"half")
            raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="disk is full"):
        fail()
    assert file.read() == b"whole"
