"""One file of a whole cohort's outlines, as if it were a folder of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from kedro.io import AbstractDataset, DatasetError

from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.errors import UnusableStudyError


class AnnotationFileDataset(AbstractDataset):
    """A COCO or VIA 2 file in place of a folder of outlines: one outline for each image it names.

    Its images are tied to lesions by their names, as files of a folder are.

    Parameters
    ----------
    filepath : str
        COCO JSON, or a project or annotations of VIA 2 as JSON or CSV, told by the content.
    label : str, optional
        Of the lesion, where there are several: a category of COCO, a value of an attribute of VIA.
    optional : bool
        An absent file loads as an empty dictionary instead of an error.
    metadata : dict, optional
        Ignored by Kedro, read by kedro-viz.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "outlines.json"
    >>> _ = path.write_text(json.dumps({
    ...     "images": [{"id": 1, "file_name": "SPL1.png", "height": 6, "width": 8}],
    ...     "annotations": [{"image_id": 1, "segmentation": [[1, 1, 4, 1, 4, 3, 1, 3]]}],
    ... }))
    >>> outline = AnnotationFileDataset(filepath=path.as_posix()).load()["SPL1.png"]()
    >>> int(outline.mask.sum())
    6
    """

    def __init__(
        self,
        *,
        filepath: str,
        label: str | None = None,
        optional: bool = False,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self._file = StoredFile(filepath)
        self._label = None if label is None else str(label)
        self._optional = optional
        self.metadata = metadata

    def load(self) -> dict[str, Callable[[], Any]]:
        """Return the reader of each image's outline by the image's name in the file.

        Raises
        ------
        UnusableStudyError
            If the file is absent or is of no known kind.
        """
        from spl_kedro.imaging.annotations.cohort_file import read_annotations
        from spl_kedro.imaging.errors import UnusableLesionError

        if self._optional and not self._exists():
            return {}
        try:
            with self._file.here() as path:
                read = read_annotations(path)
        except UnusableLesionError as error:
            raise UnusableStudyError(
                f"{self._file.name}: a file of outlines", error.message, error.remedy
            ) from error
        return {name: partial(image.outline, self._label) for name, image in read.items()}

    def save(self, data: Any) -> None:
        """Refuse: the file holds what people drew."""
        raise DatasetError(f"{self._file.name} holds outlines that people drew, and is read-only.")

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath, "label": self._label}

    def _exists(self) -> bool:
        return self._file.exists()
