"""From a file to the frame in it: what a process of its own does, see :mod:`spl_kedro.guarded`."""

from __future__ import annotations

import hashlib
from pathlib import Path

from spl_kedro.imaging import dicom_files, itk_files, pillow_files
from spl_kedro.imaging.clips import check_frame
from spl_kedro.imaging.errors import UnusableLesionError, as_unusable_lesion
from spl_kedro.imaging.frame import Frame
from spl_kedro.rules import Rule

_OF_TWO_PARTS = (".nii.gz", ".seg.nrrd")
SUFFIXES = pillow_files.SUFFIXES + dicom_files.SUFFIXES + itk_files.SUFFIXES


def suffix_of(path: str | Path) -> str:
    """Return the lower-case suffix of a file name; ``.nii.gz`` and ``.seg.nrrd`` count as one."""
    name = Path(path).name.lower()
    return next((two for two in _OF_TWO_PARTS if name.endswith(two)), Path(name).suffix)


def decode_file(path: Path, most_pixels: int, number: int | None = None) -> tuple[Frame, str]:
    """Return the frame a file holds, and its checksum.

    Parameters
    ----------
    path : Path
    most_pixels : int
        A larger image is refused by its header, before it is decoded.
    number : int, optional
        Which frame of a clip, from 1.

    Returns
    -------
    frame : Frame
    sha256 : str
        Checksum of the file; of a clip's frame, of the file's checksum, a blank and the number.

    Raises
    ------
    UnusableLesionError
        If the file is missing, damaged, of another kind, or not a single frame.
    """
    try:
        return _decode(path, most_pixels, number)
    except MemoryError:
        raise
    except Exception as error:
        raise as_unusable_lesion(error, path) from error


def decode_bytes(name: str, data: bytes, most_pixels: int) -> tuple[Frame, str]:
    """Return the frame in the content of a file, told by its first bytes, as `decode_file` does.

    Parameters
    ----------
    name : str
        What messages call it.
    data : bytes
        Of a PNG, JPEG, TIFF, BMP or DICOM file.
    most_pixels : int
    """
    try:
        frame = _by_content(name, data, most_pixels)
    except MemoryError:
        raise
    except Exception as error:
        raise as_unusable_lesion(error, name) from error
    return frame, hashlib.sha256(data).hexdigest()


def _by_content(name: str, data: bytes, most_pixels: int, number: int | None = None) -> Frame:
    """Decode a file that its first bytes tell, whatever it is called."""
    if pillow_files.is_one(data):
        return pillow_files.read_frame(name, data, most_pixels)
    if dicom_files.is_one(data):
        return dicom_files.read_frame(name, data, most_pixels, number)
    raise UnusableLesionError(
        Rule.FILE_TYPE,
        f"the first bytes of {name} are those of no PNG, JPEG, TIFF, BMP or DICOM file.",
        "Export it as PNG, JPEG, TIFF, BMP or DICOM.",
    )


def content_of(path: Path, suffixes: tuple[str, ...] = SUFFIXES) -> bytes:
    """Return the content of a file, or raise where it is no regular one or of another kind.

    Raises
    ------
    UnusableLesionError
    """
    suffix = suffix_of(path)
    # Never opened unless a regular file: reading from a pipe would wait for ever.
    if not path.is_file():
        found = "is no regular file" if path.is_symlink() or path.exists() else "does not exist"
        raise UnusableLesionError(Rule.PRESENT, f"{path.name} {found}.")
    if suffix and suffix not in suffixes:
        raise UnusableLesionError(
            Rule.FILE_TYPE,
            f"{path.name} has the suffix '{suffix}'.",
        )
    return path.read_bytes()


def _decode(path: Path, most_pixels: int, number: int | None) -> tuple[Frame, str]:
    data, suffix = content_of(path), suffix_of(path)
    if not suffix:  # as DICOM media name their files
        frame = _by_content(path.name, data, most_pixels, number)
    elif suffix in pillow_files.SUFFIXES:
        frame = pillow_files.read_frame(path.name, data, most_pixels)
    elif suffix in dicom_files.SUFFIXES:
        frame = dicom_files.read_frame(path.name, data, most_pixels, number)
    else:
        frame = itk_files.read_frame(path, data, most_pixels)
    if number is not None:
        check_frame(path.name, number, frame.frames)
    sha256 = hashlib.sha256(data).hexdigest()
    if frame.number is not None:
        sha256 = hashlib.sha256(f"{sha256} {frame.number}".encode()).hexdigest()
    return frame, sha256
