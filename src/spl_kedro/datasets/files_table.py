"""The table of a cohort that has none: names of files and folders."""

from __future__ import annotations

from typing import Any

import pandas as pd
from kedro.io import AbstractDataset, DatasetError

from spl_kedro.datasets.image_folder import ImageFolderDataset
from spl_kedro.errors import UnusableStudyError


class FilesTableDataset(AbstractDataset[pd.DataFrame, pd.DataFrame]):
    """A row for each image of a folder: its identifier, and the folder below it lies in.

    Parameters
    ----------
    path : str
        The folder of images.
    image, outline : str, optional
        Patterns of names, as in ``data_processing.files``; outlines among the images get no row.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> (folder / "benign").mkdir()
    >>> for name in ("benign (1).png", "benign (1)_mask.png"):
    ...     _ = (folder / "benign" / name).write_bytes(b"")
    >>> FilesTableDataset(path=str(folder), outline="{id}_mask*").load().to_dict("records")
    [{'lesion_id': 'benign (1)', 'folder': 'benign'}]
    """

    def __init__(
        self,
        *,
        path: str,
        image: str | None = None,
        outline: str | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._folder = ImageFolderDataset(
            path=path, dataset="spl_kedro.datasets.image_folder.UltrasoundImageDataset"
        )
        self._path = path
        self._patterns = {"image": image, "outline": outline}
        self.metadata = metadata

    def load(self) -> pd.DataFrame:
        """Return the table; see :func:`spl_kedro.cohort.name_patterns.files_table`."""
        from spl_kedro.cohort.name_patterns import FilePatterns, files_table

        patterns = FilePatterns(image=self._patterns["image"], outline=self._patterns["outline"])
        table = files_table(self._folder.load(), patterns)
        if table.empty:
            raise UnusableStudyError(
                "an image for each lesion",
                f"no file of the folder is an image named {patterns.image_pattern.text}.",
                "Correct `path`, `image` and `outline` of cohort_table in catalog.yml.",
            )
        table.attrs |= {"file": "the table of files", "notes": []}
        return table

    def save(self, data: pd.DataFrame) -> None:
        """Refuse: the table is the folder's."""
        raise DatasetError("A table of files is made of the folder, and cannot be saved.")

    def _describe(self) -> dict[str, Any]:
        return {"path": self._path, **self._patterns}

    def _exists(self) -> bool:
        return self._folder.exists()
