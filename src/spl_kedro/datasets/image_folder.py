"""Folders of ultrasound images and outlines, one file a partition."""

import logging
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
from kedro.io import AbstractDataset, DatasetError
from kedro_datasets._typing import ImagePreview

from spl_kedro.cohort.names import without_file_names
from spl_kedro.datasets.checksums import refuse_unfinished
from spl_kedro.datasets.contact_sheet import contact_sheet
from spl_kedro.datasets.folder import FolderDataset
from spl_kedro.datasets.stored_file import StoredFile
from spl_kedro.errors import UnusableStudyError
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.natural import in_natural_order
from spl_kedro.parallel import in_threads

log = logging.getLogger(__name__)

# By Windows, in folders that it shows.
_LEFT_BEHIND = ("thumbs.db", "desktop.ini")


class UltrasoundImageDataset(AbstractDataset):
    """One B-mode image: PNG, JPEG, TIFF, BMP, DICOM, NIfTI or NRRD; saved as 8-bit PNG.

    Parameters
    ----------
    filepath : str
        File to read or write.

    Examples
    --------
    >>> import numpy as np, tempfile, pathlib
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "lesion.png"
    >>> UltrasoundImageDataset(filepath=path.as_posix()).save(np.full((4, 6), 7, np.uint8))
    >>> UltrasoundImageDataset(filepath=path.as_posix()).load().grey.shape
    (4, 6)
    """

    def __init__(self, *, filepath: str, metadata: dict[str, Any] | None = None) -> None:
        self._file = StoredFile(filepath)
        self.metadata = metadata

    def load(self) -> Any:
        """Return an :class:`~spl_kedro.imaging.UltrasoundImage`."""
        from spl_kedro.imaging import read_image

        with self._file.here() as path:
            return read_image(path)

    def save(self, data: np.ndarray) -> None:
        """Write `data`, a uint8 array of shape (height, width), as a PNG file."""
        from PIL import Image

        if data.dtype != np.uint8 or data.ndim != 2:
            raise DatasetError(
                f"{self._file.name}: an image is saved from a two-dimensional uint8 array, "
                f"not {data.dtype} of shape {data.shape}."
            )
        with self._file.writing() as buffer:
            # Compression level 3 writes four times faster than the default for 5 % more bytes.
            Image.fromarray(data).save(buffer, format="PNG", compress_level=3)

    def _describe(self) -> dict[str, Any]:
        return {"filepath": self._file.filepath}

    def _exists(self) -> bool:
        return self._file.exists()


class OutlineDataset(UltrasoundImageDataset):
    """One outline of a lesion, read by the rule of :func:`spl_kedro.imaging.read_outline`.

    Parameters
    ----------
    filepath : str
        A picture, label map, LabelMe JSON, ``.seg.nrrd``, DICOM SEG or RTSTRUCT file.
    label : str, optional
        Of the lesion, where files hold several labels, segments or structures.
    """

    def __init__(
        self, *, filepath: str, label: str | None = None, metadata: dict[str, Any] | None = None
    ) -> None:
        super().__init__(filepath=filepath, metadata=metadata)
        self._label = None if label is None else str(label)

    def load(self) -> Any:
        """Return an :class:`~spl_kedro.imaging.Outline`."""
        from spl_kedro.imaging import read_outline

        with self._file.here() as path:
            return read_outline(path, self._label)


class PatientFolderDataset(FolderDataset):
    """A folder with one file for each patient's lesion, perhaps empty, perhaps read-only.

    Parameters
    ----------
    path : str
        The folder.
    dataset : str or dict
        Dataset of one file.
    optional : bool
        An absent or empty folder loads as an empty dictionary instead of an error.
    read_only : bool
        Refuse to save: for folders that hold real patients.
    **kwargs
        As for :class:`spl_kedro.datasets.folder.FolderDataset`.
    """

    def __init__(
        self,
        *,
        path: str,
        dataset: str | dict[str, Any],
        optional: bool = False,
        read_only: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(path=path, dataset=dataset, **kwargs)
        self._optional = optional
        self._read_only = read_only

    def load(self) -> dict[str, Any]:
        """Return the reader of each file by the file's name within the folder."""
        if self.local_path is not None:
            refuse_unfinished(self.local_path)
        if self._exists():
            return super().load()
        if self._optional:
            return {}
        raise UnusableStudyError(
            "a folder with files",
            f"the folder '{self._name}' is absent or holds no file that can be read.",
            "Put the files there, or correct the path in conf/<environment>/catalog.yml.",
        )

    def save(self, data: dict[str, Any]) -> None:
        """Write one file for each item of `data`, unless the folder is read-only.

        The files are written by this machine, to which the folder may be known alone.
        An item may be a function that makes it; one that raises an `UnusableLesionError` is
        passed over, with a line in the log.
        """
        if self._read_only:
            raise DatasetError(f"The folder '{self._name}' holds real patients and is read-only.")
        super().save(data)

    def _write(self, data: dict[str, Any]) -> None:
        super()._write({})  # empties the folder where it is to be overwritten
        for _ in in_threads(self._save_one, sorted(data.items()), f"storing {self._name}", "file"):
            pass
        self._invalidate_caches()

    def _save_one(self, item: tuple[str, Any]) -> None:
        name, stored = item
        try:
            content = stored() if callable(stored) else stored
        except UnusableLesionError as error:
            # Its files vanished since they were checked: the others are stored all the same.
            log.warning("%s is not stored. %s", name, without_file_names(str(error)))
            return
        self._dataset_of(name).save(content)

    @property
    def _name(self) -> str:
        return Path(self._path).name

    def _dataset_of(self, name: str) -> AbstractDataset:
        config = deepcopy(self._dataset_config)
        config[self._filepath_arg] = self._join_protocol(self._partition_to_path(name))
        return self._dataset_type(**config)


class ImageFolderDataset(PatientFolderDataset):
    """A folder of images or outlines of any kind, previewed in kedro-viz as a contact sheet.

    Files that systems leave behind are passed over. A file of another kind is refused where it
    is read, that is, where a lesion has no other. No checksums
    are kept: people put files there.
    """

    _checksums = False

    def _list_partitions(self) -> list[str]:
        names = ((path, path.rpartition("/")[2].lower()) for path in super()._list_partitions())
        return [
            path for path, name in names if not name.startswith(".") and name not in _LEFT_BEHIND
        ]

    def preview(self, count: int = 12, label: str | None = None) -> ImagePreview:
        """Return the folder's first images as one PNG for kedro-viz (base64), under a label."""
        from PIL import Image

        from spl_kedro.imaging.clips import at_frame
        from spl_kedro.imaging.reader import SUFFIXES

        images = (name for name in self.load() if name.lower().endswith(SUFFIXES))
        names = in_natural_order(images)[:count]
        pictures = []
        for name in names:
            with at_frame(1):  # the first of a clip
                loaded = self._dataset_of(name).load()
            if not hasattr(loaded, "grey") and not hasattr(loaded, "mask"):
                continue  # contours in the patient, of which only the image says the pixels
            grey = loaded.grey if hasattr(loaded, "grey") else loaded.mask * 255
            pictures.append(Image.fromarray(grey.astype(np.uint8)))
        return contact_sheet(pictures, label)


class LesionFolderDataset(PatientFolderDataset):
    """A folder of cleaned lesions, previewed in kedro-viz as a contact sheet with their outlines.

    Parameters
    ----------
    **kwargs
        As for :class:`PatientFolderDataset`.
    """

    def preview(self, count: int = 12, label: str | None = None) -> ImagePreview:
        """Return the first lesions as one PNG for kedro-viz (base64), under a label."""
        names = in_natural_order(self.load())[:count]
        return contact_sheet([_outlined(self._dataset_of(name).load()) for name in names], label)


def _outlined(lesion: Any) -> Any:
    """Return a lesion's image as a picture, with the edge of its outline in yellow."""
    from PIL import Image
    from scipy.ndimage import binary_dilation

    picture = np.repeat(lesion.image.astype(np.uint8)[..., None], 3, axis=2)
    mask = lesion.mask.astype(bool)
    picture[binary_dilation(mask, iterations=2) & ~mask] = (255, 220, 0)
    return Image.fromarray(picture)
