import base64
import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from spl_kedro.datasets.figure import FigureDataset, FigureFolderDataset
from spl_kedro.drawing import Drawing, draw


def line():
    drawn = Figure(figsize=(3, 2), layout="constrained")
    axes = drawn.subplots()
    axes.plot([0, 1], [0, 1])
    axes.set_xlabel("Age (years)")
    return drawn


@pytest.fixture
def figure():
    return Drawing(line)


def test_a_figure_comes_back_as_pixels_and_vectors_with_words(figure, tmp_path):
    path = (tmp_path / "shown.png").as_posix()
    dataset = FigureDataset(filepath=path, dpi=50, vector=True)
    dataset.save(figure)
    stored = dataset.load()
    picture = Image.open(io.BytesIO(stored.png))
    assert picture.info["dpi"][0] == pytest.approx(50, abs=0.1)
    assert picture.size == pytest.approx((150, 100), abs=15)
    assert "Age (years)" in stored.svg
    assert sorted(file.name for file in tmp_path.iterdir()) == ["shown.png", "shown.svg"]


def test_the_same_figure_gives_the_same_files(figure, tmp_path):
    stored = []
    for folder in ("first", "second"):
        dataset = FigureDataset(filepath=(tmp_path / folder / "a.png").as_posix(), vector=True)
        dataset.save(figure)
        stored.append(dataset.load())
    assert stored[0] == stored[1]


def test_without_vectors_there_is_one_file(figure, tmp_path):
    dataset = FigureDataset(filepath=(tmp_path / "a.png").as_posix())
    dataset.save(figure)
    assert dataset.load().svg == ""
    assert len(list(tmp_path.iterdir())) == 1


def test_a_picture_saved_before_vectors_were_asked_for_still_loads(figure, tmp_path):
    path = (tmp_path / "a.png").as_posix()
    FigureDataset(filepath=path).save(figure)
    assert FigureDataset(filepath=path, vector=True).load().svg == ""


def test_a_picture_is_what_kedro_viz_shows(figure, tmp_path):
    dataset = FigureDataset(filepath=(tmp_path / "a.png").as_posix())
    dataset.save(figure)
    assert base64.b64decode(dataset.preview()) == dataset.load().png


def test_a_folder_of_figures_shows_them_side_by_side(figure, tmp_path):
    dataset = FigureFolderDataset(filepath=(tmp_path / "curves").as_posix(), dpi=50)
    dataset.save({"roc": figure, "decision": figure, "calibration": figure})
    sheet = Image.open(io.BytesIO(base64.b64decode(dataset.preview()))).convert("L")
    assert sheet.width == 2 * 600
    half = sheet.height // 2
    drawn = [
        np.ptp(np.asarray(sheet)[row : row + half, column : column + 600]) > 0
        for row in (0, half)
        for column in (0, 600)
    ]
    assert drawn == [True, True, True, False]


def test_a_folder_of_figures_replaces_what_was_in_it(figure, tmp_path):
    dataset = FigureFolderDataset(filepath=(tmp_path / "curves").as_posix(), dpi=50)
    dataset.save({"old": figure})
    dataset.save({"roc": figure, "decision": figure})
    assert sorted(dataset.load()) == ["decision", "roc"]
    assert sorted(path.name for path in (tmp_path / "curves").iterdir()) == [
        "decision.png", "roc.png",
    ]  # fmt: skip


def test_what_was_drawn_before_it_is_saved_is_not_drawn_again(figure, tmp_path, monkeypatch):
    dataset = FigureDataset(filepath=(tmp_path / "a.png").as_posix(), vector=True)
    folder = FigureFolderDataset(filepath=(tmp_path / "all").as_posix(), dpi=50)
    wanted = dataset.wanted(figure) + folder.wanted({"a": figure})
    draw({figure: [rendering for _, rendering in wanted]}, n_jobs=1)
    monkeypatch.setattr(Drawing, "figure", lambda self: pytest.fail("drawn again"))
    dataset.save(figure)
    folder.save({"a": figure})
    assert dataset.load().svg
