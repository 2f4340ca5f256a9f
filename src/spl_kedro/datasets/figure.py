"""A matplotlib figure that a later step can read back, as pixels and as vectors."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from typing import Any

import matplotlib as mpl
from kedro.io.core import Version, get_filepath_str
from kedro_datasets.matplotlib import MatplotlibDataset
from matplotlib.figure import Figure

from spl_kedro.modeling.evaluation.figures.style import settled
from spl_kedro.reporting.parts import StoredFigure


class FigureDataset(MatplotlibDataset):
    """Saves a matplotlib figure as a picture file, if asked with an SVG beside it, and loads both.

    kedro-datasets' own class cannot load, so that no node could take a figure as an input.

    Parameters
    ----------
    filepath : str
        Of the PNG; the SVG has the same name.
    vector : bool
        Whether an SVG is kept too; not for figures made of photographs, which it would repeat.
    save_args, version, metadata
        As in `MatplotlibDataset`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from matplotlib.figure import Figure
    >>> with TemporaryDirectory() as folder:
    ...     path = f"{folder}/figure.png"
    ...     dataset = FigureDataset(filepath=path, vector=True, save_args={"dpi": 50})
    ...     dataset.save(Figure(figsize=(4, 2)))
    ...     stored = dataset.load()
    >>> stored.png[1:4], "<svg" in stored.svg
    (b'PNG', True)
    """

    def __init__(
        self,
        *,
        filepath: str,
        vector: bool = False,
        save_args: dict[str, Any] | None = None,
        version: Version | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(filepath=filepath, save_args=save_args, version=version, metadata=metadata)
        self._vector = vector

    def save(self, data: Figure) -> None:
        """Save the figure."""
        super().save(data)
        if not self._vector:
            return
        path = self._get_save_path().with_suffix(".svg")
        buffer = io.StringIO()
        options = {key: value for key, value in self._save_args.items() if key != "dpi"}
        # Words stay words, and the same figure gives the same file.
        with settled(data), mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": path.stem}):
            data.savefig(buffer, **options, format="svg", metadata={"Date": None})
        with self._fs.open(get_filepath_str(path, self._protocol), mode="wb") as file:
            file.write(buffer.getvalue().encode())

    def load(self) -> StoredFigure:
        """Return the saved figure; without an SVG where only the PNG was saved."""
        path = PurePosixPath(get_filepath_str(self._get_load_path(), self._protocol))
        with self._fs.open(str(path), mode="rb") as file:
            png = file.read()
        svg = str(path.with_suffix(".svg"))
        if not (self._vector and self._fs.exists(svg)):
            return StoredFigure(png)
        with self._fs.open(svg, mode="rb") as file:
            return StoredFigure(png, file.read().decode())
