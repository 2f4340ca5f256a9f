"""PNG, JPEG, TIFF and BMP files, through Pillow."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np

from spl_kedro.imaging.acquisition import Acquisition, day_of, words
from spl_kedro.imaging.errors import UnusableLesionError
from spl_kedro.imaging.frame import MAXIMUM_PIXELS, Frame, check_single, check_size
from spl_kedro.imaging.grey import PixelScale, scale_of
from spl_kedro.rules import Rule

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
_FIRST_BYTES = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
    b"BM",
)

_COUNTED = 100  # frames, from which on they are not told apart
#: Pages of a TIFF file of outlines, from which on it is refused.
MOST_PAGES = 2000

_PHOTOMETRIC, _BITS_PER_SAMPLE = 262, 258  # TIFF tags
_MIN_IS_WHITE = 0
# EXIF tags: when the picture was taken, else changed; make and model.
_TAKEN, _CHANGED, _MAKE, _MODEL = 36867, 306, 271, 272
_SUB_DIRECTORY = 0x8769


def _frames(file: Any) -> int:
    """Return how many frames a file holds; of a TIFF at most `_COUNTED`.

    Its frames are a chain, and counting all of a long one takes minutes.
    """
    if file.format != "TIFF":
        return int(getattr(file, "n_frames", 1))
    frames = 1
    try:
        while frames < _COUNTED:
            file.seek(frames)
            frames += 1
    except EOFError:
        pass
    file.seek(0)
    return frames


def is_one(data: bytes) -> bool:
    """Return whether a file begins as one of these formats does."""
    return data.startswith(_FIRST_BYTES)


def read_frame(name: str, data: bytes, most_pixels: int = MAXIMUM_PIXELS) -> Frame:
    """Decode a file by its content: a JPEG file named .png is read as JPEG.

    Orientation (EXIF, TIFF) is applied, TIFF MinIsWhite noted, a palette or another colour space
    becomes RGB. Gamma and colour profiles are passed over: they describe screens.
    """
    from PIL import Image

    try:
        # From memory: mapped from disk, Pillow turns uncompressed TIFF before it is cut into rows.
        opened = Image.open(BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        words = f"{name} states a size that no frame has."
        raise UnusableLesionError(Rule.IMAGE_SIZE, words) from error
    with opened as file:
        check_size(name, file.width, file.height, most_pixels)
        check_single(name, _frames(file))
        return _frame_of(file)


def read_pages(name: str, data: bytes, most_pixels: int = MAXIMUM_PIXELS) -> list[Frame] | None:
    """Decode all pages of a TIFF file, each as `read_frame` does.

    Returns
    -------
    list of Frame or None
        None where the file is no TIFF.

    Raises
    ------
    UnusableLesionError
        If a page is too large, the pages differ in size, or there are too many.
    """
    from PIL import Image

    pages: list[Frame] = []
    with Image.open(BytesIO(data), formats=_FORMATS) as file:
        if file.format != "TIFF":
            return None
        with suppress(EOFError):
            while len(pages) < MOST_PAGES:
                file.seek(len(pages))
                check_size(name, file.width, file.height, most_pixels)
                pages.append(_frame_of(file))
    shapes = {page.pixels.shape for page in pages}
    if len(pages) == MOST_PAGES or len(shapes) > 1:
        found = "pages of several sizes" if len(shapes) > 1 else f"{MOST_PAGES} pages or more"
        raise UnusableLesionError(Rule.SINGLE_FRAME, f"{name} holds {found}.")
    return pages


def _frame_of(file: Any) -> Frame:
    """Decode the page of an opened file at which it stands."""
    from PIL import Image, ImageOps

    tags = getattr(file, "tag_v2", {})
    inverted = tags.get(_PHOTOMETRIC) == _MIN_IS_WHITE
    bits = int(np.max(tags.get(_BITS_PER_SAMPLE, 16)))
    file.load()  # a damaged file is told here: reading its tags would hide it
    acquisition = _acquisition(file)
    picture: Image.Image = ImageOps.exif_transpose(file)
    mode = picture.mode
    if mode == "1":
        picture = picture.convert("L")
    elif mode == "RGBa":
        # Already multiplied by its alpha channel, that is, laid on black.
        picture = Image.merge("RGB", picture.split()[:3])
    elif mode == "La":
        picture = picture.getchannel(0)
    elif mode == "PA" or ("transparency" in picture.info and mode in ("L", "RGB", "P")):
        picture = picture.convert("LA" if mode == "L" else "RGBA")
    elif mode not in ("L", "LA", "RGB", "RGBA", "I", "F") and not mode.startswith("I;16"):
        picture = picture.convert("RGB")
    pixels = np.asarray(picture)
    if mode.startswith("I") and "transparency" in picture.info:
        pixels = np.where(pixels == picture.info["transparency"], 0, pixels)
    pixels = pixels.astype(pixels.dtype.newbyteorder("="))
    if pixels.dtype == np.uint8:
        # Pillow has already turned MinIsWhite round in files of up to 8 bits.
        return Frame(pixels, PixelScale(), acquisition=acquisition)
    if pixels.dtype == np.uint16 and bits < 16:
        scale = PixelScale(0.0, float(2**bits - 1), inverted=inverted)
        return Frame(pixels, scale, acquisition=replace(acquisition, bits=bits))
    scale = scale_of(pixels.dtype, inverted=inverted)
    stored = replace(acquisition, bits=8 * pixels.dtype.itemsize)
    return Frame(pixels, scale, acquisition=stored)


def _acquisition(file: Any) -> Acquisition:
    """Return how a picture was made, of a file just opened."""
    said: dict[int, Any] = {}
    with suppress(Exception):  # a damaged header says nothing, and the picture may be whole
        exif = file.getexif()
        said = dict(exif) | dict(exif.get_ifd(_SUB_DIRECTORY))
    return Acquisition(
        str(file.format),
        bits=1 if file.mode == "1" else 8,
        channels=len(file.getbands()),
        scanner=words(said.get(_MAKE), said.get(_MODEL)),
        taken=day_of(said.get(_TAKEN) or said.get(_CHANGED)),
    )
