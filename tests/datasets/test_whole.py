"""Files and folders that are read whole, as they were written, or not at all."""

import errno
import pickle
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
from kedro.io import DatasetError

from spl_kedro.datasets import checksums
from spl_kedro.datasets.documents import MarkdownDataset
from spl_kedro.datasets.image_folder import ImageFolderDataset, PatientFolderDataset
from spl_kedro.datasets.optional_table import OptionalTableDataset
from spl_kedro.datasets.table_parts import TablePartsDataset
from spl_kedro.datasets.whole import ObjectDataset, TableDataset
from spl_kedro.errors import UnusableStudyError
from spl_kedro.faults import one_line
from spl_kedro.imaging import Lesion

TABLE = pd.DataFrame({"auc": [0.7, 0.8]}, index=pd.Index(["a", "b"], name="model"))
LESION = "spl_kedro.datasets.lesion.LesionDataset"
IMAGES = "spl_kedro.datasets.image_folder.UltrasoundImageDataset"


def flip(path, place=-12):
    """Change one bit of a file, and neither its size nor its time."""
    import os

    before = path.stat()
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def lesions(folder, names=("c1", "c2")):
    dataset = PatientFolderDataset(
        path=(folder / "lesions").as_posix(), dataset=LESION, filename_suffix=".npz", overwrite=True
    )
    grey = np.tile(np.arange(0.0, 24.0), (20, 1))
    dataset.save({name: Lesion(name, grey, grey > 9, None) for name in names})
    return dataset


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (TableDataset, TABLE),
        (OptionalTableDataset, TABLE),
        (ObjectDataset, {"models": list(range(9))}),
    ],
)
def test_a_flipped_byte_is_found_named_and_counts_as_missing(tmp_path, kind, content, caplog):
    dataset = kind(filepath=(tmp_path / "results/table").as_posix())
    dataset.save(content)
    assert dataset.exists()
    flip(tmp_path / "results/table")
    with pytest.raises(DatasetError) as refused:
        dataset.load()
    assert "'results/table' was changed or damaged since" in one_line(refused.value)
    assert not dataset.exists()  # so that --only-missing-outputs makes it again
    assert "'results/table' was changed or damaged" in caplog.text
    dataset.save(content)
    assert dataset.exists()
    dataset.load()


def test_a_pickle_from_elsewhere_is_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was opened",))

    path = tmp_path / "models.pkl"
    dataset = ObjectDataset(filepath=path.as_posix())
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DatasetError, match="has no checksum"):
        dataset.load()
    dataset.save({"cdlr": 1})
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(DatasetError, match="checksum differs"):
        dataset.load()


def test_a_table_that_a_person_brings_along_has_no_checksum_and_is_read(tmp_path):
    TABLE.to_parquet(tmp_path / "own.parquet")
    loaded = TableDataset(filepath=(tmp_path / "own.parquet").as_posix()).load()
    pd.testing.assert_frame_equal(loaded, TABLE)


def test_what_fails_half_way_leaves_the_old_file_and_no_part(tmp_path):
    dataset = ObjectDataset(filepath=(tmp_path / "a.pkl").as_posix())
    dataset.save("old")
    with pytest.raises(DatasetError):
        dataset.save(lambda: "no pickle")
    assert dataset.load() == "old"
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "Free space on the disk."), (errno.EROFS, "a folder that can be written to.")],
)
@pytest.mark.parametrize("kind", [TableDataset, MarkdownDataset])
def test_a_full_disk_and_a_read_only_folder_are_one_line_that_names_the_file(
    tmp_path, monkeypatch, number, words, kind
):
    import os

    def refuse(*_):
        raise OSError(number, os.strerror(number))

    dataset = kind(filepath=(tmp_path / "table").as_posix())
    content = TABLE if kind is TableDataset else "# words"
    dataset.save(content)
    monkeypatch.setattr("spl_kedro.store.os.replace", refuse)
    with pytest.raises(DatasetError) as refused:
        dataset.save(content)
    line = one_line(refused.value)
    assert line.startswith("file system: ")
    assert f"{tmp_path.name}/table'" in line
    assert line.endswith(words)
    monkeypatch.undo()
    dataset.save(content)  # nothing is left in the way


def test_a_damaged_lesion_a_missing_and_a_strange_one_are_named(tmp_path):
    dataset = lesions(tmp_path)
    assert sorted(dataset.load()) == ["c1", "c2"]
    flip(tmp_path / "lesions/c2.npz", place=200)
    loaded = dataset.load()
    assert loaded["c1"]().lesion_id == "c1"
    with pytest.raises(UnusableStudyError, match=r"lesions/c2\.npz' was changed or damaged"):
        loaded["c2"]()
    dataset = lesions(tmp_path)
    (tmp_path / "lesions/c3.npz").write_bytes((tmp_path / "lesions/c1.npz").read_bytes())
    with pytest.raises(DatasetError, match=r"has besides 1 files, such as 'c3\.npz'"):
        dataset.load()
    (tmp_path / "lesions/c3.npz").unlink()
    (tmp_path / "lesions/c1.npz").unlink()
    with pytest.raises(DatasetError, match=r"lacks 1 files, such as 'c1\.npz'"):
        dataset.load()


@pytest.mark.parametrize("optional", [True, False])
def test_a_folder_whose_writing_was_cut_short_is_not_read(tmp_path, optional):
    grey = np.tile(np.arange(0, 250, 10, dtype=np.uint8), (20, 1))

    def cut():
        raise KeyboardInterrupt

    dataset = ImageFolderDataset(
        path=(tmp_path / "images").as_posix(), dataset=IMAGES, optional=optional, overwrite=True
    )
    with pytest.raises(KeyboardInterrupt):
        dataset.save({"a.png": grey, "b.png": cut})
    assert not dataset.exists()
    with pytest.raises(DatasetError, match="folder 'images' was interrupted"):
        dataset.load()
    dataset.save({"a.png": grey, "b.png": grey})
    assert sorted(dataset.load()) == ["a.png", "b.png"]
    (tmp_path / "images/b.png").unlink()  # people may change what is theirs
    assert sorted(dataset.load()) == ["a.png"]


def test_a_damaged_part_of_a_table_in_parts_is_named(tmp_path):
    dataset = TablePartsDataset(path=(tmp_path / "features").as_posix(), rows=1)
    dataset.save(TABLE)
    flip(tmp_path / "features/part-00001.parquet")
    with pytest.raises(DatasetError, match=r"features/part-00001\.parquet' was changed"):
        dataset.load()


WRITER = """
import sys
import numpy as np, pandas as pd
from spl_kedro.datasets.whole import TableDataset
dataset = TableDataset(filepath=sys.argv[1])
print("ready", flush=True)
number = 0
while True:
    number += 1
    dataset.save(pd.DataFrame({"number": np.full(200_000, number)}))
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_table(tmp_path):
    path = tmp_path / "table.parquet"
    delays = np.random.default_rng(20260324).uniform(0.05, 0.4, size=4)
    for delay in delays:
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, path.as_posix()], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout.readline() == b"ready\n"
            while not path.is_file():
                time.sleep(0.01)
            time.sleep(delay)
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        assert TableDataset(filepath=path.as_posix()).load()["number"].nunique() == 1


def test_the_checksum_is_the_one_that_sha256sum_prints(tmp_path):
    path = tmp_path / "table.parquet"
    TableDataset(filepath=path.as_posix()).save(TABLE)
    kept = (tmp_path / checksums.FOLDER / "table.parquet.sha256").read_text().strip()
    told = subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout
    assert told.split()[0] == kept
