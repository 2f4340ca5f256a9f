"""Pictures that several kinds share."""

import struct
import zlib

import numpy as np
from PIL import Image


def colour(case):
    """A colour picture of the case: three channels that differ."""
    return np.stack([case.grey, np.roll(case.grey, 3, axis=1), 255 - case.grey], axis=-1)


def pillow_grey(rgb):
    return np.asarray(Image.fromarray(rgb).convert("L"), dtype=float)


def png(width: int, height: int, rows: bytes, interlaced: int = 0) -> bytes:
    """A PNG of 8-bit grey with a header and rows as given (ISO/IEC 15948)."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    data = chunk(b"IDAT", zlib.compress(rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


#: First column, first row, and the steps between columns and rows, of the seven passes.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
           (0, 1, 1, 2))  # fmt: skip


def adam7(grey: np.ndarray) -> bytes:
    """An interlaced PNG, which Pillow does not write."""
    rows = b"".join(
        b"\0" + row.tobytes()
        for left, top, across, down in _PASSES
        for row in grey[top::down, left::across]
    )
    return png(grey.shape[1], grey.shape[0], rows, interlaced=1)


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG of a square in grey that says nothing in each of its scans (ITU-T T.81).

    A decoder walks through all blocks in each: 0.03 s for 8000 x 8000 pixels, from 130 bytes.
    """

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    one_code = bytes([1, *[0] * 15])
    blocks = (-(-side // 8)) ** 2
    head = segment(0xDB, b"\0" + bytes([1] * 64))
    head += segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\x01\x11\x00")
    # The one code is one bit: no difference in DC, and the end of 2**14 blocks in AC.
    head += segment(0xC4, b"\x00" + one_code + b"\x00")
    head += segment(0xC4, b"\x10" + one_code + b"\xe0")
    first = segment(0xDA, b"\x01\x01\x00\x00\x00\x00") + bytes(-(-blocks // 8))
    ends = -(-blocks // 2**14)
    scan = segment(0xDA, b"\x01\x01\x00\x01\x3f\x00") + bytes(-(-15 * ends // 8))
    return b"\xff\xd8" + head + first + scans * scan + b"\xff\xd9"
