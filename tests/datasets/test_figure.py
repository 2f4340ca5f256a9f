import io

import pytest
from matplotlib.figure import Figure
from PIL import Image

from spl_kedro.datasets.figure import FigureDataset


@pytest.fixture
def figure():
    drawn = Figure(figsize=(3, 2))
    axes = drawn.subplots()
    axes.plot([0, 1], [0, 1])
    axes.set_xlabel("Age (years)")
    return drawn


def test_a_figure_comes_back_as_pixels_and_vectors_with_words(figure, tmp_path):
    path = (tmp_path / "shown.png").as_posix()
    dataset = FigureDataset(filepath=path, vector=True, save_args={"dpi": 50})
    dataset.save(figure)
    stored = dataset.load()
    assert Image.open(io.BytesIO(stored.png)).size == (150, 100)
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
