"""Files on other file systems than the disk."""

import fsspec
import numpy as np
import pandas as pd
import pytest
import torch

from spl_kedro.datasets.cohort_table import CohortTableDataset
from spl_kedro.datasets.durations import DurationsDataset
from spl_kedro.datasets.image_folder import ImageFolderDataset, PatientFolderDataset
from spl_kedro.datasets.lesion import LesionDataset
from spl_kedro.datasets.network import NetworkStateDataset
from spl_kedro.datasets.raw_file import RawFileDataset
from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.datasets.training_runs import TrainingRunsDataset
from spl_kedro.imaging import Lesion

LESION = "spl_kedro.datasets.lesion.LesionDataset"
IMAGES = "spl_kedro.datasets.image_folder.UltrasoundImageDataset"


@pytest.fixture(params=["memory", "file", "path"])
def place(request, tmp_path):
    """A folder in memory, on the disk by its address, on the disk by its path."""
    if request.param == "memory":
        yield "memory://hospital/study"
        fsspec.filesystem("memory").rm("/hospital", recursive=True)
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
