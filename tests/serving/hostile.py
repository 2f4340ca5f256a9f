"""Cases that no served study scores: changes of a good one, and words of the refusal."""

import base64
import io
import struct
import zlib

from PIL import Image

from spl_kedro.deployment.request import MOST_BYTES


def base64_of(data):
    return base64.b64encode(data).decode()


def picture(kind="PNG", size=(40, 30)):
    buffer = io.BytesIO()
    Image.new("L", size).save(buffer, kind)
    return buffer.getvalue()


def claimed_png(width, height):
    """A PNG of a few bytes whose header claims any size."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    )


def claimed_tiff(width, height):
    tags = [(256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8),
            (277, 3, 1), (278, 4, height), (279, 4, width * height)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0\0\0\0"


PATH = "/home/somebody/P123/scan1.png"
HOSTILE = {
    "no object": (lambda c: "a case", "object of named fields"),
    "unknown field": (lambda c: c | {"password": "x"}, "no field but those of a case"),
    "a number as image": (lambda c: c | {"image": 5}, "image: Input should be a valid string"),
    "a list as outline": (lambda c: c | {"outline": [1]}, "outline: Input should be a valid"),
    "a path": (lambda c: c | {"image": PATH}, "no path is read"),
    "an address": (lambda c: c | {"image": "https://example.org/1.png"}, "no address is opened"),
    "a data address": (lambda c: c | {"image": "data:image/png;base64," + c["image"]}, "in base64"),
    "letters beyond base64": (lambda c: c | {"image": "ä" * 8}, "in base64"),
    "a text file": (lambda c: c | {"image": base64_of(b"root:x:0:0")}, "known file type"),
    "an empty file": (lambda c: c | {"image": ""}, "known file type"),
    "a truncated PNG": (
        lambda c: c | {"image": base64_of(base64.b64decode(c["image"])[:400])}, "readable file",
    ),
    "a PNG's first bytes": (
        lambda c: c | {"image": base64_of(b"\x89PNG\r\n\x1a\n" + bytes(80))}, "readable file",
    ),
    "a GIF": (lambda c: c | {"image": base64_of(picture("GIF"))}, "known file type"),
    "200 megapixels": (
        lambda c: c | {"image": base64_of(claimed_png(20_000, 10_000))}, "the image",
    ),
    "30 megapixels": (
        lambda c: c | {"image": base64_of(claimed_png(6_000, 5_000))}, "plausible image size",
    ),
    "200 megapixels of TIFF": (
        lambda c: c | {"image": base64_of(claimed_tiff(20_000, 10_000))}, "the image",
    ),
    "a broken DICOM": (
        lambda c: c | {"image": base64_of(bytes(128) + b"DICM" + bytes(64))}, "readable file",
    ),
    "a deflated DICOM": (
        lambda c: c | {"image": base64_of(bytes(128) + b"DICM1.2.840.10008.1.2.1.99")}, "deflated",
    ),
    "too many bytes": (
        lambda c: c | {"image": base64_of(bytes(MOST_BYTES + 1))}, "not too large",
    ),
    "the image as outline": (lambda c: c | {"outline": c["image"]}, "outline, not a picture"),
    "another size": (lambda c: c | {"outline": base64_of(picture())}, "of one size"),
    "an outline alone": (
        lambda c: {"outline": c["outline"], "clinical": c["clinical"]}, "an image for each row",
    ),
    "NaN": (lambda c: c | {"spacing_mm": float("nan")}, "spacing_mm: Input should be a finite"),
    "a negative size": (lambda c: c | {"spacing_mm": -1}, "spacing_mm: Input should be greater"),
    "a size as text": (lambda c: c | {"spacing_mm": "0.1"}, "spacing_mm: Input should be a valid"),
    "an age of NaN": (lambda c: with_age(c, float("nan")), "clinical"),
    "an endless age": (lambda c: with_age(c, float("inf")), "clinical"),
    "an age of 4000": (lambda c: with_age(c, 4000), "within its variable's range"),
    "an age in words": (lambda c: with_age(c, "old"), "a number where one is expected"),
    "an age that is true": (lambda c: with_age(c, True), "clinical"),
    "an age of a list": (lambda c: with_age(c, [60]), "clinical"),
    "a number of 400 digits": (lambda c: with_age(c, 10**400), "clinical"),
    "another sex": (
        lambda c: c | {"clinical": c["clinical"] | {"sex": "P123"}}, "a known category",
    ),
    "a number as sex": (lambda c: c | {"clinical": c["clinical"] | {"sex": 1}}, "known category"),
    "another variable": (
        lambda c: c | {"clinical": {"shoe_size": 42}}, "variables of the study",
    ),
    "clinical as a list": (lambda c: c | {"clinical": [60]}, "clinical: Input should be a valid"),
    "a long site": (lambda c: c | {"site": "x" * 1000}, "site: String should have at most"),
    "an empty site": (lambda c: c | {"site": ""}, "site: String should have at least"),
}  # fmt: skip


def with_age(case, age):
    return case | {"clinical": case["clinical"] | {"age": age}}
