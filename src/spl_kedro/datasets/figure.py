"""A matplotlib figure that a later step can read back as a picture."""

from __future__ import annotations

from kedro.io.core import get_filepath_str
from kedro_datasets.matplotlib import MatplotlibDataset
from PIL import Image


class FigureDataset(MatplotlibDataset):
    """Saves a matplotlib figure as a picture file and loads the picture.

    kedro-datasets' own class cannot load, so that no node could take a figure as an input.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from matplotlib.figure import Figure
    >>> with TemporaryDirectory() as folder:
    ...     dataset = FigureDataset(filepath=f"{folder}/figure.png", save_args={"dpi": 50})
    ...     dataset.save(Figure(figsize=(4, 2)))
    ...     dataset.load().size
    (200, 100)
    """

    def load(self) -> Image.Image:
        """Return the saved picture."""
        path = get_filepath_str(self._get_load_path(), self._protocol)
        with self._fs.open(path, mode="rb") as file:
            picture = Image.open(file)
            picture.load()
        return picture
