"""Figures as picture files, which a later step can read back as pixels and as vectors."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from kedro.io.core import Version, get_filepath_str
from kedro_datasets._typing import ImagePreview
from kedro_datasets.matplotlib import MatplotlibDataset

from spl_kedro.datasets.checksums import checksums_of, whole_folder
from spl_kedro.datasets.contact_sheet import contact_sheet
from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.drawing import Drawing, Rendering, StoredFigure


class FigureDataset(MatplotlibDataset):
    """Saves a drawing as a picture file, if asked with an SVG beside it, and loads both.

    kedro-datasets' own class cannot load, so that no node could take a figure as an input.

    Parameters
    ----------
    filepath : str
        Of the PNG; the SVG has the same name.
    dpi : float
        Dots an inch of the PNG.
    vector : bool
        Whether an SVG is kept too; not for figures made of photographs, which it would repeat.
    tight : bool
        Whether the files end where the drawing ends, instead of at the figure's edge.
    version, metadata
        As in `MatplotlibDataset`.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from matplotlib.figure import Figure
    >>> with TemporaryDirectory() as folder:
    ...     path = f"{folder}/figure.png"
    ...     dataset = FigureDataset(filepath=path, dpi=50, vector=True)
    ...     dataset.save(Drawing(Figure, figsize=(4, 2)))
    ...     stored = dataset.load()
    >>> stored.png[1:4], "<svg" in stored.svg
    (b'PNG', True)
    """

    def __init__(
        self,
        *,
        filepath: str,
        dpi: float = 150,
        vector: bool = False,
        tight: bool = True,
        version: Version | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(filepath=filepath, version=version, metadata=metadata)
        self._dpi, self._vector, self._tight = dpi, vector, tight

    def wanted(self, data: Drawing) -> list[tuple[Drawing, Rendering]]:
        """Return what is to be drawn when `data` is saved."""
        return [(data, self._rendering(self._filepath.stem))]

    def save(self, data: Drawing) -> None:
        """Save the figure, drawn now unless `spl_kedro.drawing.draw` has drawn it."""
        path = self._get_save_path()
        self._write(path, data.files(self._rendering(path.stem)))
        self._invalidate_cache()

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

    def _rendering(self, name: str) -> Rendering:
        return Rendering(name, self._dpi, self._vector, self._tight)

    def _write(self, path: PurePosixPath, stored: StoredFigure) -> None:
        files = {".png": stored.png} | ({".svg": stored.svg.encode()} if stored.svg else {})
        for suffix, content in files.items():
            StoredFile.of_dataset(path.with_suffix(suffix), self._protocol).write(content)

    def _describe(self) -> dict[str, Any]:
        return {
            **super()._describe(),
            "dpi": self._dpi,
            "vector": self._vector,
            "tight": self._tight,
        }


class FigureFolderDataset(FigureDataset):
    """A folder of figures, each a PNG; what was in it is replaced.

    Parameters
    ----------
    filepath : str
        The folder.
    dpi, metadata
        As in `FigureDataset`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from matplotlib.figure import Figure
    >>> with TemporaryDirectory() as folder:
    ...     dataset = FigureFolderDataset(filepath=f"{folder}/curves", dpi=50)
    ...     dataset.save({"roc": Drawing(Figure, figsize=(4, 2))})
    ...     [path.name for path in Path(folder, "curves").iterdir()]
    ['roc.png']
    """

    def __init__(
        self, *, filepath: str, dpi: float = 150, metadata: dict[str, Any] | None = None
    ) -> None:
        super().__init__(filepath=filepath, dpi=dpi, metadata=metadata)

    def wanted(self, data: Mapping[str, Drawing]) -> list[tuple[Drawing, Rendering]]:  # type: ignore[override]
        """Return what is to be drawn when `data` is saved."""
        return [(drawing, self._rendering(name)) for name, drawing in data.items()]

    def save(self, data: Mapping[str, Drawing]) -> None:  # type: ignore[override]
        """Save figures by name."""
        folder = self._get_save_path()
        with whole_folder(Path(folder), checksums=False) if self._is_local else nullcontext():
            if self._exists():
                self._fs.rm(get_filepath_str(folder, self._protocol), recursive=True)
            for name, drawing in data.items():
                self._write(folder / f"{name}.png", drawing.files(self._rendering(name)))
        self._invalidate_cache()

    def load(self) -> dict[str, StoredFigure]:  # type: ignore[override]
        """Return the figures by name."""
        folder = get_filepath_str(self._get_load_path(), self._protocol)
        if self._is_local:
            checksums_of(Path(folder))
        found = {}
        for path in sorted(self._fs.glob(f"{folder}/*.png")):
            with self._fs.open(path, mode="rb") as file:
                found[PurePosixPath(path).stem] = StoredFigure(file.read())
        return found

    def preview(self, count: int = 12) -> ImagePreview:
        """Return the folder's first figures as one PNG for kedro-viz (base64)."""
        from PIL import Image

        stored = list(self.load().values())[:count]
        pictures = [Image.open(BytesIO(figure.png)) for figure in stored]
        return contact_sheet(pictures, columns=2, tile=600, background="white")

    @property
    def _is_local(self) -> bool:
        return bool(self._protocol == "file")
