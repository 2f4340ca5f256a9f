import base64
from io import BytesIO

import numpy as np
import pytest
from kedro.io import DatasetError
from PIL import Image

from spl_kedro.datasets.image_folder import (
    ImageFolderDataset,
    LesionFolderDataset,
    OutlineDataset,
)
from spl_kedro.datasets.lesion import LesionDataset
from spl_kedro.imaging import Lesion, UnusableLesionError
from spl_kedro.rules import Rule

IMAGES = "spl_kedro.datasets.image_folder.UltrasoundImageDataset"


@pytest.mark.parametrize("scale", [1.0, 1 / 3], ids=["whole grey values", "fractions"])
@pytest.mark.parametrize("spacing", [None, (0.1, 0.2)])
def test_a_lesion_loads_as_it_was_saved(tmp_path, scale, spacing):
    grey = np.arange(48.0).reshape(6, 8) * scale
    dataset = LesionDataset(filepath=(tmp_path / "c1.npz").as_posix())
    dataset.save(Lesion("c1", grey, grey > 9, spacing))
    loaded = dataset.load()
    assert loaded.lesion_id == "c1"
    assert loaded.spacing_mm == spacing
    assert loaded.image.dtype == np.float64
    np.testing.assert_array_equal(loaded.image, grey)
    np.testing.assert_array_equal(loaded.mask, grey > 9)


def test_saving_a_lesion_twice_writes_the_same_bytes(tmp_path):
    lesion = Lesion("c1", np.arange(48.0).reshape(6, 8), np.eye(6, 8) > 0)
    for name in ("a.npz", "b.npz"):
        LesionDataset(filepath=(tmp_path / name).as_posix()).save(lesion)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_an_image_folder_writes_png_and_passes_over_what_systems_leave_behind(tmp_path):
    folder = ImageFolderDataset(path=tmp_path.as_posix(), dataset=IMAGES)
    folder.save({"a.png": np.full((5, 7), 9, np.uint8), "b.png": lambda: np.eye(5, dtype=np.uint8)})
    for name in (".DS_Store", "._a.png", "Thumbs.db", "desktop.ini"):
        (tmp_path / name).write_text("not an image")
    loaded = folder.load()
    assert sorted(loaded) == ["a.png", "b.png"]
    assert loaded["a.png"]().grey.mean() == 9


def test_an_absent_optional_folder_is_empty_and_a_needed_one_an_error(tmp_path):
    path = (tmp_path / "none").as_posix()
    assert ImageFolderDataset(path=path, dataset=IMAGES, optional=True).load() == {}
    with pytest.raises(DatasetError, match="is absent or holds no file"):
        ImageFolderDataset(path=path, dataset=IMAGES).load()


def test_what_cannot_be_read_any_more_is_passed_over_and_older_files_go(tmp_path, caplog):
    def vanished():
        raise UnusableLesionError(Rule.PRESENT, "b.png is not there.")

    folder = ImageFolderDataset(path=tmp_path.as_posix(), dataset=IMAGES, overwrite=True)
    grey = np.full((5, 7), 9, np.uint8)
    folder.save({"old.png": grey})
    folder.save({"a.png": lambda: grey, "b.png": vanished, "c.png": grey})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "c.png"]
    assert "b.png is not stored. file present: a file is not there." in caplog.text


def test_any_other_error_while_storing_ends_the_run(tmp_path):
    def broken():
        raise RuntimeError("a defect")

    folder = ImageFolderDataset(path=tmp_path.as_posix(), dataset=IMAGES)
    with pytest.raises(DatasetError, match="a defect"):
        folder.save({"a.png": broken})


def test_a_folder_of_real_patients_is_never_written(tmp_path):
    folder = ImageFolderDataset(path=tmp_path.as_posix(), dataset=IMAGES, read_only=True)
    with pytest.raises(DatasetError, match="real patients"):
        folder.save({"a.png": np.zeros((5, 7), np.uint8)})
    assert not list(tmp_path.iterdir())


def test_only_two_dimensional_bytes_are_saved_as_an_image(tmp_path):
    dataset = OutlineDataset(filepath=(tmp_path / "m.png").as_posix())
    with pytest.raises(DatasetError, match="two-dimensional uint8"):
        dataset.save(np.zeros((4, 4)))


def test_the_preview_is_a_contact_sheet_of_the_first_images(tmp_path):
    folder = ImageFolderDataset(path=tmp_path.as_posix(), dataset=IMAGES)
    folder.save({f"{i}.png": np.full((300, 320), 200, np.uint8) for i in range(8)})
    sheet = Image.open(BytesIO(base64.b64decode(folder.preview())))
    assert sheet.size == (960, 450)
    assert np.asarray(sheet)[75, 80].tolist() == [200, 200, 200]


def test_the_preview_of_lesions_shows_their_outlines_under_a_label(tmp_path):
    folder = LesionFolderDataset(
        path=tmp_path.as_posix(), filename_suffix=".npz",
        dataset="spl_kedro.datasets.lesion.LesionDataset",
    )  # fmt: skip
    mask = np.zeros((160, 160), bool)
    mask[40:120, 40:120] = True
    folder.save({"a": Lesion("a", np.full(mask.shape, 90.0), mask, None)})
    bare = np.asarray(Image.open(BytesIO(base64.b64decode(folder.preview()))))
    assert bare[39, 80].tolist() == [255, 220, 0]
    assert bare[80, 80].tolist() == bare[10, 10].tolist() == [90, 90, 90]
    labelled = Image.open(BytesIO(base64.b64decode(folder.preview(label="Simulated patients"))))
    assert labelled.height > bare.shape[0]
    assert np.asarray(labelled)[: labelled.height - bare.shape[0]].max() == 255
